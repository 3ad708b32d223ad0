//! How a password stands: its age, and whether its owner should change it.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::abuse::throttle::failures_at,
    store::{
        StoreError,
        accounts::Account,
        devices::{self, Device},
    },
    types::{UtcTime, device_name},
};

/// The guide recommends a change a few times a year: after this part of the greatest age.
const RECOMMENDED_AT_ONE_IN: i32 = 3;
/// More devices than this, in the time that follows, are many.
const FEW_DEVICES: usize = 5;
const DEVICES_COUNTED_FOR: TimeDelta = TimeDelta::days(30);
/// So many failed attempts are worth a change.
const MANY_FAILURES: i32 = 10;

/// Why a change is advisable ("kdaj zamenjati geslo" in the customer guide).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeReason {
    /// Over a third of the greatest age.
    PasswordAge,
    /// Sign-ins from many devices: perhaps one of them belongs to somebody who has left.
    ManyDevices,
    /// Many failed attempts.
    ManyFailures,
}

impl ChangeReason {
    /// As in `change_recommended_reasons`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordAge => "password_age",
            Self::ManyDevices => "many_devices",
            Self::ManyFailures => "many_failures",
        }
    }
}

/// How a password stands.
pub struct PasswordState {
    /// When it was set; `None` without one.
    pub changed_at: Option<UtcTime>,
    /// When it will have reached its greatest age; `None` where passwords do not expire.
    pub expires_at: Option<UtcTime>,
    /// Why it should be changed, if it should.
    pub change_recommended_reasons: Vec<ChangeReason>,
}

/// The policy's greatest age of a password.
#[derive(Debug, Clone, Copy)]
pub(in crate::identity) struct GreatestAge(Option<TimeDelta>);

impl GreatestAge {
    pub(in crate::identity) fn of(app: &App) -> Self {
        Self(app.policy.max_age_days().map(|days| TimeDelta::days(days.into())))
    }

    pub(in crate::identity) fn as_delta(self) -> Option<TimeDelta> {
        self.0
    }

    pub(in crate::identity) fn expires_at(self, account: &Account) -> Option<UtcTime> {
        account.password_changed_at?.checked_add_signed(self.0?)
    }

    pub(in crate::identity) fn has_passed(self, account: &Account, now: UtcTime) -> bool {
        self.expires_at(account).is_some_and(|expires_at| expires_at <= now)
    }
}

/// When the account's password will have reached its greatest age; `None` without a password, or where
/// passwords do not expire.
#[must_use]
pub fn password_expires_at(app: &App, account: &Account) -> Option<UtcTime> {
    GreatestAge::of(app).expires_at(account)
}

/// How the password of a signed-in customer stands.
pub async fn password_state(app: &App, account: Account) -> Result<PasswordState, StoreError> {
    let (greatest_age, limits, now) = (GreatestAge::of(app), app.limits.enforced, app.clock.now());
    app.database
        .read(move |tx| {
            let devices = devices::list_of(tx, &account.id)?;
            let failures = failures_at(tx, limits, &account, now)?;
            Ok(judge(greatest_age, &account, &devices, failures, now))
        })
        .await
}

pub(in crate::identity) fn judge(
    greatest_age: GreatestAge,
    account: &Account,
    devices: &[Device],
    failures: i32,
    now: UtcTime,
) -> PasswordState {
    let mut reasons = Vec::new();
    let age = account.password_changed_at.map(|changed_at| now - changed_at);
    if let (Some(age), Some(greatest)) = (age, greatest_age.0)
        && age > greatest / RECOMMENDED_AT_ONE_IN
    {
        reasons.push(ChangeReason::PasswordAge);
    }
    let places: BTreeSet<_> = devices
        .iter()
        .filter(|device| device.last_used_at > now - DEVICES_COUNTED_FOR)
        .map(|device| (device.user_agent.as_deref().and_then(device_name), &device.source))
        .collect();
    if places.len() > FEW_DEVICES {
        reasons.push(ChangeReason::ManyDevices);
    }
    if failures >= MANY_FAILURES {
        reasons.push(ChangeReason::ManyFailures);
    }
    PasswordState {
        changed_at: account.password_changed_at,
        expires_at: greatest_age.expires_at(account),
        change_recommended_reasons: reasons,
    }
}
