//! Pauses calls to a mail API that does not work, and resumes them by itself (ML-08).

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;

use super::hand_over::HandOver;
use crate::{
    metrics::{Alarm, AlarmMetrics},
    types::{EmailAddress, UtcTime},
};

/// The failures in a row after which all mails pause.
const MOST_FAILURES: u32 = 5;
/// The pause after [`MOST_FAILURES`]. Then one mail tries.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The longest pause of all mails because of the `Retry-After` in the answer to one mail.
const LONGEST_PAUSE_FOR_ONE_MAIL: TimeDelta = TimeDelta::minutes(1);
/// The pause after a refusal of the account, which an operator has to solve.
const PAUSE_AFTER_ACCOUNT_REFUSAL: TimeDelta = TimeDelta::minutes(1);
/// The recipients in a row whose mails are refused after which the account counts as refused, and not the mails. The
/// mails to one recipient count once: otherwise requests for a single number could hold up the mails of all others.
const MOST_RECIPIENTS_REFUSED: usize = 5;

/// What is known of a mail before an attempt.
#[derive(Debug, Clone, Copy)]
pub struct History {
    /// The time at which the mail was queued.
    pub created_at: UtcTime,
    /// Whether an earlier attempt has failed.
    pub tried_before: bool,
}

/// A mail that was handed over, whatever the answer.
pub(super) struct Attempted<'a> {
    pub(super) recipient: &'a EmailAddress,
    pub(super) history: History,
}

/// Whether a mail may be handed over now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptClaim {
    Granted,
    /// The next attempt may be made at this time.
    NotBefore(UtcTime),
}

/// The recent health of one mail API, as seen by this instance.
pub(super) struct Breaker {
    state: Mutex<State>,
    alarms: AlarmMetrics,
}

#[derive(Default)]
struct State {
    failures: u32,
    recipients_refused: BTreeSet<String>,
    last_accepted_at: Option<UtcTime>,
    paused_until: Option<UtcTime>,
    /// Whether the alarm of the present outage has been raised.
    alarmed: bool,
}

impl Breaker {
    pub(super) fn new(alarms: AlarmMetrics) -> Self {
        Self { state: Mutex::default(), alarms }
    }

    /// Claims one attempt. The first claim after a pause is the attempt that tests the mail API; the others wait for
    /// its outcome.
    pub(super) fn claim_attempt(&self, now: UtcTime) -> AttemptClaim {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.paused_until {
            Some(until) if until > now => AttemptClaim::NotBefore(until),
            Some(_) => {
                state.paused_until = Some(now + PAUSE);
                AttemptClaim::Granted
            }
            None => AttemptClaim::Granted,
        }
    }

    /// Records the answer to one mail and returns what it means, given the answers to other mails.
    pub(super) fn record(&self, name: &str, answer: HandOver, attempted: &Attempted<'_>, now: UtcTime) -> HandOver {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = state.reconsider(answer, attempted);
        let has_failed = match &answer {
            HandOver::Accepted { .. } | HandOver::NeverThisRecipient { .. } => {
                state.record_success(name, now);
                false
            }
            HandOver::NeverThisMail { .. } => false,
            HandOver::NotForUs { error } => {
                state.record_account_refusal(name, error, now);
                true
            }
            HandOver::Later { retry_after, error, .. } => {
                state.record_failure(name, error, *retry_after, now);
                true
            }
        };
        // The log tells of an outage once. The count goes on rising while it lasts, so that an alert does not end before it.
        if has_failed && state.alarmed {
            self.alarms.raise(Alarm::MailApi);
        }
        answer
    }
}

