//! What a lock-down does, by whichever door.

use chrono::TimeDelta;

use crate::{
    identity::{
        notice::{Notice, queue_notice},
        sessions::end::end_all,
        transaction::Tx,
        work::queue_reset_because,
    },
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::{Event, Fact},
        caller_codes, devices,
        email_changes::{self, EmailChange},
        mails::MailKind,
        reset_links,
        reset_requests::ResetCause,
        sessions::SessionEnd,
    },
    types::Actor,
};

/// How long after the owner's own change of the address a lock-down leaves it to support whose the access is.
const CONTESTABLE_FOR: TimeDelta = TimeDelta::days(7);

/// Locks an account down that is locked for the transaction: every session, device, link, change token and pending change
/// of the address ends, and the password is expired. The way back is a reset mail to the address on file.
///
/// Soon after the owner's own change of the address it is not known whose mailbox that is: a thief may have made the
/// change, or a thief in the old mailbox may ask for the lock-down. Then no link goes to either address, and support
/// decides.
pub(super) fn lock_down(tx: &mut Tx<'_>, account: &Account, detail: &str) -> Result<(), StoreError> {
    end_everything(tx, account)?;
    let since = tx.now - CONTESTABLE_FOR;
    let change = email_changes::find_confirmed_since(tx, &account.id, since)?;
    let entry = tx.entry(Event::UserLockedDown).about(account);
    match change {
        // Both addresses know already that support has to decide.
        _ if account.contested_since.is_some() => entry.detail(detail).fact(Fact::Contested(true)).append(tx),
        Some(change) => {
            entry.detail(&format!("{detail}, contested")).fact(Fact::Contested(true)).append(tx)?;
            accounts::set_contested(tx, &account.id)?;
            tell_both_addresses(tx, account, &change)
        }
        None => {
            entry.detail(detail).fact(Fact::Contested(false)).append(tx)?;
            let number = account.customer_number.clone();
            queue_reset_because(tx, number, &Actor::Service, Some(ResetCause::LockDown))
        }
    }
}

/// Ends every session, device, link, change token and pending change of the address, and expires the password.
pub(super) fn end_everything(tx: &mut Tx<'_>, account: &Account) -> Result<(), StoreError> {
    accounts::lock_down(tx, &account.id)?;
    end_all(tx, account, None, SessionEnd::LockedDown)?;
    // None of them is remembered as a former one: a thief's may be among them, and there is no new password yet.
    devices::forget_all_of(tx, &account.id)?;
    reset_links::withdraw_all_of(tx, &account.id)?;
    email_changes::withdraw_all_of(tx, &account.id)?;
    caller_codes::withdraw_all_of(tx, &account.id)
}

fn tell_both_addresses(tx: &mut Tx<'_>, account: &Account, change: &EmailChange) -> Result<(), StoreError> {
    let old = change.old_email.as_ref().filter(|old| account.email.as_ref() != Some(old));
    for to in [old, account.email.as_ref()].into_iter().flatten() {
        let notice = Notice {
            to: Some(to.clone()),
            email_change_id: Some(change.id.clone()),
            ..Notice::new(MailKind::AccessContested)
        };
        queue_notice(tx, notice, account)?;
    }
    Ok(())
}
