//! Leaving a mail API alone that does not work, and coming back by itself (ML-08).

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;

use super::hand_over::HandOver;
use crate::{
    metrics::{Alarm, Metrics},
    types::UtcTime,
};

/// So many failures one after the other, and it is left alone …
const MOST_FAILURES: u32 = 5;
/// … for so long; then one mail tries.
const LEFT_ALONE_FOR: TimeDelta = TimeDelta::seconds(30);
/// One answer's wish to wait holds the other mails up for so long at most.
const LONGEST_ON_REQUEST: TimeDelta = TimeDelta::minutes(1);
/// What has to be mended by somebody is looked at again so often.
const AFTER_NOT_FOR_US: TimeDelta = TimeDelta::minutes(1);

/// After so many mails that it will never take, one after the other, it is not the mails.
const MOST_MAILS_REFUSED: u32 = 5;

/// What is known of a mail before an attempt.
#[derive(Debug, Clone, Copy)]
pub struct History {
    /// When it was queued.
    pub created_at: UtcTime,
    /// Whether an attempt has failed already.
    pub tried_before: bool,
}

/// How one mail API has been doing of late, as seen from this instance.
pub(super) struct Breaker {
    state: Mutex<State>,
    metrics: Metrics,
}

#[derive(Default)]
struct State {
    failures: u32,
    mails_refused: u32,
    last_accepted_at: Option<UtcTime>,
    left_alone_until: Option<UtcTime>,
    alarmed: bool,
}

impl Breaker {
    pub(super) fn new(metrics: Metrics) -> Self {
        Self { state: Mutex::default(), metrics }
    }

