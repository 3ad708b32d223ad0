//! The model as stateright takes it: the state at first, what may happen, and what follows.

use std::ops::Range;

use stateright::{Model, Property};

use super::{
    customers::{self, Act},
    faults::Fault,
    promises,
    workers::{self, Work},
    world::{Left, MailStatus, Request, Stage, World},
};

/// The model, within bounds, and with at most one fault.
#[derive(Debug)]
pub(super) struct Reset {
    pub(super) bounds: Left,
    pub(super) fault: Option<Fault>,
}

impl Reset {
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Lets the step happen. Workers and customers keep their places.
    pub(super) fn take(&self, world: &mut World, step: Step) {
        match step {
            Step::Worker(at, work) => workers::take(self, world, at, work),
            Step::Customer(at, act) => customers::take(self, world, at, act),
            Step::RequestGetsOld(_) | Step::MailGetsOld(_) | Step::LinkExpires(_) => expire(world, step),
        }
    }
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Worker(usize, Work),
    Customer(usize, Act),
    /// The time of a request to be served is over.
    RequestGetsOld(usize),
    /// The time of a mail to be served is over.
    MailGetsOld(usize),
    LinkExpires(usize),
}

impl Model for Reset {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.bounds)]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        // Two that are in the same state do the same.
        for at in different(&world.workers) {
            steps.extend(workers::steps(self, world, at).into_iter().map(|work| Step::Worker(at, work)));
        }
        for at in different(&world.customers) {
            steps.extend(customers::acts(world, at).into_iter().map(|act| Step::Customer(at, act)));
        }
        if world.left.expiries > 0 {
            steps.extend(expiries(world));
        }
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut next = world.clone();
        self.take(&mut next, step);
        // Which of them is the first means nothing.
        next.workers.sort_unstable();
        next.customers.sort_unstable();
        let goes_down = next.work_left() < world.work_left();
        assert!(goes_down || self.fault.is_some(), "{step:?} may go on for ever: {world:?}");
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        promises::all()
    }
}

fn different<T: PartialEq>(pair: &[T; 2]) -> Range<usize> {
    if pair[0] == pair[1] { 0..1 } else { 0..2 }
}

/// What time alone may bring.
pub(super) fn expiries(world: &World) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, request) in world.requests.iter().enumerate() {
        if *request == (Request::Stored { is_old: false }) {
            steps.push(Step::RequestGetsOld(at));
        }
    }
    for (at, mail) in world.mails.iter().enumerate() {
        if mail.is_some_and(|mail| mail.status == MailStatus::Queued && !mail.is_old) {
            steps.push(Step::MailGetsOld(at));
        }
    }
    for (at, link) in world.links.iter().enumerate() {
        if link.is_some_and(|link| link.stage == Stage::Live) {
            steps.push(Step::LinkExpires(at));
        }
    }
    steps
}

fn expire(world: &mut World, step: Step) {
    world.left.expiries -= 1;
    match step {
        Step::RequestGetsOld(at) => world.requests[at] = Request::Stored { is_old: true },
        Step::MailGetsOld(at) => world.mails[at].iter_mut().for_each(|mail| mail.is_old = true),
        Step::LinkExpires(at) => world.links[at].iter_mut().for_each(|link| link.stage = Stage::Expired),
        Step::Worker(..) | Step::Customer(..) => unreachable!("no time"),
    }
}
