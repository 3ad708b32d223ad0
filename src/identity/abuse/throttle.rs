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
    /// As a stranger, with a device token that the account does not know. The attempt costs the same statements as that of
    /// a former device.
    UnknownToken(&'a CustomerNumber),
    /// A former device of an account (OW-09). It waits with strangers, and is counted on itself and on what all former
    /// devices of the account share: a colleague who was not told of the new password must not throttle the others.
    FormerDevice {
        /// The device whose token was presented.
        id: &'a DeviceId,
        /// The account that knew it.
        account_id: &'a AccountId,
        /// The customer number that came with the device token.
        number: &'a CustomerNumber,
    },
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

/// The counts that an attempt meets, locked until the transaction ends, in the order in which they were locked.
struct Met {
    counts: Vec<MetCount>,
    counted_as: CountedAs,
}

/// What an attempt has to do with a count.
enum MetCount {
    /// The attempt waits for it, and is counted on it.
    Counts(LockedLimit),
    /// The attempt passes it by, but a success clears it.
    ClearedBySuccess(LockedLimit),
    /// As [`Self::ClearedBySuccess`], and the count is written as it is: the attempt costs as many statements as others.
    Rewritten(LockedLimit),
    /// The attempt waits for it, and is not counted on it.
    WaitedFor(LockedLimit),
}

impl Met {
    fn one(limit: LockedLimit) -> Self {
        Self { counts: vec![MetCount::Counts(limit)], counted_as: CountedAs::Stranger }
    }
}

/// What happens while the count of the own device makes it wait.
#[derive(PartialEq, Eq)]
enum OwnCount {
    /// The attempt counts as a stranger's.
    GivesWay,
    /// The attempt waits.
    Holds,
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
        let (id, account_id, number, own_count) = match self {
            Self::Stranger(number) => return Ok(Met::one(FailureLimit::of_strangers(number).lock(tx)?)),
            Self::UnknownToken(number) => return lock_for_unknown_token(tx, number),
            Self::FormerDevice { id, account_id, number } => return lock_for_former(tx, id, account_id, number),
            Self::Client(id) => return Ok(Met::one(FailureLimit::of_clients_like(id).lock(tx)?)),
            Self::NewPassword(id) => return Ok(Met::one(FailureLimit::of_new_passwords(id).lock(tx)?)),
            Self::Device { id, account_id, number } => (id, account_id, number, OwnCount::GivesWay),
            Self::Session { device, account_id, number } => (device, account_id, number, OwnCount::Holds),
        };
        let shared = FailureLimit::of_all_devices(account_id).lock(tx)?;
        let own = FailureLimit::of_device(id).lock(tx)?;
        let gives_way = own_count == OwnCount::GivesWay && own.wait(tx.now) > TimeDelta::zero();
        if gives_way || shared.wait(tx.now) > TimeDelta::zero() {
            // Another person's device, or a thief with a copy of this one's token, may have used the count up. The device
            // then counts as a stranger's: it never fares worse than without its token.
            let strangers = FailureLimit::of_strangers(number).lock(tx)?;
            let counts = vec![MetCount::ClearedBySuccess(own), MetCount::Counts(strangers)];
            return Ok(Met { counts, counted_as: CountedAs::Stranger });
        }
        let counts = vec![MetCount::Counts(shared), MetCount::Counts(own)];
        Ok(Met { counts, counted_as: CountedAs::KnownDevice })
    }

    /// How an attempt counts where limits are not enforced.
    const fn unlimited(&self) -> CountedAs {
        match self {
            Self::Device { .. } | Self::Session { .. } => CountedAs::KnownDevice,
            Self::Stranger(_)
            | Self::UnknownToken(_)
            | Self::FormerDevice { .. }
            | Self::Client(_)
            | Self::NewPassword(_) => CountedAs::Stranger,
        }
    }

    /// The label of the limit in the metrics.
    const fn limit(&self) -> RefusingLimit {
        match self {
            Self::Stranger(_)
            | Self::UnknownToken(_)
            | Self::FormerDevice { .. }
            | Self::Device { .. }
            | Self::Session { .. } => RefusingLimit::SignInNumber,
            Self::Client(_) => RefusingLimit::ClientSecret,
            Self::NewPassword(_) => RefusingLimit::NewPassword,
        }
    }
}

/// Locks the counts that a former device meets. Once its own count or the shared one makes it wait, it is counted as a
/// stranger: it never fares worse than without its token (RL-04).
fn lock_for_former(
    tx: &mut Transaction<'_>,
    id: &DeviceId,
    account_id: &AccountId,
    number: &CustomerNumber,
) -> Result<Met, StoreError> {
    let shared = FailureLimit::of_all_former_devices(account_id).lock(tx)?;
    let own = FailureLimit::of_former_device(id).lock(tx)?;
    let strangers = FailureLimit::of_strangers(number).lock(tx)?;
    let gives_way = own.wait(tx.now).max(shared.wait(tx.now)) > TimeDelta::zero();
    let counts = if gives_way {
        vec![MetCount::Rewritten(own), MetCount::Counts(strangers)]
    } else {
        vec![MetCount::Counts(shared), MetCount::Counts(own), MetCount::WaitedFor(strangers)]
    };
    Ok(Met { counts, counted_as: CountedAs::Stranger })
}

