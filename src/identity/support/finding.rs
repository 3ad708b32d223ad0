//! Findings: what support is told, one fact each.

use chrono::{TimeDelta, Timelike as _};

use super::finding_code::{FindingCode, Severity};
use crate::{
    mail::cause_of_code,
    texts::{moment_text, text},
    types::{BounceCause, Locale, UtcTime},
};

/// Whether asking for another link helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Another link may arrive.
    Helps,
    /// Another link does not arrive either.
    DoesNotHelp,
}

/// One fact, with the values that its sentences need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub code: FindingCode,
    /// How much this finding stands in the way.
    pub severity: Severity,
    /// Since when the finding holds.
    pub at: Option<UtcTime>,
    /// Until when it holds, or the time of the next attempt.
    pub until: Option<UtcTime>,
    /// The address on file, shortened so that only its owner recognises it.
    pub masked_email: Option<String>,
    /// The code of the receiving server or the word of the mail API.
    pub detail: Option<String>,
    /// Why the mail came back.
    pub cause: Option<BounceCause>,
    /// How many requests, attempts or failures it is about.
    pub count: Option<i32>,
    /// The device that it is about, in words; `None` where nothing is known of one.
    pub device: Option<String>,
    /// The network, /24 or /48, that it is about.
    pub source: Option<String>,
    /// Whether asking for another link helps.
    pub asking: Asking,
}

impl Finding {
    pub(in crate::identity) const fn new(code: FindingCode) -> Self {
        let severity = code.severity();
        Self {
            code,
            severity,
            at: None,
            until: None,
            masked_email: None,
            detail: None,
            cause: None,
            count: None,
            device: None,
            source: None,
            asking: Asking::Helps,
        }
    }

    /// The same finding where asking for another link does not help.
    pub(in crate::identity) fn without_asking(self) -> Self {
        Self { asking: Asking::DoesNotHelp, ..self }
    }

    pub(in crate::identity) fn at(self, at: impl Into<Option<UtcTime>>) -> Self {
        Self { at: at.into(), ..self }
    }

    pub(in crate::identity) fn until(self, until: impl Into<Option<UtcTime>>) -> Self {
        Self { until: until.into(), ..self }
    }

    pub(in crate::identity) fn detail(self, detail: Option<&str>) -> Self {
        Self { detail: detail.map(str::to_owned), ..self }
    }

    pub(in crate::identity) fn cause(self, cause: Option<BounceCause>) -> Self {
        Self { cause, ..self }
    }

    pub(in crate::identity) fn count(self, count: i32) -> Self {
        Self { count: Some(count), ..self }
    }

    /// The sentence for the customer.
    #[must_use]
    pub fn customer_sentence(&self, locale: Locale) -> String {
        self.sentence(locale, &format!("finding-{}", self.code.as_str()))
    }

    /// What support does next.
    #[must_use]
    pub fn next_step(&self, locale: Locale) -> String {
        let variant = match (self.code, self.asking) {
            (FindingCode::MailBounced, Asking::DoesNotHelp) => "-without-asking",
            _ => "",
        };
        self.sentence(locale, &format!("finding-{}-next{variant}", self.code.as_str()))
    }

    fn sentence(&self, locale: Locale, key: &str) -> String {
        let moment =
            |moment: Option<UtcTime>| moment.map_or("–".to_owned(), |moment| moment_text(locale, moment));
        let device = self.device.clone().unwrap_or_else(|| text(locale, "mail-fact-device-unknown", &[]));
        let arguments = [
            ("at", moment(self.at).into()),
            ("until", moment(self.until.map(up_to_the_minute)).into()),
            ("masked_email", self.masked_email.clone().unwrap_or_default().into()),
            ("detail", self.explained_detail(locale).into()),
            ("count", self.count.unwrap_or(1).into()),
            ("device", device.into()),
            ("source", self.source.clone().unwrap_or_else(|| "–".to_owned()).into()),
        ];
        text(locale, key, &arguments)
    }

    /// The reason in the reader's language: the detail, and in words what it means.
    fn explained_detail(&self, locale: Locale) -> String {
        let detail = self.detail.as_deref();
        if let Some(key) = detail.and_then(reason_key) {
            return text(locale, key, &[]);
        }
        let answer = detail.and_then(|detail| detail.strip_prefix("http "));
        let told = match answer {
            Some(answer) => Some(explained_answer(locale, answer)),
            None => detail.map(str::to_owned),
        };
        let of_server = detail.filter(|_| answer.is_none());
        let phrase = phrase_of(of_server, self.cause).map(|phrase| text(locale, phrase, &[]));
        let parts: Vec<String> = [told, phrase].into_iter().flatten().collect();
        if parts.is_empty() { "–".to_owned() } else { parts.join(", ") }
    }
}

/// What the code of a receiving server means, or else the cause that the mail API told.
fn phrase_of(detail: Option<&str>, cause: Option<BounceCause>) -> Option<&'static str> {
    let codes = || detail.unwrap_or_default().split(' ').filter(|word| word.starts_with(['4', '5']));
    // The enhanced code says more, where there is one.
    let code = codes().find(|word| word.contains('.')).or_else(|| codes().next());
    let (class, rest) = code.map_or(("", ""), |code| code.split_once('.').unwrap_or((code, "")));
    let of_code = code.and_then(cause_of_code);
    // A mail that did not come back is tried again.
    let is_put_off = cause.is_none() && class.starts_with('4') && of_code != Some(BounceCause::MailboxFull);
    Some(match of_code.filter(|_| cause != Some(BounceCause::Listed)).or(cause) {
        Some(BounceCause::Listed) => "smtp-listed",
        _ if ["1.2", "4.4"].contains(&rest) => "smtp-domain_unknown",
        _ if is_put_off => "smtp-greylisted",
        Some(BounceCause::NoSuchMailbox) => "smtp-mailbox_unknown",
        Some(BounceCause::MailboxFull) => "smtp-mailbox_full",
        Some(BounceCause::Content) => "smtp-content",
        Some(BounceCause::Policy) => "smtp-policy",
        // The mailbox has moved.
        Some(BounceCause::Other) | None if rest == "1.6" => "smtp-mailbox_unknown",
        Some(BounceCause::Other) | None => code.map(|_| "smtp-other")?,
    })
}

