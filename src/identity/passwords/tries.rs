//! What a change of the password counts ahead, so that guesses made at the same time are not told before any is counted
//! (CH-01, CH-11).

use super::{
    bearer::Bearer,
    current::{CurrentPassword, CurrentTry},
};
use crate::{
    identity::{
        abuse::throttle::{Attempt, Trying, begin_attempt},
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    store::{
        StoreError, accounts,
        audit_events::{Entry, Event, Fact},
    },
    types::told::ThrottledAttempt,
};

/// The current and the new password of a change, counted as if both were wrong.
#[derive(Clone)]
pub(super) struct Tries {
    /// `None` where no current password is to be verified.
    current: Option<CurrentTry>,
    new: Attempt,
}

/// What came out about the passwords of a change that was refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verdict {
    pub(super) current: CurrentPassword,
    pub(super) new: NewPassword,
}

/// What came out about the new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewPassword {
    /// Finding out has cost no hash and has told nothing about the account.
    NotCounted,
    /// It is refused after a hash was computed.
    RefusedAtACost,
    /// A rule about the account refuses it.
    RefusedForAccount,
}

impl Verdict {
    /// Nothing came out.
    pub(super) const NOTHING: Self = Self { current: CurrentPassword::NotVerified, new: NewPassword::NotCounted };
}

impl Tries {
    /// Counts both ahead. The bearer token must still be valid: another change may have come first.
    pub(super) fn begin(
        tx: &mut Tx<'_>,
        bearer: &Bearer,
        has_current: bool,
    ) -> Result<Decision<Self>, IdentityError> {
        let seen = bearer.account();
        accounts::find(tx, &seen.id)?
            .filter(|account| account.session_epoch == seen.session_epoch && account.closed_at.is_none())
            .ok_or(Refusal::InvalidToken)?;
        let current = match bearer {
            Bearer::Customer(customer) if has_current => match CurrentTry::begin(tx, customer)? {
                Decision::Refused(refusal) => return Ok(Decision::Refused(refusal)),
                Decision::Done(current) => Some(current),
            },
            Bearer::Customer(_) | Bearer::ChangeToken { .. } => None,
        };
        let throttled = Fact::Throttled(ThrottledAttempt::NewPassword, Some(seen.id.clone()));
        let refused = about(tx, Event::LoginFailMax, bearer).detail("new passwords").fact(throttled);
        match begin_attempt(tx, &Trying::NewPassword(&seen.id), &refused)? {
            Decision::Done(new) => Ok(Decision::Done(Self { current, new })),
            Decision::Refused(refusal) => {
                if let Some(current) = current {
                    current.take_back(tx)?;
                }
                Ok(Decision::Refused(refusal))
            }
        }
    }

    /// Takes both back, after a change.
    pub(super) fn succeed(self, tx: &mut Tx<'_>, bearer: &Bearer) -> Result<(), StoreError> {
        self.settle_current(tx, bearer, CurrentPassword::Right)?;
        self.new.succeed(tx)
    }

    /// Leaves counted what was wrong, and takes the rest back.
    pub(super) fn settle(self, tx: &mut Tx<'_>, bearer: &Bearer, verdict: Verdict) -> Result<(), StoreError> {
        self.settle_current(tx, bearer, verdict.current)?;
        match verdict.new {
            NewPassword::NotCounted => self.new.take_back(tx),
            NewPassword::RefusedAtACost => Ok(()),
            NewPassword::RefusedForAccount => {
                about(tx, Event::PasswordChangeFail, bearer).detail("refused for the account").append(tx)
            }
        }
    }

    fn settle_current(&self, tx: &mut Tx<'_>, bearer: &Bearer, verdict: CurrentPassword) -> Result<(), StoreError> {
        match (&self.current, bearer) {
            (Some(current), Bearer::Customer(customer)) => current.clone().settle(tx, customer, verdict),
            _ => Ok(()),
        }
    }
}

fn about(tx: &Tx<'_>, event: Event, bearer: &Bearer) -> Entry {
    let entry = tx.entry(event).about(bearer.account());
    match bearer {
        Bearer::Customer(customer) => entry.session(&customer.session.id),
        Bearer::ChangeToken { .. } => entry,
    }
}
