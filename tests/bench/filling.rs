//! The rows that a measurement begins with: customers, a link, and mails that wait.

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::{
    crypto::StoredHash,
    store::{
        Database, StoreError, Transaction,
        accounts::{self, NewAccount},
        jobs::{self, Job},
        mails::{self, MailKind, MailStatus, NewMail},
        reset_links::{self, NewResetLink},
        reset_requests::{self, RequestOutcome, ResetRequest},
    },
    types::{
        AccountId, Actor, Clock as _, CustomerNumber, EmailAddress, JobId, Locale, MailId, ResetLinkId,
        ResetRequestId, ResetTokenHash, SystemClock, UtcTime,
    },
};

/// The token of a reset link that stays valid.
pub(super) const RESET_TOKEN: &str = "a-token-of-a-link-that-is-looked-at-only---";

/// A customer of the measurement.
pub(super) struct Customer {
    pub(super) number: String,
    pub(super) password_hash: Option<String>,
    pub(super) closed: bool,
    /// What the account goes on costing after its hash was renewed.
    pub(super) lasting_cost: Option<String>,
}

/// The one customer that every measurement has.
pub(super) fn only_customer() -> Customer {
    Customer { number: "000001".to_owned(), password_hash: None, closed: false, lasting_cost: None }
}

/// What a stored hash costs, as the table keeps it.
pub(super) fn cost_of(hash: &str) -> Option<String> {
    let works: Vec<String> = StoredHash::read(hash).ok()?.works().into_iter().map(ToString::to_string).collect();
    Some(works.join("+"))
}

/// Writes the accounts, of which the one of the number 000001 has a link that stays valid.
pub(super) async fn fill(database: &Database, customers: Vec<Customer>) {
    let now = SystemClock::default().now();
    database
        .write_long(move |tx| -> Result<(), StoreError> {
            for customer in customers {
                let account = NewAccount {
                    id: AccountId::mint(),
                    customer_number: CustomerNumber::parse(&customer.number).unwrap(),
                    email: Some(EmailAddress::parse(&format!("delavnica-{}@example.si", customer.number)).unwrap()),
                    locale: Locale::Sl,
                    password_changed_at: customer.password_hash.as_ref().map(|_| now),
                    password_cost: customer.password_hash.as_deref().and_then(cost_of),
                    password_hash: customer.password_hash,
                    created_at: now,
                    display_name: None,
                    lasting_cost: customer.lasting_cost,
                };
                accounts::insert(tx, &account)?;
                if customer.closed {
                    accounts::close(tx, &account.id, None, &Actor::CommandLine)?;
                }
            }
            let number = CustomerNumber::parse("000001").unwrap();
            let account = accounts::find_by_customer_number(tx, &number)?.unwrap();
            let made = Made { outcome: None, secret_key_id: "benchmark", token: RESET_TOKEN, now };
            let link = insert_link(tx, &number, &account.id, &made)?;
            reset_links::set_expires_at(tx, &link, now + TimeDelta::hours(24))
        })
        .await
        .unwrap();
}

/// How a link was made.
struct Made<'a> {
    outcome: Option<RequestOutcome>,
    secret_key_id: &'a str,
    token: &'a str,
    now: UtcTime,
}

/// Writes a reset request and its link.
fn insert_link(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    account: &AccountId,
    made: &Made<'_>,
) -> Result<ResetLinkId, StoreError> {
    let request = ResetRequest {
        id: ResetRequestId::mint(),
        customer_number: number.clone(),
        requested_at: made.now,
        request_id: "benchmark".to_owned(),
        source: None,
        outcome: made.outcome,
        actor: Actor::CommandLine.name(),
        source_hash: None,
        cause: None,
    };
    reset_requests::insert(tx, &request)?;
    let link = NewResetLink {
        id: ResetLinkId::mint(),
        reset_request_id: request.id,
        customer_number: number.clone(),
        account_id: Some(account.clone()),
        secret_key_id: made.secret_key_id.to_owned(),
        token_hash: ResetTokenHash::of_presented(made.token),
        created_at: made.now,
        lives_until: None,
    };
    reset_links::insert(tx, &link)?;
    Ok(link.id)
}

/// Writes the rows that the worker leaves after it has made the links.
pub(super) async fn queue_mails(database: &Database, secret_key_id: String, mails: usize) {
    let now = SystemClock::default().now();
    let queue = move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        for number in 1..=mails {
            let number = CustomerNumber::parse(&format!("{number:06}")).unwrap();
            let account = accounts::find_by_customer_number(tx, &number)?.unwrap();
            let outcome = Some(RequestOutcome::LinkMade);
            let made = Made { outcome, secret_key_id: &secret_key_id, token: number.as_str(), now };
            let link = insert_link(tx, &number, &account.id, &made)?;
            let mail = NewMail {
                id: MailId::mint(),
                kind: MailKind::ResetLink,
                account_id: Some(account.id),
                reset_link_id: Some(link),
                recipient: account.email,
                last_two_digits: number.last_two_digits().to_owned(),
                locale: account.locale,
                status: MailStatus::Queued,
                created_at: now,
                serve_until: now + TimeDelta::hours(24),
                session_id: None,
                email_change_id: None,
            };
            mails::insert(tx, &mail)?;
            jobs::insert(tx, &job_of(&mail, now))?;
        }
        Ok(())
    };
    database.write(queue).await.unwrap();
}

/// The job that hands a mail over.
fn job_of(mail: &NewMail, now: UtcTime) -> Job {
    Job {
        id: JobId::mint(),
        payload: json!({ "kind": "send_mail/1", "mail_id": mail.id }).to_string(),
        run_at: now,
        lease_until: None,
        attempts: 0,
        created_at: now,
        priority: 0,
        request_id: None,
        traceparent: None,
    }
}
