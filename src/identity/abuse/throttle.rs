//! Slowing down password attempts without ever locking an owner out (RL-03, RL-04).

use chrono::TimeDelta;

use super::failure_limit::{FailureLimit, LockedLimit, failures_left};
use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    metrics::RefusingLimit,
    store::{
        StoreError, Transaction,
        audit_events::Entry,
        sign_in_failures::{self, Failures},
    },
    types::{AccountId, ClientId, CustomerNumber, DeviceId, RequestContext},
};

/// Who makes an attempt. This decides which counts the attempt meets.
pub(in crate::identity) enum Trying<'a> {
    /// An unknown device: counted on the number as submitted, whether or not it has an account (RL-02).
    Stranger(&'a CustomerNumber),
    /// A known device of an account.
    Device {
        /// The device whose token was presented.
        id: &'a DeviceId,
        /// The account that knows it.
        account_id: &'a AccountId,
        /// The customer number that came with the device token.
        number: &'a CustomerNumber,
    },
    /// A program, with the id it submitted, whether or not there is such a client.
    Client(&'a ClientId),
}

impl Trying<'_> {
    /// The counts that the attempt meets, locked until the transaction ends.
    fn lock(&self, tx: &mut Transaction<'_>) -> Result<Vec<LockedLimit>, StoreError> {
        let (id, account_id, number) = match self {
            Self::Stranger(number) => return Ok(vec![FailureLimit::of_strangers(number).lock(tx)?]),
            Self::Client(id) => return Ok(vec![FailureLimit::of_clients_like(id).lock(tx)?]),
            Self::Device { id, account_id, number } => (id, account_id, number),
        };
        let shared = FailureLimit::of_all_devices(account_id).lock(tx)?;
        if shared.wait(tx.now) > TimeDelta::zero() {
            // Another person's device may have used the shared count up. The owner's device then counts as a
            // stranger's.
            return Ok(vec![FailureLimit::of_strangers(number).lock(tx)?]);
        }
        Ok(vec![shared, FailureLimit::of_device(id).lock(tx)?])
    }

    /// The label of the limit in the metrics.
    const fn limit(&self) -> RefusingLimit {
        match self {
            Self::Stranger(_) | Self::Device { .. } => RefusingLimit::SignInNumber,
            Self::Client(_) => RefusingLimit::ClientSecret,
        }
    }
}

/// An attempt that may be made. It is counted as failed before the password is checked, or a hundred simultaneous
/// attempts would all be the first (LG-03).
#[derive(Clone)]
#[must_use]
pub(in crate::identity) struct Attempt(Vec<CountedAttempt>);

/// One count before the attempt, and with the attempt.
#[derive(Clone)]
struct CountedAttempt {
    before: Option<Failures>,
    after: Failures,
    cleared_by_success: bool,
}

/// Counts an attempt, unless it has to wait. Only the first refusal since the last failure appends `refused` to the
/// audit trail: a flood of refusals must not fill it.
pub(in crate::identity) fn begin_attempt(
    tx: &mut Tx<'_>,
    trying: &Trying<'_>,
    refused: &Entry,
) -> Result<Decision<Attempt>, StoreError> {
    if !tx.app.config.limits.enforced {
        return Ok(Decision::Done(Attempt::uncounted()));
    }
    let mut all = Vec::new();
    for locked in trying.lock(tx)? {
        let wait = locked.wait(tx.now);
        if wait > TimeDelta::zero() {
            refuse(tx, locked, refused)?;
            tx.note_refusal(trying.limit());
            return Ok(Decision::Refused(Refusal::TooManyAttempts(wait)));
        }
        let LockedLimit { limit, counted: before } = locked;
        let failures = before.as_ref().map_or(0, |before| failures_left(before, tx.now)) + 1;
        let FailureLimit { subject, cleared_by_success, .. } = limit;
        let after = Failures { subject, failures, last_failed_at: tx.now, refusal_noted: false };
        all.push(CountedAttempt { before, after, cleared_by_success });
    }
    for CountedAttempt { before, after, .. } in &all {
        match before {
            Some(_) => sign_in_failures::upsert(tx, after)?,
            None => sign_in_failures::insert(tx, after)?,
        }
    }
    Ok(Decision::Done(Attempt(all)))
}

fn refuse(tx: &mut Tx<'_>, locked: LockedLimit, refused: &Entry) -> Result<(), StoreError> {
    let Some(before) = locked.counted.filter(|before| !before.refusal_noted) else { return Ok(()) };
    sign_in_failures::upsert(tx, &Failures { refusal_noted: true, ..before })?;
    refused.append(tx)
}

/// Why an attempt does not stay counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settled {
    /// The password could not be checked.
    TakenBack,
    /// The password was right.
    Succeeded,
}

impl Attempt {
    /// An attempt that no limit counts.
    pub(in crate::identity) const fn uncounted() -> Self {
        Self(Vec::new())
    }

    /// Takes the attempt back where the password could not be checked. Failures of others in the meantime stay counted.
    pub(in crate::identity) fn take_back(self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        self.settle(tx, Settled::TakenBack)
    }

    /// Takes the attempt back after the right password, and clears the earlier failures of the succeeding device
    /// (LG-05).
    pub(in crate::identity) fn succeed(self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        self.settle(tx, Settled::Succeeded)
    }

    fn settle(self, tx: &mut Transaction<'_>, settled: Settled) -> Result<(), StoreError> {
        // The counts are locked in the order in which they were counted, or two attempts could wait for each other.
        for CountedAttempt { before, after, cleared_by_success } in self.0 {
            let Some(present) = sign_in_failures::lock(tx, &after.subject)? else { continue };
            let untouched = (present.failures, present.last_failed_at) == (after.failures, after.last_failed_at);
            match before {
                _ if settled == Settled::Succeeded && cleared_by_success => {
                    sign_in_failures::delete(tx, &after.subject)?;
                }
                Some(before) if untouched => sign_in_failures::upsert(tx, &before)?,
                None if untouched => sign_in_failures::delete(tx, &after.subject)?,
                _ if present.failures <= 1 => sign_in_failures::delete(tx, &after.subject)?,
                _ => {
                    let fewer = Failures { failures: present.failures - 1, ..present };
                    sign_in_failures::upsert(tx, &fewer)?;
                }
            }
        }
        Ok(())
    }
}

/// Takes an attempt back in a transaction of its own, where the password could not be checked.
pub(in crate::identity) async fn give_back(
    app: &App,
    context: &RequestContext,
    attempt: Attempt,
) -> Result<(), IdentityError> {
    app.transact(context, move |tx| Ok(attempt.take_back(tx)?)).await
}
