//! Reset links. The table holds the hash of a token alone (TK-02), and once a link is old not even that.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, update},
    reset_requests,
    schema::reset_links,
};
use crate::types::{AccountId, CustomerNumber, ResetLinkId, ResetRequestId, ResetTokenHash, UtcTime, text_enum};

/// The value of `token_hash` where the token is forgotten: the id of the link. No token hashes to it, since an id has
/// 26 characters and a hash has 64. The column cannot be null instead: SQLite makes a column nullable by building its
/// table again, which the foreign key of `mails` forbids within a transaction.
const FORGOTTEN: reset_links::id = reset_links::id;

text_enum! {
    /// Why a link ended before its time was over.
    pub enum LinkEnd {
        /// The link set a new password.
        Used = "used",
        /// The link was withdrawn: by its owner, by too many wrong numbers, by another link's use, by a closing or by a
        /// change of the address.
        Withdrawn = "withdrawn",
    }
}

/// A row of the table.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = reset_links)]
pub struct ResetLink {
    /// The id, from which the token is derived.
    pub id: ResetLinkId,
    /// The request that led to the link.
    pub reset_request_id: ResetRequestId,
    /// The customer number that the link belongs to.
    pub customer_number: CustomerNumber,
    /// The account that the link belongs to; `None` for a decoy.
    pub account_id: Option<AccountId>,
    /// The secret key that the token is derived with.
    pub secret_key_id: String,
    /// When the link expires; `None` until its mail is first tried.
    pub expires_at: Option<UtcTime>,
    /// When the mail of the link went out, or was given up.
    pub mail_finished_at: Option<UtcTime>,
    /// When the link ended, if it ended before it expired.
    pub ended_at: Option<UtcTime>,
    /// Why the link ended.
    pub ended_because: Option<LinkEnd>,
    /// When the link was first opened, by its owner or by a mail scanner.
    pub first_looked_at: Option<UtcTime>,
    /// When the link was made.
    pub created_at: UtcTime,
    /// The expiry of a link that lives longer than others, as if its mail had gone out at once.
    pub lives_until: Option<UtcTime>,
}

impl ResetLink {
    /// The lifetime of the link from the hand-over of its mail. It is the same in each repetition of the mail.
    #[must_use]
    pub fn lifetime(&self, usual: TimeDelta) -> TimeDelta {
        self.lives_until.map_or(usual, |until| usual.max(until - self.created_at))
    }

    /// Whether the link can set a password now.
    #[must_use]
    pub fn is_live(&self, now: UtcTime) -> bool {
        self.ended_at.is_none() && self.expires_at.is_some_and(|expires_at| expires_at > now)
    }
}

/// A link to be made.
#[derive(Insertable)]
#[diesel(table_name = reset_links, treat_none_as_default_value = false)]
pub struct NewResetLink {
    /// An id that is not used yet.
    pub id: ResetLinkId,
    /// The request that led to the link.
    pub reset_request_id: ResetRequestId,
    /// The customer number that the link belongs to.
    pub customer_number: CustomerNumber,
    /// The account that the link is for; `None` makes a decoy.
    pub account_id: Option<AccountId>,
    /// The secret key that the token is derived with.
    pub secret_key_id: String,
    /// The hash of the token.
    pub token_hash: ResetTokenHash,
    /// When the link is made.
    pub created_at: UtcTime,
    /// The least expiry, where the link has to live longer than others.
    pub lives_until: Option<UtcTime>,
}

/// Inserts a link.
pub fn insert(tx: &mut Transaction<'_>, link: &NewResetLink) -> Result<(), StoreError> {
    diesel::insert_into(reset_links::table).values(link).execute(tx.connection)?;
    Ok(())
}

/// Finds a link by its id.
pub fn find(tx: &mut Transaction<'_>, id: &ResetLinkId) -> Result<Option<ResetLink>, StoreError> {
    Ok(reset_links::table.find(id).select(ResetLink::as_select()).first(tx.connection).optional()?)
}

