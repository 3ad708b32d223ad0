//! The outbox: the mails to send and what became of them. The table holds ids alone; texts and tokens are made when a
//! mail is handed over (ML-02).

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, lock_key, update},
    schema::mails,
};
pub use crate::types::MailKind;
use crate::types::{
    AccountId, BounceCause, DeliveryKind, EmailAddress, EmailChangeId, Locale, MailId, ResetLinkId, SessionId,
    UtcTime, text_enum,
};

/// The `last_error` of a mail that waits because no mail API works.
const NO_MAIL_API_WORKS: &str = "no mail API works";

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
        /// No mail API took the mail in time, or this service failed to hand it over.
        Abandoned = "abandoned",
        /// Mail to the address is paused.
        Suppressed = "suppressed",
        /// The mail was a decoy, without a recipient, and has come to its end.
        Decoy = "decoy",
    }
}

/// A row of the table.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = mails)]
pub struct Mail {
    /// The id, which the mail shows and which is the idempotency key of the mail API.
    pub id: MailId,
    /// What the mail is about.
    pub kind: MailKind,
    /// The account that the mail is for; `None` for a decoy.
    pub account_id: Option<AccountId>,
    /// The reset link in the mail, where it has one.
    pub reset_link_id: Option<ResetLinkId>,
    /// The address that the mail was queued for; `None` for a decoy.
    pub recipient: Option<EmailAddress>,
    /// The last two digits of the customer number, which the mail shows.
    pub last_two_digits: String,
    /// The language that the mail is written in.
    pub locale: Locale,
    /// How far the mail has come.
    pub status: MailStatus,
    /// How many times the mail was tried.
    pub attempts: i32,
    /// When the mail was queued.
    pub created_at: UtcTime,
    /// When the mail is given up, if it has not gone out by then.
    pub serve_until: UtcTime,
    /// The session that the mail is about, if it is about one.
    pub session_id: Option<SessionId>,
    /// The mail API that has the mail, or may have it.
    pub provider: Option<String>,
    /// The id that the mail API gave the mail.
    pub provider_message_id: Option<String>,
    /// When the mail was last tried.
    pub last_tried_at: Option<UtcTime>,
    /// When the mail will be tried again.
    pub next_try_at: Option<UtcTime>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When the mail left the queue.
    pub finished_at: Option<UtcTime>,
    /// The latest delivery state that the mail API reported.
    pub delivery: Option<DeliveryKind>,
    /// When that state was reached.
    pub delivery_at: Option<UtcTime>,
    /// The receiving server's code, such as `550 5.1.1`.
    pub smtp_code: Option<String>,
    /// Why the mail came back, or why the mail API sends nothing to the recipient.
    pub bounce_cause: Option<BounceCause>,
    /// When the mail last had to wait without an attempt, because no mail API worked.
    pub held_at: Option<UtcTime>,
    /// The change of the address that the mail is about, if it is about one.
    pub email_change_id: Option<EmailChangeId>,
}

impl Mail {
    /// Whether the mail was sent: a mail API took it, or has reported what became of it.
    #[must_use]
    pub const fn was_sent(&self) -> bool {
        matches!(self.status, MailStatus::HandedOver) || self.delivery.is_some()
    }

    /// Whether the mail waits because no mail API works. An attempt since then ends that.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held_at.is_some() && self.held_at >= self.last_tried_at
    }
}

/// A mail to be queued.
#[derive(Insertable)]
#[diesel(table_name = mails, treat_none_as_default_value = false)]
pub struct NewMail {
    /// An id that is not used yet.
    pub id: MailId,
    /// What the mail is about.
    pub kind: MailKind,
    /// The account that the mail is for; `None` for a decoy.
    pub account_id: Option<AccountId>,
    /// The reset link in the mail, where it has one.
    pub reset_link_id: Option<ResetLinkId>,
    /// The address on file when the mail is queued; `None` makes a decoy.
    pub recipient: Option<EmailAddress>,
    /// The last two digits of the customer number, which the mail shows.
    pub last_two_digits: String,
    /// The language of the account.
    pub locale: Locale,
    /// The status at first: [`MailStatus::Queued`].
    pub status: MailStatus,
    /// When the mail is queued.
    pub created_at: UtcTime,
    /// When the mail is given up, if it has not gone out by then.
    pub serve_until: UtcTime,
    /// The session that the mail is about, if it is about one.
    pub session_id: Option<SessionId>,
    /// The change of the address that the mail is about, if it is about one.
    pub email_change_id: Option<EmailChangeId>,
}

