//! The address on file: whether its owner can rely on it, and whether a link may go there yet.

use chrono::TimeDelta;

use crate::{
    config::Config,
    store::{
        StoreError, Transaction,
        accounts::Account,
        suppressions::{self, SuppressionReason},
    },
    types::{UtcTime, text_enum},
};

text_enum! {
    /// The state of the address on file, which the front end shows where the customer can act on it.
    pub enum EmailState {
        /// Mail reaches the address, as far as the service knows.
        Ok = "ok",
        /// A mail came back since the mailbox does not exist, and none has been delivered since. The customer changes
        /// the address, or has the mailbox mended.
        Bouncing = "bouncing",
        /// The owner has not confirmed the address for a long time. The customer confirms it, or changes it.
        ConfirmDue = "confirm_due",
        /// No address is on file. The customer gives one, or calls support.
        None = "none",
    }
}

/// Finds the state of the account's address.
pub(in crate::identity) fn find_email_state(
    tx: &mut Transaction<'_>,
    config: &Config,
    account: &Account,
) -> Result<EmailState, StoreError> {
    let Some(email) = &account.email else { return Ok(EmailState::None) };
    let suppressions = suppressions::list_of(tx, Some(email))?;
    Ok(if suppressions.iter().any(|suppression| suppression.reason == SuppressionReason::HardBounce) {
        EmailState::Bouncing
    } else if is_confirmation_due(config, account, tx.now) {
        EmailState::ConfirmDue
    } else {
        EmailState::Ok
    })
}

/// Whether the owner is to be asked whether the address still holds (OW-12). A change of the address, and the making of the
/// account, count as a confirmation.
pub(in crate::identity) fn is_confirmation_due(config: &Config, account: &Account, now: UtcTime) -> bool {
    let last = account.email_confirmed_at.max(account.email_changed_at).unwrap_or(account.created_at);
    config.email.confirm_after.is_some_and(|confirm_after| last + confirm_after <= now)
}

/// How long no link goes to a new address where mail to the one before did not arrive: nobody may have read the notice of
/// the change (OW-04).
pub(in crate::identity) const COOLING_OFF_AFTER_BOUNCES: TimeDelta = TimeDelta::days(7);

/// How long before a change takes effect the address on file may have been told that it was asked for.
pub(in crate::identity) const NOTICED_FOR: TimeDelta = TimeDelta::hours(24);

/// Until when no reset link goes to the address on file: the person who had it changed may be the one who asks (AD-05).
/// `None` where a link may go there now.
pub(in crate::identity) fn cools_off_until(config: &Config, account: &Account, now: UtcTime) -> Option<UtcTime> {
    let usual = account.email_changed_at.map(|changed_at| changed_at + config.email.cooling_off);
    usual.max(account.email_cools_off_until).filter(|until| *until > now)
}
