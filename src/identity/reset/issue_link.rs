//! What the worker does with a reset request: find the account, make the link, queue the mail.

use chrono::TimeDelta;

use super::mail_budget::{Addressee, take_mail};
use crate::{
    app::App,
    crypto::Keyring,
    identity::{decoy::nobody, refusal::IdentityError, transaction::Tx, work::queue_mail},
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::{Entry, Event},
        jobs::{self, Job},
        mails::{MailKind, MailStatus, NewMail},
        reset_links::{self, NewResetLink},
        reset_requests::{self, RequestOutcome, ResetRequest},
        swallowed_requests,
    },
    types::{
        Actor, CustomerNumber, EmailAddress, Fault, JobId, Locale, MailId, RequestContext, ResetLinkId,
        ResetRequestId, ResetTokenHash,
    },
};

/// The most links of one number that may be live at the same time (RQ-11).
pub(in crate::identity) const LIVE_LINKS: i64 = 3;
/// How long after a request its link is made and its mail is sent.
pub(in crate::identity) const SERVED_FOR: TimeDelta = TimeDelta::hours(24);

/// Serves a reset request in one transaction, with the same statements for every number: where there is nobody to write
/// to, the link and the mail are decoys, which take the same steps and are never sent (RQ-02).
pub async fn issue_link(app: &App, job: &Job, request_id: ResetRequestId) -> Result<(), IdentityError> {
    let link = MadeLink::make(&app.keyring)?;
    let job_id = job.id.clone();
    let context = RequestContext::of(Actor::Service);
    let served = app.transact(&context, move |tx| Ok(serve(tx, &job_id, &request_id, link)?)).await?;
    if let Some(outcome) = served {
        app.metrics.reset_request(outcome.as_str());
    }
    app.job_queued.notify_one();
    Ok(())
}

/// A link that is not stored yet.
struct MadeLink {
    id: ResetLinkId,
    secret_key_id: String,
    token_hash: ResetTokenHash,
}

impl MadeLink {
    fn make(keyring: &Keyring) -> Result<Self, Fault> {
        let id = ResetLinkId::mint();
        let secret_key_id = keyring.current_id().to_owned();
        let token = keyring
            .reset_token(&secret_key_id, &id)
            .map_err(|error| Fault::internal("deriving a reset token", error))?;
        Ok(Self { id, secret_key_id, token_hash: token.hash() })
    }
}

/// Serves the request and returns its outcome; `None` where another worker has served it.
fn serve(
    tx: &mut Tx<'_>,
    job_id: &JobId,
    request_id: &ResetRequestId,
    link: MadeLink,
) -> Result<Option<RequestOutcome>, StoreError> {
    if !jobs::finish(tx, job_id)? {
        return Ok(None);
    }
    let Some(request) = reset_requests::find(tx, request_id)? else { return Ok(None) };
    let number = &request.customer_number;
    reset_requests::lock_number(tx, number)?;
    let cooldown = tx.app.config.reset_cooldown;
    let outcome = if request.requested_at + SERVED_FOR <= tx.now {
        RequestOutcome::Stale
    } else if reset_requests::is_within_cooldown(tx, &request, cooldown)? {
        RequestOutcome::Cooldown
    } else if reset_links::count_live(tx, number)? >= LIVE_LINKS {
        RequestOutcome::EnoughLinks
    } else {
        make_link_or_decoy(tx, &request, link)?
    };
    if outcome.is_repeat() {
        // One row counts any number of repeats: a flood must not fill the audit trail.
        reset_requests::delete(tx, &request.id)?;
        swallowed_requests::count(tx, number, outcome, request.requested_at)?;
        return Ok(Some(outcome));
    }
    reset_requests::set_outcome(tx, &request.id, outcome)?;
    Entry::of_request(&request).append(tx)?;
    let entry = tx.entry(Event::ResetProcessed).number(number).reset_request(&request.id);
    entry.detail(outcome.as_str()).append(tx)?;
    Ok(Some(outcome))
}

/// Whom the link of a request is for.
enum LinkFor {
    /// The owner of the account, who can be written to.
    Owner(Box<Account>),
    /// Nobody, for this reason: the link is a decoy.
    Nobody(RequestOutcome),
}

impl LinkFor {
    fn account(&self) -> Option<&Account> {
        match self {
            Self::Owner(account) => Some(account),
            Self::Nobody(_) => None,
        }
    }

    fn outcome(&self) -> RequestOutcome {
        match self {
            Self::Owner(_) => RequestOutcome::LinkMade,
            Self::Nobody(outcome) => *outcome,
        }
    }
}

/// Finds whom the link is for, and locks the account until the transaction ends: a change or a closing that runs at the
/// same time is either seen here, or sees the link.
fn find_owner(tx: &mut Tx<'_>, number: &CustomerNumber) -> Result<LinkFor, StoreError> {
    let found = accounts::find_by_customer_number(tx, number)?;
    let account = accounts::lock(tx, &found.map_or_else(nobody, |account| account.id))?;
    let cooling_off = tx.app.config.email_cooling_off;
    Ok(match account {
        None => LinkFor::Nobody(RequestOutcome::NoAccount),
        Some(account) if account.closed_at.is_some() => LinkFor::Nobody(RequestOutcome::Closed),
        Some(account) if account.email.is_none() => LinkFor::Nobody(RequestOutcome::NoEmail),
        // The person who had the address changed may be the one who asks (AD-05).
        Some(account) if account.email_changed_at.is_some_and(|changed_at| changed_at + cooling_off > tx.now) => {
            LinkFor::Nobody(RequestOutcome::CoolingOff)
        }
        Some(account) => LinkFor::Owner(Box::new(account)),
    })
}

fn make_link_or_decoy(
    tx: &mut Tx<'_>,
    request: &ResetRequest,
    link: MadeLink,
) -> Result<RequestOutcome, StoreError> {
    let number = &request.customer_number;
    let owner = find_owner(tx, number)?;
    let account = owner.account();
    // Mails to one mailbox are counted together, however its domain is written.
    let recipient = account.and_then(|account| account.email.clone()).map(EmailAddress::into_canonical);
    let addressee = Addressee { number, recipient: recipient.as_ref(), source: request.source.as_deref() };
    let Some(granted) = take_mail(tx, &addressee)? else { return Ok(RequestOutcome::MailBudget) };
    let account_id = account.map(|account| account.id.clone());
    let stored = NewResetLink {
        id: link.id.clone(),
        reset_request_id: request.id.clone(),
        customer_number: number.clone(),
        account_id: account_id.clone(),
        secret_key_id: link.secret_key_id,
        token_hash: link.token_hash,
        created_at: tx.now,
        lives_until: granted.link_lives_for.map(|lives_for| tx.now + lives_for),
    };
    reset_links::insert(tx, &stored)?;
    let mail = NewMail {
        id: MailId::mint(),
        kind: MailKind::ResetLink,
        account_id,
        reset_link_id: Some(link.id),
        recipient,
        last_two_digits: number.last_two_digits().to_owned(),
        locale: account.map_or(Locale::default(), |account| account.locale),
        status: MailStatus::Queued,
        created_at: tx.now,
        serve_until: request.requested_at + SERVED_FOR,
        session_id: None,
    };
    queue_mail(tx, &mail)?;
    Ok(owner.outcome())
}