/// Queues a mail.
pub fn insert(tx: &mut Transaction<'_>, mail: &NewMail) -> Result<(), StoreError> {
    let key = mail.recipient.as_ref().map(EmailAddress::canonical);
    diesel::insert_into(mails::table).values((mail, mails::recipient_key.eq(key))).execute(tx.connection)?;
    Ok(())
}

/// Finds a mail by its id.
pub fn find(tx: &mut Transaction<'_>, id: &MailId) -> Result<Option<Mail>, StoreError> {
    Ok(mails::table.find(id).select(Mail::as_select()).first(tx.connection).optional()?)
}

/// Locks a mail until the transaction ends and reads it.
pub fn lock(tx: &mut Transaction<'_>, id: &MailId) -> Result<Option<Mail>, StoreError> {
    lock_key(tx, "mail", id.as_str())?;
    find(tx, id)
}

/// Whether a mail to the address was delivered since a time.
pub fn was_reached_since(
    tx: &mut Transaction<'_>,
    recipient: &EmailAddress,
    since: UtcTime,
) -> Result<bool, StoreError> {
    let reached = mails::table
        .filter(mails::recipient_key.eq(recipient.canonical()))
        // A recipient who complains has received the mail.
        .filter(mails::delivery.eq_any([DeliveryKind::Delivered, DeliveryKind::Complained]))
        .filter(mails::delivery_at.gt(since));
    Ok(diesel::select(diesel::dsl::exists(reached)).get_result(tx.connection)?)
}

/// Counts an attempt that is about to be made, and stores the mail API that may have the mail from then on.
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

/// Stores why an attempt failed and when the next one comes; the mail stays queued. `provider` is the mail API that may
/// have the mail in spite of the failure.
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

