//! The outbox: what is to be mailed and what became of it. Ids only; texts and tokens are made when a
//! mail is handed over (ML-02).

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, lock_key, update},
    schema::{mails, reset_links},
};
use crate::types::{
    AccountId, DeliveryKind, EmailAddress, Locale, MailId, ResetLinkId, SessionId, UtcTime, text_enum,
};

/// Why a mail waits while no mail API takes any: no attempt is made, so none is counted.
pub const NO_MAIL_API_WORKS: &str = "no mail API works";

text_enum! {
    /// What a mail is about; also the tag that the mail API shows.
    pub enum MailKind {
        /// It carries the link to set a new password.
        ResetLink = "reset_link",
        /// The password was changed (CH-07).
        PasswordChanged = "password_changed",
        /// A device that was not known before has signed in.
        NewDevice = "new_device",
        /// The password expires soon.
        ExpiryReminder = "expiry_reminder",
        /// Access was closed (LG-09).
        AccessClosed = "access_closed",
        /// Access was opened again.
        AccessReopened = "access_reopened",
        /// The address on file was changed. The mail goes to the address before (AD-05).
        AddressChanged = "address_changed",
    }
}

text_enum! {
    /// How far a mail has come.
    pub enum MailStatus {
        /// The mail waits for its first or next attempt.
        Queued = "queued",
        /// The mail API took the mail.
        HandedOver = "handed_over",
        /// The mail API refused the mail for good.
        Refused = "refused",
        /// The mail had become pointless before it went out (ML-03).
        Dropped = "dropped",
        /// No mail API took the mail in time.
        Abandoned = "abandoned",
        /// Mail to the address is paused.
        Suppressed = "suppressed",
        /// The mail was a decoy, without a recipient, and has come to its end.
        Decoy = "decoy",
    }
}

/// One mail, as stored.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = mails)]
pub struct Mail {
    /// Shown in the mail; the idempotency key.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// Whose it is.
    pub account_id: Option<AccountId>,
    /// The link in it.
    pub reset_link_id: Option<ResetLinkId>,
    /// The address it was queued for; `None` for a decoy.
    pub recipient: Option<EmailAddress>,
    /// Of the customer number.
    pub last_two_digits: String,
    /// The language it is written in.
    pub locale: Locale,
    /// Where it is.
    pub status: MailStatus,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was queued.
    pub created_at: UtcTime,
    /// When it is given up.
    pub serve_until: UtcTime,
    /// The session it tells of.
    pub session_id: Option<SessionId>,
    /// Which mail API has it, or may have it.
    pub provider: Option<String>,
    /// The mail API's own name for it.
    pub provider_message_id: Option<String>,
    /// When it was last tried.
    pub last_tried_at: Option<UtcTime>,
    /// When it will be tried again.
    pub next_try_at: Option<UtcTime>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it left the queue.
    pub finished_at: Option<UtcTime>,
    /// The furthest that the mail API has told of.
    pub delivery: Option<DeliveryKind>,
    /// When that was.
    pub delivery_at: Option<UtcTime>,
    /// The receiving server's code, such as `550 5.1.1`.
    pub smtp_code: Option<String>,
}

/// A mail to be queued.
#[derive(Insertable)]
#[diesel(table_name = mails, treat_none_as_default_value = false)]
pub struct NewMail {
    /// A fresh id.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// Whose it is.
    pub account_id: Option<AccountId>,
    /// The link in it.
    pub reset_link_id: Option<ResetLinkId>,
    /// The address on file now; `None` makes a decoy.
    pub recipient: Option<EmailAddress>,
    /// Of the customer number.
    pub last_two_digits: String,
    /// The account's language.
    pub locale: Locale,
    /// [`MailStatus::Queued`].
    pub status: MailStatus,
    /// Now.
    pub created_at: UtcTime,
    /// When it is given up.
    pub serve_until: UtcTime,
    /// The session it tells of.
    pub session_id: Option<SessionId>,
}

/// Queues a mail.
pub fn insert(tx: &mut Transaction<'_>, mail: &NewMail) -> Result<(), StoreError> {
    diesel::insert_into(mails::table).values(mail).execute(tx.connection)?;
    Ok(())
}

/// The mail of an id.
pub fn find(tx: &mut Transaction<'_>, id: &MailId) -> Result<Option<Mail>, StoreError> {
    Ok(mails::table.find(id).select(Mail::as_select()).first(tx.connection).optional()?)
}

/// The mail of an id, for this transaction alone until it ends.
pub fn lock(tx: &mut Transaction<'_>, id: &MailId) -> Result<Option<Mail>, StoreError> {
    lock_key(tx, "mail", id.as_str())?;
    find(tx, id)
}

/// Whether a mail has been delivered to the address since then.
pub fn was_reached_since(
    tx: &mut Transaction<'_>,
    recipient: &EmailAddress,
    since: UtcTime,
) -> Result<bool, StoreError> {
    let reached = mails::table
        .filter(mails::recipient.eq(recipient))
        // Who complains has got it.
        .filter(mails::delivery.eq_any([DeliveryKind::Delivered, DeliveryKind::Complained]))
        .filter(mails::delivery_at.gt(since));
    Ok(diesel::select(diesel::dsl::exists(reached)).get_result(tx.connection)?)
}

