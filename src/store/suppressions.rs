//! Addresses that mail does not reach, or whose owners have complained of it (WH-04).

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, lock_key, update},
    schema::suppressions,
    suppression_liftings,
};
use crate::types::{EmailAddress, UtcTime, text_enum};

text_enum! {
    /// Why an address is not written to as usual.
    pub enum SuppressionReason {
        /// There is no such mailbox: nothing is sent for a while, then one mail tries.
        HardBounce = "hard_bounce",
        /// The recipient called a mail spam: reminders stop, security mail goes on.
        Complaint = "complaint",
    }
}

/// A row of the table.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = suppressions)]
pub struct Suppression {
    /// Why the address is suppressed.
    pub reason: SuppressionReason,
    /// When the suppression began.
    pub since: UtcTime,
    /// When one mail may try the address again; `None` where an administrator has to lift the suppression.
    pub retry_at: Option<UtcTime>,
    /// The receiving server's code, or the reason that the mail API gave.
    pub detail: Option<String>,
}

impl Suppression {
    /// Whether no mail that was not tried before goes to the address now, of whatever kind.
    #[must_use]
    pub fn pauses(&self, now: UtcTime) -> bool {
        self.reason == SuppressionReason::HardBounce && self.retry_at.is_none_or(|retry_at| retry_at > now)
    }
}

/// Lists the suppressions of an address; there are none without an address.
pub fn list_of(tx: &mut Transaction<'_>, address: Option<&EmailAddress>) -> Result<Vec<Suppression>, StoreError> {
    // No address is empty. The query is made without an address too, so that its time tells nothing.
    let address = address.map(EmailAddress::canonical).unwrap_or_default();
    let theirs = suppressions::table.filter(suppressions::address.eq(address)).order(suppressions::reason);
    Ok(theirs.select(Suppression::as_select()).load(tx.connection)?)
}

/// Locks an address until the transaction ends.
pub fn lock(tx: &mut Transaction<'_>, address: &EmailAddress) -> Result<(), StoreError> {
    lock_key(tx, "suppressions", &address.canonical())
}

/// Suppresses an address, or renews its suppression. A suppression that is older than the stored one changes nothing,
/// and a renewal never lets a mail try earlier.
pub fn upsert(
    tx: &mut Transaction<'_>,
    address: &EmailAddress,
    suppression: &Suppression,
) -> Result<(), StoreError> {
    lock(tx, address)?;
    let address = address.canonical();
    let row = suppressions::table.find((&address, suppression.reason));
    let known = row.select(Suppression::as_select()).first(tx.connection).optional()?;
    if known.as_ref().is_some_and(|known| known.since > suppression.since) {
        return Ok(());
    }
    let values = (
        suppressions::since.eq(suppression.since),
        suppressions::retry_at.eq(suppression.retry_at.max(known.as_ref().and_then(|known| known.retry_at))),
        suppressions::detail.eq(&suppression.detail),
        suppressions::reviewed_at.eq(tx.now),
    );
    if known.is_some() {
        update(row).set(values).execute(tx.connection)?;
    } else {
        diesel::insert_into(suppressions::table)
            .values((suppressions::address.eq(&address), suppressions::reason.eq(suppression.reason), values))
            .execute(tx.connection)?;
    }
    Ok(())
}

/// Claims the one try of a paused address. Returns `false` where another mail has claimed it.
pub fn claim_retry(
    tx: &mut Transaction<'_>,
    address: &EmailAddress,
    next_retry_at: UtcTime,
) -> Result<bool, StoreError> {
    let due = suppressions::table
        .filter(suppressions::address.eq(address.canonical()))
        .filter(suppressions::reason.eq(SuppressionReason::HardBounce))
        .filter(suppressions::retry_at.le(tx.now));
    Ok(update(due).set(suppressions::retry_at.eq(next_retry_at)).execute(tx.connection)? == 1)
}

/// Lifts the pause of an address where a mail has told since the pause began that its reason is gone.
pub fn lift_disproved(
    tx: &mut Transaction<'_>,
    address: &EmailAddress,
    disproved_at: UtcTime,
) -> Result<(), StoreError> {
    let earlier = suppressions::table
        .filter(suppressions::address.eq(address.canonical()))
        .filter(suppressions::reason.eq(SuppressionReason::HardBounce))
        .filter(suppressions::since.le(disproved_at));
    diesel::delete(earlier).execute(tx.connection)?;
    Ok(())
}

/// Lifts the suppressions of an address on behalf of a person, and keeps the time. Returns `true` where there were
/// any.
pub fn lift(tx: &mut Transaction<'_>, address: &EmailAddress) -> Result<bool, StoreError> {
    lock(tx, address)?;
    let theirs = suppressions::table.filter(suppressions::address.eq(address.canonical()));
    let rows = diesel::delete(theirs).execute(tx.connection)?;
    suppression_liftings::set(tx, address)?;
    Ok(rows > 0)
}

/// Suppressions, by the time at which an account was last known to have their address on file.
pub const REVIEWED: OldRows =
    OldRows { table: "suppressions", key: "address", age: Age::Time("reviewed_at"), condition: "" };

/// Locks at most `most` suppressions that were last reviewed before a time, and lists their addresses.
pub fn lock_reviewed(tx: &mut Transaction<'_>, until: UtcTime, most: i64) -> Result<Vec<String>, StoreError> {
    REVIEWED.lock(tx, until, most)
}

/// Stores that an account has the address on file now.
pub fn set_reviewed(tx: &mut Transaction<'_>, address: &str) -> Result<(), StoreError> {
    let theirs = suppressions::table.filter(suppressions::address.eq(address));
    update(theirs).set(suppressions::reviewed_at.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

/// Deletes the suppressions of an address that were last reviewed before a time.
pub fn delete_reviewed(tx: &mut Transaction<'_>, address: &str, until: UtcTime) -> Result<(), StoreError> {
    let theirs = suppressions::table.filter(suppressions::address.eq(address));
    diesel::delete(theirs.filter(suppressions::reviewed_at.le(until))).execute(tx.connection)?;
    Ok(())
}