/// Stores that a mail waits without an attempt because no mail API works, and when it is looked at again.
pub fn set_held(tx: &mut Transaction<'_>, id: &MailId, next_try_at: UtcTime) -> Result<(), StoreError> {
    update(mails::table.find(id))
        .set((
            mails::held_at.eq(tx.now),
            mails::last_error.eq(NO_MAIL_API_WORKS),
            mails::next_try_at.eq(next_try_at),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Stores that a mail waits without an attempt until a time.
pub fn set_put_off(tx: &mut Transaction<'_>, id: &MailId, until: UtcTime) -> Result<(), StoreError> {
    update(mails::table.find(id)).set(mails::next_try_at.eq(until)).execute(tx.connection)?;
    Ok(())
}

/// Stores until when a waiting mail is served.
pub fn set_serve_until(tx: &mut Transaction<'_>, id: &MailId, serve_until: UtcTime) -> Result<(), StoreError> {
    update(mails::table.find(id)).set(mails::serve_until.eq(serve_until)).execute(tx.connection)?;
    Ok(())
}

/// Counts the mails of a kind to an account that were queued after a time, and that were handed over or still wait.
pub fn count_of_kind(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    kind: MailKind,
    queued_after: UtcTime,
) -> Result<i64, StoreError> {
    Ok(mails::table
        .filter(mails::account_id.eq(account_id))
        .filter(mails::created_at.gt(queued_after))
        .filter(mails::kind.eq(kind))
        .filter(mails::status.eq_any([MailStatus::Queued, MailStatus::HandedOver]))
        .count()
        .get_result(tx.connection)?)
}

/// Counts the mails of a kind to an address that were queued after a time, whatever became of them.
pub fn count_to(
    tx: &mut Transaction<'_>,
    recipient: &EmailAddress,
    kind: MailKind,
    queued_after: UtcTime,
) -> Result<i64, StoreError> {
    Ok(mails::table
        .filter(mails::recipient_key.eq(recipient.canonical()))
        .filter(mails::created_at.gt(queued_after))
        .filter(mails::kind.eq(kind))
        .count()
        .get_result(tx.connection)?)
}

/// Stores why a mail will not go out, and what speaks against its recipient.
pub fn set_last_error(
    tx: &mut Transaction<'_>,
    id: &MailId,
    error: &str,
    cause: Option<BounceCause>,
) -> Result<(), StoreError> {
    let reason = (mails::last_error.eq(error), mails::bounce_cause.eq(cause));
    update(mails::table.find(id)).set(reason).execute(tx.connection)?;
    Ok(())
}

/// Mails that have left the queue, by the time at which they did.
pub const FINISHED: OldRows =
    OldRows { table: "mails", key: "id", age: Age::Time("finished_at"), condition: "finished_at IS NOT NULL" };
/// Decoys that have left the queue, by the time at which they did.
pub const FINISHED_DECOYS: OldRows =
    OldRows { table: "mails", key: "id", age: Age::Time("finished_at"), condition: "status = 'decoy'" };

/// Mails that have not left the queue, by the time at which they were queued. No job hands an old one of them over any
/// more: it is of a version before, which has given the job up and left the mail, or the job itself was lost.
pub const UNFINISHED: OldRows =
    OldRows { table: "mails", key: "id", age: Age::Time("created_at"), condition: "finished_at IS NULL" };

/// Locks at most `most` mails that are older than a time, and lists them with the links in them.
pub fn lock_old(
    tx: &mut Transaction<'_>,
    which: OldRows,
    until: UtcTime,
    most: i64,
) -> Result<Vec<(MailId, Option<ResetLinkId>)>, StoreError> {
    let ids = which.lock(tx, until, most)?;
    let old = mails::table.filter(mails::id.eq_any(ids));
    Ok(old.select((mails::id, mails::reset_link_id)).load(tx.connection)?)
}

/// Deletes mails.
pub fn delete(tx: &mut Transaction<'_>, ids: &[MailId]) -> Result<(), StoreError> {
    diesel::delete(mails::table.filter(mails::id.eq_any(ids))).execute(tx.connection)?;
    Ok(())
}

/// Takes a mail from the queue, with its final status.
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

/// Forgets whom a mail went to.
pub fn forget_recipient(tx: &mut Transaction<'_>, id: &MailId) -> Result<(), StoreError> {
    let nobody = (
        mails::recipient.eq(None::<EmailAddress>),
        mails::recipient_key.eq(None::<String>),
        mails::last_two_digits.eq(""),
    );
    update(mails::table.find(id)).set(nobody).execute(tx.connection)?;
    Ok(())
}

/// Finds the mail that a mail API knows under an id of its own.
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

/// Finds the mail that carries a link.
pub fn find_of_link(tx: &mut Transaction<'_>, link: &ResetLinkId) -> Result<Option<Mail>, StoreError> {
    let theirs = mails::table.filter(mails::reset_link_id.eq(link));
    Ok(theirs.select(Mail::as_select()).first(tx.connection).optional()?)
}

/// What a mail API has reported of a mail.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// What became of the mail.
    pub kind: DeliveryKind,
    /// When that happened.
    pub at: UtcTime,
    /// The receiving server's code, such as `550 5.1.1`.
    pub smtp_code: Option<&'a str>,
    /// Why the mail came back; `None` where it did not.
    pub cause: Option<BounceCause>,
}

/// Stores the delivery state that the mail API reports.
pub fn set_delivery(tx: &mut Transaction<'_>, id: &MailId, delivery: Delivery<'_>) -> Result<(), StoreError> {
    let state = (
        mails::delivery.eq(delivery.kind),
        mails::delivery_at.eq(delivery.at),
        mails::smtp_code.eq(delivery.smtp_code),
        mails::bounce_cause.eq(delivery.cause),
    );
    update(mails::table.find(id)).set(state).execute(tx.connection)?;
    Ok(())
}

/// Whether any mail was handed over since a time.
pub fn any_handed_over_since(tx: &mut Transaction<'_>, since: UtcTime) -> Result<bool, StoreError> {
    let taken = mails::table.filter(mails::finished_at.gt(since)).filter(mails::status.eq(MailStatus::HandedOver));
    // One row is enough: over a long time there are many.
    Ok(taken.select(mails::id).first::<MailId>(tx.connection).optional()?.is_some())
}
