//! Resets, mails, and the addresses that they went to.

use diesel::prelude::*;

use super::exported::exported;
use crate::{
    store::{
        engine::{StoreError, Transaction},
        erasure::HeldRows,
        schema::{
            email_changes, lock_down_links, mails, reset_links, reset_requests, suppression_liftings, suppressions,
            swallowed_requests,
        },
    },
    types::{AccountId, CustomerNumber, Moment},
};

exported! {
    /// A request for a reset mail for the number, asked for by anybody.
    ExportedResetRequest from reset_requests {
        /// The id of the request.
        #[schema(example = "b4zrny8psac7mxw2dq5hj3tkv6")]
        id: String,
        /// The moment of the request.
        requested_at: Moment,
        /// The network of the request, shortened.
        #[schema(example = "192.0.2.0/24")]
        source: Option<String>,
        /// The actor who asked.
        #[schema(example = "customer")]
        actor: String,
        /// The outcome of the request; null while it waits.
        #[schema(example = "link_made")]
        outcome: Option<String>,
        /// The event that the request followed, where nobody asked for it.
        #[schema(example = "activation")]
        cause: Option<String>,
    }
}

exported! {
    /// Requests of one hour that sent no mail.
    ExportedSwallowedRequest from swallowed_requests {
        /// The reason why no mail went out.
        #[schema(example = "cooldown")]
        outcome: String,
        /// The number of requests.
        #[schema(example = 2)]
        requests: i32,
        /// The moment of the first request.
        first_at: Moment,
        /// The moment of the last request.
        last_at: Moment,
    }
}

exported! {
    /// A reset link. Its token is stored nowhere.
    ExportedResetLink from reset_links {
        /// The id of the link.
        #[schema(example = "dq5hj3tkv6b4zrny8psac7mxw2")]
        id: String,
        /// The request that the link was made for.
        #[schema(example = "b4zrny8psac7mxw2dq5hj3tkv6")]
        reset_request_id: String,
        /// The moment at which the link was made.
        created_at: Moment,
        /// The moment at which the link expires.
        expires_at: Option<Moment>,
        /// The moment at which its mail had left, or was given up.
        mail_finished_at: Option<Moment>,
        /// The moment at which the link was first opened.
        first_looked_at: Option<Moment>,
        /// The moment at which the link ended.
        ended_at: Option<Moment>,
        /// The reason why the link ended.
        #[schema(example = "used")]
        ended_because: Option<String>,
        /// The number of wrong customer numbers that were tried.
        #[schema(example = 0)]
        mismatch_count: i32,
        /// The number of refused passwords that were counted.
        #[schema(example = 0)]
        account_rule_count: i32,
    }
}

exported! {
    /// A mail to the customer. Its text is not stored.
    ExportedMail from mails {
        /// The id of the mail, which the mail shows.
        #[schema(example = "zrny8psac7mxw2dq5hj3tkv6b4")]
        id: String,
        /// The topic of the mail.
        #[schema(example = "password_changed")]
        kind: String,
        /// The address that the mail went to.
        #[schema(example = "delavnica@example.si")]
        recipient: Option<String>,
        /// The last two digits of the customer number, which the mail shows.
        #[schema(example = "17")]
        last_two_digits: String,
        /// The language of the mail.
        #[schema(example = "sl")]
        locale: String,
        /// The state of the mail.
        #[schema(example = "handed_over")]
        status: String,
        /// The number of attempts to hand the mail over.
        #[schema(example = 1)]
        attempts: i32,
        /// The answer of the mail API to the last attempt that failed.
        #[schema(example = "503 Service Unavailable")]
        last_error: Option<String>,
        /// The moment at which the mail was queued.
        created_at: Moment,
        /// The moment at which the mail had left, or was given up.
        finished_at: Option<Moment>,
        /// The mail API that took the mail.
        #[schema(example = "resend")]
        provider: Option<String>,
        /// The id of the mail at the mail API.
        #[schema(example = "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794")]
        provider_message_id: Option<String>,
        /// The last that the mail API told of the delivery.
        #[schema(example = "delivered")]
        delivery: Option<String>,
        /// The moment of what the mail API told.
        delivery_at: Option<Moment>,
        /// The code of the receiving mail server.
        #[schema(example = "550 5.1.1")]
        smtp_code: Option<String>,
        /// The reason why the mail came back.
        #[schema(example = "no_such_mailbox")]
        bounce_cause: Option<String>,
    }
}

exported! {
    /// A change of the address that the customer asked for.
    ExportedEmailChange from email_changes {
        /// The id of the change.
        #[schema(example = "ny8psac7mxw2dq5hj3tkv6b4zr")]
        id: String,
        /// The address before the change.
        #[schema(example = "delavnica@example.si")]
        old_email: Option<String>,
        /// The address that the customer asked for.
        #[schema(example = "servis@example.si")]
        new_email: String,
        /// The session from which the customer asked.
        #[schema(example = "3nqk7d2xw5h6tjv4bcrm8ysz0a")]
        session_id: String,
        /// The moment at which the customer asked.
        created_at: Moment,
        /// The moment at which the link of the change expires.
        expires_at: Moment,
        /// The moment at which the change was confirmed or ended.
        ended_at: Option<Moment>,
        /// The way in which the change ended.
        #[schema(example = "confirmed")]
        ended_because: Option<String>,
        /// The number of wrong customer numbers that were tried.
        #[schema(example = 0)]
        mismatch_count: i32,
    }
}

