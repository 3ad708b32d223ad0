//! After a mail was handed over: what became of the attempt, written down.

use std::time::Duration;

use chrono::TimeDelta;

use super::attempt::Attempt;
use super::record_delivery::PAUSED_FOR;
use crate::{
    mail::HandOver,
    metrics::MailOutcome,
    store::{
        StoreError, Transaction,
        audit_events::{self, Event},
        jobs::{self, Job},
        mails::{self, MailStatus},
        reset_links,
        suppressions::{self, Suppression, SuppressionReason},
    },
    types::{JobId, UtcTime, random_below},
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

/// What became of an attempt.
pub(in crate::identity) enum Verdict {
    Finished { status: MailStatus, provider_message_id: Option<String> },
    Paused(&'static str),
    GivenUp { status: MailStatus, error: String, pause_address: bool },
    TryAgain { wait: Wait, error: String, surely_refused: bool },
}

/// How long until the next attempt.
pub(in crate::identity) enum Wait {
    /// Longer after each failure, and at least so long.
    Backoff { at_least: Option<Duration> },
    /// Until somebody has mended what keeps all mails.
    Mending,
}

impl Verdict {
    pub(in crate::identity) fn try_again(error: &str) -> Self {
        Self::TryAgain { wait: Wait::Backoff { at_least: None }, error: error.to_owned(), surely_refused: true }
    }

    pub(in crate::identity) fn outcome(&self) -> MailOutcome {
        match self {
            Self::Finished { status: MailStatus::Decoy, .. } => MailOutcome::Decoy,
            Self::Finished { .. } => MailOutcome::HandedOver,
            Self::Paused(_) => MailOutcome::Paused,
            Self::GivenUp { .. } => MailOutcome::GivenUp,
            Self::TryAgain { .. } => MailOutcome::Deferred,
        }
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

/// One transaction, unless somebody else has the mail by now. Returns whether the books are kept.
pub(in crate::identity) fn keep_books(
    tx: &mut Transaction<'_>,
    job: &Job,
    attempt: &Attempt,
    verdict: &Verdict,
    now: UtcTime,
) -> Result<bool, StoreError> {
    if !jobs::hold(tx, job)? {
        // We took longer than the lease, and somebody else has the mail now: his books are the ones to keep.
        return Ok(false);
    }
    write_down(tx, job, attempt, verdict, now)?;
    Ok(true)
}

fn write_down(
    tx: &mut Transaction<'_>,
    job: &Job,
    attempt: &Attempt,
    verdict: &Verdict,
    now: UtcTime,
) -> Result<(), StoreError> {
    let mail = &attempt.mail;
    match verdict {
        Verdict::Finished { status, provider_message_id } => {
            settle(tx, &job.id, attempt, *status, provider_message_id.as_deref(), now)?;
            // A decoy leaves the same row: what is in it, only we can read.
            let entry = attempt.trail_entry(Event::MailHandedOver, now).detail(status.as_str());
            audit_events::append(tx, &entry)
        }
        Verdict::Paused(reason) => {
            settle(tx, &job.id, attempt, MailStatus::Suppressed, None, now)?;
            audit_events::append(tx, &attempt.trail_entry(Event::MailGivenUp, now).detail(reason))
        }
        Verdict::GivenUp { status, error, pause_address } => {
            mails::set_last_error(tx, &mail.id, error)?;
            settle(tx, &job.id, attempt, *status, None, now)?;
            if let Some(recipient) = mail.recipient.as_ref().filter(|_| *pause_address) {
                let (reason, retry_at) = (SuppressionReason::HardBounce, Some(now + PAUSED_FOR));
                let suppression = Suppression { reason, since: now, retry_at, detail: Some(error.clone()) };
                suppressions::set(tx, recipient, &suppression)?;
            }
            tracing::error!(mail.id = %mail.id, error, "mail given up");
            audit_events::append(tx, &attempt.trail_entry(Event::MailGivenUp, now).detail(error))
        }
        Verdict::TryAgain { wait, error, surely_refused } => {
            let wait = match wait {
                Wait::Backoff { at_least } => backoff(mail.attempts).max(at_least.unwrap_or_default()),
                Wait::Mending => with_jitter(UNTIL_MENDED),
            };
            let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
            // The attempt after the last moment is the one that gives the mail up.
            let run_at = now.checked_add_signed(wait).unwrap_or(mail.serve_until).min(mail.serve_until);
            jobs::reschedule(tx, job, run_at)?;
            // Who may have it since an attempt before may have it still, whatever it says to this one.
            let held_by = if *surely_refused { mail.provider.as_deref() } else { attempt.way.provider() };
            mails::set_deferred(tx, &mail.id, error, held_by, run_at)?;
            tracing::warn!(mail.id = %mail.id, mail.attempts = mail.attempts + 1, error, "mail not handed over");
            let detail = format!("attempt {}: {error}", mail.attempts + 1);
            audit_events::append(tx, &attempt.trail_entry(Event::MailDeferred, now).detail(&detail))
        }
    }
}

/// Ends a mail's way.
pub(in crate::identity) fn settle(
    tx: &mut Transaction<'_>,
    job_id: &JobId,
    attempt: &Attempt,
    status: MailStatus,
    provider_message_id: Option<&str>,
    now: UtcTime,
) -> Result<(), StoreError> {
    mails::finish(tx, &attempt.mail.id, status, provider_message_id)?;
    if let Some(link) = &attempt.link {
        reset_links::set_mail_finished(tx, &link.id)?;
    }
    jobs::finish(tx, job_id).map(drop)
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
