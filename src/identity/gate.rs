//! What stands before everything that a stranger may do with a customer number: his source's limits, and the proof of
//! work while one is asked for.

use super::{
    prove_work::Proven,
    refusal::{IdentityError, Refusal},
    source_limits::{Exceeded, SourceLimits, walk_alarm},
};
use crate::{
    app::App,
    store::{AnyConnection, StoreError, audit_events::Entry},
    types::{CustomerNumber, RequestContext, UtcTime},
};

/// Made before the transaction in which it is passed.
pub(super) struct Gate {
    limits: SourceLimits,
    proven: Proven,
    alarm: Entry,
    number: CustomerNumber,
    now: UtcTime,
}

/// Why somebody did not pass.
pub(super) enum Stopped {
    /// By his source's limits.
    Exceeded(Exceeded),
    /// By anything else that he may be told.
    Refused(Refusal),
}

impl Gate {
    pub(super) fn new(
        app: &App,
        context: &RequestContext,
        limits: SourceLimits,
        number: &CustomerNumber,
        proof: Option<&str>,
        now: UtcTime,
    ) -> Self {
        let (proven, alarm) = (Proven::check(app, number, proof, now), walk_alarm(context, now));
        Self { limits, proven, alarm, number: number.clone(), now }
    }

    /// Before anything else is written: the refusal is a result and no error, since what was taken must stay.
    pub(super) fn pass(self, connection: &mut AnyConnection) -> Result<Result<(), Stopped>, StoreError> {
        let taken = self.limits.take(connection, Some(&self.number), &self.alarm, self.now)?;
        if let Err(exceeded) = taken {
            return Ok(Err(Stopped::Exceeded(exceeded)));
        }
        Ok(self.proven.spend(connection)?.map_err(Stopped::Refused))
    }
}

impl Stopped {
    /// What he is told.
    pub(super) fn refuse(self, app: &App, now: UtcTime) -> IdentityError {
        match self {
            Self::Exceeded(exceeded) => exceeded.refuse(app, now),
            Self::Refused(refusal) => refusal.into(),
        }
    }
}
