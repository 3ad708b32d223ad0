//! Handing one mail over: a short transaction, the call with no transaction open, a short transaction.

use std::time::Duration;

use chrono::TimeDelta;

use super::{password_state::password_expires_at, record_delivery::PAUSED_FOR};
use crate::{
    app::App,
    mail::{HandOver, Letter, Lifetime, Mailer, OutgoingMail, Topic},
    store::{
        AnyConnection, StoreError,
        accounts::{self, Account},
        audit_events::{self, Entry, Event},
        jobs::{self, Job},
        mails::{self, Mail, MailKind, MailStatus, NO_MAIL_API_WORKS},
        reset_links::{self, ResetLink},
        sessions::{self, Session},
        suppressions::{self, Suppression, SuppressionReason},
    },
    types::{
        AccountId, CustomerNumber, EmailAddress, Fault, JobId, MailId, ResetRequestId, UtcTime, device_name,
        random_below,
    },
};

/// Waiting times after the first, second, … failed attempt; the last one repeats.
const BACKOFF: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(5),
    Duration::from_mins(15),
];

/// How soon a mail looks again whether the mail API serves us.
const UNTIL_MENDED: Duration = Duration::from_mins(1);

/// One attempt. A mail goes out at least once: after a crash between hand-over and bookkeeping the next
/// attempt sends the same bytes under the same idempotency key through the same mail API (ML-01).
pub async fn send_mail(app: &App, job: &Job, mail_id: MailId) -> Result<(), Fault> {
    let now = app.clock.now();
    let link_ttl = TimeDelta::from_std(app.reset_link_ttl).unwrap_or(TimeDelta::MAX);
    let (mailer, claimed) = (app.mailer.clone(), job.clone());
    let attempt = app
        .database
        .write(move |connection| prepare(connection, &mailer, &claimed, &mail_id, now, link_ttl))
        .await?;
    let Some(mut attempt) = attempt else { return Ok(()) };
    let verdict = match (&attempt.mail.recipient, attempt.provider) {
        (Some(recipient), Some(provider)) => match write(app, &attempt, recipient)? {
            Ok(letter) => hand_over(app, job, &mut attempt, provider, &letter).await?,
            Err(verdict) => verdict,
        },
        _ => Verdict::Finished { status: MailStatus::Decoy, provider_message_id: None },
    };
    let job = job.clone();
    let now = app.clock.now();
    app.database.write(move |connection| keep_books(connection, &job, &attempt, &verdict, now)).await?;
    Ok(())
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
        let verdict = Verdict::from(route.hand_over(letter, now).await);
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
            .write(move |connection| -> Result<bool, StoreError> {
                // Tied to it before it gets the mail, as to the one before.
                let is_ours = jobs::is_ours(connection, &claimed)?;
                if is_ours {
                    mails::begin_attempt(connection, &id, Some(name), now)?;
                }
                Ok(is_ours)
            })
            .await?;
        if !is_ours {
            return Ok(verdict);
        }
        attempt.provider = Some(name);
        route = next;
    }
}

struct Attempt {
    /// As it was before.
    mail: Mail,
    link: Option<ResetLink>,
    account: Option<Account>,
    session: Option<Session>,
    /// The mail API that it is handed to; `None` for a decoy.
    provider: Option<&'static str>,
}

impl Attempt {
    /// Whether a mail API may have the mail since an attempt before: no other one gets it any more.
    fn is_held(&self) -> bool {
        self.mail.provider.is_some()
    }

    fn trail_entry(&self, event: Event, now: UtcTime) -> Entry {
        let of_link = self.link.as_ref().map(|link| &link.customer_number);
        let number: Option<&CustomerNumber> =
            of_link.or_else(|| self.account.as_ref().map(|account| &account.customer_number));
        let request: Option<&ResetRequestId> = self.link.as_ref().map(|link| &link.reset_request_id);
        let mut entry = Entry::by_service(event, now).account(self.mail.account_id.as_ref());
        if let Some(number) = number {
            entry = entry.number(number);
        }
        if let Some(request) = request {
            entry = entry.reset_request(request);
        }
        entry
    }
}

enum Verdict {
    Finished { status: MailStatus, provider_message_id: Option<String> },
    GivenUp { status: MailStatus, error: String, pause_address: bool },
    TryAgain { wait: Wait, error: String, surely_refused: bool },
}

/// How long until the next attempt.
enum Wait {
    /// Longer after each failure, and at least so long.
    Backoff { at_least: Option<Duration> },
    /// Until somebody has mended what keeps all mails.
    Mending,
}

impl Verdict {
    fn try_again(error: &str) -> Self {
        Self::TryAgain { wait: Wait::Backoff { at_least: None }, error: error.to_owned(), surely_refused: true }
    }
}

