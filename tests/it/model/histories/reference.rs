//! What the service is compared with: the world of the model, and the steps that it may take next. The steps are those of
//! the model, and some that the model leaves out since they change at most whether a session goes on.

use crate::model::{
    customers::{self, Act},
    faults::Fault,
    reset::{Reset, Step, expiries},
    workers::{self, Work},
    world::{Answer, Customer, Left, Provider, SESSIONS, Worker, World},
};

/// How often something may happen in a history.
const BOUNDS: Left =
    Left { requests: 2, acts: 9, crashes: 2, slow_workers: 2, failed_calls: 3, expiries: 100, notices: 1 };

/// The worker that has both mail APIs. The other one has one of them at a time.
pub(super) const WITH_BOTH: usize = 0;

/// One step of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// A step of the model.
    Model(Step),
    /// The page of a link asks whether the link can be used.
    Verify(usize),
    /// A sign-in with a password that is none of the account.
    SignInWithWrong,
    /// A sign-in with the password before the present one.
    SignInWithOld,
    Refresh(usize),
    /// A refresh with the first refresh token of the session, long after its use.
    RefreshWithOlder(usize),
    SignOut(usize),
    /// Nothing but a moment of time.
    Pause,
    /// The life of every link passes.
    LinksLifePasses,
    /// A day passes: requests and mails are not served any more.
    DayPasses,
    /// The idle life of every session passes.
    SessionsLifePasses,
}

/// The model's state, with what the service knows beyond it.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) world: World,
    fault: Option<Fault>,
    /// The customer whose new password is tried. Another one waits.
    pub(super) turn: Option<usize>,
    /// How many refresh tokens of each session were used.
    rotations: [u8; SESSIONS],
    /// How many steps beyond the model's may follow.
    others: u8,
    links_lives: u8,
    days: u8,
    sessions_lives: u8,
}

impl Reference {
    pub(super) fn new(fault: Option<Fault>) -> Self {
        Self {
            world: World::new(BOUNDS),
            fault,
            turn: None,
            rotations: [0; SESSIONS],
            others: 8,
            links_lives: 2,
            days: 2,
            sessions_lives: 1,
        }
    }

    fn model(&self) -> Reset {
        Reset { bounds: BOUNDS, fault: self.fault }
    }

