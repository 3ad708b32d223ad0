//! Delivery events of mail APIs (WH-01, WH-04). A body is read where the call proves that it comes from the mail API.
//! What is read depends on its JSON alone, event by event, and holds nothing but ids, a known kind and a reply code.

use std::collections::BTreeMap;

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, KeyPair as _},
};
use data_encoding::BASE64;
use secrecy::SecretString;
use serde_json::{Value, json};
use stakis_identity::{
    config::MailProviderKind::{self, Brevo, Mailpit, Postmark, Resend, SendGrid},
    mail::{DeliveryEvent, EventRefusal, Incoming, read_events},
    types::{BounceCause, MailId, UtcTime},
};

use super::{
    moment::{NOON, noon},
    test_keys::p256,
};

pub(crate) type Events = Result<Vec<DeliveryEvent>, EventRefusal>;
pub(crate) type Reader = fn(MailProviderKind, &SecretString, &Incoming<'_>, UtcTime) -> Events;

/// The secret of the settings, and another one.
const SECRETS: [u8; 2] = [5, 6];
/// The bytes before a public key of P-256 in a certificate (RFC 5480 §2).
const PUBLIC_KEY_HEAD: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\
    \x07\x03\x42\x00";
/// The most bytes of an id. That of an event may be made of several texts, of 300 bytes each.
const LONGEST_ID: usize = 1000;
/// The most events that are read again one by one.
const MOST_SINGLE: usize = 8;
/// What mail APIs say where there is no such mailbox.
const NO_SUCH_MAILBOX: [&str; 5] = ["BadEmailAddress", "Invalid Address", "Invalid", "NoEmail", "invalid_email"];

pub(crate) fn target(bytes: &[u8]) {
    check(read_events, bytes);
}

/// Checks what a reader makes of a body, which stands behind a line with the name of the mail API.
pub(crate) fn check(read: Reader, bytes: &[u8]) {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let (name, body) = (&bytes[..end], &bytes[end + 1..]);
    if let Some(kind) = MailProviderKind::ALL.iter().find(|kind| kind.as_str().as_bytes() == name) {
        Check { read, kind: *kind }.run(body);
    }
}

struct Check {
    read: Reader,
    kind: MailProviderKind,
}

impl Check {
    /// Reads a body that the mail API sends.
    fn events(&self, body: &[u8]) -> Events {
        let call = SignedCall::new(self.kind, SECRETS[0], body);
        (self.read)(self.kind, &secret(self.kind, SECRETS[0]), &call.incoming(body), noon())
    }

    fn run(&self, body: &[u8]) {
        let events = self.events(body);
        assert_eq!(self.events(body), events, "a body is read in one way");
        self.check_proof(body);
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            assert_eq!(events, Err(EventRefusal::Unreadable));
            return;
        };
        assert_eq!(self.events(value.to_string().as_bytes()), events, "white space counts");
        if let Ok(events) = events {
            self.check_events(&value, &events);
        }
    }

    /// Checks that the secret decides, and a signature over each byte of the body.
    fn check_proof(&self, body: &[u8]) {
        let call = SignedCall::new(self.kind, SECRETS[0], body);
        let other = (self.read)(self.kind, &secret(self.kind, SECRETS[1]), &call.incoming(body), noon());
        assert_eq!(other, Err(EventRefusal::NotAuthentic), "another secret proves a call");
        if matches!(self.kind, Resend | SendGrid) {
            let longer = [body, b" "].concat();
            let changed = (self.read)(self.kind, &secret(self.kind, SECRETS[0]), &call.incoming(&longer), noon());
            assert_eq!(changed, Err(EventRefusal::NotAuthentic), "the signature is not over the body");
        }
    }

    fn check_events(&self, value: &Value, events: &[DeliveryEvent]) {
        let single = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        let of_delivery = single.iter().filter(|event| is_of_delivery(self.kind, event)).count();
        assert!(events.len() <= of_delivery, "{} events of {of_delivery}", events.len());
        for event in events {
            check_event(value, event);
        }
        let with_more: Vec<Value> = single.iter().cloned().map(with_another_member).collect();
        let with_more = if value.is_array() { Value::Array(with_more) } else { with_more[0].clone() };
        assert_eq!(
            self.events(with_more.to_string().as_bytes()).as_deref(),
            Ok(events),
            "an unknown member counts"
        );
        if value.is_array() && single.len() <= MOST_SINGLE {
            let each = single.iter().map(|event| self.events(json!([event]).to_string().as_bytes()).unwrap());
            assert_eq!(each.flatten().collect::<Vec<_>>(), events, "an event keeps another one back");
        }
    }
}

/// What proves a call, beside its body.
struct SignedCall {
    headers: BTreeMap<String, String>,
    basic_credentials: Option<SecretString>,
}

