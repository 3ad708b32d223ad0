//! What the worker does with a reset request: find the account, make the link, queue the mail.

use chrono::TimeDelta;

use super::{
    mail_history::{LONGEST_LIFE, SERVED_FOR},
    verdict::{Addressee, Grant, Verdict, judge},
};
use crate::{
    app::App,
    crypto::Keyring,
    identity::{
        refusal::IdentityError,
        transaction::Tx,
        work::{JobOutcome, bring_mail_forward, queue_mail_because},
    },
    store::{
        StoreError,
        audit_events::{Entry, Event},
        jobs::{self, Job},
        mails::{self, Mail, MailKind, MailStatus, NewMail},
        reset_links::{self, NewResetLink},
        reset_requests::{self, RequestOutcome, ResetRequest},
        swallowed_requests,
    },
    types::{
        AccountId, EmailAddress, Fault, JobId, Locale, MailId, RequestContext, ResetLinkId, ResetRequestId,
        ResetTokenHash,
    },
};

/// Serves a reset request in one transaction, with the same statements for every number: where there is nobody to write
/// to, the link and the mail are decoys, which take the same steps and are never sent (RQ-02).
pub async fn issue_link(
    app: &App,
    context: &RequestContext,
    job: &Job,
    request_id: ResetRequestId,
) -> Result<JobOutcome, IdentityError> {
    let link = MadeLink::make(&app.keyring)?;
    let job_id = job.id.clone();
    let served = app.transact(context, move |tx| Ok(serve(tx, &job_id, &request_id, link)?)).await?;
    if let Some(outcome) = served {
        app.metrics.resets.requested(outcome.as_str());
    }
    app.job_queued.notify_one();
    Ok(served.map_or(JobOutcome::NOTHING_TO_DO, |outcome| JobOutcome::of(outcome.as_str())))
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
    reset_requests::lock_number(tx, &request.customer_number)?;
    Ok(Some(match judge(tx, &request)? {
        Verdict::Stale => conclude(tx, &request, RequestOutcome::Stale, None)?,
        Verdict::Repeats(outcome) => swallow(tx, &request, outcome)?,
        Verdict::Renews(waiting) => {
            renew(tx, &request, &waiting)?;
            swallow(tx, &request, RequestOutcome::Renewed)?
        }
        Verdict::Makes(to, grant) => {
            make(tx, &request, link, &to, grant)?;
            conclude(tx, &request, to.outcome(), to.account_id())?
        }
    }))
}

/// Stores what became of a request that is kept, and appends it to the audit trail. The account is the one that the
/// request is about, whose owner reads of it.
fn conclude(
    tx: &mut Tx<'_>,
    request: &ResetRequest,
    outcome: RequestOutcome,
    account_id: Option<&AccountId>,
) -> Result<RequestOutcome, StoreError> {
    reset_requests::set_outcome(tx, &request.id, outcome)?;
    Entry::of_request(request).account(account_id).append(tx)?;
    let entry = tx.entry(Event::ResetProcessed).number(&request.customer_number).reset_request(&request.id);
    entry.detail(outcome.as_str()).append(tx)?;
    Ok(outcome)
}

/// Counts a request that leads to no mail of its own. One row counts any number of them: a flood must not fill the
/// audit trail.
fn swallow(tx: &mut Tx<'_>, request: &ResetRequest, outcome: RequestOutcome) -> Result<RequestOutcome, StoreError> {
    reset_requests::delete(tx, &request.id)?;
    swallowed_requests::count(tx, &request.customer_number, outcome, request.requested_at)?;
    Ok(outcome)
}

/// Renews the time for which a waiting mail is served, as if this request had led to it. Where the mail waits among those
/// in bulk, somebody waits for it now.
fn renew(tx: &mut Tx<'_>, request: &ResetRequest, waiting: &Mail) -> Result<(), StoreError> {
    // Jobs start with a random delay and may overtake each other.
    let serve_until = waiting.serve_until.max(request.requested_at + SERVED_FOR);
    mails::set_serve_until(tx, &waiting.id, serve_until)?;
    // A mail that was not tried yet has the place in the queue of the request that has led to it, and one that was renewed
    // before was brought forward then.
    let next_try_at = waiting.next_try_at.unwrap_or(waiting.serve_until - SERVED_FOR);
    bring_mail_forward(tx, &waiting.id, next_try_at)
}

/// Stores the link, or a decoy, and queues its mail.
fn make(
    tx: &mut Tx<'_>,
    request: &ResetRequest,
    link: MadeLink,
    to: &Addressee,
    grant: Grant,
) -> Result<(), StoreError> {
    let number = &request.customer_number;
    let account = to.account();
    let account_id = account.map(|account| account.id.clone());
    let lives_for = grant.link_lives_for.map(|lives_for: TimeDelta| lives_for.min(LONGEST_LIFE));
    let stored = NewResetLink {
        id: link.id.clone(),
        reset_request_id: request.id.clone(),
        customer_number: number.clone(),
        account_id: account_id.clone(),
        secret_key_id: link.secret_key_id,
        token_hash: link.token_hash,
        created_at: tx.now,
        lives_until: lives_for.map(|lives_for| tx.now + lives_for),
    };
    reset_links::insert(tx, &stored)?;
    let mail = NewMail {
        id: MailId::mint(),
        kind: MailKind::ResetLink,
        account_id,
        reset_link_id: Some(link.id),
        recipient: to.recipient().map(EmailAddress::to_send_to),
        last_two_digits: number.last_two_digits().to_owned(),
        locale: account.map_or(Locale::default(), |account| account.locale),
        status: MailStatus::Queued,
        created_at: tx.now,
        serve_until: request.requested_at + SERVED_FOR,
        session_id: None,
        email_change_id: None,
    };
    queue_mail_because(tx, &mail, request.requested_at, request.cause)
}