impl State {
    fn reconsider(&mut self, answer: HandOver, attempted: &Attempted<'_>) -> HandOver {
        let Attempted { recipient, history } = attempted;
        match answer {
            // The mail API accepts other mails: this one waits, and does not hold up the others.
            HandOver::NotForUs { error }
                if history.tried_before && self.last_accepted_at > Some(history.created_at) =>
            {
                HandOver::Later { retry_after: None, error, surely_refused: true }
            }
            HandOver::NeverThisMail { error } => {
                self.recipients_refused.insert(recipient.canonical());
                if self.recipients_refused.len() > MOST_RECIPIENTS_REFUSED {
                    return HandOver::NotForUs { error };
                }
                HandOver::NeverThisMail { error }
            }
            answer => answer,
        }
    }

    fn record_success(&mut self, name: &str, now: UtcTime) {
        if self.alarmed {
            tracing::warn!(mail.provider = name, "the mail API accepts mails again");
        }
        *self = Self { last_accepted_at: Some(now), ..Self::default() };
    }

    fn record_account_refusal(&mut self, name: &str, error: &str, now: UtcTime) {
        self.alarm(name, error, "the mail API refuses this account: no mail leaves through it");
        self.paused_until = Some(now + PAUSE_AFTER_ACCOUNT_REFUSAL);
    }

    fn record_failure(&mut self, name: &str, error: &str, retry_after: Option<Duration>, now: UtcTime) {
        self.failures = self.failures.saturating_add(1);
        let is_down = self.failures >= MOST_FAILURES;
        if is_down {
            self.alarm(name, error, "the mail API fails repeatedly");
        }
        let requested = retry_after.and_then(|wait| TimeDelta::from_std(wait).ok());
        let pause = match requested {
            Some(requested) if is_down => Some(requested),
            // The mail itself waits for the whole time; the other mails learn by their own attempts.
            Some(requested) => Some(requested.min(LONGEST_PAUSE_FOR_ONE_MAIL)),
            None => is_down.then_some(PAUSE),
        };
        if let Some(pause) = pause {
            self.paused_until = Some(now + pause);
        }
    }

