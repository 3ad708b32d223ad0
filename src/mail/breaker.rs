//! Leaving a mail API alone that does not work, and coming back by itself (ML-08).

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;

use super::hand_over::HandOver;
use crate::types::UtcTime;

/// So many failures one after the other, and it is left alone …
const MOST_FAILURES: u32 = 5;
/// … for so long; then one mail tries.
const LEFT_ALONE_FOR: TimeDelta = TimeDelta::seconds(30);
/// What has to be mended by somebody is looked at again so often.
const AFTER_NOT_FOR_US: TimeDelta = TimeDelta::minutes(1);

/// How one mail API has been doing of late, as seen from this instance.
#[derive(Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    left_alone_until: Option<UtcTime>,
    alarmed: bool,
}

impl Breaker {
    /// Whether a mail may be handed to it now; if not, when the next try will be. The first one after the pause is
    /// that try: others wait for what becomes of it.
    pub(super) fn may_try(&self, now: UtcTime) -> Result<(), UtcTime> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.left_alone_until {
            Some(until) if until > now => Err(until),
            Some(_) => {
                state.left_alone_until = Some(now + LEFT_ALONE_FOR);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes in what it said.
    pub(super) fn note(&self, name: &str, answer: &HandOver, now: UtcTime) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            HandOver::Accepted { .. } | HandOver::NeverThisRecipient { .. } | HandOver::NeverThisMail { .. } => {
                if state.alarmed {
                    tracing::warn!(mail.provider = name, "the mail API serves us again");
                }
                *state = State::default();
            }
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

    fn failure() -> HandOver {
        HandOver::Later { retry_after: None, error: "timeout".to_owned(), surely_refused: false }
    }

    #[test]
    fn ml_08_five_failures_and_it_is_left_alone_until_one_mail_tries() {
        let breaker = Breaker::default();
        for _ in 0..4 {
            breaker.note("test", &failure(), at(0));
            assert!(breaker.may_try(at(0)).is_ok());
        }
        breaker.note("test", &failure(), at(0));
        assert_eq!(breaker.may_try(at(29)), Err(at(30)));
        assert!(breaker.may_try(at(30)).is_ok());
        assert_eq!(breaker.may_try(at(30)), Err(at(60)));
        breaker.note("test", &HandOver::Accepted { provider_message_id: None }, at(31));
        assert!(breaker.may_try(at(31)).is_ok());
        assert!(breaker.may_try(at(31)).is_ok());
    }

    #[test]
    fn ml_08_a_wrong_key_pauses_at_once_and_a_wish_to_wait_is_heard() {
        let breaker = Breaker::default();
        breaker.note("test", &HandOver::NotForUs { error: "http 401".to_owned() }, at(0));
        assert_eq!(breaker.may_try(at(1)), Err(at(60)));
        let breaker = Breaker::default();
        let wish = Some(Duration::from_secs(90));
        let answer = HandOver::Later { retry_after: wish, error: "http 429".to_owned(), surely_refused: true };
        breaker.note("test", &answer, at(0));
        assert_eq!(breaker.may_try(at(1)), Err(at(90)));
    }
}
