//! Changes of the address on file that owners have asked for. The table holds the hashes of the tokens alone (OW-03).

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, update},
    schema::email_changes,
};
use crate::types::{
    AccountId, EmailAddress, EmailChangeId, EmailConfirmTokenHash, EmailWithdrawTokenHash, SessionId, UtcTime,
    text_enum,
};

text_enum! {
    /// Why a change does not wait for its confirmation any more.
    pub enum EmailChangeEnd {
        /// The new address was confirmed and is the one on file since.
        Confirmed = "confirmed",
        /// The change was withdrawn: through the mail to the old address, by a newer change, or by too many wrong
        /// customer numbers.
        Withdrawn = "withdrawn",
        /// The change had taken effect and was contested, and support has decided which address is the owner's.
        Decided = "decided",
    }
}

/// A row of the table.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = email_changes)]
pub struct EmailChange {
    /// The id, from which both tokens are derived.
    pub id: EmailChangeId,
    /// The account whose address is to change.
    pub account_id: AccountId,
    /// The session that has asked for the change, which ends with it.
    pub session_id: SessionId,
    /// The epoch of the account when the change was asked for. The change ends with it.
    pub session_epoch: i32,
    /// The address on file when the change was asked for.
    pub old_email: Option<EmailAddress>,
    /// The address that is to be on file.
    pub new_email: EmailAddress,
    /// The secret key that the tokens are derived with.
    pub secret_key_id: String,
    /// When the change was asked for.
    pub created_at: UtcTime,
    /// Until when the change can be confirmed or withdrawn.
    pub expires_at: UtcTime,
    /// When the change was confirmed, withdrawn or decided.
    pub ended_at: Option<UtcTime>,
    /// Which of these it was.
    pub ended_because: Option<EmailChangeEnd>,
}

/// A change to be stored.
#[derive(Insertable)]
#[diesel(table_name = email_changes, treat_none_as_default_value = false)]
pub struct NewEmailChange {
    /// An id that is not used yet.
    pub id: EmailChangeId,
    /// The account whose address is to change.
    pub account_id: AccountId,
    /// The session that asks.
    pub session_id: SessionId,
    /// The present epoch of the account.
    pub session_epoch: i32,
    /// The address on file.
    pub old_email: Option<EmailAddress>,
    /// The address that is to be on file.
    pub new_email: EmailAddress,
    /// The secret key that the tokens are derived with.
    pub secret_key_id: String,
    /// The hash of the token that confirms the change.
    pub confirm_token_hash: EmailConfirmTokenHash,
    /// The hash of the token that withdraws the change.
    pub withdraw_token_hash: EmailWithdrawTokenHash,
    /// When the change is asked for.
    pub created_at: UtcTime,
    /// Until when the change can be confirmed or withdrawn.
    pub expires_at: UtcTime,
}

/// Inserts a change.
pub fn insert(tx: &mut Transaction<'_>, change: &NewEmailChange) -> Result<(), StoreError> {
    diesel::insert_into(email_changes::table).values(change).execute(tx.connection)?;
    Ok(())
}

/// Finds a change by its id.
pub fn find(tx: &mut Transaction<'_>, id: &EmailChangeId) -> Result<Option<EmailChange>, StoreError> {
    Ok(email_changes::table.find(id).select(EmailChange::as_select()).first(tx.connection).optional()?)
}

