//! Many histories on one database. Each has a seed of its own, by which it is played again.

use std::{
    cell::RefCell,
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
};

use proptest::{
    sample::select,
    strategy::{BoxedStrategy, Just, Strategy as _},
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use proptest_state_machine::Sequential;
use tokio::{runtime::Handle, task::block_in_place};

use super::{
    history::{Ended, play},
    reference::{Move, Reference},
    site::Site,
    trouble::Trouble,
};
use crate::{model::faults::Fault, support::Engine};

/// The fewest and the most steps of a history, without those on its way to rest.
const STEPS: std::ops::RangeInclusive<usize> = 8..=48;
/// How many shorter histories are tried where one has failed.
const SHRINKINGS: u32 = 300;
/// How often a history is played that a slow machine has disturbed.
const TRIES: usize = 10;

/// Plays histories, and keeps what they share.
pub(super) struct Round {
    site: RefCell<Site>,
    engine: Engine,
}

/// A history in which model and service differ.
pub(super) struct Failure {
    engine: Engine,
    seed: u32,
    why: String,
    steps: Vec<Move>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { engine, seed, why, steps } = self;
        writeln!(formatter, "{why}\nafter these steps on {}, or on the way to rest:", engine.as_str())?;
        for (at, step) in steps.iter().enumerate() {
            writeln!(formatter, "{:4}. {step:?}", at + 1)?;
        }
        write!(formatter, "STAKIS_TEST_SEED={seed} makes them again")
    }
}

impl Round {
    pub(super) async fn start(engine: Engine) -> Self {
        Self { site: RefCell::new(Box::pin(Site::start(engine)).await), engine }
    }

    /// Plays the history of a seed. Where it fails, shorter ones are tried that fail as well.
    pub(super) fn play(&self, seed: u32, fault: Option<Fault>) -> Result<Ended, Failure> {
        let max_shrink_iters = if fault.is_some() { 0 } else { SHRINKINGS };
        let config = Config { cases: 1, failure_persistence: None, max_shrink_iters, ..Config::default() };
        let bytes: Vec<u8> = seed.to_le_bytes().repeat(8);
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        let ended = RefCell::new(None);
        let result = runner.run(&histories(fault), |(reference, steps, seen)| {
            // The count serves the shortening alone, and has to be 0 where there is none.
            let counter = seen.filter(|_| fault.is_none()).unwrap_or_default();
            ended.replace(Some(self.play_undisturbed(&reference, &steps, &counter)?));
            Ok(())
        });
        match result {
            Ok(()) => Ok(ended.into_inner().expect("the history was played")),
            Err(TestError::Fail(why, (_, steps, _))) => {
                Err(Failure { engine: self.engine, seed, why: why.to_string(), steps })
            }
            Err(TestError::Abort(why)) => panic!("no history was made of seed {seed}: {why}"),
        }
    }

    fn play_undisturbed(
        &self,
        reference: &Reference,
        steps: &[Move],
        seen: &AtomicUsize,
    ) -> Result<Ended, TestCaseError> {
        for _ in 0..TRIES {
            let mut site = self.site.borrow_mut();
            let count = AtomicUsize::new(0);
            let see = || {
                seen.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            };
            let history = play(&mut site, reference.clone(), steps.to_vec(), see);
            match block_in_place(|| Handle::current().block_on(history)) {
                Ok(ended) => return Ok(ended),
                Err(Trouble::Disagreement(why)) => return Err(TestCaseError::fail(why)),
                Err(Trouble::Disturbed) => {}
            }
        }
        Err(TestCaseError::fail(format!("the machine was too slow {TRIES} times")))
    }
}

/// Histories of the model, with at most one fault.
fn histories(fault: Option<Fault>) -> Sequential<Reference, Move, BoxedStrategy<Reference>, BoxedStrategy<Move>> {
    Sequential::new(
        STEPS.into(),
        move || Just(Reference::new(fault)).boxed(),
        Reference::allows,
        |reference: &Reference| select(reference.moves()).boxed(),
        |reference: Reference, step: &Move| reference.after(*step),
    )
}