impl From<HandOver> for Verdict {
    fn from(answer: HandOver) -> Self {
        let status = MailStatus::Refused;
        match answer {
            HandOver::Accepted { provider_message_id } => {
                Self::Finished { status: MailStatus::HandedOver, provider_message_id }
            }
            HandOver::NeverThisRecipient { error } => Self::GivenUp { status, error, pause_address: true },
            HandOver::NeverThisMail { error } => Self::GivenUp { status, error, pause_address: false },
            HandOver::Later { retry_after, error, surely_refused } => {
                Self::TryAgain { wait: Wait::Backoff { at_least: retry_after }, error, surely_refused }
            }
            HandOver::NotForUs { error } => Self::TryAgain { wait: Wait::Mending, error, surely_refused: true },
        }
    }
}

/// Decides whether the mail still makes sense (ML-03) and starts the link's life anew. `None` where
/// nothing is left to do.
fn prepare(
    connection: &mut AnyConnection,
    mailer: &Mailer,
    job: &Job,
    mail_id: &MailId,
    now: UtcTime,
    link_ttl: TimeDelta,
) -> Result<Option<Attempt>, StoreError> {
    let job_id = &job.id;
    let Some(mail) = mails::find(connection, mail_id)?.filter(|mail| mail.status == MailStatus::Queued) else {
        jobs::finish(connection, job_id)?;
        return Ok(None);
    };
    let link = match &mail.reset_link_id {
        Some(id) => reset_links::find(connection, id)?,
        None => None,
    };
    // For a decoy this finds nothing, at the same cost.
    let account = match &mail.account_id {
        Some(id) => accounts::find(connection, id)?,
        None => accounts::find(connection, &AccountId::from_text(String::new()))?,
    };
    let session = match &mail.session_id {
        Some(id) => sessions::find(connection, id)?,
        None => None,
    };
    let mut attempt = Attempt { mail, link, account, session, provider: None };
    // Looked up for decoys too, at the same cost.
    let suppressions = suppressions::list_of(connection, attempt.mail.recipient.as_ref())?;
    let (mail, account) = (&attempt.mail, attempt.account.as_ref());
    let obstacle = if mail.serve_until <= now {
        Some((MailStatus::Abandoned, "abandoned: not taken in time"))
    } else if attempt.link.as_ref().is_some_and(|link| link.ended_at.is_some()) {
        Some((MailStatus::Dropped, "link ended"))
    } else if [MailKind::ResetLink, MailKind::ExpiryReminder].contains(&mail.kind)
        && account.is_some_and(|account| account.closed_at.is_some())
    {
        Some((MailStatus::Dropped, "account closed"))
    } else if mail.kind == MailKind::ExpiryReminder
        && account.is_some_and(|account| {
            account.password_changed_at > Some(mail.created_at) || account.password_expired_because.is_some()
        })
    {
        Some((MailStatus::Dropped, "password changed or expired"))
    } else if mail.kind != MailKind::AddressChanged
        && mail.recipient.is_some()
        && account.is_none_or(|account| canonical(account.email.as_ref()) != canonical(mail.recipient.as_ref()))
    {
        Some((MailStatus::Dropped, "address changed"))
    } else {
        let suppressed = suppressions.iter().find(|suppression| holds(suppression, mail, now));
        suppressed.map(|suppression| (MailStatus::Suppressed, suppression.reason.as_str()))
    };
    if let Some((status, why)) = obstacle {
        return give_up(connection, job_id, &attempt, status, why, now);
    }
    if let Some(recipient) = &mail.recipient {
        match mailer.route(mail.provider.as_deref(), now) {
            Ok(route) => attempt.provider = Some(route.name()),
            Err(until) => {
                // No attempt, so none is counted: the mail only waits.
                let until = until.min(mail.serve_until);
                jobs::reschedule(connection, job, until)?;
                mails::set_deferred(connection, &mail.id, NO_MAIL_API_WORKS, mail.provider.as_deref(), until)?;
                return Ok(None);
            }
        }
        // Not before there is a way for it: a mail that only waits takes no try.
        let paused = suppressions.iter().find(|suppression| suppression.reason == SuppressionReason::HardBounce);
        if let Some(paused) = paused.filter(|_| mail.attempts == 0)
            && !suppressions::claim_retry(connection, recipient, now + PAUSED_FOR, now)?
        {
            let (status, why) = (MailStatus::Suppressed, paused.reason.as_str());
            return give_up(connection, job_id, &attempt, status, why, now);
        }
    }
    mails::begin_attempt(connection, &attempt.mail.id, attempt.provider, now)?;
    if let Some(link) = &attempt.link {
        reset_links::set_expires_at(connection, &link.id, now + link_ttl)?;
    }
    Ok(Some(attempt))
}

/// Whether nothing, or nothing of its kind, goes to the mail's address now (WH-04).
fn holds(suppression: &Suppression, mail: &Mail, now: UtcTime) -> bool {
    match suppression.reason {
        // A mail that has been tried goes on being tried: it may be the one that tries the address.
        SuppressionReason::HardBounce => {
            mail.attempts == 0 && suppression.retry_at.is_none_or(|retry_at| retry_at > now)
        }
        SuppressionReason::Complaint => mail.kind == MailKind::ExpiryReminder,
    }
}

