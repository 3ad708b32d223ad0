//! What mail APIs post to us of mails they took: who it is from is checked over the raw body, before anything of it is
//! believed (WH-01).

mod brevo;
mod mailpit;
mod postmark;
mod resend;
mod sendgrid;
mod smtp_code;

use std::collections::BTreeMap;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, TimeDelta};
use data_encoding::BASE64;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::{
    config::MailProviderKind,
    types::{DeliveryKind, MailId, UtcTime},
};

/// How far a signed moment may be from now (WH-02).
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// A call as it came in.
pub struct Incoming<'a> {
    /// By name, in small letters.
    pub headers: &'a BTreeMap<String, String>,
    /// The raw body.
    pub body: &'a [u8],
}

/// One thing that a mail API tells of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryEvent {
    /// The same in every repetition.
    pub event_id: String,
    /// The mail API's name for the mail, as in its answer when it took it.
    pub provider_message_id: String,
    /// Our own name for it, which went out with it: an event may come before the answer that took the mail.
    pub message_id: Option<MailId>,
    /// What became of it.
    pub kind: DeliveryKind,
    /// When, by the mail API's clock.
    pub occurred_at: UtcTime,
    /// The receiving server's code, such as `550 5.1.1`.
    pub smtp_code: Option<String>,
}

/// Why a call counts for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventRefusal {
    /// Not from the mail API, or too old.
    NotAuthentic,
    /// Not in its form.
    Unreadable,
}

/// The events of a call. What they tell of other things than delivery is passed over.
pub fn read_events(
    kind: MailProviderKind,
    secret: &SecretString,
    incoming: &Incoming<'_>,
    now: UtcTime,
) -> Result<Vec<DeliveryEvent>, EventRefusal> {
    match kind {
        MailProviderKind::Mailpit | MailProviderKind::Brevo | MailProviderKind::Postmark => {
            check_basic(secret, incoming)?;
        }
        MailProviderKind::Resend => resend::check(secret, incoming, now)?,
        MailProviderKind::SendGrid => sendgrid::check(secret, incoming, now)?,
    }
    let body: Value = serde_json::from_slice(incoming.body).map_err(|_| EventRefusal::Unreadable)?;
    let events = match (kind, &body) {
        (MailProviderKind::Mailpit, Value::Object(_)) => mailpit::read(&body, now).into_iter().collect(),
        (MailProviderKind::Postmark, Value::Object(_)) => postmark::read(&body).into_iter().collect(),
        (MailProviderKind::Resend, Value::Object(_)) => resend::read(&body, incoming).into_iter().collect(),
        (MailProviderKind::Brevo, Value::Object(_)) => brevo::read(&body).into_iter().collect(),
        (MailProviderKind::Brevo, Value::Array(all)) => all.iter().filter_map(brevo::read).collect(),
        (MailProviderKind::SendGrid, Value::Array(all)) => all.iter().filter_map(sendgrid::read).collect(),
        _ => return Err(EventRefusal::Unreadable),
    };
    Ok(events)
}

impl Incoming<'_> {
    fn header(&self, name: &str) -> Result<&str, EventRefusal> {
        self.headers.get(name).map(String::as_str).ok_or(EventRefusal::NotAuthentic)
    }

    /// A moment in whole seconds that is signed, and near enough.
    fn signed_moment(&self, name: &str, now: UtcTime) -> Result<&str, EventRefusal> {
        let text = self.header(name)?;
        let signed_at = text.parse().ok().and_then(from_seconds).ok_or(EventRefusal::NotAuthentic)?;
        if (now - signed_at).abs() <= TOLERANCE { Ok(text) } else { Err(EventRefusal::NotAuthentic) }
    }
}

/// RFC 7617, for those who do not sign. The secret is `user:password`.
fn check_basic(secret: &SecretString, incoming: &Incoming<'_>) -> Result<(), EventRefusal> {
    let header = incoming.header("authorization")?;
    let (scheme, credentials) = header.split_once(' ').ok_or(EventRefusal::NotAuthentic)?;
    let credentials = BASE64.decode(credentials.trim().as_bytes()).map_err(|_| EventRefusal::NotAuthentic)?;
    let equal = verify_slices_are_equal(&credentials, secret.expose_secret().as_bytes()).is_ok();
    if scheme.eq_ignore_ascii_case("basic") && equal { Ok(()) } else { Err(EventRefusal::NotAuthentic) }
}

/// A member that is a text, at most so long as an id can be.
fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty() && text.len() <= 300)
}

/// The receiving server's code out of what it said, wherever that stands. Sentences may be longer than ids.
fn code(value: &Value, pointers: &[&str]) -> Option<String> {
    let said = pointers.iter().filter_map(|pointer| value.pointer(pointer)?.as_str());
    smtp_code::find(&said.collect::<Vec<_>>().join(" "))
}

/// Our own name for the mail.
fn mail_id(value: &Value, pointer: &str) -> Option<MailId> {
    text(value, pointer).map(|id| MailId::from_text(id.to_owned()))
}

fn from_seconds(seconds: i64) -> Option<UtcTime> {
    DateTime::from_timestamp(seconds, 0).map(|moment| moment.naive_utc())
}

fn from_rfc_3339(text: &str) -> Option<UtcTime> {
    DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.naive_utc())
}

#[cfg(test)]
mod testing {
    use super::*;

    /// 2026-11-22 12:00 UTC.
    pub(super) fn noon() -> UtcTime {
        from_rfc_3339("2026-11-22T12:00:00Z").unwrap()
    }

    pub(super) fn headers(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// With the basic authentication that the secret `hook:s3cret` asks for.
    pub(super) fn read_basic(kind: MailProviderKind, body: &str) -> Result<Vec<DeliveryEvent>, EventRefusal> {
        let headers = headers(&[("authorization", "Basic aG9vazpzM2NyZXQ=")]);
        let secret = SecretString::from("hook:s3cret");
        read_events(kind, &secret, &Incoming { headers: &headers, body: body.as_bytes() }, noon())
    }

    #[test]
    fn wh_01_basic_authentication_takes_the_one_secret_and_nothing_else() {
        let secret = SecretString::from("hook:s3cret");
        for (header, authentic) in [
            (Some("Basic aG9vazpzM2NyZXQ="), true),
            (Some("basic aG9vazpzM2NyZXQ="), true),
            (Some("Basic aG9vazpzM2NyZXU="), false),
            (Some("Basic aG9vazpzM2NyZX"), false),
            (Some("Bearer aG9vazpzM2NyZXQ="), false),
            (Some("Basic"), false),
            (Some(""), false),
            (None, false),
        ] {
            let headers = header.map_or_else(BTreeMap::new, |value| headers(&[("authorization", value)]));
            let checked = check_basic(&secret, &Incoming { headers: &headers, body: b"" });
            assert_eq!(checked.is_ok(), authentic, "{header:?}");
        }
    }

    #[test]
    fn wh_01_a_body_of_another_form_is_unreadable() {
        for body in ["", "null", "[]", "\"\"", "{", "12"] {
            assert_eq!(read_basic(MailProviderKind::Postmark, body), Err(EventRefusal::Unreadable), "{body}");
        }
    }
}
