//! The audit trail as a whole: what auditors and the export of a customer read, and its erasure.

use diesel::prelude::*;

use super::{
    accounts::Account,
    audit_events::{Event, TrailPlace},
    engine::{StoreError, Transaction, update},
    schema::audit_events,
};
use crate::types::{AccountId, ActorName, AuditEventId, CustomerNumber, UtcTime};

/// An entry, as auditors and the export of a customer have it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_events)]
pub struct TrailEntry {
    /// The id of the entry.
    pub id: AuditEventId,
    /// When it happened.
    pub occurred_at: UtcTime,
    /// What happened.
    pub event: Event,
    /// Who acted.
    pub actor: ActorName,
    /// The account that the entry is about.
    pub account_id: Option<AccountId>,
    /// The detail of the entry.
    pub detail: Option<String>,
    /// The request that has caused the entry.
    pub request_id: Option<String>,
}

/// Which entries an auditor asks for. What is `None` admits every entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailFilter {
    /// About this account alone.
    pub account_id: Option<AccountId>,
    /// Of this event alone.
    pub event: Option<Event>,
    /// At this time or later.
    pub from: Option<UtcTime>,
    /// Before this time.
    pub to: Option<UtcTime>,
}

/// Lists at most `limit` entries behind a place, the newest first.
pub fn list(
    tx: &mut Transaction<'_>,
    filter: &TrailFilter,
    place: &TrailPlace,
    limit: i64,
) -> Result<Vec<TrailEntry>, StoreError> {
    let TrailPlace { occurred_at, id } = place;
    let same_moment = audit_events::occurred_at.eq(occurred_at).and(audit_events::id.lt(id));
    let mut entries = audit_events::table
        .filter(audit_events::occurred_at.le(occurred_at))
        .filter(audit_events::occurred_at.lt(occurred_at).or(same_moment))
        .order((audit_events::occurred_at.desc(), audit_events::id.desc()))
        .limit(limit)
        .select(TrailEntry::as_select())
        .into_boxed();
    if let Some(account_id) = &filter.account_id {
        entries = entries.filter(audit_events::account_id.eq(account_id));
    }
    if let Some(event) = filter.event {
        entries = entries.filter(audit_events::event.eq(event));
    }
    if let Some(from) = filter.from {
        entries = entries.filter(audit_events::occurred_at.ge(from));
    }
    if let Some(to) = filter.to {
        entries = entries.filter(audit_events::occurred_at.lt(to));
    }
    Ok(entries.load(tx.connection)?)
}

/// Lists every entry about an account or its number since a time, the oldest first.
pub fn list_all_of(
    tx: &mut Transaction<'_>,
    account: &Account,
    since: UtcTime,
) -> Result<Vec<TrailEntry>, StoreError> {
    let theirs = audit_events::account_id
        .eq(&account.id)
        .or(audit_events::customer_number.eq(&account.customer_number).and(audit_events::account_id.is_null()));
    Ok(audit_events::table
        .filter(theirs)
        .filter(audit_events::occurred_at.ge(since))
        .order((audit_events::occurred_at, audit_events::id))
        .select(TrailEntry::as_select())
        .load(tx.connection)?)
}

/// Lists which of these entries the trail has.
pub fn list_known(tx: &mut Transaction<'_>, ids: &[AuditEventId]) -> Result<Vec<AuditEventId>, StoreError> {
    Ok(audit_events::table.filter(audit_events::id.eq_any(ids)).select(audit_events::id).load(tx.connection)?)
}

/// Finds the newest entry, and when it was appended.
pub fn find_newest(tx: &mut Transaction<'_>) -> Result<Option<(AuditEventId, UtcTime)>, StoreError> {
    let newest = audit_events::table.order((audit_events::occurred_at.desc(), audit_events::id.desc()));
    Ok(newest.select((audit_events::id, audit_events::occurred_at)).first(tx.connection).optional()?)
}

/// Lists which of these accounts the trail has an entry about.
pub fn list_accounts(tx: &mut Transaction<'_>, ids: &[AccountId]) -> Result<Vec<AccountId>, StoreError> {
    let theirs = audit_events::table.filter(audit_events::account_id.eq_any(ids));
    Ok(theirs.select(audit_events::account_id.assume_not_null()).distinct().load(tx.connection)?)
}

/// Whether something has happened to an account at a time or later.
pub fn has_happened_since(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    event: Event,
    since: UtcTime,
) -> Result<bool, StoreError> {
    let entries = audit_events::table
        .filter(audit_events::account_id.eq(account_id))
        .filter(audit_events::occurred_at.ge(since))
        .filter(audit_events::event.eq(event))
        .select(audit_events::id)
        .limit(1);
    Ok(entries.first::<AuditEventId>(tx.connection).optional()?.is_some())
}

/// Empties number, source and detail of every entry about an account or a number that is deleted in the same
/// transaction. Event, time and actor stay, and the id of the account as its pseudonym.
pub fn erase(tx: &mut Transaction<'_>, account_id: &AccountId, number: &CustomerNumber) -> Result<(), StoreError> {
    let theirs = audit_events::account_id.eq(account_id).or(audit_events::customer_number.eq(number));
    let emptied = (
        audit_events::customer_number.eq(None::<CustomerNumber>),
        audit_events::source.eq(None::<String>),
        audit_events::detail.eq(None::<String>),
    );
    update(audit_events::table.filter(theirs)).set(emptied).execute(tx.connection)?;
    Ok(())
}
