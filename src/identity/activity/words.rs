//! What happened, in words.

use super::list::Activity;
use crate::{
    store::sessions::SessionEnd,
    texts::text,
    types::{Locale, device_words},
};

impl Activity {
    /// What happened, as a sentence for people. The name of a device stands in it as people gave it: text that has to be
    /// escaped.
    #[must_use]
    pub fn words(&self, locale: Locale) -> String {
        let by = self.by.as_deref().unwrap_or("–");
        let arguments = [("count", self.count.into()), ("by", by.into())];
        let event = text(locale, &format!("activity-{}", self.event), &arguments);
        let network =
            self.source.as_deref().map(|source| text(locale, "activity-network", &[("source", source.into())]));
        let device = device_words(self.name.as_ref(), self.device.as_deref());
        let place: Vec<String> = [device, network].into_iter().flatten().collect();
        let line = if place.is_empty() {
            event
        } else {
            text(locale, "activity-line", &[("event", event.into()), ("place", place.join(", ").into())])
        };
        let Some(because) = self.because else { return line };
        let reason = text(locale, &format!("activity-reason-{}", reason_key(because)), &[]);
        text(locale, "activity-because", &[("line", line.into()), ("reason", reason.into())])
    }
}

/// The last part of the key of a reason's words.
const fn reason_key(because: SessionEnd) -> &'static str {
    match because {
        SessionEnd::ByCustomer => "by_customer",
        SessionEnd::Idle => "idle",
        SessionEnd::TooOld => "too_old",
        SessionEnd::TooMany => "too_many",
        SessionEnd::Reset => "reset",
        SessionEnd::Change => "change",
        SessionEnd::PasswordExpired => "password_expired",
        SessionEnd::BySupport => "by_support",
        SessionEnd::LockedDown => "locked_down",
        SessionEnd::Closed => "closed",
        SessionEnd::Erased => "erased",
        SessionEnd::Epoch => "epoch",
        SessionEnd::TokenReuse => "token_reuse",
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{identity::activity::ActivityEvent, types::DeviceLabel};

    fn activity(event: ActivityEvent, count: i32) -> Activity {
        let at = DateTime::UNIX_EPOCH.naive_utc();
        Activity {
            at,
            event,
            count,
            device: None,
            name: None,
            source: None,
            session_id: None,
            by: None,
            because: None,
        }
    }

    #[test]
    fn ow_08_every_event_and_reason_has_words() {
        let is_whole = |told: &str| !told.contains("activity-") && !told.contains(['{', '}', '$']);
        for &locale in Locale::ALL {
            for &event in ActivityEvent::ALL {
                for count in [1, 2, 3, 5] {
                    let told = activity(event, count).words(locale);
                    assert!(is_whole(&told) && told.len() > 4, "{locale}: {told}");
                }
            }
            for &because in SessionEnd::ALL {
                let ended = Activity { because: Some(because), ..activity(ActivityEvent::SessionEnded, 1) };
                let told = ended.words(locale);
                assert!(is_whole(&told) && told.contains("; "), "{locale}: {told}");
            }
        }
    }

    #[test]
    fn ow_08_a_sentence_tells_device_network_and_reason() {
        let told = |activity: Activity| activity.words(Locale::Sl);
        let at_desk = |event, count| Activity {
            device: Some("Firefox, Windows".to_owned()),
            name: Some(DeviceLabel::parse("Pult <1>").unwrap()),
            source: Some("192.0.2.0/24".to_owned()),
            ..activity(event, count)
        };
        assert_eq!(
            told(at_desk(ActivityEvent::SignIn, 1)),
            "Prijava: Pult <1> (Firefox, Windows), omrežje 192.0.2.0/24"
        );
        assert_eq!(told(activity(ActivityEvent::SignInFailed, 2)), "2 neuspeli prijavi");
        let ended = Activity { because: Some(SessionEnd::TooMany), ..at_desk(ActivityEvent::SessionEnded, 1) };
        assert_eq!(
            told(ended),
            "Odjava naprave: Pult <1> (Firefox, Windows), omrežje 192.0.2.0/24; razlog: preveč hkratnih prijav"
        );
        let asked = Activity { by: Some("Maja Novak".to_owned()), ..activity(ActivityEvent::CallerCodeAsked, 1) };
        assert_eq!(told(asked), "Podpora je vprašala, kdo kliče (Maja Novak)");
        assert_eq!(told(activity(ActivityEvent::AccessClosed, 1)), "Dostop je bil zaprt");
    }
}
