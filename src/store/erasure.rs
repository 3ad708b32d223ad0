//! Every row about a customer, found and deleted (DP-06). The trail stays: [`super::audit_trail::erase`] empties it.

use diesel::prelude::*;

use super::{
    accounts::Account,
    engine::{StoreError, Transaction},
    schema::{
        caller_codes, devices, email_changes, failed_sign_ins, former_devices, hashes_to_wrap, lock_down_links,
        mails, password_history, refresh_tokens, reset_links, reset_requests, sessions, suppression_liftings,
        suppressions, swallowed_requests,
    },
};
use crate::types::{EmailAddress, MailId, ResetLinkId, ResetRequestId, SessionId};

/// The rows about a customer that others refer to, and the addresses that mail went to.
pub struct HeldRows {
    /// The sessions of the account.
    pub sessions: Vec<SessionId>,
    /// The reset requests for the number, asked for by anybody.
    pub requests: Vec<ResetRequestId>,
    /// The reset links of the account and those for the number, decoys included.
    pub links: Vec<ResetLinkId>,
    /// The mails of the account, those with one of the links, and those of caller codes for the number.
    pub mails: Vec<MailId>,
    /// Every address that is or was the customer's, in the form in which addresses are compared.
    pub addresses: Vec<String>,
}

/// Finds the rows about the customer of an account.
pub fn find_held(tx: &mut Transaction<'_>, account: &Account) -> Result<HeldRows, StoreError> {
    let Account { id, customer_number: number, .. } = account;
    let sessions = sessions::table.filter(sessions::account_id.eq(id)).select(sessions::id).load(tx.connection)?;
    let requests = reset_requests::table
        .filter(reset_requests::customer_number.eq(number))
        .select(reset_requests::id)
        .load(tx.connection)?;
    let links: Vec<ResetLinkId> = reset_links::table
        .filter(reset_links::account_id.eq(id).or(reset_links::customer_number.eq(number)))
        .select(reset_links::id)
        .load(tx.connection)?;
    let of_account: Vec<MailId> =
        mails::table.filter(mails::account_id.eq(id)).select(mails::id).load(tx.connection)?;
    let of_links: Vec<MailId> =
        mails::table.filter(mails::reset_link_id.eq_any(&links)).select(mails::id).load(tx.connection)?;
    // Decoys of caller codes among them: they belong to the number, and to no account.
    let of_codes: Vec<Option<MailId>> = caller_codes::table
        .filter(caller_codes::customer_number.eq(number))
        .select(caller_codes::mail_id)
        .load(tx.connection)?;
    let mut mails: Vec<MailId> =
        of_account.into_iter().chain(of_links).chain(of_codes.into_iter().flatten()).collect();
    mails.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    mails.dedup();
    let addresses = find_addresses(tx, account)?;
    Ok(HeldRows { sessions, requests, links, mails, addresses })
}

fn find_addresses(tx: &mut Transaction<'_>, account: &Account) -> Result<Vec<String>, StoreError> {
    let id = &account.id;
    let changes: Vec<(Option<EmailAddress>, EmailAddress)> = email_changes::table
        .filter(email_changes::account_id.eq(id))
        .select((email_changes::old_email, email_changes::new_email))
        .load(tx.connection)?;
    let recipients: Vec<Option<EmailAddress>> =
        mails::table.filter(mails::account_id.eq(id)).select(mails::recipient).load(tx.connection)?;
    let mailboxes: Vec<String> = lock_down_links::table
        .filter(lock_down_links::account_id.eq(id))
        .select(lock_down_links::mailbox)
        .load(tx.connection)?;
    let old_and_new = changes.iter().flat_map(|(old, new)| old.iter().chain([new]));
    let all = account.email.iter().chain(old_and_new).chain(recipients.iter().flatten());
    let mut addresses: Vec<String> = all.map(EmailAddress::canonical).chain(mailboxes).collect();
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}

/// Deletes the rows about the customer of an account, and leaves the account itself.
pub fn delete_held(tx: &mut Transaction<'_>, account: &Account, held: &HeldRows) -> Result<(), StoreError> {
    let Account { id, customer_number: number, .. } = account;
    let connection = &mut *tx.connection;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(&held.sessions)))
        .execute(connection)?;
    diesel::delete(sessions::table.filter(sessions::account_id.eq(id))).execute(connection)?;
    diesel::delete(devices::table.filter(devices::account_id.eq(id))).execute(connection)?;
    diesel::delete(former_devices::table.filter(former_devices::account_id.eq(id))).execute(connection)?;
    diesel::delete(password_history::table.filter(password_history::account_id.eq(id))).execute(connection)?;
    diesel::delete(hashes_to_wrap::table.find(id)).execute(connection)?;
    diesel::delete(email_changes::table.filter(email_changes::account_id.eq(id))).execute(connection)?;
    diesel::delete(lock_down_links::table.filter(lock_down_links::account_id.eq(id))).execute(connection)?;
    diesel::delete(caller_codes::table.filter(caller_codes::customer_number.eq(number))).execute(connection)?;
    diesel::delete(mails::table.filter(mails::id.eq_any(&held.mails))).execute(connection)?;
    diesel::delete(reset_links::table.filter(reset_links::id.eq_any(&held.links))).execute(connection)?;
    diesel::delete(reset_requests::table.filter(reset_requests::id.eq_any(&held.requests))).execute(connection)?;
    diesel::delete(swallowed_requests::table.filter(swallowed_requests::customer_number.eq(number)))
        .execute(connection)?;
    diesel::delete(failed_sign_ins::table.filter(failed_sign_ins::customer_number.eq(number)))
        .execute(connection)?;
    Ok(())
}

/// Deletes what is known of an address that belongs to nobody any more.
pub fn delete_address(tx: &mut Transaction<'_>, canonical: &str) -> Result<(), StoreError> {
    diesel::delete(suppressions::table.filter(suppressions::address.eq(canonical))).execute(tx.connection)?;
    diesel::delete(suppression_liftings::table.filter(suppression_liftings::address.eq(canonical)))
        .execute(tx.connection)?;
    Ok(())
}