    /// Raises the alarm, once for each outage.
    fn alarm(&mut self, name: &str, error: &str, problem: &str) {
        if !self.alarmed {
            tracing::error!(mail.provider = name, error, alarm = true, "{problem}");
            self.alarmed = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::metrics::{Known, Metrics};

    fn at(seconds: i64) -> UtcTime {
        let noon = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap().and_hms_opt(12, 0, 0).unwrap();
        noon + TimeDelta::seconds(seconds)
    }

    fn new_breaker() -> Breaker {
        Breaker::new(Metrics::new(at(0), &Known::default()).unwrap().alarms)
    }

    const FRESH: History = History { created_at: UtcTime::MIN, tried_before: false };

    /// Records the answer to a mail to Ana.
    fn record(breaker: &Breaker, answer: HandOver, history: History, now: UtcTime) -> HandOver {
        record_to("ana@example.si", breaker, answer, history, now)
    }

    fn record_to(recipient: &str, breaker: &Breaker, answer: HandOver, history: History, now: UtcTime) -> HandOver {
        let recipient = &EmailAddress::parse(recipient).unwrap();
        breaker.record("test", answer, &Attempted { recipient, history }, now)
    }

    fn not_for_us() -> HandOver {
        HandOver::NotForUs { error: "http 403".to_owned() }
    }

    fn accepted() -> HandOver {
        HandOver::Accepted { provider_message_id: None }
    }

    fn failure() -> HandOver {
        HandOver::Later { retry_after: None, error: "timeout".to_owned(), surely_refused: false }
    }

    #[test]
    fn ml_08_five_failures_pause_all_mails_until_one_tries() {
        let breaker = new_breaker();
        for _ in 0..4 {
            record(&breaker, failure(), FRESH, at(0));
            assert_eq!(breaker.claim_attempt(at(0)), AttemptClaim::Granted);
        }
        record(&breaker, failure(), FRESH, at(0));
        assert_eq!(breaker.claim_attempt(at(29)), AttemptClaim::NotBefore(at(30)));
        assert_eq!(breaker.claim_attempt(at(30)), AttemptClaim::Granted);
        assert_eq!(breaker.claim_attempt(at(30)), AttemptClaim::NotBefore(at(60)));
        record(&breaker, HandOver::Accepted { provider_message_id: None }, FRESH, at(31));
        assert_eq!(breaker.claim_attempt(at(31)), AttemptClaim::Granted);
        assert_eq!(breaker.claim_attempt(at(31)), AttemptClaim::Granted);
    }

    #[test]
    fn ml_08_a_wrong_key_pauses_at_once_and_so_does_retry_after() {
        let breaker = new_breaker();
        record(&breaker, HandOver::NotForUs { error: "http 401".to_owned() }, FRESH, at(0));
        assert_eq!(breaker.claim_attempt(at(1)), AttemptClaim::NotBefore(at(60)));
        let breaker = new_breaker();
        let retry_after = Some(Duration::from_secs(50));
        let answer = HandOver::Later { retry_after, error: "http 429".to_owned(), surely_refused: true };
        record(&breaker, answer, FRESH, at(0));
        assert_eq!(breaker.claim_attempt(at(1)), AttemptClaim::NotBefore(at(50)));
    }

    #[test]
    fn ml_08_a_long_retry_after_holds_the_other_mails_up_for_a_minute() {
        let breaker = new_breaker();
        let retry_after = Some(Duration::from_mins(15));
        let answer = HandOver::Later { retry_after, error: "http 429".to_owned(), surely_refused: true };
        assert_eq!(record(&breaker, answer.clone(), FRESH, at(0)), answer);
        assert_eq!(breaker.claim_attempt(at(1)), AttemptClaim::NotBefore(at(60)));
    }

    #[test]
    fn ml_08_one_refused_mail_holds_up_no_other() {
        let breaker = new_breaker();
        record(&breaker, not_for_us(), FRESH, at(0));
        assert_ne!(breaker.claim_attempt(at(1)), AttemptClaim::Granted);
        record(&breaker, accepted(), FRESH, at(60));
        let again = History { created_at: at(0), tried_before: true };
        let meaning = record(&breaker, not_for_us(), again, at(61));
        assert!(matches!(meaning, HandOver::Later { retry_after: None, surely_refused: true, .. }));
        assert_eq!(breaker.claim_attempt(at(62)), AttemptClaim::Granted);
        // A mail that was queued since then and is refused at its first attempt says something about the mail API.
        record(&breaker, not_for_us(), History { created_at: at(63), tried_before: false }, at(63));
        assert_ne!(breaker.claim_attempt(at(64)), AttemptClaim::Granted);
    }

    #[test]
    fn ml_08_when_every_mail_is_refused_the_mails_are_kept() {
        let breaker = new_breaker();
        let refused = || HandOver::NeverThisMail { error: "http 400".to_owned() };
        for index in 0..5 {
            let recipient = format!("kupec{index}@example.si");
            assert_eq!(record_to(&recipient, &breaker, refused(), FRESH, at(0)), refused());
        }
        assert!(matches!(record(&breaker, refused(), FRESH, at(0)), HandOver::NotForUs { .. }));
        assert_eq!(breaker.claim_attempt(at(1)), AttemptClaim::NotBefore(at(60)));
        record(&breaker, accepted(), FRESH, at(60));
        assert_eq!(record(&breaker, refused(), FRESH, at(61)), refused());
    }

    /// A stranger who asks for mails to one such recipient again and again must not pause the mails of all.
    #[test]
    fn ml_08_refused_mails_to_one_recipient_count_once() {
        let breaker = new_breaker();
        let refused = || HandOver::NeverThisMail { error: "http 400".to_owned() };
        for _ in 0..50 {
            assert_eq!(record(&breaker, refused(), FRESH, at(0)), refused());
        }
        assert_eq!(breaker.claim_attempt(at(0)), AttemptClaim::Granted);
    }
}
