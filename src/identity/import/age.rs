//! How old an imported password counts.

use chrono::TimeDelta;

use crate::{
    app::App,
    types::{CustomerNumber, UtcTime},
};

/// When the passwords of an import were set.
#[derive(Clone, Copy)]
pub(super) struct Ages {
    now: UtcTime,
    /// The greatest age and the days over which expiries are spread.
    spread: Option<(TimeDelta, TimeDelta)>,
}

impl Ages {
    /// Without a greatest age nothing expires, so there is nothing to spread.
    pub(super) fn new(app: &App, now: UtcTime, spread: Option<TimeDelta>) -> Self {
        let most = app.policy.max_age_days().map(|days| TimeDelta::days(i64::from(days)));
        Self { now, spread: spread.and_then(|spread| Some((most?, spread))) }
    }

    /// The time that is stored: the one of the row, or now. Where expiries are spread, a password whose age is not
    /// known, or that expires within these days anyway, expires at a moment among them that depends on its number and
    /// that nobody without the secret key can compute.
    pub(super) fn changed_at(&self, app: &App, number: &CustomerNumber, given: Option<UtcTime>) -> UtcTime {
        let Some((most, spread)) = self.spread else { return given.unwrap_or(self.now) };
        match given {
            Some(given) if given + most > self.now + spread => given,
            _ => self.now - most + part_of(spread, &app.keyring.fingerprint("expiry", number.as_str().as_bytes())),
        }
    }
}

/// The part of a time that the hexadecimal digits of a hash choose, at least a second of it.
fn part_of(spread: TimeDelta, hash: &str) -> TimeDelta {
    let seconds = spread.num_seconds().unsigned_abs();
    let hash = hash.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0);
    let part = u64::try_from((u128::from(hash) * u128::from(seconds)) >> 64).unwrap_or(0);
    TimeDelta::seconds(i64::try_from(part + 1).unwrap_or(1))
}