/// Counts an attempt that is about to be made, and ties the mail to the mail API that may have it from here on.
pub fn begin_attempt(tx: &mut Transaction<'_>, id: &MailId, provider: Option<&str>) -> Result<(), StoreError> {
    update(mails::table.find(id))
        .set((
            mails::attempts.eq(mails::attempts + 1),
            mails::provider.eq(provider),
            mails::last_tried_at.eq(tx.now),
            mails::next_try_at.eq(None::<UtcTime>),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Notes why an attempt failed and when the next one comes; the mail stays queued. `provider` is the mail API that
/// may have it nevertheless.
pub fn set_deferred(
    tx: &mut Transaction<'_>,
    id: &MailId,
    error: &str,
    provider: Option<&str>,
    next_try_at: UtcTime,
) -> Result<(), StoreError> {
    update(mails::table.find(id))
        .set((mails::last_error.eq(error), mails::provider.eq(provider), mails::next_try_at.eq(next_try_at)))
        .execute(tx.connection)?;
    Ok(())
}

/// Notes why it will not go out.
pub fn set_last_error(tx: &mut Transaction<'_>, id: &MailId, error: &str) -> Result<(), StoreError> {
    update(mails::table.find(id)).set(mails::last_error.eq(error)).execute(tx.connection)?;
    Ok(())
}

/// Mails that left the queue before, with the links in them, the oldest first; of decoys, or of all.
pub fn list_finished(
    tx: &mut Transaction<'_>,
    decoys_only: bool,
    finished_before: UtcTime,
    most: i64,
) -> Result<Vec<(MailId, Option<ResetLinkId>)>, StoreError> {
    let mut finished = mails::table
        .filter(mails::finished_at.le(finished_before))
        .order(mails::finished_at)
        .limit(most)
        .select((mails::id, mails::reset_link_id))
        .into_boxed();
    if decoys_only {
        finished = finished.filter(mails::status.eq(MailStatus::Decoy));
    }
    Ok(finished.load(tx.connection)?)
}

/// Forgets mails.
pub fn delete(tx: &mut Transaction<'_>, ids: &[MailId]) -> Result<(), StoreError> {
    diesel::delete(mails::table.filter(mails::id.eq_any(ids))).execute(tx.connection)?;
    Ok(())
}

/// Ends a mail's way.
pub fn finish(
    tx: &mut Transaction<'_>,
    id: &MailId,
    status: MailStatus,
    provider_message_id: Option<&str>,
) -> Result<(), StoreError> {
    update(mails::table.find(id))
        .set((
            mails::status.eq(status),
            mails::provider_message_id.eq(provider_message_id),
            mails::finished_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// The mail that a mail API knows under that name of its own.
pub fn find_by_provider_message_id(
    tx: &mut Transaction<'_>,
    provider: &str,
    provider_message_id: &str,
) -> Result<Option<Mail>, StoreError> {
    Ok(mails::table
        .filter(mails::provider_message_id.eq(provider_message_id))
        .filter(mails::provider.eq(provider))
        .select(Mail::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Makes concurrent workers take turns on one address until the transaction ends.
pub fn lock_recipient(tx: &mut Transaction<'_>, recipient: &str) -> Result<(), StoreError> {
    lock_key(tx, "mails", recipient)
}

/// When the last reset mails to an address were queued whose links have not been ended, the newest first.
pub fn list_reset_mails_since(
    tx: &mut Transaction<'_>,
    recipient: Option<&str>,
    since: UtcTime,
    most: i64,
) -> Result<Vec<UtcTime>, StoreError> {
    let not_ended = reset_links::table.filter(reset_links::ended_at.is_null()).select(reset_links::id.nullable());
    Ok(mails::table
        // No address is empty: for a decoy it finds nothing, at the same cost.
        .filter(mails::recipient.eq(recipient.unwrap_or_default()))
        .filter(mails::created_at.gt(since))
        .filter(mails::kind.eq(MailKind::ResetLink))
        .filter(mails::reset_link_id.eq_any(not_ended))
        .order(mails::created_at.desc())
        .limit(most)
        .select(mails::created_at)
        .load(tx.connection)?)
}

/// The mail that carries a link.
pub fn find_of_link(tx: &mut Transaction<'_>, link: &ResetLinkId) -> Result<Option<Mail>, StoreError> {
    let theirs = mails::table.filter(mails::reset_link_id.eq(link));
    Ok(theirs.select(Mail::as_select()).first(tx.connection).optional()?)
}

/// Writes down what the mail API tells of a mail.
pub fn set_delivery(
    tx: &mut Transaction<'_>,
    id: &MailId,
    delivery: DeliveryKind,
    delivery_at: UtcTime,
    smtp_code: Option<&str>,
) -> Result<(), StoreError> {
    update(mails::table.find(id))
        .set((mails::delivery.eq(delivery), mails::delivery_at.eq(delivery_at), mails::smtp_code.eq(smtp_code)))
        .execute(tx.connection)?;
    Ok(())
}

/// Whether any mail has been handed over since then.
pub fn any_handed_over_since(tx: &mut Transaction<'_>, since: UtcTime) -> Result<bool, StoreError> {
    let taken = mails::table.filter(mails::finished_at.gt(since)).filter(mails::status.eq(MailStatus::HandedOver));
    // One is enough: over a long time there are many.
    Ok(taken.select(mails::id).first::<MailId>(tx.connection).optional()?.is_some())
}
