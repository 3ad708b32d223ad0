//! Handing one mail over: a short transaction, the call with no transaction open, a short transaction.

use std::{sync::Arc, time::Duration};

use tokio::time;

use super::{
    attempt::{Attempt, Ending, Way},
    compose::{Composed, compose},
    prepare::{Prepared, prepare},
    record_outcome::{Deferral, Outcome, Verdict, record_outcome},
};
use crate::{
    app::App,
    identity::{refusal::IdentityError, work::JobOutcome},
    mail::OutgoingMail,
    metrics::MailOutcome,
    store::{
        jobs::{self, Job},
        mails,
    },
    types::{Fault, MailId, RequestContext},
};

/// The pauses between the tries to record an outcome while the database fails. All of them fit into the lease of the
/// mail.
const RECORDED_AGAIN_AFTER: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];

/// Makes one attempt to hand the mail over. A mail goes out at least once: after a crash between the hand-over and the
/// record of its outcome, the next attempt sends the same bytes under the same idempotency key through the same mail
/// API (ML-01).
pub async fn send(
    app: &App,
    context: &RequestContext,
    job: &Job,
    mail_id: MailId,
) -> Result<JobOutcome, IdentityError> {
    let claimed = job.clone();
    let prepared = app.transact(context, move |tx| Ok(prepare(tx, claimed, &mail_id)?)).await?;
    let mut attempt = match prepared {
        Prepared::HandOver(attempt) => attempt,
        Prepared::Settled(outcome) => {
            app.metrics.mails.ended(outcome, None);
            return Ok(JobOutcome::of(outcome.as_str()));
        }
        Prepared::NotOurs => return Ok(JobOutcome::NOTHING_TO_DO),
    };
    let verdict = match (&attempt.mail.recipient, attempt.way) {
        (Some(recipient), Way::Through(provider)) => match compose(app, &attempt, recipient)? {
            Composed::Letter(letter) => hand_over(app, context, &mut attempt, provider, &letter).await?,
            Composed::Nothing(verdict) => verdict,
        },
        (_, Way::Paused(reason)) => Verdict::Ended(Ending::paused(reason)),
        _ => Verdict::Ended(Ending::decoy()),
    };
    let outcome = JobOutcome {
        outcome: verdict.outcome().as_str(),
        mail_kind: Some(attempt.mail.kind),
        mail_provider: attempt.way.provider(),
    };
    record(app, context, Outcome { attempt: *attempt, verdict }).await?;
    Ok(outcome)
}

/// Hands the mail to the mail API that was chosen. Where that one has certainly not taken the mail, the next one gets
/// it at once.
async fn hand_over(
    app: &App,
    context: &RequestContext,
    attempt: &mut Attempt,
    provider: &'static str,
    letter: &OutgoingMail,
) -> Result<Verdict, IdentityError> {
    let now = app.clock.now();
    let Some(mut route) = app.mailer.find_route(provider) else {
        return Err(Fault::broken_invariant("finding the mail API that was chosen").into());
    };
    loop {
        let verdict = Verdict::from(route.hand_over(letter, attempt.history(), now).await);
        let Verdict::TryAgain(Deferral { error, surely_refused: true, .. }) = &verdict else {
            return Ok(verdict);
        };
        if attempt.is_held() {
            return Ok(verdict);
        }
        let Some(next) = app.mailer.claim_next_route(route.name(), now) else { return Ok(verdict) };
        tracing::warn!(mail.id = %attempt.mail.id, mail.provider = route.name(), error, "the next mail API gets the mail");
        if !tie_to(app, context, attempt, next.name()).await? {
            return Ok(verdict);
        }
        attempt.way = Way::Through(next.name());
        route = next;
    }
}

/// Ties the mail to the mail API that is about to get it, as `prepare` does with the first one. Returns `false` where
/// another worker has the mail by now.
async fn tie_to(
    app: &App,
    context: &RequestContext,
    attempt: &Attempt,
    provider: &'static str,
) -> Result<bool, IdentityError> {
    let (job, mail_id) = (attempt.job.clone(), attempt.mail.id.clone());
    app.transact(context, move |tx| {
        let is_ours = jobs::confirm_lease(tx, &job)?;
        if is_ours {
            mails::begin_attempt(tx, &mail_id, Some(provider))?;
        }
        Ok(is_ours)
    })
    .await
}

/// Records the outcome, if need be in several tries: a mail whose outcome is not recorded is handed over again.
async fn record(app: &App, context: &RequestContext, outcome: Outcome) -> Result<(), IdentityError> {
    let outcome = Arc::new(outcome);
    let mut pauses = RECORDED_AGAIN_AFTER.into_iter();
    loop {
        let recording = outcome.clone();
        let error = match app.transact(context, move |tx| Ok(record_outcome(tx, &recording)?)).await {
            Ok(recorded) => {
                if recorded {
                    count(app, &outcome);
                }
                return Ok(());
            }
            Err(error) => error,
        };
        let Some(pause) = pauses.next() else { return Err(error) };
        time::sleep(pause).await;
        app.metrics.database.retried();
    }
}

fn count(app: &App, Outcome { attempt, verdict }: &Outcome) {
    let (kind, outcome, provider) = (attempt.mail.kind, verdict.outcome(), attempt.way.provider());
    app.metrics.mails.ended(outcome, provider);
    if outcome == MailOutcome::HandedOver {
        // A mail that follows no request follows what has queued it.
        let asked_at = attempt.requested_at.unwrap_or(attempt.mail.created_at);
        let after = (app.clock.now() - asked_at).to_std().unwrap_or_default();
        app.metrics.mails.handed_over(kind, attempt.job.urgency(), provider, after);
    }
}
