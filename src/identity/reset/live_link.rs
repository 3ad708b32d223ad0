//! Which links can be used now, and why the others cannot.

use crate::{
    identity::{
        refusal::{IdentityError, LinkReason, Refusal},
        transaction::Tx,
    },
    store::{
        StoreError, Transaction,
        audit_events::{Entry, Event},
        reset_links::{self, LinkEnd, ResetLink},
    },
    types::UtcTime,
};

/// The link, if it can be used now; otherwise the reason why not.
pub(in crate::identity) fn live_link(link: Option<ResetLink>, now: UtcTime) -> Result<ResetLink, Refusal> {
    let Some(link) = link else { return Err(Refusal::LinkUnusable(LinkReason::Unknown)) };
    if link.is_live(now) {
        return Ok(link);
    }
    let reason = match (link.ended_because, link.expires_at) {
        (Some(LinkEnd::Used), _) => LinkReason::Used,
        (Some(LinkEnd::Withdrawn), _) => LinkReason::Withdrawn,
        (None, Some(_)) => LinkReason::Expired,
        // No attempt has handed its mail over yet, so nobody can have read this token.
        (None, None) => LinkReason::Unknown,
    };
    Err(Refusal::LinkUnusable(reason))
}

/// The refusal of a link that was live when it was read, and is not any more.
pub(in crate::identity) fn why_not_live(
    tx: &mut Transaction<'_>,
    link: &ResetLink,
) -> Result<IdentityError, StoreError> {
    let refusal = live_link(reset_links::find(tx, &link.id)?, tx.now).err();
    Ok(refusal.unwrap_or(Refusal::LinkUnusable(LinkReason::Expired)).into())
}

/// An entry of the audit trail about a link, to be completed and appended.
pub(in crate::identity) fn link_entry(tx: &Tx<'_>, event: Event, link: &ResetLink) -> Entry {
    tx.entry(event)
        .number(&link.customer_number)
        .account(link.account_id.as_ref())
        .reset_request(&link.reset_request_id)
}