/// Ends the way of a mail that is not handed over.
fn give_up(
    connection: &mut AnyConnection,
    job_id: &JobId,
    attempt: &Attempt,
    status: MailStatus,
    why: &str,
    now: UtcTime,
) -> Result<Option<Attempt>, StoreError> {
    settle(connection, job_id, attempt, status, None, now)?;
    audit_events::append(connection, &attempt.trail_entry(Event::MailGivenUp, now).detail(why))?;
    Ok(None)
}

/// For comparing the address on file with the one a mail was queued for.
fn canonical(address: Option<&EmailAddress>) -> Option<String> {
    address.map(EmailAddress::canonical)
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
            let withdraw_link = app.links.withdraw_link(&token);
            letter(Topic::ResetLink {
                link: &app.links.reset_link(&token),
                withdraw_link: withdraw_link.as_deref(),
                lifetime: Lifetime::from(app.reset_link_ttl),
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
            letter(Topic::ExpiryReminder { expires_on: expires_at.date(), request_page })
        }
        (MailKind::AccessClosed, _) => letter(Topic::AccessClosed),
        (MailKind::AccessReopened, _) => letter(Topic::AccessReopened),
        (MailKind::AddressChanged, _) => letter(Topic::AddressChanged),
    }
}

fn keep_books(
    connection: &mut AnyConnection,
    job: &Job,
    attempt: &Attempt,
    verdict: &Verdict,
    now: UtcTime,
) -> Result<(), StoreError> {
    let mail = &attempt.mail;
    if !jobs::is_ours(connection, job)? {
        // We took longer than the lease, and somebody else has the mail now: his books are the ones to keep.
        return Ok(());
    }
    match verdict {
        Verdict::Finished { status, provider_message_id } => {
            settle(connection, &job.id, attempt, *status, provider_message_id.as_deref(), now)?;
            // A decoy leaves the same row: what is in it, only we can read.
            let entry = attempt.trail_entry(Event::MailHandedOver, now).detail(status.as_str());
            audit_events::append(connection, &entry)
        }
        Verdict::GivenUp { status, error, pause_address } => {
            mails::set_last_error(connection, &mail.id, error)?;
            settle(connection, &job.id, attempt, *status, None, now)?;
            if let Some(recipient) = mail.recipient.as_ref().filter(|_| *pause_address) {
                let (reason, retry_at) = (SuppressionReason::HardBounce, Some(now + PAUSED_FOR));
                let suppression = Suppression { reason, since: now, retry_at, detail: Some(error.clone()) };
                suppressions::set(connection, recipient, &suppression)?;
            }
            tracing::error!(mail.id = %mail.id, error, "mail given up");
            audit_events::append(connection, &attempt.trail_entry(Event::MailGivenUp, now).detail(error))
        }
        Verdict::TryAgain { wait, error, surely_refused } => {
            let wait = match wait {
                Wait::Backoff { at_least } => backoff(mail.attempts).max(at_least.unwrap_or_default()),
                Wait::Mending => with_jitter(UNTIL_MENDED),
            };
            let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
            // The attempt after the last moment is the one that gives the mail up.
            let run_at = now.checked_add_signed(wait).unwrap_or(mail.serve_until).min(mail.serve_until);
            jobs::reschedule(connection, job, run_at)?;
            // Who may have it since an attempt before may have it still, whatever it says to this one.
            let held_by = if *surely_refused { mail.provider.as_deref() } else { attempt.provider };
            mails::set_deferred(connection, &mail.id, error, held_by, run_at)?;
            tracing::warn!(mail.id = %mail.id, mail.attempts = mail.attempts + 1, error, "mail not handed over");
            let detail = format!("attempt {}: {error}", mail.attempts + 1);
            audit_events::append(connection, &attempt.trail_entry(Event::MailDeferred, now).detail(&detail))
        }
    }
}

fn settle(
    connection: &mut AnyConnection,
    job_id: &JobId,
    attempt: &Attempt,
    status: MailStatus,
    provider_message_id: Option<&str>,
    now: UtcTime,
) -> Result<(), StoreError> {
    mails::finish(connection, &attempt.mail.id, status, provider_message_id, now)?;
    if let Some(link) = &attempt.link {
        reset_links::set_mail_finished(connection, &link.id, now)?;
    }
    jobs::finish(connection, job_id).map(drop)
}

/// The wait after `failed_before + 1` failures, with up to a tenth of it added at random, so that what
/// failed together does not come back together.
fn backoff(failed_before: i32) -> Duration {
    let index = usize::try_from(failed_before).unwrap_or(0).min(BACKOFF.len() - 1);
    with_jitter(BACKOFF.get(index).copied().unwrap_or_default())
}

fn with_jitter(wait: Duration) -> Duration {
    let tenth = u64::try_from(wait.as_millis() / 10).unwrap_or(0);
    wait + Duration::from_millis(random_below(tenth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ml_08_waits_grow_to_a_quarter_of_an_hour_and_carry_jitter() {
        for (failed_before, seconds) in [(0, 10), (1, 30), (2, 120), (3, 300), (4, 900), (90, 900)] {
            let wait = backoff(failed_before);
            let least = Duration::from_secs(seconds);
            assert!(wait >= least && wait < least + least / 10, "{failed_before}: {wait:?}");
        }
    }
}
