//! Reset requests, whether or not the number has an account.

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, lock_key, update},
    schema::reset_requests,
};
use crate::types::{ActorName, CustomerNumber, ResetRequestId, UtcTime, text_enum};

text_enum! {
    /// What a reset follows that nobody has asked for with the customer number alone.
    pub enum ResetCause {
        /// The access was locked down (OW-06).
        LockDown = "lock_down",
        /// The account was made, and its owner is to set the first password (PW-16).
        Activation = "activation",
    }
}

text_enum! {
    /// What became of a reset request.
    pub enum RequestOutcome {
        /// A link was made and its mail was queued.
        LinkMade = "link_made",
        /// The mail of an earlier request still waits. The request has renewed the time for which it is served.
        Renewed = "renewed",
        /// The request was swallowed: it came within the cool-down of an earlier mail, or before that mail went out.
        Cooldown = "cooldown",
        /// The request was swallowed: three links of the number are live (RQ-11).
        EnoughLinks = "enough_links",
        /// No account has this number.
        NoAccount = "no_account",
        /// The account is closed.
        Closed = "closed",
        /// The account has no address on file.
        NoEmail = "no_email",
        /// The address on file is too new for a link to go there.
        CoolingOff = "cooling_off",
        /// Support has to decide which address is the owner's.
        Contested = "contested",
        /// Mail to the address on file is paused. The mail of the request was queued and does not go out.
        Suppressed = "suppressed",
        /// The request repeats others that led to nobody.
        Repeated = "repeated",
        /// The request was not served within 24 hours.
        Stale = "stale",
        /// The request was swallowed: a budget of reset mails is used up, of the number, of the address or of all.
        MailBudget = "mail_budget",
    }
}

impl RequestOutcome {
    /// Whether a mail to the address on file was queued.
    #[must_use]
    pub const fn led_to_a_mail(self) -> bool {
        matches!(self, Self::LinkMade | Self::Suppressed)
    }
}

/// One request, both to insert and as a row.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = reset_requests, treat_none_as_default_value = false)]
pub struct ResetRequest {
    /// The id of the request.
    pub id: ResetRequestId,
    /// The customer number as submitted.
    pub customer_number: CustomerNumber,
    /// When the reset was asked for.
    pub requested_at: UtcTime,
    /// The `X-Request-Id` of the call.
    pub request_id: String,
    /// The network of the caller.
    pub source: Option<String>,
    /// What became of the request; `None` until the worker has dealt with it.
    pub outcome: Option<RequestOutcome>,
    /// The actor who asked: the customer, or the service in the customer's place.
    pub actor: ActorName,
    /// A keyed hash of the address that the request came from; `None` once the request is served.
    pub source_hash: Option<String>,
    /// What the reset follows; `None` where it was asked for.
    pub cause: Option<ResetCause>,
}

/// Inserts a request.
pub fn insert(tx: &mut Transaction<'_>, request: &ResetRequest) -> Result<(), StoreError> {
    diesel::insert_into(reset_requests::table).values(request).execute(tx.connection)?;
    Ok(())
}

/// Finds a request by its id.
pub fn find(tx: &mut Transaction<'_>, id: &ResetRequestId) -> Result<Option<ResetRequest>, StoreError> {
    Ok(reset_requests::table.find(id).select(ResetRequest::as_select()).first(tx.connection).optional()?)
}

/// Stores what became of a request, and forgets the hash of its source.
pub fn set_outcome(
    tx: &mut Transaction<'_>,
    id: &ResetRequestId,
    outcome: RequestOutcome,
) -> Result<(), StoreError> {
    update(reset_requests::table.find(id))
        .set((reset_requests::outcome.eq(outcome), reset_requests::source_hash.eq(None::<String>)))
        .execute(tx.connection)?;
    Ok(())
}

/// Deletes requests whose links are deleted.
pub(super) fn delete_all(tx: &mut Transaction<'_>, ids: &[ResetRequestId]) -> Result<(), StoreError> {
    diesel::delete(reset_requests::table.filter(reset_requests::id.eq_any(ids))).execute(tx.connection)?;
    Ok(())
}

/// Requests that have led to no link, by the time at which they were made: they were served too late, or never, since
/// their job failed for good. Every other one goes with its link, or was swallowed.
pub const WITHOUT_LINK: OldRows = OldRows {
    table: "reset_requests",
    key: "id",
    age: Age::Time("requested_at"),
    condition: "(outcome IS NULL OR outcome = 'stale')",
};

/// Deletes a request that `swallowed_requests` counts.
pub fn delete(tx: &mut Transaction<'_>, id: &ResetRequestId) -> Result<(), StoreError> {
    diesel::delete(reset_requests::table.find(id)).execute(tx.connection)?;
    Ok(())
}

/// Finds the newest request of a number from a time on that the worker has dealt with and has not swallowed.
pub fn find_newest_processed(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    since: UtcTime,
) -> Result<Option<ResetRequest>, StoreError> {
    Ok(reset_requests::table
        .filter(reset_requests::customer_number.eq(number))
        .filter(reset_requests::requested_at.ge(since))
        .filter(reset_requests::outcome.is_not_null())
        .order((reset_requests::requested_at.desc(), reset_requests::id))
        .select(ResetRequest::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Finds the newest request of a number from a time on that the worker has not dealt with yet.
pub fn find_newest_pending(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    since: UtcTime,
) -> Result<Option<ResetRequest>, StoreError> {
    Ok(reset_requests::table
        .filter(reset_requests::customer_number.eq(number))
        .filter(reset_requests::requested_at.ge(since))
        .filter(reset_requests::outcome.is_null())
        .order((reset_requests::requested_at.desc(), reset_requests::id))
        .select(ResetRequest::as_select())
        .first(tx.connection)
        .optional()?)
}

/// Locks a number until the transaction ends, so that no other worker deals with it meanwhile.
pub fn lock_number(tx: &mut Transaction<'_>, number: &CustomerNumber) -> Result<(), StoreError> {
    lock_key(tx, "reset_requests", number.as_str())
}
