//! The timeline in words.

use super::timeline::{TimelineEntry, TimelineEvent};
use crate::{
    store::{audit_events::Event, mails::MailStatus, reset_requests::RequestOutcome},
    texts::text,
    types::{DeliveryKind, Locale},
};

/// The details that the audit trail holds as phrases, each with the last part of the key of its words.
const PHRASES: [(&str, &str); 14] = [
    ("this was not me", "not_me"),
    ("too many wrong customer numbers", "wrong_numbers"),
    ("too many passwords refused for the account", "refused_passwords"),
    ("hard_bounce", "hard_bounce"),
    ("complaint", "complaint"),
    ("abandoned: not taken in time", "not_taken"),
    ("abandoned: failed in this service", "service_failed"),
    ("the address is not one recipient", "not_one_recipient"),
    ("link ended", "link_ended"),
    ("change of the address ended", "email_change_ended"),
    ("account closed", "account_closed"),
    ("password changed or expired", "password_changed"),
    ("address changed", "address_changed"),
    ("passwords do not expire any more", "no_expiry"),
];
/// Details that say no more than the event does.
const SAYING_NOTHING: [&str; 2] = [MailStatus::HandedOver.as_str(), "no reason given"];

impl TimelineEntry {
    /// What happened, as a line for people.
    #[must_use]
    pub fn words(&self, locale: Locale) -> String {
        let event = text(locale, &format!("timeline-{}", self.event.as_str()), &[]);
        let line = match self.detail_words(locale) {
            Some(detail) => text(locale, "timeline-line", &[("event", event.into()), ("detail", detail.into())]),
            None => event,
        };
        if self.count > 1 {
            text(locale, "timeline-times", &[("line", line.into()), ("count", self.count.into())])
        } else {
            line
        }
    }

    /// The detail in words. What a mail API has answered, and an administrator's reason, stay as they are.
    fn detail_words(&self, locale: Locale) -> Option<String> {
        let detail = self.detail.as_deref().filter(|detail| !SAYING_NOTHING.contains(detail))?;
        let words = match self.event {
            TimelineEvent::Audited(Event::MailDeferred) => attempt_words(locale, detail),
            TimelineEvent::Audited(Event::MailDelivery) => delivery_words(locale, detail),
            TimelineEvent::Audited(Event::SuppressionLifted) => None,
            _ => known_words(locale, detail),
        };
        Some(words.unwrap_or_else(|| detail.to_owned()))
    }
}

/// The words of `attempt 2: …`, which is how the audit trail tells of a failed attempt.
fn attempt_words(locale: Locale, detail: &str) -> Option<String> {
    let (count, detail) = detail.strip_prefix("attempt ")?.split_once(": ")?;
    Some(text(locale, "timeline-detail-attempt", &[("count", count.into()), ("detail", detail.into())]))
}

/// The words of a state of delivery and of the receiving server's code behind it.
fn delivery_words(locale: Locale, detail: &str) -> Option<String> {
    let (kind, code) = detail.split_once(' ').map_or((detail, None), |(kind, code)| (kind, Some(code)));
    let kind = DeliveryKind::parse(kind).ok()?;
    let words = text(locale, &format!("timeline-detail-{kind}"), &[]);
    Some(match code {
        Some(code) => text(locale, "timeline-detail-with_code", &[("detail", words.into()), ("code", code.into())]),
        None => words,
    })
}

fn known_words(locale: Locale, detail: &str) -> Option<String> {
    let outcome = RequestOutcome::parse(detail).ok().map(RequestOutcome::as_str);
    let phrase = || PHRASES.iter().find(|(phrase, _)| *phrase == detail).map(|(_, name)| *name);
    let name = outcome.or_else(phrase)?;
    Some(text(locale, &format!("timeline-detail-{name}"), &[]))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn words(event: TimelineEvent, detail: Option<&str>, count: i32, locale: Locale) -> String {
        let at = DateTime::UNIX_EPOCH.naive_utc();
        TimelineEntry { at, event, detail: detail.map(str::to_owned), count }.words(locale)
    }

    #[test]
    fn ad_10_every_event_and_detail_of_the_timeline_has_words() {
        let is_whole = |text: &str| !text.contains("timeline-") && !text.contains(['{', '}']);
        for &locale in Locale::ALL {
            for event in TimelineEvent::all() {
                let told = words(event, None, 1, locale);
                assert!(is_whole(&told) && told.len() > 8, "{locale}: {told}");
            }
            let phrases = PHRASES.iter().map(|(phrase, _)| *phrase);
            for detail in phrases.chain(RequestOutcome::ALL.iter().map(|outcome| outcome.as_str())) {
                let told = known_words(locale, detail).unwrap();
                assert!(is_whole(&told) && told.contains(' '), "{locale} {detail}: {told}");
            }
            for kind in DeliveryKind::ALL {
                let told = delivery_words(locale, &format!("{kind} 550 5.1.1")).unwrap();
                assert!(is_whole(&told) && told.ends_with("(550 5.1.1)"), "{locale}: {told}");
            }
        }
    }

    #[test]
    fn ad_10_the_timeline_tells_attempts_counts_and_reasons() {
        let audited = TimelineEvent::Audited;
        for (event, detail, count, told) in [
            (
                audited(Event::MailDeferred),
                Some("attempt 2: 503 busy: later"),
                1,
                "The message could not be handed over yet, and the attempt will be repeated: attempt 2, 503 busy: later",
            ),
            (audited(Event::MailHandedOver), Some("handed_over"), 1, "The message was handed over for delivery"),
            (
                audited(Event::SuppressionLifted),
                Some("no reason given"),
                1,
                "The address was taken off the suppression list",
            ),
            (
                audited(Event::SuppressionLifted),
                Some("closed"),
                1,
                "The address was taken off the suppression list: closed",
            ),
            (
                TimelineEvent::Derived(super::super::timeline::DerivedEvent::RequestsSwallowed),
                Some("cooldown"),
                3,
                "The request led to no new message: too soon after the message before (3×)",
            ),
        ] {
            assert_eq!(words(event, detail, count, Locale::En), told);
        }
    }
}
