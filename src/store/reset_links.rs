//! Reset links: of each only the token's hash (TK-02).

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, update},
    reset_requests,
    schema::reset_links,
};
use crate::types::{AccountId, CustomerNumber, ResetLinkId, ResetRequestId, ResetTokenHash, UtcTime, text_enum};

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

/// One link, as stored.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = reset_links)]
pub struct ResetLink {
    /// The token is derived from it.
    pub id: ResetLinkId,
    /// What asked for it.
    pub reset_request_id: ResetRequestId,
    /// The number it belongs to.
    pub customer_number: CustomerNumber,
    /// `None` for a decoy.
    pub account_id: Option<AccountId>,
    /// Under which secret key the token is derived.
    pub secret_key_id: String,
    /// `None` until the first attempt to hand it over.
    pub expires_at: Option<UtcTime>,
    /// When its mail went out, or was given up.
    pub mail_finished_at: Option<UtcTime>,
    /// When it ended before its time.
    pub ended_at: Option<UtcTime>,
    /// Why.
    pub ended_because: Option<LinkEnd>,
    /// When somebody, or a mail scanner, first looked at it.
    pub first_looked_at: Option<UtcTime>,
    /// When it was made.
    pub created_at: UtcTime,
    /// Where it has to live longer than others: until then, had it gone out at once.
    pub lives_until: Option<UtcTime>,
}

impl ResetLink {
    /// How long it lives from its hand-over, the same in each repetition of its mail.
    #[must_use]
    pub fn lifetime(&self, usual: TimeDelta) -> TimeDelta {
        self.lives_until.map_or(usual, |until| usual.max(until - self.created_at))
    }

    /// Whether it can set a password now.
    #[must_use]
    pub fn is_live(&self, now: UtcTime) -> bool {
        self.ended_at.is_none() && self.expires_at.is_some_and(|expires_at| expires_at > now)
    }
}

/// A link to be made.
#[derive(Insertable)]
#[diesel(table_name = reset_links, treat_none_as_default_value = false)]
pub struct NewResetLink {
    /// A fresh id.
    pub id: ResetLinkId,
    /// What asked for it.
    pub reset_request_id: ResetRequestId,
    /// The number it belongs to.
    pub customer_number: CustomerNumber,
    /// `None` makes a decoy.
    pub account_id: Option<AccountId>,
    /// Under which secret key the token is derived.
    pub secret_key_id: String,
    /// Of the token.
    pub token_hash: ResetTokenHash,
    /// Now.
    pub created_at: UtcTime,
    /// Where it has to live longer than others.
    pub lives_until: Option<UtcTime>,
}

/// Adds a link.
pub fn insert(tx: &mut Transaction<'_>, link: &NewResetLink) -> Result<(), StoreError> {
    diesel::insert_into(reset_links::table).values(link).execute(tx.connection)?;
    Ok(())
}

/// The link of an id.
pub fn find(tx: &mut Transaction<'_>, id: &ResetLinkId) -> Result<Option<ResetLink>, StoreError> {
    Ok(reset_links::table.find(id).select(ResetLink::as_select()).first(tx.connection).optional()?)
}

/// The link whose token was presented. Decoys are nobody's.
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

/// When the last links of a number were made, or its last decoys, the newest first. What was ended does not count: only
/// the owner can do that.
pub fn list_made_since(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    decoys: bool,
    since: UtcTime,
    most: i64,
) -> Result<Vec<UtcTime>, StoreError> {
    Ok(reset_links::table
        .filter(reset_links::customer_number.eq(number))
        .filter(reset_links::created_at.gt(since))
        .filter(reset_links::account_id.is_null().eq(decoys))
        .filter(reset_links::ended_at.is_null())
        .order(reset_links::created_at.desc())
        .limit(most)
        .select(reset_links::created_at)
        .load(tx.connection)?)
}

/// How many links of a number, decoys included, can still be used or still wait for their mail to go out.
pub fn count_live(tx: &mut Transaction<'_>, number: &CustomerNumber) -> Result<i64, StoreError> {
    Ok(reset_links::table
        .filter(reset_links::customer_number.eq(number))
        .filter(reset_links::ended_at.is_null())
        .filter(reset_links::mail_finished_at.is_null().or(reset_links::expires_at.gt(tx.now)))
        .count()
        .get_result(tx.connection)?)
}