    /// Whether a mail may be handed to it now; if not, when the next try will be. The first one after the pause is
    /// that try: others wait for what becomes of it.
    pub(super) fn may_try(&self, now: UtcTime) -> Result<(), UtcTime> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.left_alone_until {
            Some(until) if until > now => Err(until),
            Some(_) => {
                state.left_alone_until = Some(now + LEFT_ALONE_FOR);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes in what it said to a mail, and returns what that means in the light of what it said to others.
    pub(super) fn note(&self, name: &str, answer: HandOver, history: History, now: UtcTime) -> HandOver {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = state.reconsider(answer, history);
        let alarmed = state.alarmed;
        state.note(name, &answer, now);
        if state.alarmed && !alarmed {
            self.metrics.alarm(Alarm::MailApi);
        }
        answer
    }
}

impl State {
    fn reconsider(&mut self, answer: HandOver, history: History) -> HandOver {
        match answer {
            // It serves others: this mail waits for itself, and not all the others with it.
            HandOver::NotForUs { error }
                if history.tried_before && self.last_accepted_at > Some(history.created_at) =>
            {
                HandOver::Later { retry_after: None, error, surely_refused: true }
            }
            HandOver::NeverThisMail { error } => {
                self.mails_refused = self.mails_refused.saturating_add(1);
                if self.mails_refused > MOST_MAILS_REFUSED {
                    return HandOver::NotForUs { error };
                }
                HandOver::NeverThisMail { error }
            }
            answer => answer,
        }
    }

    fn note(&mut self, name: &str, answer: &HandOver, now: UtcTime) {
        let state = self;
        match answer {
            HandOver::Accepted { .. } | HandOver::NeverThisRecipient { .. } => {
                if state.alarmed {
                    tracing::warn!(mail.provider = name, "the mail API serves us again");
                }
                *state = Self { last_accepted_at: Some(now), ..Self::default() };
            }
            HandOver::NeverThisMail { .. } => {}
            HandOver::NotForUs { error } => {
                if !state.alarmed {
                    tracing::error!(
                        mail.provider = name,
                        error,
                        alarm = true,
                        "the mail API does not serve us: no mail goes out through it"
                    );
                }
                state.alarmed = true;
                state.left_alone_until = Some(now + AFTER_NOT_FOR_US);
            }
            HandOver::Later { retry_after, error, .. } => {
                state.failures = state.failures.saturating_add(1);
                let asked = retry_after.and_then(|pause: Duration| TimeDelta::from_std(pause).ok());
                let pause = match asked {
                    // The mail itself waits as long as it was asked to; the others find out by themselves.
                    Some(asked) if state.failures < MOST_FAILURES => asked.min(LONGEST_ON_REQUEST),
                    Some(asked) => asked,
                    None if state.failures >= MOST_FAILURES => LEFT_ALONE_FOR,
                    None => return,
                };
                if state.failures >= MOST_FAILURES && !state.alarmed {
                    tracing::error!(
                        mail.provider = name,
                        error,
                        alarm = true,
                        "the mail API fails again and again"
                    );
                    state.alarmed = true;
                }
                state.left_alone_until = Some(now + pause);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn at(seconds: i64) -> UtcTime {
        let noon = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap().and_hms_opt(12, 0, 0).unwrap();
        noon + TimeDelta::seconds(seconds)
    }

    fn new_breaker() -> Breaker {
        Breaker::new(Metrics::new(at(0)).unwrap())
    }

    const FRESH: History = History { created_at: UtcTime::MIN, tried_before: false };

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
    fn ml_08_five_failures_and_it_is_left_alone_until_one_mail_tries() {
        let breaker = new_breaker();
        for _ in 0..4 {
            breaker.note("test", failure(), FRESH, at(0));
            assert!(breaker.may_try(at(0)).is_ok());
        }
        breaker.note("test", failure(), FRESH, at(0));
        assert_eq!(breaker.may_try(at(29)), Err(at(30)));
        assert!(breaker.may_try(at(30)).is_ok());
        assert_eq!(breaker.may_try(at(30)), Err(at(60)));
        breaker.note("test", HandOver::Accepted { provider_message_id: None }, FRESH, at(31));
        assert!(breaker.may_try(at(31)).is_ok());
        assert!(breaker.may_try(at(31)).is_ok());
    }

    #[test]
    fn ml_08_a_wrong_key_pauses_at_once_and_a_wish_to_wait_is_heard() {
        let breaker = new_breaker();
        breaker.note("test", HandOver::NotForUs { error: "http 401".to_owned() }, FRESH, at(0));
        assert_eq!(breaker.may_try(at(1)), Err(at(60)));
        let breaker = new_breaker();
        let wish = Some(Duration::from_secs(50));
        let answer = HandOver::Later { retry_after: wish, error: "http 429".to_owned(), surely_refused: true };
        breaker.note("test", answer, FRESH, at(0));
        assert_eq!(breaker.may_try(at(1)), Err(at(50)));
    }

    #[test]
    fn ml_08_a_wish_to_wait_for_long_holds_the_other_mails_up_for_a_minute() {
        let breaker = new_breaker();
        let wish = Some(Duration::from_mins(15));
        let answer = HandOver::Later { retry_after: wish, error: "http 429".to_owned(), surely_refused: true };
        assert_eq!(breaker.note("test", answer.clone(), FRESH, at(0)), answer);
        assert_eq!(breaker.may_try(at(1)), Err(at(60)));
    }

    #[test]
    fn ml_08_one_mail_it_will_not_serve_holds_up_no_other() {
        let breaker = new_breaker();
        breaker.note("test", not_for_us(), FRESH, at(0));
        assert!(breaker.may_try(at(1)).is_err());
        breaker.note("test", accepted(), FRESH, at(60));
        let again = History { created_at: at(0), tried_before: true };
        let meaning = breaker.note("test", not_for_us(), again, at(61));
        assert!(matches!(meaning, HandOver::Later { retry_after: None, surely_refused: true, .. }));
        assert!(breaker.may_try(at(62)).is_ok());
        // One that was queued since and meets the same for the first time tells of the mail API.
        breaker.note("test", not_for_us(), History { created_at: at(63), tried_before: false }, at(63));
        assert!(breaker.may_try(at(64)).is_err());
    }

    #[test]
    fn ml_08_when_it_takes_no_mail_at_all_the_others_are_kept() {
        let breaker = new_breaker();
        let refused = || HandOver::NeverThisMail { error: "http 400".to_owned() };
        for _ in 0..5 {
            assert_eq!(breaker.note("test", refused(), FRESH, at(0)), refused());
        }
        assert!(matches!(breaker.note("test", refused(), FRESH, at(0)), HandOver::NotForUs { .. }));
        assert_eq!(breaker.may_try(at(1)), Err(at(60)));
        breaker.note("test", accepted(), FRESH, at(60));
        assert_eq!(breaker.note("test", refused(), FRESH, at(61)), refused());
    }
}
