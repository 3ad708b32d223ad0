//! How long a number, a device or a client waits after failed attempts (RL-03).

use chrono::TimeDelta;

use crate::{
    store::{
        StoreError, Transaction,
        sign_in_failures::{self, Failures},
    },
    types::{AccountId, ClientId, CustomerNumber, DeviceId, UtcTime},
};

/// How many failures cause no wait, since people mistype.
const FREE_FAILURES: i32 = 5;
/// How many failures of all known devices of an account together cause no wait. An account has up to twenty devices.
const FREE_FAILURES_OF_ALL_DEVICES: i32 = 20;
/// How many refused new passwords of an account cause no wait: as many as one reset link allows.
const FREE_NEW_PASSWORDS: i32 = 10;
/// The longest wait between two attempts, below [`MOST_FAILURES`].
const LONGEST_DELAY: TimeDelta = TimeDelta::minutes(15);
/// From this many failures on the wait is [`DELAY_AFTER_MOST`] (NIST SP 800-63B-4 §3.2.2).
const MOST_FAILURES: i32 = 100;
const DELAY_AFTER_MOST: TimeDelta = TimeDelta::hours(24);
/// The count falls by one failure in this time. Nothing else lowers the count that strangers meet (LG-05).
const ONE_FORGOTTEN_IN: TimeDelta = TimeDelta::hours(1);
/// No count is left after this time: 101 failures are forgotten, and a wait of a day has passed.
pub(in crate::identity) const ALL_FORGOTTEN_IN: TimeDelta = TimeDelta::hours(128);

/// One count of failures, and how many of them are free.
pub(super) struct FailureLimit {
    pub(super) subject: String,
    free: i32,
    /// Whether a success clears the count: only that of the succeeding device (LG-05).
    pub(super) cleared_by_success: bool,
}

impl FailureLimit {
    /// The count of strangers' failures at a number, whether or not it has an account (RL-02).
    pub(super) fn of_strangers(number: &CustomerNumber) -> Self {
        let subject = format!("number/{}", number.as_str());
        Self { subject, free: FREE_FAILURES, cleared_by_success: false }
    }

    /// The count of one known device.
    pub(super) fn of_device(device: &DeviceId) -> Self {
        Self { subject: format!("device/{device}"), free: FREE_FAILURES, cleared_by_success: true }
    }

    /// The count that all known devices of an account share.
    pub(super) fn of_all_devices(account_id: &AccountId) -> Self {
        let subject = format!("devices/{account_id}");
        Self { subject, free: FREE_FAILURES_OF_ALL_DEVICES, cleared_by_success: false }
    }

    /// The count of one former device (OW-09).
    pub(super) fn of_former_device(device: &DeviceId) -> Self {
        Self { subject: format!("former/{device}"), free: FREE_FAILURES, cleared_by_success: true }
    }

    /// The count that all former devices of an account share.
    pub(super) fn of_all_former_devices(account_id: &AccountId) -> Self {
        let subject = format!("former-devices/{account_id}");
        Self { subject, free: FREE_FAILURES_OF_ALL_DEVICES, cleared_by_success: false }
    }

    /// A count that makes nobody wait, in the place of [`Self::of_former_device`]: a token that is unknown costs the same
    /// statements as that of a former device, so that their time tells nothing. There is one for each number as submitted,
    /// as of [`Self::of_strangers`].
    pub(super) fn decoy(number: &CustomerNumber) -> Self {
        Self { subject: format!("decoy/{}", number.as_str()), free: i32::MAX, cleared_by_success: false }
    }

    /// A decoy in the place of [`Self::of_all_former_devices`].
    pub(super) fn decoy_of_all(number: &CustomerNumber) -> Self {
        Self { subject: format!("decoys/{}", number.as_str()), ..Self::decoy(number) }
    }

    /// The count that the machine clients share whose ids begin alike. There are 1,024 such groups: a count for every
    /// id would need unlimited room, since ids can be made up. Real ids are random, so they are spread evenly.
    pub(super) fn of_clients_like(id: &ClientId) -> Self {
        let subject = format!("clients/{}", id.as_str().chars().take(2).collect::<String>());
        Self { subject, free: FREE_FAILURES, cleared_by_success: false }
    }

    /// The count of new passwords that an account refuses after work was done for them (CH-11).
    pub(super) fn of_new_passwords(account_id: &AccountId) -> Self {
        let subject = format!("new-password/{account_id}");
        Self { subject, free: FREE_NEW_PASSWORDS, cleared_by_success: true }
    }

    /// The wait that is left. It is computed from the count as of the last failure, so a wait does not shrink while
    /// failures are forgotten. The last failure may be later than `now`, by the clock of another instance: the wait is
    /// never longer than the delay.
    pub(super) fn wait(&self, counted: Option<&Failures>, now: UtcTime) -> TimeDelta {
        counted.map_or(TimeDelta::zero(), |counted| {
            let delay = delay(counted.failures, self.free);
            (counted.last_failed_at + delay - now).min(delay)
        })
    }

    /// Locks the count until the transaction ends.
    pub(super) fn lock(self, tx: &mut Transaction<'_>) -> Result<LockedLimit, StoreError> {
        let counted = sign_in_failures::lock(tx, &self.subject)?;
        Ok(LockedLimit { limit: self, counted })
    }
}

/// A limit whose count is locked until the transaction ends.
pub(super) struct LockedLimit {
    pub(super) limit: FailureLimit,
    pub(super) counted: Option<Failures>,
}

impl LockedLimit {
    pub(super) fn wait(&self, now: UtcTime) -> TimeDelta {
        self.limit.wait(self.counted.as_ref(), now)
    }
}

/// The failures that still count now.
pub(super) fn failures_left(counted: &Failures, now: UtcTime) -> i32 {
    let forgotten = (now - counted.last_failed_at).num_seconds() / ONE_FORGOTTEN_IN.num_seconds();
    counted.failures.saturating_sub(i32::try_from(forgotten).unwrap_or(i32::MAX)).max(0)
}

/// The wait that follows the last failure. It is 2^(failures − free) seconds from the last free failure on, up to
/// [`LONGEST_DELAY`], and [`DELAY_AFTER_MOST`] from [`MOST_FAILURES`] on.
fn delay(failures: i32, free: i32) -> TimeDelta {
    let Ok(doublings) = u32::try_from(failures - free) else { return TimeDelta::zero() };
    if failures >= MOST_FAILURES {
        return DELAY_AFTER_MOST;
    }
    let seconds = 2_i64.checked_pow(doublings).unwrap_or(i64::MAX);
    TimeDelta::try_seconds(seconds).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY)
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

    #[test]
    fn rl_03_without_enough_failures_no_clock_makes_anybody_wait() {
        let number = CustomerNumber::parse("004217").unwrap();
        let limit = FailureLimit::of_strangers(&number);
        let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let counted = |failures, ahead| Failures {
            subject: limit.subject.clone(),
            failures,
            last_failed_at: now + TimeDelta::milliseconds(ahead),
            refusal_noted: false,
        };
        assert_eq!(limit.wait(Some(&counted(4, 500)), now), TimeDelta::zero());
        assert_eq!(limit.wait(Some(&counted(5, 500)), now), TimeDelta::seconds(1));
        assert_eq!(limit.wait(Some(&counted(5, -400)), now), TimeDelta::milliseconds(600));
    }
}
