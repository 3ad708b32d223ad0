//! Slowing down whoever tries passwords, without ever locking an owner out (RL-03, RL-04).

use chrono::TimeDelta;

use crate::{
    app::App,
    store::{
        AnyConnection, StoreError,
        sign_in_failures::{self, Failures},
    },
    types::{AccountId, CustomerNumber, DeviceId, UtcTime},
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
/// After so long no count is left.
pub(super) const ALL_FORGOTTEN_IN: TimeDelta = TimeDelta::hours(128);

/// Who is trying.
pub(super) enum Trying<'a> {
    /// Somebody unknown: counted on the number as submitted, whether or not it has an account (RL-02).
    Stranger(&'a CustomerNumber),
    /// A known device of an account.
    Device(&'a DeviceId, &'a AccountId),
}

/// An attempt that may be made. It is counted as failed before the password is looked at, or a hundred
/// attempts at once would all be the first (LG-03).
#[must_use]
pub(super) struct Attempt(Vec<Counted>);

struct Counted {
    before: Option<Failures>,
    after: Failures,
    cleared_by_success: bool,
}

/// An attempt that may not be made yet.
pub(super) struct TurnedAway {
    pub(super) wait: TimeDelta,
    /// Whether this is the first one since the last failure: more would only fill the trail.
    pub(super) first: bool,
}

fn number_subject(number: &CustomerNumber) -> String {
    format!("number/{}", number.as_str())
}

fn all_devices_subject(account_id: &AccountId) -> String {
    format!("devices/{account_id}")
}

/// Counts an attempt, unless it has to wait.
pub(super) fn begin_attempt(
    connection: &mut AnyConnection,
    limits: bool,
    trying: &Trying<'_>,
    now: UtcTime,
) -> Result<Result<Attempt, TurnedAway>, StoreError> {
    if !limits {
        return Ok(Ok(Attempt(Vec::new())));
    }
    // Subject, free failures, and whether a success clears it: that of the succeeding device alone (LG-05).
    let subjects = match trying {
        Trying::Stranger(number) => vec![(number_subject(number), FREE_FAILURES, false)],
        Trying::Device(device, account) => vec![
            (all_devices_subject(account), FREE_FAILURES_OF_ALL_DEVICES, false),
            (format!("device/{device}"), FREE_FAILURES, true),
        ],
    };
    let mut counted = Vec::new();
    for (subject, free, cleared_by_success) in subjects {
        let before = sign_in_failures::lock(connection, &subject)?;
        let failures = before.as_ref().map_or(0, |before| failures_left(before, now));
        // By the count as of the last failure: the wait that it began does not shrink while it lasts.
        let wait = before
            .as_ref()
            .map_or(TimeDelta::zero(), |before| before.last_failed_at + delay(before.failures, free) - now);
        if wait > TimeDelta::zero() {
            let first = before.as_ref().is_some_and(|before| !before.refusal_noted);
            if let Some(before) = before.filter(|_| first) {
                sign_in_failures::set(connection, &Failures { refusal_noted: true, ..before })?;
            }
            return Ok(Err(TurnedAway { wait, first }));
        }
        let after = Failures { subject, failures: failures + 1, last_failed_at: now, refusal_noted: false };
        counted.push(Counted { before, after, cleared_by_success });
    }
    for Counted { after, .. } in &counted {
        sign_in_failures::set(connection, after)?;
    }
    Ok(Ok(Attempt(counted)))
}

impl Attempt {
    /// Takes the attempt back, as if it had not been made: after the right password, or where nothing could
    /// be computed. What others have failed in the meantime stays.
    pub(super) fn take_back(self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        for Counted { before, after, .. } in self.0 {
            let Some(now) = sign_in_failures::lock(connection, &after.subject)? else { continue };
            let untouched = (now.failures, now.last_failed_at) == (after.failures, after.last_failed_at);
            match before {
                Some(before) if untouched => sign_in_failures::set(connection, &before)?,
                None if untouched => sign_in_failures::delete(connection, &after.subject)?,
                _ => {
                    let failures = Failures { failures: now.failures.saturating_sub(1), ..now };
                    sign_in_failures::set(connection, &failures)?;
                }
            }
        }
        Ok(())
    }

    /// As [`Attempt::take_back`], and clears what the succeeding device had failed before.
    pub(super) fn succeed(self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let (cleared, counted): (Vec<_>, Vec<_>) = self.0.into_iter().partition(|one| one.cleared_by_success);
        for one in cleared {
            sign_in_failures::delete(connection, &one.after.subject)?;
        }
        Self(counted).take_back(connection)
    }
}

/// How many failures the owner should hear of.
pub(super) fn failures_at(
    connection: &mut AnyConnection,
    number: &CustomerNumber,
    account_id: &AccountId,
    now: UtcTime,
) -> Result<i32, StoreError> {
    let mut sum = 0;
    for subject in [number_subject(number), all_devices_subject(account_id)] {
        sum += sign_in_failures::find(connection, &subject)?.map_or(0, |found| failures_left(&found, now));
    }
    Ok(sum)
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
pub(super) async fn give_back(app: &App, attempt: Attempt) -> Result<(), StoreError> {
    app.database.write(move |connection| attempt.take_back(connection)).await
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