    /// What may happen next, each step as often as it is to be chosen.
    pub(super) fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        let mut add = |often: usize, step: Move| moves.extend(std::iter::repeat_n(step, often));
        for at in 0..self.world.workers.len() {
            for work in self.works(at) {
                let often = match work {
                    Work::Crash => 2,
                    Work::Call { takes: true, answer: Answer::Taken } => 4,
                    Work::Call { .. } => 1,
                    Work::Claim(task) if self.world.has_worker(task) => 2,
                    _ => 6,
                };
                add(often, Move::Model(Step::Worker(at, work)));
            }
        }
        for at in 0..self.world.customers.len() {
            for act in self.acts(at) {
                add(3, Move::Model(Step::Customer(at, act)));
            }
        }
        if self.others > 0 {
            self.add_others(&mut add);
        }
        add(1, Move::Pause);
        moves
    }

    /// Whether the step may happen next.
    pub(super) fn allows(&self, step: &Move) -> bool {
        self.moves().contains(step)
    }

    /// What the worker may do. Whether the next mail API gets a mail follows from the mail APIs that the worker has.
    fn works(&self, at: usize) -> Vec<Work> {
        let refused = matches!(
            self.world.workers[at],
            Worker::Answered { was_held: false, way: Provider::First, answer: Answer::RefusedNow, .. }
        );
        let is_possible = |work: &Work| match work {
            Work::TieToNext => at == WITH_BOTH,
            Work::Record if refused => at != WITH_BOTH,
            _ => true,
        };
        let mut works = workers::steps(&self.model(), &self.world, at);
        works.retain(is_possible);
        works
    }

    /// What the customer may do. One new password of the account is tried at a time.
    fn acts(&self, at: usize) -> Vec<Act> {
        let free = self.world.sessions.iter().filter(|session| session.is_none()).count();
        let signs_in = |customer: &&Customer| matches!(customer, Customer::SigningIn { .. });
        let room = free > self.world.customers.iter().filter(signs_in).count();
        let is_possible = |act: &Act| match act {
            Act::Complete | Act::Change => self.turn == Some(at),
            // The model has as many sessions as that.
            Act::SignIn => room,
            _ => true,
        };
        let mut acts = customers::acts(&self.world, at);
        acts.retain(is_possible);
        acts
    }

    fn add_others(&self, add: &mut impl FnMut(usize, Move)) {
        for (at, link) in self.world.links.iter().enumerate() {
            if link.is_some() && self.world.taken[at] != 0 {
                add(1, Move::Verify(at));
            }
        }
        add(1, Move::SignInWithWrong);
        if self.world.account.password > 0 {
            add(1, Move::SignInWithOld);
        }
        for (at, _) in self.world.sessions.iter().enumerate().filter(|(_, session)| session.is_some()) {
            add(1, Move::Refresh(at));
            add(1, Move::SignOut(at));
            if self.rotations[at] > 0 {
                add(1, Move::RefreshWithOlder(at));
            }
        }
        if !self.waits_for_turn() {
            self.add_times(add);
        }
    }

    fn add_times(&self, add: &mut impl FnMut(usize, Move)) {
        if self.links_lives > 0 {
            add(1, Move::LinksLifePasses);
        }
        if self.days > 0 {
            add(1, Move::DayPasses);
        }
        if self.sessions_lives > 0 && self.world.sessions.iter().any(Option::is_some) {
            add(1, Move::SessionsLifePasses);
        }
    }

    /// Whether a customer waits for the turn. Its link is looked at a second time when the turn comes, which the model does
    /// not do: a link that has expired by then, and lives again at the next attempt of its mail, would serve in the model.
    fn waits_for_turn(&self) -> bool {
        self.world.customers.iter().filter(|customer| tries_password(**customer)).count() > 1
    }

    /// The state after the step.
    pub(super) fn after(mut self, step: Move) -> Self {
        if let Move::Model(step) = step {
            self.take(step);
            return self;
        }
        self.others = self.others.saturating_sub(1);
        match step {
            Move::Model(_) | Move::Pause | Move::Verify(_) | Move::SignInWithWrong | Move::SignInWithOld => {}
            Move::Refresh(at) => self.rotations[at] += u8::from(self.is_live(at)),
            Move::RefreshWithOlder(at) | Move::SignOut(at) => self.end(at),
            Move::LinksLifePasses => {
                self.links_lives -= 1;
                self.expire(|step| matches!(step, Step::LinkExpires(_)));
            }
            Move::DayPasses => {
                self.days -= 1;
                self.expire(|_| true);
            }
            Move::SessionsLifePasses => {
                self.sessions_lives -= 1;
                self.expire(|_| true);
                (0..SESSIONS).for_each(|at| self.end(at));
            }
        }
        self
    }

    fn take(&mut self, step: Step) {
        let (model, passwords) = (self.model(), self.world.account.password);
        if let Step::Customer(at, Act::OpenLink(_) | Act::StartChange(_)) = step {
            self.turn = self.turn.or(Some(at));
        }
        let changing = match step {
            Step::Customer(at, Act::Change) => match self.world.customers[at] {
                Customer::Changing { session, .. } => Some(usize::from(session)),
                _ => None,
            },
            _ => None,
        };
        model.take(&mut self.world, step);
        if let Some(at) = changing.filter(|_| self.world.account.password > passwords) {
            self.rotations[at] += 1;
        }
        if let Step::Customer(at, Act::Complete | Act::Change) = step {
            let other = 1 - at;
            self.turn = tries_password(self.world.customers[other]).then_some(other);
        }
    }

    /// Lets time bring what it brings by now.
    fn expire(&mut self, comes: impl Fn(&Step) -> bool) {
        for step in expiries(&self.world).into_iter().filter(comes) {
            self.model().take(&mut self.world, step);
        }
    }

    pub(super) fn is_live(&self, at: usize) -> bool {
        self.world.sessions[at].is_some_and(|session| self.world.is_live(session))
    }

    fn end(&mut self, at: usize) {
        if let Some(session) = &mut self.world.sessions[at] {
            session.has_ended = true;
        }
    }

    /// The next step on the way to rest, on which nothing goes wrong any more; `None` at rest.
    pub(super) fn towards_rest(&self) -> Option<Move> {
        for at in 0..self.world.customers.len() {
            if self.world.customers[at] != Customer::Idle
                && let Some(act) = self.acts(at).first()
            {
                return Some(Move::Model(Step::Customer(at, *act)));
            }
        }
        for at in 0..self.world.workers.len() {
            if self.world.workers[at] != Worker::Idle
                && let Some(work) = self.works(at).first()
            {
                return Some(Move::Model(Step::Worker(at, *work)));
            }
        }
        let claim = self.works(0).into_iter().next()?;
        Some(Move::Model(Step::Worker(0, claim)))
    }

    pub(super) fn crashes(&self) -> u8 {
        BOUNDS.crashes - self.world.left.crashes
    }

    pub(super) fn slow_workers(&self) -> u8 {
        BOUNDS.slow_workers - self.world.left.slow_workers
    }
}

/// Whether a new password is tried, for which the account has one turn at a time.
const fn tries_password(customer: Customer) -> bool {
    matches!(customer, Customer::Completing { .. } | Customer::Changing { .. })
}
