//! What the acts on a link share.

use crate::{
    identity::{live_link::no_longer_live, refusal::IdentityError, transaction::Tx},
    store::{
        StoreError, Transaction,
        audit_events::{Entry, Event},
        reset_links::{self, ResetLink},
    },
};

/// The refusal of a link that was live when it was read, and is not any more.
pub(in crate::identity) fn ended_meanwhile(
    tx: &mut Transaction<'_>,
    link: &ResetLink,
) -> Result<IdentityError, StoreError> {
    Ok(no_longer_live(reset_links::find(tx, &link.id)?, tx.now).into())
}

/// An entry of the audit trail about a link, to be completed and appended.
pub(in crate::identity) fn link_entry(tx: &Tx<'_>, event: Event, link: &ResetLink) -> Entry {
    tx.entry(event)
        .number(&link.customer_number)
        .account(link.account_id.as_ref())
        .reset_request(&link.reset_request_id)
}
