//! Storing the outcome of an attempt to hand a mail over.

use std::time::Duration;

use chrono::TimeDelta;

use super::attempt::{Attempt, Ending};
use crate::{
    identity::transaction::Tx,
    mail::HandOver,
    metrics::MailOutcome,
    store::{
        StoreError,
        audit_events::Event,
        jobs,
        mails::{self, MailStatus},
    },
    types::random_below,
};

/// The waits after the first, second and later failed attempts. The last one repeats.
const BACKOFF: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(5),
    Duration::from_mins(15),
];

/// The wait of a mail while the mail API refuses every mail of this service.
const UNTIL_MENDED: Duration = Duration::from_mins(1);

/// An attempt together with its verdict.
pub(in crate::identity) struct Outcome {
    pub(in crate::identity) attempt: Attempt,
    pub(in crate::identity) verdict: Verdict,
}

/// How an attempt ended.
#[derive(Debug)]
pub(in crate::identity) enum Verdict {
    /// The mail leaves the outbox.
    Ended(Ending),
    /// The mail stays queued for another attempt.
    TryAgain(Deferral),
}

/// Why and when a mail is tried again.
#[derive(Debug)]
pub(in crate::identity) struct Deferral {
    wait: Wait,
    /// The reason, without personal data.
    pub(in crate::identity) error: String,
    /// Whether the mail API has refused the mail. Without a clear answer it may have the mail.
    pub(in crate::identity) surely_refused: bool,
}

/// How long until the next attempt.
#[derive(Debug)]
enum Wait {
    /// Longer after each failure, and at least this long.
    Backoff { at_least: Option<Duration> },
    /// A short fixed wait: an operator has to mend what keeps all mails back.
    Mending,
}

impl Verdict {
    /// Another attempt after the usual wait, for a reason within this service.
    pub(in crate::identity) fn try_again(error: &str) -> Self {
        let wait = Wait::Backoff { at_least: None };
        Self::TryAgain(Deferral { wait, error: error.to_owned(), surely_refused: true })
    }

    /// The outcome that the metrics count.
    pub(in crate::identity) const fn outcome(&self) -> MailOutcome {
        match self {
            Self::Ended(ending) => ending.outcome(),
            Self::TryAgain(_) => MailOutcome::Deferred,
        }
    }
}

impl From<HandOver> for Verdict {
    fn from(answer: HandOver) -> Self {
        match answer {
            HandOver::Accepted { provider_message_id } => Self::Ended(Ending::handed_over(provider_message_id)),
            HandOver::NeverThisRecipient { error, cause } => Self::Ended(Ending::recipient_refused(&error, cause)),
            HandOver::NeverThisMail { error } => Self::Ended(Ending::failed(MailStatus::Refused, &error)),
            HandOver::Later { retry_after, error, surely_refused } => {
                Self::TryAgain(Deferral { wait: Wait::Backoff { at_least: retry_after }, error, surely_refused })
            }
            HandOver::NotForUs { error } => {
                Self::TryAgain(Deferral { wait: Wait::Mending, error, surely_refused: true })
            }
        }
    }
}

/// Writes the outcome down. Returns `false`, and writes nothing, where the attempt took longer than its lease and
/// another worker has the mail by now: that worker records its own outcome.
pub(in crate::identity) fn record_outcome(tx: &mut Tx<'_>, outcome: &Outcome) -> Result<bool, StoreError> {
    let Outcome { attempt, verdict } = outcome;
    if !jobs::confirm_lease(tx, &attempt.job)? {
        return Ok(false);
    }
    match verdict {
        Verdict::Ended(ending) => attempt.end(tx, ending)?,
        Verdict::TryAgain(deferral) => defer(tx, attempt, deferral)?,
    }
    Ok(true)
}

fn defer(tx: &mut Tx<'_>, attempt: &Attempt, deferral: &Deferral) -> Result<(), StoreError> {
    let (mail, error) = (&attempt.mail, &deferral.error);
    let wait = match deferral.wait {
        Wait::Backoff { at_least } => backoff(mail.attempts).max(at_least.unwrap_or_default()),
        Wait::Mending => with_jitter(UNTIL_MENDED),
    };
    let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
    // The attempt after the last moment is the one that gives the mail up.
    let run_at = tx.now.checked_add_signed(wait).unwrap_or(mail.serve_until).min(mail.serve_until);
    jobs::reschedule(tx, &attempt.job, run_at)?;
    // A mail API that may have the mail since an earlier attempt may still have it, even if it refuses this attempt.
    let held_by = if deferral.surely_refused { mail.provider.as_deref() } else { attempt.way.provider() };
    mails::set_deferred(tx, &mail.id, error, held_by, run_at)?;
    tracing::warn!(mail.id = %mail.id, mail.attempts = mail.attempts + 1, error, "mail not handed over");
    let detail = format!("attempt {}: {error}", mail.attempts + 1);
    attempt.audit_entry(tx, Event::MailDeferred).detail(&detail).append(tx)
}

/// The wait after `failed_before + 1` failures. Up to a tenth of it is added at random, so that mails that failed
/// together do not come back together.
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
