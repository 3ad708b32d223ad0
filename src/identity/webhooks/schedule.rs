//! When a failed attempt is repeated (WH-08).

use std::time::Duration;

use chrono::TimeDelta;

use crate::{
    store::webhook_endpoints::Condition,
    types::{UtcTime, random_below},
};

/// How long an event is tried, and how long an endpoint may fail before it is disabled.
pub(super) const TRIED_FOR: TimeDelta = TimeDelta::days(3);
/// The waits after the first attempts; the last one is that after all others.
const WAITS: [TimeDelta; 10] = [
    TimeDelta::seconds(5),
    TimeDelta::seconds(30),
    TimeDelta::minutes(2),
    TimeDelta::minutes(10),
    TimeDelta::minutes(30),
    TimeDelta::hours(1),
    TimeDelta::hours(2),
    TimeDelta::hours(4),
    TimeDelta::hours(8),
    TimeDelta::hours(12),
];
/// The longest `Retry-After` that is followed.
const LONGEST_RETRY_AFTER: TimeDelta = TimeDelta::hours(12);
/// The longest pause of an endpoint that fails. One event at a time tries it out, however many wait.
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(60);
/// How much a wait is lengthened or shortened at most, in hundredths. Events that failed together are not tried together.
const JITTER: u64 = 20;

/// The wait after this many failed attempts.
pub(super) fn wait_after(attempts: i32, retry_after: Option<Duration>) -> TimeDelta {
    let index = usize::try_from(attempts).unwrap_or(1).saturating_sub(1);
    let wait = WAITS.get(index).or(WAITS.last()).copied().unwrap_or(LONGEST_RETRY_AFTER);
    with_jitter(wait).max(asked_for(retry_after))
}

/// The condition of an endpoint after another failure in a row.
pub(super) fn after_failure(
    failing_since: Option<UtcTime>,
    failures: i32,
    retry_after: Option<Duration>,
    now: UtcTime,
) -> Condition {
    let pause = TimeDelta::seconds(1_i64 << failures.clamp(0, 6)).min(LONGEST_PAUSE);
    Condition {
        failing_since: Some(failing_since.unwrap_or(now)),
        failures: failures.saturating_add(1),
        paused_until: Some(now + with_jitter(pause).max(asked_for(retry_after))),
    }
}

fn asked_for(retry_after: Option<Duration>) -> TimeDelta {
    let asked = retry_after.map(|wait| TimeDelta::from_std(wait).unwrap_or(LONGEST_RETRY_AFTER));
    asked.unwrap_or(TimeDelta::zero()).min(LONGEST_RETRY_AFTER)
}

fn with_jitter(wait: TimeDelta) -> TimeDelta {
    let hundredths = 100 - JITTER + random_below(2 * JITTER + 1);
    let milliseconds = wait.num_milliseconds().saturating_mul(i64::try_from(hundredths).unwrap_or(100)) / 100;
    TimeDelta::milliseconds(milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wh_08_waits_grow_and_differ_and_last_for_three_days() {
        let mut total = TimeDelta::zero();
        let mut last = TimeDelta::zero();
        let mut attempts = 0;
        while total < TRIED_FOR {
            attempts += 1;
            let wait = wait_after(attempts, None);
            assert!(wait * 2 > last, "{attempts}: {wait} after {last}");
            (total, last) = (total + wait, wait);
        }
        assert!((13..=17).contains(&attempts), "{attempts}");
        let waits: std::collections::BTreeSet<TimeDelta> = (0..50).map(|_| wait_after(6, None)).collect();
        assert!(waits.len() > 10 && waits.iter().all(|wait| (48..=72).contains(&wait.num_minutes())), "{waits:?}");
    }

    #[test]
    fn wh_08_a_wait_that_is_asked_for_is_kept_within_bounds() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(wait_after(1, seconds(3600)), TimeDelta::hours(1));
        assert!(wait_after(10, seconds(1)) > TimeDelta::hours(9), "never shorter than without");
        assert_eq!(wait_after(1, seconds(u64::MAX)), LONGEST_RETRY_AFTER);
        for attempts in [i32::MIN, -1, 0, i32::MAX] {
            assert!(wait_after(attempts, None) > TimeDelta::zero(), "{attempts}");
        }
    }

    #[test]
    fn wh_08_an_endpoint_that_fails_is_tried_less_often() {
        let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let mut condition = Condition::GOOD;
        for round in 0..40 {
            condition =
                after_failure(condition.failing_since, condition.failures, None, now + TimeDelta::seconds(round));
            let pause = condition.paused_until.unwrap() - now - TimeDelta::seconds(round);
            assert!(pause <= LONGEST_PAUSE * 6 / 5, "{round}: {pause}");
        }
        assert_eq!((condition.failing_since, condition.failures), (Some(now), 40));
        let asked = after_failure(None, 0, Some(Duration::from_mins(10)), now);
        assert_eq!(asked.paused_until, Some(now + TimeDelta::minutes(10)));
    }
}
