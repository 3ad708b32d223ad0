//! What the worker does with a request: find the account, make the link, queue the mail.

use chrono::TimeDelta;

use super::mail_budget::{Addressee, MailBudget};
use crate::{
    app::App,
    identity::work::queue_mail,
    store::{
        StoreError, Transaction,
        accounts::{self, Account},
        audit_events::{self, Entry, Event},
        jobs::{self, Job},
        mails::{MailKind, MailStatus, NewMail},
        reset_links::{self, NewResetLink},
        reset_requests::{self, RequestOutcome, ResetRequest},
        swallowed_requests,
    },
    types::{AccountId, EmailAddress, Fault, Locale, MailId, ResetLinkId, ResetRequestId, ResetTokenHash, UtcTime},
};

/// Links of one number that may live side by side (RQ-11).
pub(in crate::identity) const LIVE_LINKS: i64 = 3;
/// A request is served for so long.
pub(in crate::identity) const SERVED_FOR: TimeDelta = TimeDelta::hours(24);

/// One transaction, and the same statements for every number: where there is nobody to write to, the link
/// and the mail are decoys, which take the same way and end nowhere (RQ-02).
pub async fn issue_link(app: &App, job: &Job, request_id: ResetRequestId) -> Result<(), Fault> {
    let now = app.clock.now();
    let cooldown = TimeDelta::from_std(app.reset_cooldown).unwrap_or(TimeDelta::MAX);
    let cooling_off = TimeDelta::from_std(app.email_cooling_off).unwrap_or(TimeDelta::MAX);
    let link_id = ResetLinkId::mint();
    let secret_key_id = app.keyring.current_id().to_owned();
    let token = app
        .keyring
        .reset_token(&secret_key_id, &link_id)
        .map_err(|error| Fault::internal("deriving a reset token", error))?;
    let link = FreshLink { id: link_id, secret_key_id, token_hash: token.hash() };
    let budget = MailBudget::of(app);
    let job_id = job.id.clone();
    let decided = app
        .database
        .write(move |tx| -> Result<_, StoreError> {
            if !jobs::finish(tx, &job_id)? {
                return Ok(None);
            }
            let Some(request) = reset_requests::find(tx, &request_id)? else { return Ok(None) };
            reset_requests::lock_number(tx, &request.customer_number)?;
            let outcome = if request.requested_at + SERVED_FOR <= now {
                RequestOutcome::Stale
            } else if reset_requests::is_within_cooldown(tx, &request, cooldown)? {
                RequestOutcome::Cooldown
            } else if reset_links::count_live(tx, &request.customer_number)? >= LIVE_LINKS {
                RequestOutcome::EnoughLinks
            } else {
                make_link_or_decoy(tx, &request, link, &budget, cooling_off, now)?
            };
            if outcome.is_repeat() {
                // One row however many there are: a flood must not fill the trail.
                reset_requests::delete(tx, &request.id)?;
                let (number, asked_at) = (&request.customer_number, request.requested_at);
                swallowed_requests::count(tx, number, outcome, asked_at)?;
                return Ok(Some(outcome));
            }
            reset_requests::set_outcome(tx, &request.id, outcome)?;
            audit_events::append(tx, &Entry::of_request(&request))?;
            let entry = Entry::by_service(Event::ResetProcessed, now)
                .number(&request.customer_number)
                .reset_request(&request.id)
                .detail(outcome.as_str());
            audit_events::append(tx, &entry)?;
            Ok(Some(outcome))
        })
        .await?;
    if let Some(outcome) = decided {
        app.metrics.reset_request(outcome.as_str());
    }
    app.job_bell.notify_one();
    Ok(())
}

struct FreshLink {
    id: ResetLinkId,
    secret_key_id: String,
    token_hash: ResetTokenHash,
}

fn make_link_or_decoy(
    tx: &mut Transaction<'_>,
    request: &ResetRequest,
    link: FreshLink,
    budget: &MailBudget,
    cooling_off: TimeDelta,
    now: UtcTime,
) -> Result<RequestOutcome, StoreError> {
    let found = accounts::find_by_customer_number(tx, &request.customer_number)?;
    // Held from here on: a change or a closing under way is either seen, or sees the link. For an unknown
    // number this finds nothing, at the same cost.
    let id = found.map_or_else(|| AccountId::from_text(String::new()), |account| account.id);
    let account = accounts::lock(tx, &id)?;
    let (outcome, reachable) = match account {
        None => (RequestOutcome::NoAccount, None),
        Some(account) if account.closed_at.is_some() => (RequestOutcome::Closed, None),
        Some(account) if account.email.is_none() => (RequestOutcome::NoEmail, None),
        // Whoever had the address changed may be the one who asks (AD-05).
        Some(account) if account.email_changed_at.is_some_and(|changed_at| changed_at + cooling_off > now) => {
            (RequestOutcome::CoolingOff, None)
        }
        Some(account) => (RequestOutcome::LinkMade, Some(account)),
    };
    let recipient = reachable.as_ref().and_then(|account: &Account| account.email.clone());
    // Mails to one mailbox are counted together, however its domain is written.
    let recipient = recipient.map(EmailAddress::into_canonical);
    let addressee = Addressee {
        number: &request.customer_number,
        recipient: recipient.as_ref(),
        source: request.source.as_deref(),
    };
    let Some(granted) = budget.take(tx, &addressee, now)? else { return Ok(RequestOutcome::MailBudget) };
    let account_id = reachable.as_ref().map(|account| account.id.clone());
    reset_links::insert(
        tx,
        &NewResetLink {
            id: link.id.clone(),
            reset_request_id: request.id.clone(),
            customer_number: request.customer_number.clone(),
            account_id: account_id.clone(),
            secret_key_id: link.secret_key_id,
            token_hash: link.token_hash,
            created_at: now,
            lives_until: granted.lives_for.map(|lives_for| now + lives_for),
        },
    )?;
    let mail = NewMail {
        id: MailId::mint(),
        kind: MailKind::ResetLink,
        account_id,
        reset_link_id: Some(link.id),
        recipient,
        last_two_digits: request.customer_number.last_two_digits().to_owned(),
        locale: reachable.as_ref().map_or(Locale::default(), |account| account.locale),
        status: MailStatus::Queued,
        created_at: now,
        serve_until: request.requested_at + SERVED_FOR,
        session_id: None,
    };
    queue_mail(tx, &mail)?;
    Ok(outcome)
}
