//! Reset links together with the mails that carry them.

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, lock_key},
    mails::{Mail, MailStatus},
    reset_links::ResetLink,
    schema::{mails, reset_links},
};
use crate::types::{CustomerNumber, EmailAddress, MailId, MailKind, UtcTime};

/// The most mails of one number that are read. The caps of a number allow fewer.
const MOST_OF_NUMBER: i64 = 100;
/// The states of a mail that counts for its address.
const COUNTED: [MailStatus; 2] = [MailStatus::Queued, MailStatus::HandedOver];

/// A link and the mail that carries it.
#[derive(Clone)]
pub struct ResetMail {
    /// The link.
    pub link: ResetLink,
    /// The mail of the link.
    pub mail: Mail,
}

/// Lists the links of a number, decoys included, whose mails wait or have left the queue after a time; the newest
/// first.
pub fn list_of_number(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    finished_after: UtcTime,
) -> Result<Vec<ResetMail>, StoreError> {
    let rows: Vec<(ResetLink, Mail)> = reset_links::table
        .inner_join(mails::table.on(mails::reset_link_id.eq(reset_links::id.nullable())))
        .filter(reset_links::customer_number.eq(number))
        .filter(mails::finished_at.is_null().or(mails::finished_at.gt(finished_after)))
        .order((reset_links::created_at.desc(), reset_links::id))
        .limit(MOST_OF_NUMBER)
        .select((ResetLink::as_select(), Mail::as_select()))
        .load(tx.connection)?;
    Ok(rows.into_iter().map(|(link, mail)| ResetMail { link, mail }).collect())
}

/// Locks an address until the transaction ends, so that no other worker decides about a mail to it meanwhile.
pub fn lock_recipient(tx: &mut Transaction<'_>, recipient: &str) -> Result<(), StoreError> {
    lock_key(tx, "mails", recipient)
}

/// Lists when the mails to an address left the queue that were handed over after a time, and `None` for each that
/// waits. A mail whose link was ended is left out, as is one whose account is gone.
pub fn list_of_address(
    tx: &mut Transaction<'_>,
    recipient: Option<&EmailAddress>,
    finished_after: UtcTime,
) -> Result<Vec<Option<UtcTime>>, StoreError> {
    Ok(mails::table
        .inner_join(reset_links::table.on(mails::reset_link_id.eq(reset_links::id.nullable())))
        // No address is empty, so a decoy finds nothing, at the same cost.
        .filter(mails::recipient_key.eq(recipient.map(EmailAddress::canonical).unwrap_or_default()))
        .filter(mails::kind.eq(MailKind::ResetLink))
        .filter(mails::account_id.is_not_null())
        .filter(mails::status.eq_any(COUNTED))
        .filter(mails::finished_at.is_null().or(mails::finished_at.gt(finished_after)))
        .filter(reset_links::ended_at.is_null())
        .select(mails::finished_at)
        .load(tx.connection)?)
}

/// Finds when an address last got a reset mail other than this one, or may have got it: its mail API has the mail,
/// or is being asked to take it.
pub fn last_sent_to(
    tx: &mut Transaction<'_>,
    recipient: Option<&EmailAddress>,
    except: &MailId,
) -> Result<Option<UtcTime>, StoreError> {
    Ok(mails::table
        .filter(mails::recipient_key.eq(recipient.map(EmailAddress::canonical).unwrap_or_default()))
        .filter(mails::kind.eq(MailKind::ResetLink))
        .filter(mails::account_id.is_not_null())
        .filter(mails::status.eq_any(COUNTED))
        .filter(mails::provider.is_not_null())
        .filter(mails::id.ne(except))
        .select(diesel::dsl::max(mails::last_tried_at))
        .first(tx.connection)?)
}
