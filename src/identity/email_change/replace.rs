//! What every change of the address on file has in common.

use crate::{
    identity::{
        address::{COOLING_OFF_AFTER_BOUNCES, EmailState, find_email_state},
        notice::{LockDownLink, Notice, queue_notice},
        transaction::Tx,
    },
    store::{
        StoreError,
        accounts::{self, Account},
        caller_codes,
        mails::MailKind,
        reset_links, suppressions,
    },
    types::{EmailAddress, EmailChangeId},
};

/// Who has another address put on file.
#[derive(Clone, Copy)]
pub(super) enum ReplacedBy<'a> {
    /// The owner, by this change.
    Owner(&'a EmailChangeId),
    /// An administrator.
    Administrator,
    /// An administrator, against the previous address: its mailbox gets no link.
    Decision,
}

/// Puts an address on file for an account that is locked. The reset links of the account end, the pauses of both
/// addresses are lifted, and a mail to the previous address tells of the change (AD-05). For a day no link goes to the
/// new one, and for a week where nobody may have read that mail: mail to the previous address came back, or the owner had
/// none (OW-04).
pub(super) fn replace_email(
    tx: &mut Tx<'_>,
    account: &Account,
    email: &EmailAddress,
    by: ReplacedBy<'_>,
) -> Result<(), StoreError> {
    let app = tx.app.clone();
    let is_told = match (find_email_state(tx, &app.config, account)?, by) {
        (EmailState::Bouncing, _) | (EmailState::None, ReplacedBy::Owner(_)) => false,
        (EmailState::Ok | EmailState::ConfirmDue | EmailState::None, _) => true,
    };
    let cools_off_until = (!is_told).then_some(tx.now + COOLING_OFF_AFTER_BOUNCES);
    accounts::set_email(tx, &account.id, email, cools_off_until)?;
    // A suppression belongs to the address: it does not move to the next one, and does not outlast the change (WH-04).
    let mut addresses: Vec<_> = account.email.iter().chain([email]).collect();
    // Each is locked. Two changes in opposite directions lock them in the same order.
    addresses.sort_by_key(|address| address.canonical());
    for address in addresses {
        suppressions::lift(tx, address)?;
    }
    reset_links::withdraw_all_of(tx, &account.id)?;
    // The code in a mail to the previous address shows who has that mailbox, and not this one.
    caller_codes::withdraw_all_of(tx, &account.id)?;
    if account.email.is_some() {
        // `account` is as it was before, so the notice goes to the previous address.
        let notice = Notice::new(MailKind::AddressChanged);
        let notice = match by {
            ReplacedBy::Owner(change) => Notice { email_change_id: Some(change.clone()), ..notice },
            ReplacedBy::Administrator => notice,
            ReplacedBy::Decision => Notice { lock_down_link: LockDownLink::LeftOut, ..notice },
        };
        queue_notice(tx, notice, account)?;
    }
    Ok(())
}

/// Whether two addresses are one mailbox, in whatever spelling.
pub(super) fn is_same(present: Option<&EmailAddress>, email: &EmailAddress) -> bool {
    present.is_some_and(|present| present.canonical() == email.canonical())
}
