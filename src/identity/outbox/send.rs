//! Handing one mail over: a short transaction, the call with no transaction open, a short transaction.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::time;

use super::{
    attempt::{Attempt, Way, prepare},
    record_outcome::{Verdict, keep_books},
};
use crate::{
    app::App,
    identity::sessions::password_state::password_expires_at,
    mail::{Letter, Lifetime, OutgoingMail, Topic},
    store::{
        StoreError,
        jobs::{self, Job},
        mails::{self, MailKind, MailStatus},
    },
    types::{EmailAddress, Fault, MailId, device_name},
};

/// The pauses after which a fault of the database is tried again while a mail's lease lasts.
const BOOKS_TRIED_AGAIN_AFTER: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];

/// One attempt. A mail goes out at least once: after a crash between hand-over and bookkeeping the next
/// attempt sends the same bytes under the same idempotency key through the same mail API (ML-01).
pub async fn send(app: &App, job: &Job, mail_id: MailId) -> Result<(), Fault> {
    let now = app.clock.now();
    let link_ttl = TimeDelta::from_std(app.reset_link_ttl).unwrap_or(TimeDelta::MAX);
    let (mailer, claimed) = (app.mailer.clone(), job.clone());
    let attempt = app.database.write(move |tx| prepare(tx, &mailer, &claimed, &mail_id, now, link_ttl)).await?;
    let mut attempt = match attempt {
        Ok(attempt) => attempt,
        Err(outcome) => {
            if let Some(outcome) = outcome {
                app.metrics.mail(outcome);
            }
            return Ok(());
        }
    };
    let verdict = match (&attempt.mail.recipient, attempt.way) {
        (Some(recipient), Way::Through(provider)) => match write(app, &attempt, recipient)? {
            Ok(letter) => hand_over(app, job, &mut attempt, provider, &letter).await?,
            Err(verdict) => verdict,
        },
        (_, Way::Paused(reason)) => Verdict::Paused(reason),
        _ => Verdict::Finished { status: MailStatus::Decoy, provider_message_id: None },
    };
    let outcome = verdict.outcome();
    let books = Arc::new((job.clone(), attempt, verdict));
    let mut pauses = BOOKS_TRIED_AGAIN_AFTER.into_iter();
    loop {
        let (books, now) = (books.clone(), app.clock.now());
        let kept = app.database.write(move |tx| keep_books(tx, &books.0, &books.1, &books.2, now));
        let error = match kept.await {
            Ok(kept) => {
                if kept {
                    app.metrics.mail(outcome);
                }
                return Ok(());
            }
            Err(error) => error,
        };
        // What was handed over and is not written down will be handed over again.
        let Some(pause) = pauses.next() else { return Err(error.into()) };
        time::sleep(pause).await;
    }
}

/// Through the mail API that was chosen and, where that one surely has not taken it, at once through the next one.
async fn hand_over(
    app: &App,
    job: &Job,
    attempt: &mut Attempt,
    provider: &'static str,
    letter: &OutgoingMail,
) -> Result<Verdict, Fault> {
    let now = app.clock.now();
    let Ok(mut route) = app.mailer.route(Some(provider), now) else {
        return Err(Fault::broken_invariant("finding the mail API that was chosen"));
    };
    loop {
        let verdict = Verdict::from(route.hand_over(letter, attempt.history(), now).await);
        let Verdict::TryAgain { error, surely_refused: true, .. } = &verdict else { return Ok(verdict) };
        if attempt.is_held() {
            return Ok(verdict);
        }
        let Some(next) = app.mailer.route_after(route.name(), now) else { return Ok(verdict) };
        let mail = &attempt.mail;
        tracing::warn!(mail.id = %mail.id, mail.provider = route.name(), error, "the next mail API gets the mail");
        let (id, name, claimed) = (mail.id.clone(), next.name(), job.clone());
        let is_ours = app
            .database
            .write(move |tx| -> Result<bool, StoreError> {
                // Tied to it before it gets the mail, as to the one before.
                let is_ours = jobs::hold(tx, &claimed)?;
                if is_ours {
                    mails::begin_attempt(tx, &id, Some(name))?;
                }
                Ok(is_ours)
            })
            .await?;
        if !is_ours {
            return Ok(verdict);
        }
        attempt.way = Way::Through(name);
        route = next;
    }
}

/// The finished mail, or what becomes of it where it cannot be written.
fn write(app: &App, attempt: &Attempt, recipient: &EmailAddress) -> Result<Result<OutgoingMail, Verdict>, Fault> {
    let mail = &attempt.mail;
    let letter = |topic| {
        let last_two_digits = &mail.last_two_digits;
        Letter { id: &mail.id, to: recipient, locale: mail.locale, last_two_digits, topic }.write().map(Ok)
    };
    let request_page = app.links.change_password_page();
    let not_me_page = app.links.not_me_page().or(request_page);
    match (mail.kind, &attempt.link) {
        (MailKind::ResetLink, Some(link)) => {
            let Ok(token) = app.keyring.reset_token(&link.secret_key_id, &link.id) else {
                // While the secret key is being changed, another instance may have the one that is missing here.
                return Ok(Err(Verdict::try_again("secret key not at hand")));
            };
            let usual = TimeDelta::from_std(app.reset_link_ttl).unwrap_or(TimeDelta::MAX);
            let lifetime = link.lifetime(usual).to_std().unwrap_or(app.reset_link_ttl);
            let withdraw_link = app.links.withdraw_link(&token);
            letter(Topic::ResetLink {
                link: &app.links.reset_link(&token),
                withdraw_link: withdraw_link.as_deref(),
                lifetime: Lifetime::from(lifetime),
            })
        }
        (MailKind::ResetLink, None) => Err(Fault::broken_invariant("a reset mail without a link")),
        (MailKind::PasswordChanged, _) => letter(Topic::PasswordChanged { not_me_page }),
        (MailKind::NewDevice, _) => {
            let user_agent = attempt.session.as_ref().and_then(|session| session.user_agent.as_deref());
            let device = user_agent.and_then(device_name);
            letter(Topic::NewDevice { device: device.as_deref(), not_me_page })
        }
        (MailKind::ExpiryReminder, _) => {
            let expires_at = attempt.account.as_ref().and_then(|account| password_expires_at(app, account));
            let Some(expires_at) = expires_at else {
                let error = "passwords do not expire any more".to_owned();
                return Ok(Err(Verdict::GivenUp { status: MailStatus::Dropped, error, pause_address: false }));
            };
            let has_expired = expires_at <= app.clock.now();
            letter(Topic::ExpiryReminder { expires_on: expires_at.date(), has_expired, request_page })
        }
        (MailKind::AccessClosed, _) => letter(Topic::AccessClosed),
        (MailKind::AccessReopened, _) => letter(Topic::AccessReopened),
        (MailKind::AddressChanged, _) => letter(Topic::AddressChanged),
    }
}
