//! The notice of a change of the address that came back: nobody may have read it (OW-04).

use crate::{
    identity::{
        address::{COOLING_OFF_AFTER_BOUNCES, NOTICED_FOR},
        transaction::Tx,
    },
    store::{
        StoreError, accounts,
        mails::{Mail, MailKind},
    },
};

/// Lets the new address cool off for as long as where the one before was known to be dead: its mailbox turns out not to
/// exist only now. Locks the account, so it comes before the mail is locked.
pub(in crate::identity) fn cool_off_longer(tx: &mut Tx<'_>, returned: &Mail) -> Result<(), StoreError> {
    if !matches!(returned.kind, MailKind::AddressChanged | MailKind::EmailChangeAsked) {
        return Ok(());
    }
    let Some(id) = &returned.account_id else { return Ok(()) };
    let Some(changed_at) = accounts::find(tx, id)?.and_then(|account| account.email_changed_at) else {
        return Ok(());
    };
    // One that was told earlier is about another change, and one that was told later about another address.
    if returned.created_at > changed_at || returned.created_at + NOTICED_FOR < changed_at {
        return Ok(());
    }
    accounts::lengthen_cooling_off(tx, id, changed_at, changed_at + COOLING_OFF_AFTER_BOUNCES)
}