exported! {
    /// A link in a notice that can lock the access down.
    ExportedLockDownLink from lock_down_links {
        /// The mail that the link stands in.
        #[schema(example = "zrny8psac7mxw2dq5hj3tkv6b4")]
        mail_id: String,
        /// The address that the mail went to.
        #[schema(example = "delavnica@example.si")]
        mailbox: String,
        /// The moment at which the link was made.
        created_at: Moment,
        /// The moment at which the link expires.
        expires_at: Moment,
        /// The moment at which the link ended.
        ended_at: Option<Moment>,
        /// The reason why the link ended.
        #[schema(example = "used")]
        ended_because: Option<String>,
    }
}

exported! {
    /// A pause of mail to an address of the customer.
    ExportedSuppression from suppressions {
        /// The address that is paused.
        #[schema(example = "delavnica@example.si")]
        address: String,
        /// The reason of the pause.
        #[schema(example = "hard_bounce")]
        reason: String,
        /// The moment at which the pause began.
        since: Moment,
        /// The moment at which mail is tried again.
        retry_at: Option<Moment>,
        /// The answer of the receiving mail server.
        #[schema(example = "550 5.1.1 no such mailbox")]
        detail: Option<String>,
    }
}

exported! {
    /// A pause that support has lifted.
    ExportedSuppressionLifting from suppression_liftings {
        /// The address that is written to again.
        #[schema(example = "delavnica@example.si")]
        address: String,
        /// The moment at which the pause was lifted.
        lifted_at: Moment,
    }
}

/// Lists the reset requests that are held.
pub fn reset_requests(tx: &mut Transaction<'_>, held: &HeldRows) -> Result<Vec<ExportedResetRequest>, StoreError> {
    Ok(reset_requests::table
        .filter(reset_requests::id.eq_any(&held.requests))
        .order(reset_requests::requested_at)
        .select(ExportedResetRequest::as_select())
        .load(tx.connection)?)
}

/// Lists the sums of swallowed requests for a number.
pub fn swallowed_requests(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
) -> Result<Vec<ExportedSwallowedRequest>, StoreError> {
    Ok(swallowed_requests::table
        .filter(swallowed_requests::customer_number.eq(number))
        .order(swallowed_requests::first_at)
        .select(ExportedSwallowedRequest::as_select())
        .load(tx.connection)?)
}

/// Lists the reset links that are held.
pub fn reset_links(tx: &mut Transaction<'_>, held: &HeldRows) -> Result<Vec<ExportedResetLink>, StoreError> {
    Ok(reset_links::table
        .filter(reset_links::id.eq_any(&held.links))
        .order(reset_links::created_at)
        .select(ExportedResetLink::as_select())
        .load(tx.connection)?)
}

/// Lists the mails that are held.
pub fn mails(tx: &mut Transaction<'_>, held: &HeldRows) -> Result<Vec<ExportedMail>, StoreError> {
    Ok(mails::table
        .filter(mails::id.eq_any(&held.mails))
        .order(mails::created_at)
        .select(ExportedMail::as_select())
        .load(tx.connection)?)
}

/// Lists the changes of the address of an account.
pub fn email_changes(tx: &mut Transaction<'_>, id: &AccountId) -> Result<Vec<ExportedEmailChange>, StoreError> {
    Ok(email_changes::table
        .filter(email_changes::account_id.eq(id))
        .order(email_changes::created_at)
        .select(ExportedEmailChange::as_select())
        .load(tx.connection)?)
}

/// Lists the lock-down links of an account.
pub fn lock_down_links(tx: &mut Transaction<'_>, id: &AccountId) -> Result<Vec<ExportedLockDownLink>, StoreError> {
    Ok(lock_down_links::table
        .filter(lock_down_links::account_id.eq(id))
        .order(lock_down_links::created_at)
        .select(ExportedLockDownLink::as_select())
        .load(tx.connection)?)
}

/// Lists the pauses of addresses in the form in which addresses are compared.
pub fn suppressions(
    tx: &mut Transaction<'_>,
    addresses: &[String],
) -> Result<Vec<ExportedSuppression>, StoreError> {
    Ok(suppressions::table
        .filter(suppressions::address.eq_any(addresses))
        .order(suppressions::since)
        .select(ExportedSuppression::as_select())
        .load(tx.connection)?)
}

/// Lists the pauses of addresses that support has lifted.
pub fn suppression_liftings(
    tx: &mut Transaction<'_>,
    addresses: &[String],
) -> Result<Vec<ExportedSuppressionLifting>, StoreError> {
    Ok(suppression_liftings::table
        .filter(suppression_liftings::address.eq_any(addresses))
        .order(suppression_liftings::lifted_at)
        .select(ExportedSuppressionLifting::as_select())
        .load(tx.connection)?)
}
