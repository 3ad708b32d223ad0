//! The links in notices with which an owner locks the access down. The table holds the hash of a token alone (OW-03).

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, update},
    schema::lock_down_links,
};
use crate::types::{AccountId, EmailAddress, LockDownTokenHash, MailId, UtcTime, text_enum};

text_enum! {
    /// Why a link ended before its time was over.
    pub enum LockDownLinkEnd {
        /// The link has locked the access down.
        Used = "used",
        /// A newer link was used, a reset was completed through the mailbox of the link, or support has decided that the
        /// mailbox is not the owner's.
        Withdrawn = "withdrawn",
    }
}

/// A row of the table.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = lock_down_links)]
pub struct LockDownLink {
    /// The notice that carries the link, from whose id the token is derived.
    pub mail_id: MailId,
    /// The account that the link locks down.
    pub account_id: AccountId,
    /// The secret key that the token is derived with.
    pub secret_key_id: String,
    /// When the notice was queued.
    pub created_at: UtcTime,
    /// Until when the link can be used.
    pub expires_at: UtcTime,
    /// When the link ended, if it ended before it expired.
    pub ended_at: Option<UtcTime>,
    /// Why the link ended.
    pub ended_because: Option<LockDownLinkEnd>,
}

/// A link to be stored.
#[derive(Insertable)]
#[diesel(table_name = lock_down_links, treat_none_as_default_value = false)]
pub struct NewLockDownLink {
    /// The notice that carries the link.
    pub mail_id: MailId,
    /// The account that the link locks down.
    pub account_id: AccountId,
    /// The address that the notice goes to, in its canonical form.
    pub mailbox: String,
    /// The secret key that the token is derived with.
    pub secret_key_id: String,
    /// The hash of the token.
    pub token_hash: LockDownTokenHash,
    /// When the notice is queued.
    pub created_at: UtcTime,
    /// Until when the link can be used.
    pub expires_at: UtcTime,
}

/// Inserts a link.
pub fn insert(tx: &mut Transaction<'_>, link: &NewLockDownLink) -> Result<(), StoreError> {
    diesel::insert_into(lock_down_links::table).values(link).execute(tx.connection)?;
    Ok(())
}

/// Finds the link of a notice.
pub fn find(tx: &mut Transaction<'_>, notice: &MailId) -> Result<Option<LockDownLink>, StoreError> {
    Ok(lock_down_links::table.find(notice).select(LockDownLink::as_select()).first(tx.connection).optional()?)
}

/// Finds the link of a presented token.
pub fn find_by_token_hash(
    tx: &mut Transaction<'_>,
    token_hash: &LockDownTokenHash,
) -> Result<Option<LockDownLink>, StoreError> {
    Ok(lock_down_links::table
        .filter(lock_down_links::token_hash.eq(token_hash))
        .select(LockDownLink::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Finds when an account was last locked down through a link.
pub fn last_used_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<Option<UtcTime>, StoreError> {
    Ok(lock_down_links::table
        .filter(lock_down_links::account_id.eq(account_id))
        .filter(lock_down_links::ended_because.eq(LockDownLinkEnd::Used))
        .select(diesel::dsl::max(lock_down_links::ended_at))
        .first(tx.connection)?)
}

/// Uses a link. Returns `false` where it had ended or expired: of any number of calls, one gets `true`.
pub fn consume(tx: &mut Transaction<'_>, notice: &MailId) -> Result<bool, StoreError> {
    let live = lock_down_links::table
        .filter(lock_down_links::mail_id.eq(notice))
        .filter(lock_down_links::ended_at.is_null())
        .filter(lock_down_links::expires_at.gt(tx.now));
    Ok(update(live).set(ended(tx.now, LockDownLinkEnd::Used)).execute(tx.connection)? == 1)
}

/// Withdraws the links of an account that are not newer than a time.
pub fn withdraw_older(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    created_until: UtcTime,
) -> Result<(), StoreError> {
    let older = lock_down_links::table
        .filter(lock_down_links::account_id.eq(account_id))
        .filter(lock_down_links::created_at.le(created_until))
        .filter(lock_down_links::ended_at.is_null());
    update(older).set(ended(tx.now, LockDownLinkEnd::Withdrawn)).execute(tx.connection)?;
    Ok(())
}

/// Withdraws the links of an account that went to a mailbox: a reset through it shows that it is its owner's.
pub fn withdraw_of_mailbox(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    mailbox: &EmailAddress,
) -> Result<(), StoreError> {
    let theirs = lock_down_links::table
        .filter(lock_down_links::account_id.eq(account_id))
        .filter(lock_down_links::mailbox.eq(mailbox.canonical()))
        .filter(lock_down_links::ended_at.is_null());
    update(theirs).set(ended(tx.now, LockDownLinkEnd::Withdrawn)).execute(tx.connection)?;
    Ok(())
}

/// Withdraws the links of an account that went to other mailboxes than this one.
pub fn withdraw_of_other_mailboxes(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    mailbox: &EmailAddress,
) -> Result<(), StoreError> {
    let others = lock_down_links::table
        .filter(lock_down_links::account_id.eq(account_id))
        .filter(lock_down_links::mailbox.ne(mailbox.canonical()))
        .filter(lock_down_links::ended_at.is_null());
    update(others).set(ended(tx.now, LockDownLinkEnd::Withdrawn)).execute(tx.connection)?;
    Ok(())
}

type Ended = (
    diesel::dsl::Eq<lock_down_links::ended_at, UtcTime>,
    diesel::dsl::Eq<lock_down_links::ended_because, LockDownLinkEnd>,
);

fn ended(at: UtcTime, because: LockDownLinkEnd) -> Ended {
    (lock_down_links::ended_at.eq(at), lock_down_links::ended_because.eq(because))
}

/// Links, by their expiry.
pub const ALL: OldRows =
    OldRows { table: "lock_down_links", key: "mail_id", age: Age::Time("expires_at"), condition: "" };