/// The next full minute, or the time itself where it is one: a sentence names no seconds, and what it says ends then must
/// have ended.
fn up_to_the_minute(moment: UtcTime) -> UtcTime {
    let minute = moment.with_second(0).and_then(|moment| moment.with_nanosecond(0)).unwrap_or(moment);
    if minute == moment { moment } else { minute + TimeDelta::minutes(1) }
}

/// The text for a reason that this service gave; `None` where the mail API or the receiving server gave it.
fn reason_key(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "no mail API works" => "reason-no_mail_api",
        "timeout" => "reason-timeout",
        "host name not found" | "connection refused" | "connection failed" | "transport error" => {
            "reason-no_connection"
        }
        "TLS failed" => "reason-no_secure_connection",
        "answer too long" => "reason-odd_answer",
        "request cannot be written" => "reason-wrong_settings",
        "secret key not at hand" => "reason-no_key",
        "the address is not one recipient" => "reason-several_recipients",
        _ => return None,
    })
}

/// An answer such as `422 validation_error` in words. The code is the mail API's own.
fn explained_answer(locale: Locale, answer: &str) -> String {
    match answer.split_once(' ') {
        Some((status, code)) => {
            text(locale, "reason-http-named", &[("status", status.into()), ("code", code.into())])
        }
        None => text(locale, "reason-http", &[("status", answer.into())]),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDateTime};

    use super::*;
    use crate::outbound::CallFailure;

    fn at(text: &str) -> NaiveDateTime {
        DateTime::parse_from_rfc3339(text).unwrap().naive_utc()
    }

    #[test]
    fn ad_04_the_end_of_a_wait_is_never_told_too_early() {
        for (until, told) in [
            ("2026-11-22T14:30:00Z", "15:30"),
            ("2026-11-22T14:30:00.000001Z", "15:31"),
            ("2026-11-22T14:30:20Z", "15:31"),
            ("2026-11-22T14:59:59.9Z", "16:00"),
        ] {
            let finding = Finding::new(FindingCode::RequestSwallowed).until(at(until));
            for &locale in Locale::ALL {
                let sentence = finding.customer_sentence(locale);
                assert!(sentence.contains(told), "{until}: {sentence}");
            }
        }
    }

    #[test]
    fn ad_04_a_reason_of_our_own_is_told_in_the_reader_s_language() {
        let calls = [
            CallFailure::ConnectTimeout,
            CallFailure::Unwritable,
            CallFailure::NameNotFound,
            CallFailure::Refused,
            CallFailure::Tls,
            CallFailure::Connect,
            CallFailure::Timeout,
            CallFailure::TooLong,
            CallFailure::Transport,
        ];
        let others =
            ["no mail API works", "secret key not at hand", "the address is not one recipient", "http 500"];
        for reason in calls.map(|call| call.to_string()).into_iter().chain(others.map(str::to_owned)) {
            let finding = Finding::new(FindingCode::MailProviderDown).detail(Some(&reason));
            for &locale in Locale::ALL {
                let sentence = finding.next_step(locale);
                assert!(!sentence.contains(&reason) && !sentence.contains("reason-"), "{locale}: {sentence}");
            }
        }
    }

    #[test]
    fn ad_04_the_mail_api_s_own_code_stays_in_the_sentence() {
        let finding = Finding::new(FindingCode::MailRefused).detail(Some("http 422 validation_error"));
        assert!(finding.next_step(Locale::Sl).contains("je odgovoril s kodo 422 (validation_error)"));
        let finding = Finding::new(FindingCode::MailBounced).detail(Some("550 5.1.1"));
        assert!(finding.next_step(Locale::Sl).contains("550 5.1.1, tega poštnega predala ni"));
    }

    #[test]
    fn wh_04_every_cause_of_a_bounce_is_told_in_words() {
        use BounceCause::{Content, Listed, MailboxFull, NoSuchMailbox, Other, Policy};
        for (detail, cause, told) in [
            (Some("552 5.2.2"), MailboxFull, "552 5.2.2, the mailbox is full"),
            (None, MailboxFull, "the mailbox is full"),
            (Some("550"), NoSuchMailbox, "550, there is no such mailbox"),
            (Some("550 5.1.2"), Other, "550 5.1.2, the domain of the e-mail address does not exist"),
            (Some("550 5.7.1"), Policy, "550 5.7.1, the server refuses the message by rules of its own"),
            (None, Policy, "the server refuses the message by rules of its own"),
            (Some("554 5.6.0"), Content, "554 5.6.0, the server refuses the content"),
            (Some("550 5.5.0"), Other, "550 5.5.0, the server gives another reason"),
            (Some("550 5.1.1"), Listed, "550 5.1.1, the address is on the mail provider's own suppression list"),
            (Some("http 422 406"), Listed, "422 (406), the address is on the mail provider's own suppression list"),
            (None, Other, "–"),
        ] {
            let finding = Finding::new(FindingCode::MailBounced).detail(detail).cause(Some(cause));
            let next = finding.next_step(Locale::En);
            assert!(next.contains(told), "{detail:?} {cause}: {next}");
            for &locale in Locale::ALL {
                let next = finding.next_step(locale);
                assert!(!next.contains("smtp-"), "{locale}: {next}");
            }
        }
    }
}
