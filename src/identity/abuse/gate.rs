//! What stands before everything that a stranger may do with a customer number: the proof of work while one is asked
//! for, and his source's limits.

use std::sync::Arc;

use super::{
    prove_work::Proven,
    source_limits::{SourceLimits, note_of_limit},
};
use crate::{
    app::App,
    identity::refusal::Refusal,
    limits::{Pressure, Signal},
    store::{StoreError, Transaction, audit_events::Entry},
    types::{CustomerNumber, RequestContext, UtcTime},
};

/// Made before the transaction in which it is passed. What it notes it notes on its way: a caller who hangs up takes
/// nothing back.
#[derive(Clone)]
pub(in crate::identity) struct Gate {
    limits: SourceLimits,
    proven: Proven,
    note: Entry,
    number: CustomerNumber,
    pressure: Arc<Pressure>,
    sign: Signal,
    now: UtcTime,
}

impl Gate {
    pub(in crate::identity) fn of_reset(
        app: &App,
        context: &RequestContext,
        number: &CustomerNumber,
        proof: Option<&str>,
        now: UtcTime,
    ) -> Self {
        Self::new(app, context, SourceLimits::of_resets(app, context), Signal::Asked, number, proof, now)
    }

    pub(in crate::identity) fn of_sign_in(
        app: &App,
        context: &RequestContext,
        number: &CustomerNumber,
        proof: Option<&str>,
        now: UtcTime,
    ) -> Self {
        Self::new(app, context, SourceLimits::of_sign_ins(app, context), Signal::Failed, number, proof, now)
    }

    fn new(
        app: &App,
        context: &RequestContext,
        limits: SourceLimits,
        sign: Signal,
        number: &CustomerNumber,
        proof: Option<&str>,
        now: UtcTime,
    ) -> Self {
        Self {
            limits,
            proven: Proven::check(app, number, proof, now),
            note: note_of_limit(context, now),
            number: number.clone(),
            pressure: app.pressure.clone(),
            sign,
            now,
        }
    }

    /// Refuses without a look into the database whom it would refuse anyway: a flood costs no more than that.
    pub(in crate::identity) fn check_early(&self) -> Result<(), Refusal> {
        self.limits.check_memory(self.now)?;
        if let Proven::No(challenge) = &self.proven {
            self.pressure.note(self.sign, &self.number, self.now);
            return Err(Refusal::ChallengeRequired(challenge.clone()));
        }
        Ok(())
    }

    /// Whether passing it leaves nothing in the database: nothing is limited, and no proof is to be spent.
    pub(in crate::identity) fn only_looks(&self) -> bool {
        self.limits.are_none() && matches!(self.proven, Proven::NotAsked)
    }

    /// Before anything else is written: the refusal is a result and no error, since what was taken must stay.
    pub(in crate::identity) fn pass(&self, tx: &mut Transaction<'_>) -> Result<Result<(), Refusal>, StoreError> {
        if let Err(refusal) = self.check_early() {
            return Ok(Err(refusal));
        }
        if let Err(refusal) = self.limits.take(tx, Some(&self.number), &self.note, self.now)? {
            return Ok(Err(refusal));
        }
        self.pressure.note(self.sign, &self.number, self.now);
        self.proven.spend(tx)
    }

    /// After the right password: the number is his own, and no one of many that he tries.
    pub(in crate::identity) fn forget_number(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        self.pressure.note(Signal::Succeeded, &self.number, self.now);
        self.limits.forget_number(tx, &self.number)
    }
}