/// When the links that [`count_live`] counts expire; `None` for one whose mail was not tried yet.
pub fn list_expiries_of_live(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
) -> Result<Vec<Option<UtcTime>>, StoreError> {
    Ok(reset_links::table
        .filter(reset_links::customer_number.eq(number))
        .filter(reset_links::ended_at.is_null())
        .filter(reset_links::mail_finished_at.is_null().or(reset_links::expires_at.gt(tx.now)))
        .select(reset_links::expires_at)
        .load(tx.connection)?)
}

/// Starts the link's life anew before an attempt to hand it over (ML-03).
pub fn set_expires_at(tx: &mut Transaction<'_>, id: &ResetLinkId, expires_at: UtcTime) -> Result<(), StoreError> {
    update(reset_links::table.find(id)).set(reset_links::expires_at.eq(expires_at)).execute(tx.connection)?;
    Ok(())
}

/// Notes that its mail went out, or never will.
pub fn set_mail_finished(tx: &mut Transaction<'_>, id: &ResetLinkId) -> Result<(), StoreError> {
    update(reset_links::table.find(id)).set(reset_links::mail_finished_at.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

/// Notes the first look at a link. `false` where there had been one.
pub fn set_looked_at(tx: &mut Transaction<'_>, id: &ResetLinkId) -> Result<bool, StoreError> {
    let unseen = reset_links::table.filter(reset_links::id.eq(id)).filter(reset_links::first_looked_at.is_null());
    Ok(update(unseen).set(reset_links::first_looked_at.eq(tx.now)).execute(tx.connection)? == 1)
}

/// The link that a request led to, decoys included.
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

/// Uses the link up. `false` where it is not live any more: of any number of calls, one gets `true` (TK-05).
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

/// Forgets links, and the requests that led to them.
pub fn delete_with_requests(tx: &mut Transaction<'_>, ids: &[ResetLinkId]) -> Result<(), StoreError> {
    let theirs = || reset_links::table.filter(reset_links::id.eq_any(ids));
    let requests: Vec<ResetRequestId> = theirs().select(reset_links::reset_request_id).load(tx.connection)?;
    diesel::delete(theirs()).execute(tx.connection)?;
    reset_requests::delete_all(tx, &requests)
}

/// Forgets the tokens of links whose time is over: who presents one is told that it never was any.
pub fn forget_tokens(tx: &mut Transaction<'_>, expired_before: UtcTime) -> Result<(), StoreError> {
    let dead = reset_links::table
        .filter(reset_links::expires_at.le(expired_before))
        .filter(reset_links::token_hash.ne(reset_links::id));
    update(dead).set(reset_links::token_hash.eq(reset_links::id)).execute(tx.connection)?;
    Ok(())
}

/// Ends one link. `false` where it had ended or expired.
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

/// Ends every link of an account that has not ended, those still waiting for their mail included (TK-10).
pub fn withdraw_all_of(tx: &mut Transaction<'_>, account_id: &AccountId) -> Result<(), StoreError> {
    let open =
        reset_links::table.filter(reset_links::account_id.eq(account_id)).filter(reset_links::ended_at.is_null());
    update(open)
        .set((reset_links::ended_at.eq(tx.now), reset_links::ended_because.eq(LinkEnd::Withdrawn)))
        .execute(tx.connection)?;
    Ok(())
}

/// What a link's holder can get wrong a limited number of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// A well-formed customer number that isn't the link's.
    Mismatch,
    /// A password that a rule about the account refused (CH-11).
    AccountRule,
}

/// Counts one slip on a live link and returns how many there have been; `None` where it is not live any more.
#[expect(clippy::disallowed_methods, reason = "rows come back")]
pub fn count_slip(tx: &mut Transaction<'_>, id: &ResetLinkId, slip: Slip) -> Result<Option<i32>, StoreError> {
    let live = reset_links::table
        .filter(reset_links::id.eq(id))
        .filter(reset_links::ended_at.is_null())
        .filter(reset_links::expires_at.gt(tx.now));
    let counts = match slip {
        Slip::Mismatch => diesel::update(live)
            .set(reset_links::mismatch_count.eq(reset_links::mismatch_count + 1))
            .returning(reset_links::mismatch_count)
            .get_results(tx.connection)?,
        Slip::AccountRule => diesel::update(live)
            .set(reset_links::account_rule_count.eq(reset_links::account_rule_count + 1))
            .returning(reset_links::account_rule_count)
            .get_results(tx.connection)?,
    };
    Ok(counts.first().copied())
}
