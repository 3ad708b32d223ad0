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
    /// A live session that was begun from a known device. Its current password is a second proof, so the count of the
    /// device holds: only the shared count gives way to that of strangers.
    Session {
        /// The device of the session.
        device: &'a DeviceId,
        /// The account of the session.
        account_id: &'a AccountId,
        /// The customer number of the account.
        number: &'a CustomerNumber,
    },
    /// A program, with the id it submitted, whether or not there is such a client.
    Client(&'a ClientId),
    /// Somebody who may set the password of the account, with a new password.
    NewPassword(&'a AccountId),
}

/// The counts that an attempt meets, locked until the transaction ends.
struct Met {
    limits: Vec<LockedLimit>,
    /// The count that a success clears besides, without the attempt being counted there.
    cleared: Option<String>,
    counted_as: CountedAs,
}

impl Met {
    fn one(limit: LockedLimit) -> Self {
        Self { limits: vec![limit], cleared: None, counted_as: CountedAs::Stranger }
    }
}

/// On whose counts an attempt is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity) enum CountedAs {
    /// On those of its own device, which has room there.
    KnownDevice,
    /// On those that everybody meets.
    Stranger,
}

impl Trying<'_> {
    fn lock(&self, tx: &mut Transaction<'_>) -> Result<Met, StoreError> {
        let (id, account_id, number, is_session) = match self {
            Self::Stranger(number) => return Ok(Met::one(FailureLimit::of_strangers(number).lock(tx)?)),
            Self::Client(id) => return Ok(Met::one(FailureLimit::of_clients_like(id).lock(tx)?)),
            Self::NewPassword(id) => return Ok(Met::one(FailureLimit::of_new_passwords(id).lock(tx)?)),
            Self::Device { id, account_id, number } => (id, account_id, number, false),
            Self::Session { device, account_id, number } => (device, account_id, number, true),
        };
        let shared = FailureLimit::of_all_devices(account_id).lock(tx)?;
        let own = FailureLimit::of_device(id).lock(tx)?;
        let own_is_full = !is_session && own.wait(tx.now) > TimeDelta::zero();
        if own_is_full || shared.wait(tx.now) > TimeDelta::zero() {
            // Another person's device, or whoever has a copy of this one's token, may have used the count up. The device
            // then counts as a stranger's: it never fares worse than without its token.
            let strangers = FailureLimit::of_strangers(number).lock(tx)?;
            return Ok(Met { cleared: Some(own.limit.subject), ..Met::one(strangers) });
        }
        Ok(Met { limits: vec![shared, own], cleared: None, counted_as: CountedAs::KnownDevice })
    }

    /// How an attempt counts where limits are not enforced.
    const fn unlimited(&self) -> CountedAs {
        match self {
            Self::Device { .. } | Self::Session { .. } => CountedAs::KnownDevice,
            Self::Stranger(_) | Self::Client(_) | Self::NewPassword(_) => CountedAs::Stranger,
        }
    }

    /// The label of the limit in the metrics.
    const fn limit(&self) -> RefusingLimit {
        match self {
            Self::Stranger(_) | Self::Device { .. } | Self::Session { .. } => RefusingLimit::SignInNumber,
            Self::Client(_) => RefusingLimit::ClientSecret,
            Self::NewPassword(_) => RefusingLimit::NewPassword,
        }
    }
}

/// An attempt that may be made. It is counted as failed before the password is checked, or a hundred simultaneous
/// attempts would all be the first (LG-03).
#[derive(Clone)]
#[must_use]
pub(in crate::identity) struct Attempt {
    counted: Vec<CountedAttempt>,
    /// The count that a success clears besides.
    cleared: Option<String>,
    /// On whose counts it is counted.
    pub(in crate::identity) counted_as: CountedAs,
}

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
        return Ok(Decision::Done(Attempt::uncounted(trying.unlimited())));
    }
    let mut all = Vec::new();
    let Met { limits, cleared, counted_as } = trying.lock(tx)?;
    for locked in limits {
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
    Ok(Decision::Done(Attempt { counted: all, cleared, counted_as }))
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
    pub(in crate::identity) const fn uncounted(counted_as: CountedAs) -> Self {
        Self { counted: Vec::new(), cleared: None, counted_as }
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
        if let (Settled::Succeeded, Some(subject)) = (settled, &self.cleared) {
            sign_in_failures::lock(tx, subject)?;
            sign_in_failures::delete(tx, subject)?;
        }
        for CountedAttempt { before, after, cleared_by_success } in self.counted {
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