/// Finds the link of a presented token. A decoy is never found.
pub fn find_by_token_hash(
    tx: &mut Transaction<'_>,
    token_hash: &ResetTokenHash,
) -> Result<Option<ResetLink>, StoreError> {
    Ok(reset_links::table
        .filter(reset_links::token_hash.eq(token_hash))
        .filter(reset_links::account_id.is_not_null())
        .select(ResetLink::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Sets the expiry of a link before an attempt to hand its mail over (ML-03).
pub fn set_expires_at(tx: &mut Transaction<'_>, id: &ResetLinkId, expires_at: UtcTime) -> Result<(), StoreError> {
    update(reset_links::table.find(id)).set(reset_links::expires_at.eq(expires_at)).execute(tx.connection)?;
    Ok(())
}

/// Stores that the mail of a link went out, or never will.
pub fn set_mail_finished(tx: &mut Transaction<'_>, id: &ResetLinkId) -> Result<(), StoreError> {
    update(reset_links::table.find(id)).set(reset_links::mail_finished_at.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

/// Stores when a link was first opened. Returns `false` where it was opened before.
pub fn set_looked_at(tx: &mut Transaction<'_>, id: &ResetLinkId) -> Result<bool, StoreError> {
    let unseen = reset_links::table.filter(reset_links::id.eq(id)).filter(reset_links::first_looked_at.is_null());
    Ok(update(unseen).set(reset_links::first_looked_at.eq(tx.now)).execute(tx.connection)? == 1)
}

/// Finds the link that a request led to, decoys included.
pub fn find_of_request(
    tx: &mut Transaction<'_>,
    request: &ResetRequestId,
) -> Result<Option<ResetLink>, StoreError> {
    Ok(reset_links::table
        .filter(reset_links::reset_request_id.eq(request))
        .select(ResetLink::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Consumes a link. Returns `false` where it is not live any more: of any number of calls, one gets `true` (TK-05).
pub fn consume(tx: &mut Transaction<'_>, id: &ResetLinkId) -> Result<bool, StoreError> {
    let live = reset_links::table
        .filter(reset_links::id.eq(id))
        .filter(reset_links::ended_at.is_null())
        .filter(reset_links::expires_at.gt(tx.now));
    let rows = update(live)
        .set((reset_links::ended_at.eq(tx.now), reset_links::ended_because.eq(LinkEnd::Used)))
        .execute(tx.connection)?;
    Ok(rows == 1)
}

/// Deletes links, and the requests that led to them.
pub fn delete_with_requests(tx: &mut Transaction<'_>, ids: &[ResetLinkId]) -> Result<(), StoreError> {
    let links = || reset_links::table.filter(reset_links::id.eq_any(ids));
    let requests: Vec<ResetRequestId> = links().select(reset_links::reset_request_id).load(tx.connection)?;
    diesel::delete(links()).execute(tx.connection)?;
    reset_requests::delete_all(tx, &requests)
}

/// Links whose token is not forgotten, by their expiry.
pub const WITH_TOKEN: OldRows =
    OldRows { table: "reset_links", key: "id", age: Age::Time("expires_at"), condition: "token_hash <> id" };

/// Links whose mail was given up before its first attempt, and whose token is not forgotten, by the end of the mail.
pub const UNSENT_WITH_TOKEN: OldRows = OldRows {
    table: "reset_links",
    key: "id",
    age: Age::Time("mail_finished_at"),
    condition: "expires_at IS NULL AND token_hash <> id",
};

/// Forgets the tokens of at most `most` links that died before a time, and returns their number. A forgotten token is
/// refused like one that was never issued.
pub fn forget_tokens(
    tx: &mut Transaction<'_>,
    which: OldRows,
    until: UtcTime,
    most: i64,
) -> Result<usize, StoreError> {
    let dead = which.lock(tx, until, most)?;
    update(reset_links::table.filter(reset_links::id.eq_any(dead)))
        .set(reset_links::token_hash.eq(FORGOTTEN))
        .execute(tx.connection)
        .map_err(StoreError::from)
}

/// Withdraws a link. Returns `false` where it had ended or expired.
pub fn withdraw(tx: &mut Transaction<'_>, id: &ResetLinkId) -> Result<bool, StoreError> {
    let live = reset_links::table
        .filter(reset_links::id.eq(id))
        .filter(reset_links::ended_at.is_null())
        .filter(reset_links::expires_at.gt(tx.now));
    let rows = update(live)
        .set((reset_links::ended_at.eq(tx.now), reset_links::ended_because.eq(LinkEnd::Withdrawn)))
        .execute(tx.connection)?;
    Ok(rows == 1)
}

/// Withdraws every link of an account that has not ended, those that wait for their mail included (TK-10).
pub fn withdraw_all_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<(), StoreError> {
    let open =
        reset_links::table.filter(reset_links::account_id.eq(account_id)).filter(reset_links::ended_at.is_null());
    update(open)
        .set((reset_links::ended_at.eq(tx.now), reset_links::ended_because.eq(LinkEnd::Withdrawn)))
        .execute(tx.connection)?;
    Ok(())
}

/// A mistake that the holder of a link may make a limited number of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedMistake {
    /// The customer number is well-formed, but not the one that the link belongs to.
    Mismatch,
    /// A rule about the account refused the password (CH-11).
    AccountRule,
}

/// Takes back a refused password that was counted ahead and then was none.
pub fn take_back_account_rule(tx: &mut Transaction<'_>, id: &ResetLinkId) -> Result<(), StoreError> {
    update(reset_links::table.find(id))
        .set(reset_links::account_rule_count.eq(reset_links::account_rule_count - 1))
        .execute(tx.connection)?;
    Ok(())
}

/// Counts a mistake on a live link and returns how many there have been; `None` where the link is not live any more.
#[expect(clippy::disallowed_methods, reason = "rows come back")]
pub fn count_mistake(
    tx: &mut Transaction<'_>,
    id: &ResetLinkId,
    mistake: CountedMistake,
) -> Result<Option<i32>, StoreError> {
    let live = reset_links::table
        .filter(reset_links::id.eq(id))
        .filter(reset_links::ended_at.is_null())
        .filter(reset_links::expires_at.gt(tx.now));
    let counts = match mistake {
        CountedMistake::Mismatch => diesel::update(live)
            .set(reset_links::mismatch_count.eq(reset_links::mismatch_count + 1))
            .returning(reset_links::mismatch_count)
            .get_results(tx.connection)?,
        CountedMistake::AccountRule => diesel::update(live)
            .set(reset_links::account_rule_count.eq(reset_links::account_rule_count + 1))
            .returning(reset_links::account_rule_count)
            .get_results(tx.connection)?,
    };
    Ok(counts.first().copied())
}