/// Locks the count that strangers meet, by the statements of [`lock_for_former`].
fn lock_for_unknown_token(tx: &mut Transaction<'_>, number: &CustomerNumber) -> Result<Met, StoreError> {
    FailureLimit::decoy_of_all(number).lock(tx)?;
    let own = FailureLimit::decoy(number).lock(tx)?;
    let strangers = FailureLimit::of_strangers(number).lock(tx)?;
    Ok(Met { counts: vec![MetCount::Counts(own), MetCount::Counts(strangers)], counted_as: CountedAs::Stranger })
}

/// An attempt that may be made. It is counted as failed before the password is checked, or a hundred simultaneous
/// attempts would all be the first (LG-03).
#[derive(Clone)]
#[must_use]
pub(in crate::identity) struct Attempt {
    counts: Vec<AttemptedCount>,
    /// On whose counts it is counted.
    pub(in crate::identity) counted_as: CountedAs,
}

/// One count that an attempt has met.
#[derive(Clone)]
enum AttemptedCount {
    /// The count before the attempt, and with the attempt.
    Counted { before: Option<Failures>, after: Failures, cleared_by_success: bool },
    /// The attempt is not counted on this subject, but a success clears it.
    ClearedBySuccess(String),
    /// As [`Self::ClearedBySuccess`], with the count of the subject to be written as it is.
    Rewritten { before: Option<Failures>, subject: String },
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
    let Met { counts, counted_as } = trying.lock(tx)?;
    for count in counts {
        let locked = match count {
            MetCount::WaitedFor(locked) if locked.wait(tx.now) <= TimeDelta::zero() => continue,
            MetCount::Counts(locked) | MetCount::WaitedFor(locked) => locked,
            MetCount::ClearedBySuccess(locked) => {
                all.push(AttemptedCount::ClearedBySuccess(locked.limit.subject));
                continue;
            }
            MetCount::Rewritten(LockedLimit { limit, counted: before }) => {
                all.push(AttemptedCount::Rewritten { before, subject: limit.subject });
                continue;
            }
        };
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
        all.push(AttemptedCount::Counted { before, after, cleared_by_success });
    }
    for count in &all {
        count.write(tx)?;
    }
    Ok(Decision::Done(Attempt { counts: all, counted_as }))
}

impl AttemptedCount {
    fn write(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        match self {
            Self::Counted { before: Some(_), after, .. } => sign_in_failures::upsert(tx, after),
            Self::Counted { before: None, after, .. } => sign_in_failures::insert(tx, after),
            Self::Rewritten { before: Some(before), .. } => sign_in_failures::upsert(tx, before),
            Self::Rewritten { before: None, subject } => {
                let none = Failures {
                    subject: subject.clone(),
                    failures: 0,
                    last_failed_at: tx.now,
                    refusal_noted: false,
                };
                sign_in_failures::insert(tx, &none)
            }
            Self::ClearedBySuccess(_) => Ok(()),
        }
    }
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
        Self { counts: Vec::new(), counted_as }
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
        for count in self.counts {
            match (count, settled) {
                (AttemptedCount::ClearedBySuccess(_) | AttemptedCount::Rewritten { .. }, Settled::TakenBack) => (),
                (
                    AttemptedCount::ClearedBySuccess(subject) | AttemptedCount::Rewritten { subject, .. },
                    Settled::Succeeded,
                ) => clear(tx, &subject)?,
                (AttemptedCount::Counted { after, cleared_by_success: true, .. }, Settled::Succeeded) => {
                    clear(tx, &after.subject)?;
                }
                (AttemptedCount::Counted { before, after, .. }, _) => take_back(tx, before, &after)?,
            }
        }
        Ok(())
    }
}

fn clear(tx: &mut Transaction<'_>, subject: &str) -> Result<(), StoreError> {
    sign_in_failures::lock(tx, subject)?;
    sign_in_failures::delete(tx, subject)
}

/// Takes one failure from a count. Failures of others in the meantime stay counted.
fn take_back(tx: &mut Transaction<'_>, before: Option<Failures>, after: &Failures) -> Result<(), StoreError> {
    let Some(present) = sign_in_failures::lock(tx, &after.subject)? else { return Ok(()) };
    let untouched = (present.failures, present.last_failed_at) == (after.failures, after.last_failed_at);
    match before {
        Some(before) if untouched => sign_in_failures::upsert(tx, &before),
        None if untouched => sign_in_failures::delete(tx, &after.subject),
        _ if present.failures <= 1 => sign_in_failures::delete(tx, &after.subject),
        _ => sign_in_failures::upsert(tx, &Failures { failures: present.failures - 1, ..present }),
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
