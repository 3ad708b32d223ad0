//! Slowing down whoever tries passwords, without ever locking an owner out (RL-03, RL-04).

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::refusal::{IdentityError, Refusal},
    store::{
        StoreError, Transaction,
        accounts::Account,
        audit_events::{self, Entry},
        devices,
        sign_in_failures::{self, Failures},
    },
    types::{AccountId, ClientId, CustomerNumber, DeviceId, UtcTime},
};

/// So many failures are free: people mistype.
const FREE_FAILURES: i32 = 5;
/// An account's known devices together: a cap over all of them, since there may be twenty.
const FREE_FAILURES_OF_ALL_DEVICES: i32 = 20;
/// The longest wait between two attempts …
const LONGEST_DELAY: TimeDelta = TimeDelta::minutes(15);
/// … until there have been so many (NIST SP 800-63B-4 §3.2.2), from where on it is the next.
const MOST_FAILURES: i32 = 100;
const DELAY_AFTER_MOST: TimeDelta = TimeDelta::hours(24);
/// One failure is forgotten so often. Nothing else makes the count that strangers meet any smaller (LG-05).
const ONE_FORGOTTEN_IN: TimeDelta = TimeDelta::hours(1);
/// After so long no count is left: one more than the most is forgotten, and a day's wait has passed.
pub(in crate::identity) const ALL_FORGOTTEN_IN: TimeDelta = TimeDelta::hours(128);

