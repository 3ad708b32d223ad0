//! Mails that are given up, since the job that would hand them over has failed for good.

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction},
    mails::{MailKind, MailStatus},
    schema::{accounts, mails, reset_links},
};
use crate::types::{AccountId, CustomerNumber, MailId, ResetLinkId, ResetRequestId};

/// What the record of a mail that is given up needs: ids, and no word of a vocabulary that this version may not know.
pub struct GivenUpMail {
    /// The account that the mail is for; `None` for a decoy.
    pub account_id: Option<AccountId>,
    /// The reset link in the mail, where it has one.
    pub reset_link_id: Option<ResetLinkId>,
    /// The request that has led to the link.
    pub reset_request_id: Option<ResetRequestId>,
    /// The number of the link, or else of the account.
    pub customer_number: Option<CustomerNumber>,
    /// The delivery state that the mail API has reported, as it is stored.
    pub delivery: Option<String>,
    kind: String,
}

impl GivenUpMail {
    /// Whether nothing about the recipient is kept, since the mail tells that the account was erased (AD-05).
    #[must_use]
    pub fn leaves_nothing_behind(&self) -> bool {
        self.kind == MailKind::AccountErased.as_str()
    }
}

/// Finds what the record needs of a mail that has not left the queue.
pub fn find(tx: &mut Transaction<'_>, id: &MailId) -> Result<Option<GivenUpMail>, StoreError> {
    type Row = (Option<AccountId>, Option<ResetLinkId>, Option<String>, String);
    let queued = mails::table.find(id).filter(mails::status.eq(MailStatus::Queued));
    let columns = (mails::account_id, mails::reset_link_id, mails::delivery, mails::kind);
    let found: Option<Row> = queued.select(columns).first(tx.connection).optional()?;
    let Some((account_id, reset_link_id, delivery, kind)) = found else { return Ok(None) };
    let link: Option<(CustomerNumber, ResetRequestId)> = match &reset_link_id {
        Some(link) => reset_links::table
            .find(link)
            .select((reset_links::customer_number, reset_links::reset_request_id))
            .first(tx.connection)
            .optional()?,
        None => None,
    };
    let (of_link, reset_request_id) = link.unzip();
    let customer_number = match (of_link, &account_id) {
        (None, Some(account)) => {
            accounts::table.find(account).select(accounts::customer_number).first(tx.connection).optional()?
        }
        (of_link, _) => of_link,
    };
    Ok(Some(GivenUpMail { account_id, reset_link_id, reset_request_id, customer_number, delivery, kind }))
}