impl SignedCall {
    fn new(kind: MailProviderKind, key: u8, body: &[u8]) -> Self {
        let time = NOON.to_string();
        let headers: Vec<(&str, String)> = match kind {
            Resend => {
                let signed = [b"msg_1.", time.as_bytes(), b".", body].concat();
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[key; 32]), &signed);
                let signature = format!("v1,{}", BASE64.encode(tag.as_ref()));
                vec![
                    ("webhook-id", "msg_1".to_owned()),
                    ("webhook-timestamp", time),
                    ("webhook-signature", signature),
                ]
            }
            SendGrid => {
                let signed = [time.as_bytes(), body].concat();
                let pair = p256(key, &ECDSA_P256_SHA256_ASN1_SIGNING);
                let signature = pair.sign(&SystemRandom::new(), &signed).unwrap();
                vec![
                    ("x-twilio-email-event-webhook-timestamp", time),
                    ("x-twilio-email-event-webhook-signature", BASE64.encode(signature.as_ref())),
                ]
            }
            Mailpit | Brevo | Postmark => Vec::new(),
        };
        let basic_credentials = headers.is_empty().then(|| secret(kind, key));
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { headers, basic_credentials }
    }

    fn incoming<'a>(&'a self, body: &'a [u8]) -> Incoming<'a> {
        Incoming { headers: &self.headers, body, basic_credentials: self.basic_credentials.as_ref() }
    }
}

/// The secret of the settings that belongs to a key.
fn secret(kind: MailProviderKind, key: u8) -> SecretString {
    SecretString::from(match kind {
        Resend => format!("whsec_{}", BASE64.encode(&[key; 32])),
        SendGrid => {
            let pair = p256(key, &ECDSA_P256_SHA256_ASN1_SIGNING);
            BASE64.encode(&[PUBLIC_KEY_HEAD, pair.public_key().as_ref()].concat())
        }
        Mailpit | Brevo | Postmark => format!("hook:{key}"),
    })
}

/// Whether an event is of a kind that the mail API documents and that tells what became of a mail.
fn is_of_delivery(kind: MailProviderKind, event: &Value) -> bool {
    let (member, known): (&str, &[&str]) = match kind {
        Mailpit => return event["ID"].is_string(),
        Resend => (
            "type",
            &[
                "email.delivery_delayed",
                "email.delivered",
                "email.bounced",
                "email.suppressed",
                "email.failed",
                "email.complained",
            ],
        ),
        Brevo => (
            "event",
            &[
                "deferred",
                "delivered",
                "soft_bounce",
                "blocked",
                "error",
                "hard_bounce",
                "invalid_email",
                "spam",
                "complaint",
            ],
        ),
        Postmark => ("RecordType", &["Delivery", "Bounce", "SpamComplaint"]),
        SendGrid => ("event", &["deferred", "delivered", "bounce", "dropped", "spamreport"]),
    };
    event[member].as_str().is_some_and(|name| known.contains(&name))
}

fn check_event(body: &Value, event: &DeliveryEvent) {
    let ours = event.message_id.as_ref().map(MailId::as_str);
    let provider_s = event.provider_message_id.as_deref();
    assert!(ours.is_some() || provider_s.is_some(), "an event is of no mail: {event:?}");
    for id in [Some(event.event_id.as_str()), ours, provider_s].into_iter().flatten() {
        let is_plain = (1..=LONGEST_ID).contains(&id.len()) && !id.contains(char::is_control);
        assert!(is_plain, "no id: {event:?}");
    }
    let code = event.smtp_code.as_deref();
    assert!(code.is_none_or(is_reply_code), "more than a reply code: {event:?}");
    assert_eq!(event.cause.is_some(), event.kind.is_bounce(), "{event:?}");
    if event.cause == Some(BounceCause::NoSuchMailbox) {
        let enhanced = code.and_then(|code| code.split(' ').next_back());
        let is_coded = matches!(enhanced, Some("5.1.1" | "5.1.10" | "5.2.1"));
        assert!(is_coded || NO_SUCH_MAILBOX.iter().any(|word| has_text(body, word)), "no word of it: {event:?}");
    }
}

/// Whether a text is a code such as `550 5.1.1`, or one half of it (RFC 5321 §4.2, RFC 3463).
fn is_reply_code(text: &str) -> bool {
    let is_number = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_basic = |text: &str| text.len() == 3 && is_number(text) && text.starts_with(['4', '5']);
    let is_enhanced = |text: &str| {
        let parts: Vec<&str> = text.split('.').collect();
        matches!(parts[..], ["4" | "5", subject, detail] if is_number(subject) && is_number(detail))
    };
    match text.split_once(' ') {
        Some((basic, enhanced)) => is_basic(basic) && is_enhanced(enhanced),
        None => is_basic(text) || is_enhanced(text),
    }
}

/// Whether this text stands anywhere in a body.
fn has_text(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found == text,
        Value::Array(elements) => elements.iter().any(|element| has_text(element, text)),
        Value::Object(members) => members.values().any(|member| has_text(member, text)),
        _ => false,
    }
}

fn with_another_member(mut event: Value) -> Value {
    if let Some(members) = event.as_object_mut() {
        members.insert("a member of tomorrow".to_owned(), json!({ "type": "email.bounced" }));
    }
    event
}