/// Who is trying.
pub(in crate::identity) enum Trying<'a> {
    /// Somebody unknown: counted on the number as submitted, whether or not it has an account (RL-02).
    Stranger(&'a CustomerNumber),
    /// A known device of an account, with the number it was presented for.
    Device(&'a DeviceId, &'a AccountId, &'a CustomerNumber),
    /// A program, with the id it submitted, whether or not there is such a client.
    Client(&'a ClientId),
}

/// An attempt that may be made. It is counted as failed before the password is looked at, or a hundred
/// attempts at once would all be the first (LG-03).
#[derive(Clone)]
#[must_use]
pub(in crate::identity) struct Attempt(Vec<Counted>);

#[derive(Clone)]
struct Counted {
    before: Option<Failures>,
    after: Failures,
    cleared_by_success: bool,
}

fn number_subject(number: &CustomerNumber) -> String {
    format!("number/{}", number.as_str())
}

/// Everybody can make up ids without end, so they are counted in groups by their beginnings: 1024 of them, among
/// which real ids, being random, are evenly spread.
fn client_subject(id: &ClientId) -> String {
    format!("clients/{}", id.as_str().chars().take(2).collect::<String>())
}

fn device_subject(device: &DeviceId) -> String {
    format!("device/{device}")
}

fn all_devices_subject(account_id: &AccountId) -> String {
    format!("devices/{account_id}")
}

/// Counts an attempt, unless it has to wait: then the refusal is a result and no error, since what is noted must
/// stay. The first one since the last failure appends `turned_away` to the trail; more would only fill it.
pub(in crate::identity) fn begin_attempt(
    tx: &mut Transaction<'_>,
    enforced: bool,
    trying: &Trying<'_>,
    turned_away: &Entry,
    now: UtcTime,
) -> Result<Result<Attempt, Refusal>, StoreError> {
    if !enforced {
        return Ok(Ok(Attempt(Vec::new())));
    }
    let locked = match trying {
        Trying::Stranger(number) => vec![Limit::of_strangers(number).lock(tx)?],
        Trying::Client(id) => {
            vec![Limit { subject: client_subject(id), free: FREE_FAILURES, own: false }.lock(tx)?]
        }
        Trying::Device(device, account, number) => {
            let shared =
                Limit { subject: all_devices_subject(account), free: FREE_FAILURES_OF_ALL_DEVICES, own: false };
            let own = Limit { subject: device_subject(device), free: FREE_FAILURES, own: true };
            let shared = shared.lock(tx)?;
            if shared.wait(now) > TimeDelta::zero() {
                // Somebody else's device may have used it up. The owner's is no worse off than a stranger then.
                vec![Limit::of_strangers(number).lock(tx)?]
            } else {
                vec![shared, own.lock(tx)?]
            }
        }
    };
    let mut all = Vec::with_capacity(locked.len());
    for locked in locked {
        let wait = locked.wait(now);
        let Locked { limit, counted: before } = locked;
        if wait > TimeDelta::zero() {
            if let Some(before) = before.filter(|before| !before.refusal_noted) {
                sign_in_failures::put(tx, &Failures { refusal_noted: true, ..before }, true)?;
                audit_events::append(tx, turned_away)?;
            }
            return Ok(Err(Refusal::TooManyAttempts(wait)));
        }
        let failures = before.as_ref().map_or(0, |before| failures_left(before, now)) + 1;
        let Limit { subject, own, .. } = limit;
        let after = Failures { subject, failures, last_failed_at: now, refusal_noted: false };
        all.push(Counted { before, after, cleared_by_success: own });
    }
    for Counted { before, after, .. } in &all {
        sign_in_failures::put(tx, after, before.is_some())?;
    }
    Ok(Ok(Attempt(all)))
}

/// Counts a call that was turned away, by the limit's name.
pub(in crate::identity) fn count_turned_away<T>(
    app: &App,
    limit: &'static str,
    outcome: &Result<T, IdentityError>,
) {
    if let Err(IdentityError::Refused(Refusal::TooManyAttempts(_))) = outcome {
        app.metrics.rate_limited(limit);
    }
}

struct Limit {
    subject: String,
    free: i32,
    /// Whether a success clears it: that of the succeeding device alone (LG-05).
    own: bool,
}

impl Limit {
    fn of_strangers(number: &CustomerNumber) -> Self {
        Self { subject: number_subject(number), free: FREE_FAILURES, own: false }
    }

    /// By the count as of the last failure: the wait that it began does not shrink while it lasts.
    fn wait(&self, counted: Option<&Failures>, now: UtcTime) -> TimeDelta {
        counted
            .map_or(TimeDelta::zero(), |counted| counted.last_failed_at + delay(counted.failures, self.free) - now)
    }

    fn lock(self, tx: &mut Transaction<'_>) -> Result<Locked, StoreError> {
        let counted = sign_in_failures::lock(tx, &self.subject)?;
        Ok(Locked { limit: self, counted })
    }
}

/// A limit whose count is held until the transaction ends.
struct Locked {
    limit: Limit,
    counted: Option<Failures>,
}

impl Locked {
    fn wait(&self, now: UtcTime) -> TimeDelta {
        self.limit.wait(self.counted.as_ref(), now)
    }
}

impl Attempt {
    /// Takes the attempt back, as if it had not been made: where nothing could be computed. What others have
    /// failed in the meantime stays.
    pub(in crate::identity) fn take_back(self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        self.settle(tx, false)
    }

    /// After the right password: takes the attempt back, and clears what the succeeding device had failed before.
    pub(in crate::identity) fn succeed(self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        self.settle(tx, true)
    }

    fn settle(self, tx: &mut Transaction<'_>, success: bool) -> Result<(), StoreError> {
        // In the order in which they were counted, or two attempts could wait for each other.
        for Counted { before, after, cleared_by_success } in self.0 {
            let Some(now) = sign_in_failures::lock(tx, &after.subject)? else { continue };
            let untouched = (now.failures, now.last_failed_at) == (after.failures, after.last_failed_at);
            match before {
                _ if success && cleared_by_success => sign_in_failures::delete(tx, &after.subject)?,
                Some(before) if untouched => sign_in_failures::put(tx, &before, true)?,
                None if untouched => sign_in_failures::delete(tx, &after.subject)?,
                _ if now.failures <= 1 => sign_in_failures::delete(tx, &after.subject)?,
                _ => sign_in_failures::put(tx, &Failures { failures: now.failures - 1, ..now }, true)?,
            }
        }
        Ok(())
    }
}

/// After a new password: the devices that were counted together are forgotten but for the acting one.
pub(in crate::identity) fn forget_failures_of_devices(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
) -> Result<(), StoreError> {
    let subject = all_devices_subject(account_id);
    sign_in_failures::lock(tx, &subject)?;
    sign_in_failures::delete(tx, &subject)
}

/// Forgets what was failed at the number and at the account's devices. Whether there was anything.
pub(in crate::identity) fn forget_all_failures(
    tx: &mut Transaction<'_>,
    account: &Account,
) -> Result<bool, StoreError> {
    // In the order in which attempts take them.
    let mut subjects = vec![all_devices_subject(&account.id)];
    subjects.extend(devices::list_of(tx, &account.id)?.iter().map(|device| device_subject(&device.id)));
    subjects.push(number_subject(&account.customer_number));
    let mut had_failures = false;
    for subject in &subjects {
        had_failures |= sign_in_failures::lock(tx, subject)?.is_some();
        sign_in_failures::delete(tx, subject)?;
    }
    Ok(had_failures)
}

/// How many failures the owner should hear of. None are counted where limits are not enforced.
pub(in crate::identity) fn failures_at(
    tx: &mut Transaction<'_>,
    enforced: bool,
    account: &Account,
    now: UtcTime,
) -> Result<i32, StoreError> {
    if !enforced {
        return Ok(0);
    }
    let subjects = [number_subject(&account.customer_number), all_devices_subject(&account.id)];
    let counted = sign_in_failures::list(tx, &subjects)?;
    Ok(counted.iter().map(|counted| failures_left(counted, now)).sum())
}

/// How long a stranger who tries the number's password has to wait.
pub(in crate::identity) fn strangers_wait(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    now: UtcTime,
) -> Result<TimeDelta, StoreError> {
    let limit = Limit::of_strangers(number);
    let counted = sign_in_failures::list(tx, std::slice::from_ref(&limit.subject))?;
    Ok(limit.wait(counted.first(), now))
}

/// How many failures of strangers count at the number now.
pub(in crate::identity) fn failures_of_strangers(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    now: UtcTime,
) -> Result<i32, StoreError> {
    let counted = sign_in_failures::list(tx, &[number_subject(number)])?;
    Ok(counted.first().map_or(0, |counted| failures_left(counted, now)))
}

fn failures_left(counted: &Failures, now: UtcTime) -> i32 {
    let forgotten = (now - counted.last_failed_at).num_seconds() / ONE_FORGOTTEN_IN.num_seconds();
    counted.failures.saturating_sub(i32::try_from(forgotten).unwrap_or(i32::MAX)).max(0)
}

/// 2^(failures − free) seconds from the last free failure on.
fn delay(failures: i32, free: i32) -> TimeDelta {
    let Ok(doublings) = u32::try_from(failures - free) else { return TimeDelta::zero() };
    if failures >= MOST_FAILURES {
        return DELAY_AFTER_MOST;
    }
    let seconds = 2_i64.checked_pow(doublings).unwrap_or(i64::MAX);
    TimeDelta::try_seconds(seconds).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY)
}

/// Gives an attempt back where the password could not be looked at.
pub(in crate::identity) async fn give_back(app: &App, attempt: Attempt) -> Result<(), StoreError> {
    app.database.write(move |tx| attempt.take_back(tx)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rl_03_delays_double_from_the_fifth_failure_to_a_quarter_of_an_hour() {
        let seconds: Vec<i64> =
            [0, 4, 5, 6, 8, 14, 15, 99, 100, 200].map(|failures| delay(failures, 5).num_seconds()).to_vec();
        assert_eq!(seconds, [0, 0, 1, 2, 8, 512, 900, 900, 86_400, 86_400]);
    }
}
