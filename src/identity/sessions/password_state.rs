//! The state of a password: its age, and whether its owner should change it.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::{
        abuse::failures::failures_at,
        address::{EmailState, find_email_state},
    },
    store::{
        StoreError, Transaction,
        accounts::Account,
        devices::{self, Device},
    },
    types::{UtcTime, device_name, text_enum},
};

/// The part of the greatest age, one in this many, after which a change is recommended. The customer guide recommends
/// one a few times a year.
const RECOMMENDED_AT_ONE_IN: i32 = 3;
/// More devices than this, used within [`DEVICES_COUNTED_FOR`], are a reason to change the password.
const FEW_DEVICES: usize = 5;
const DEVICES_COUNTED_FOR: TimeDelta = TimeDelta::days(30);
/// From this many failed attempts on a change of the password is recommended.
const MANY_FAILURES: i32 = 10;

text_enum! {
    /// Why a change of the password is recommended to the customer.
    pub enum ChangeReason {
        /// The password is older than a third of the greatest age.
        PasswordAge = "password_age",
        /// More than five devices have signed in within 30 days. One of them may belong to a colleague who has left.
        ManyDevices = "many_devices",
        /// Ten or more sign-ins have failed lately. Somebody may be guessing the password.
        ManyFailures = "many_failures",
    }
}

/// The state of a password.
pub struct PasswordState {
    /// When the password was set; `None` where the account has no password.
    pub changed_at: Option<UtcTime>,
    /// When the password reaches its greatest age; `None` where passwords do not expire.
    pub expires_at: Option<UtcTime>,
    /// Why the password should be changed; empty where it need not be.
    pub change_recommended_reasons: Vec<ChangeReason>,
}

/// The greatest age of a password by the policy; `None` where passwords do not expire.
#[derive(Debug, Clone, Copy)]
pub(in crate::identity) struct PasswordAge(Option<TimeDelta>);

impl PasswordAge {
    pub(in crate::identity) fn of(app: &App) -> Self {
        Self(app.policy.max_age_days().map(|days| TimeDelta::days(days.into())))
    }

    pub(in crate::identity) fn expires_at(self, account: &Account) -> Option<UtcTime> {
        account.password_changed_at?.checked_add_signed(self.0?)
    }

    pub(in crate::identity) fn has_passed(self, account: &Account, now: UtcTime) -> bool {
        self.expires_at(account).is_some_and(|expires_at| expires_at <= now)
    }
}

/// When the password of the account reaches its greatest age; `None` without a password, or where passwords do not
/// expire.
#[must_use]
pub fn password_expires_at(app: &App, account: &Account) -> Option<UtcTime> {
    PasswordAge::of(app).expires_at(account)
}

/// What a signed-in customer should know of the account.
pub struct OwnState {
    /// The state of the password.
    pub password: PasswordState,
    /// The state of the address on file.
    pub email: EmailState,
}

/// Finds what a signed-in customer should know of the account.
pub async fn own_state(app: &App, account: Account) -> Result<OwnState, StoreError> {
    let handle = app.clone();
    app.read(move |tx| {
        let devices = devices::list_of(tx, &account.id)?;
        find_own_state(tx, &handle, &account, &devices)
    })
    .await
}

/// What the owner should know of the account. `devices` lists the devices of the account.
pub(in crate::identity) fn find_own_state(
    tx: &mut Transaction<'_>,
    app: &App,
    account: &Account,
    devices: &[Device],
) -> Result<OwnState, StoreError> {
    let password = find_password_state(tx, app, account, devices)?;
    let email = find_email_state(tx, &app.config, account)?;
    Ok(OwnState { password, email })
}

/// The state of the account's password. `devices` lists the devices of the account.
fn find_password_state(
    tx: &mut Transaction<'_>,
    app: &App,
    account: &Account,
    devices: &[Device],
) -> Result<PasswordState, StoreError> {
    let greatest_age = PasswordAge::of(app);
    let mut reasons = Vec::new();
    let age = account.password_changed_at.map(|changed_at| tx.now - changed_at);
    if let (Some(age), Some(greatest)) = (age, greatest_age.0)
        && age > greatest / RECOMMENDED_AT_ONE_IN
    {
        reasons.push(ChangeReason::PasswordAge);
    }
    let places: BTreeSet<_> = devices
        .iter()
        .filter(|device| device.last_used_at > tx.now - DEVICES_COUNTED_FOR)
        .map(|device| (device.user_agent.as_deref().and_then(device_name), &device.source))
        .collect();
    if places.len() > FEW_DEVICES {
        reasons.push(ChangeReason::ManyDevices);
    }
    if failures_at(tx, app.config.limits.enforced, account)? >= MANY_FAILURES {
        reasons.push(ChangeReason::ManyFailures);
    }
    Ok(PasswordState {
        changed_at: account.password_changed_at,
        expires_at: greatest_age.expires_at(account),
        change_recommended_reasons: reasons,
    })
}
