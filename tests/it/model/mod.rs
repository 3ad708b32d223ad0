//! A model of the reset: link, mail, lease and session, with two workers that crash and are slow, mail APIs that fail, and
//! two customers at a time. Every state that it can reach, within bounds on what goes wrong, is visited, and keeps what the
//! service promises. So that this says something, a fault is planted for each condition of the code that the promises rest
//! on, and the checker finds each.
//!
//! `world` is what is remembered. The steps of `workers` and `customers` are the transactions of the service, and each names
//! the function that it stands for. `promises` says what must hold.

mod customers;
mod faults;
mod histories;
mod promises;
mod reset;
mod workers;
mod world;

use std::collections::BTreeMap;

use stateright::{Checker as _, HasDiscoveries, Model as _};

use self::{faults::Fault, promises::HAPPENS, reset::Reset, world::Left};
use crate::support::plain_tests;

plain_tests![
    tk_05_ml_01_every_state_of_a_reset_keeps_its_promises,
    ml_01_the_model_finds_each_fault_that_is_planted,
];

/// What may happen, and how often. Each row lets other things happen more often than the rest; with all of them at their
/// highest the states would be too many to visit.
const BOUNDS: [Left; 3] = [
    // Two resets of one customer, who also signs in and changes the password, and a worker that crashes.
    Left { requests: 2, acts: 2, crashes: 1, notices: 1, ..NOTHING },
    // One reset, with workers that crash twice and are slow, a mail API that fails, and what gets too old.
    Left { requests: 1, acts: 1, crashes: 2, slow_workers: 1, failed_calls: 1, expiries: 1, ..NOTHING },
    // Customers who sign in, reset and change at the same time.
    Left { requests: 2, acts: 4, ..NOTHING },
];

/// Where the faults are looked for: what they need, and little else.
const BOUNDS_OF_FAULTS: [Left; 3] = [
    Left { requests: 1, acts: 3, ..NOTHING },
    Left { requests: 1, acts: 1, crashes: 1, slow_workers: 1, failed_calls: 1, ..NOTHING },
    Left { requests: 2, acts: 2, ..NOTHING },
];

const NOTHING: Left =
    Left { requests: 0, acts: 0, crashes: 0, slow_workers: 0, failed_calls: 0, expiries: 0, notices: 0 };

/// Visits every state within each of the bounds, and nothing that must not happen does. That the workers come to rest in every
/// run follows from `World::work_left`, which each step lowers.
fn tk_05_ml_01_every_state_of_a_reset_keeps_its_promises() {
    let mut happened = BTreeMap::new();
    for bounds in BOUNDS {
        let visited = Reset { bounds, fault: None }.checker().threads(2).spawn_bfs().join();
        assert!(visited.is_done(), "not all states were visited: {bounds:?}");
        println!("{} states within {bounds:?}", visited.unique_state_count());
        for (name, path) in visited.discoveries() {
            assert!(HAPPENS.contains(&name), "{name}: broken by {:#?}", path.into_actions());
            happened.insert(name, bounds);
        }
    }
    let missing: Vec<_> = HAPPENS.into_iter().filter(|name| !happened.contains_key(name)).collect();
    assert!(missing.is_empty(), "never happens, so nothing is said about it: {missing:?}");
}

/// Takes one condition of the code away at a time. The checker finds a run that breaks the promise that rests on it.
fn ml_01_the_model_finds_each_fault_that_is_planted() {
    for fault in Fault::ALL {
        let broken = fault.breaks();
        let found = BOUNDS_OF_FAULTS.into_iter().find_map(|bounds| {
            let model = Reset { bounds, fault: Some(fault) }.checker().threads(2);
            let stop = HasDiscoveries::AllOf([broken].into());
            model.finish_when(stop).spawn_bfs().join().discovery(broken)
        });
        let steps = found.unwrap_or_else(|| panic!("{fault:?} was not found")).into_actions();
        println!("{fault:?} breaks \"{broken}\" in {} steps", steps.len());
    }
}