/// Finds the change that a presented token confirms.
pub fn find_to_confirm(
    tx: &mut Transaction<'_>,
    token_hash: &EmailConfirmTokenHash,
) -> Result<Option<EmailChange>, StoreError> {
    Ok(email_changes::table
        .filter(email_changes::confirm_token_hash.eq(token_hash))
        .select(EmailChange::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Finds the change that a presented token withdraws.
pub fn find_to_withdraw(
    tx: &mut Transaction<'_>,
    token_hash: &EmailWithdrawTokenHash,
) -> Result<Option<EmailChange>, StoreError> {
    Ok(email_changes::table
        .filter(email_changes::withdraw_token_hash.eq(token_hash))
        .select(EmailChange::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Finds the newest change of an account, whatever became of it.
pub fn find_newest_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<Option<EmailChange>, StoreError> {
    Ok(email_changes::table
        .filter(email_changes::account_id.eq(account_id))
        .order((email_changes::created_at.desc(), email_changes::id))
        .select(EmailChange::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Finds the newest change of an account that was confirmed after a time, and not decided by support since.
pub fn find_confirmed_since(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    since: UtcTime,
) -> Result<Option<EmailChange>, StoreError> {
    Ok(email_changes::table
        .filter(email_changes::account_id.eq(account_id))
        .filter(email_changes::ended_because.eq(EmailChangeEnd::Confirmed))
        .filter(email_changes::ended_at.gt(since))
        .order((email_changes::ended_at.desc(), email_changes::id))
        .select(EmailChange::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Finds when a change of an account last took effect, whatever support has decided since.
pub fn last_effect_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<Option<UtcTime>, StoreError> {
    Ok(email_changes::table
        .filter(email_changes::account_id.eq(account_id))
        .filter(email_changes::ended_because.eq_any([EmailChangeEnd::Confirmed, EmailChangeEnd::Decided]))
        .select(diesel::dsl::max(email_changes::ended_at))
        .first(tx.connection)?)
}

/// Counts the changes of an account that were asked for after a time.
pub fn count_since(tx: &mut Transaction<'_>, account_id: &AccountId, since: UtcTime) -> Result<i64, StoreError> {
    Ok(email_changes::table
        .filter(email_changes::account_id.eq(account_id))
        .filter(email_changes::created_at.gt(since))
        .count()
        .get_result(tx.connection)?)
}

/// Ends a change that waits. Returns `false` where it had ended: of any number of calls, one gets `true`.
pub fn end(tx: &mut Transaction<'_>, id: &EmailChangeId, because: EmailChangeEnd) -> Result<bool, StoreError> {
    let waiting = email_changes::table.filter(email_changes::id.eq(id)).filter(email_changes::ended_at.is_null());
    let ended = (email_changes::ended_at.eq(tx.now), email_changes::ended_because.eq(because));
    Ok(update(waiting).set(ended).execute(tx.connection)? == 1)
}

/// Withdraws every change of an account that waits.
pub fn withdraw_all_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<(), StoreError> {
    let waiting = email_changes::table
        .filter(email_changes::account_id.eq(account_id))
        .filter(email_changes::ended_at.is_null());
    let ended = (email_changes::ended_at.eq(tx.now), email_changes::ended_because.eq(EmailChangeEnd::Withdrawn));
    update(waiting).set(ended).execute(tx.connection)?;
    Ok(())
}

/// Stores that support has decided about the confirmed changes of an account. None of them counts as the owner's own any
/// more.
pub fn set_decided(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<(), StoreError> {
    let confirmed = email_changes::table
        .filter(email_changes::account_id.eq(account_id))
        .filter(email_changes::ended_because.eq(EmailChangeEnd::Confirmed));
    update(confirmed).set(email_changes::ended_because.eq(EmailChangeEnd::Decided)).execute(tx.connection)?;
    Ok(())
}

/// Counts a wrong customer number with the link that confirms a change, and returns how many there have been.
#[expect(clippy::disallowed_methods, reason = "a row comes back")]
pub fn count_mismatch(tx: &mut Transaction<'_>, id: &EmailChangeId) -> Result<i32, StoreError> {
    Ok(diesel::update(email_changes::table.find(id))
        .set(email_changes::mismatch_count.eq(email_changes::mismatch_count + 1))
        .returning(email_changes::mismatch_count)
        .get_result(tx.connection)?)
}

/// Changes, by the time at which they were asked for.
pub const ALL: OldRows = OldRows { table: "email_changes", key: "id", age: Age::Time("created_at"), condition: "" };
