//! Test support for the mail APIs, and the tests that hold for all of them.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use secrecy::SecretString;
use serde_json::Value;

use super::{
    answer::Answer,
    api_account::ApiAccount,
    delivery::{DeliveryEvent, EventRefusal, Incoming, fields::from_rfc_3339},
    hand_over::HandOver,
    outgoing::OutgoingMail,
    read_events::read_events,
    registry::mail_api,
};
use crate::{
    config::MailProviderKind,
    outbound::{ExchangeLimits, OutboundClient},
    types::{BounceCause, EmailAddress, MailId, MailKind, UtcTime},
};

/// A request as it would be sent.
pub(super) struct Written {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) body: Value,
    headers: HeaderMap,
}

impl Written {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The request for an example mail, with the key `k3y:w0rd`.
pub(super) fn written(kind: MailProviderKind) -> Written {
    let limits = ExchangeLimits { timeout: Duration::from_secs(1), longest_answer: 0 };
    let account = ApiAccount {
        client: OutboundClient::for_service(&"https://api.test".parse().unwrap(), limits).unwrap(),
        api_key: Some(SecretString::from("k3y:w0rd")),
        from: EmailAddress::parse("internal@topmotive.eu").unwrap(),
    };
    let request = (mail_api(kind).request)(&account, &example()).build();
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap();
    Written {
        method: request.method().to_string(),
        url: request.url().to_string(),
        body: serde_json::from_slice(body).unwrap(),
        headers: request.headers().clone(),
    }
}

/// A mail that is ready to be handed over.
pub(super) fn example() -> OutgoingMail {
    OutgoingMail {
        id: MailId::from_text("m4il".to_owned()),
        to: EmailAddress::parse("ana@example.si").unwrap(),
        sender_name: "STAkis".to_owned(),
        reply_to: EmailAddress::parse("help@example.si").unwrap(),
        headers: vec![("X-Message-Id", "m4il".to_owned()), ("Auto-Submitted", "auto-generated".to_owned())],
        kind: MailKind::ResetLink,
        subject: "STAkis: čas".to_owned(),
        text: "Text \"1\"\r\n".to_owned(),
        html: "<p>Html</p>".to_owned(),
    }
}

/// The outcome of an answer.
pub(super) fn classified(kind: MailProviderKind, status: u16, body: &str) -> HandOver {
    classified_with(kind, status, &[], body)
}

/// The outcome of an answer with headers.
pub(super) fn classified_with(
    kind: MailProviderKind,
    status: u16,
    headers: &[(&'static str, &'static str)],
    body: &str,
) -> HandOver {
    let headers = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
    (mail_api(kind).classify)(&Answer::new(StatusCode::from_u16(status).unwrap(), headers, body.as_bytes()))
}

pub(super) fn accepted(provider_message_id: &str) -> HandOver {
    HandOver::Accepted { provider_message_id: Some(provider_message_id.to_owned()) }
}

pub(super) fn no_address(error: &str) -> HandOver {
    HandOver::NeverThisRecipient { error: error.to_owned(), cause: BounceCause::NoSuchMailbox }
}

pub(super) fn listed(error: &str) -> HandOver {
    HandOver::NeverThisRecipient { error: error.to_owned(), cause: BounceCause::Listed }
}

pub(super) fn never_this_mail(error: &str) -> HandOver {
    HandOver::NeverThisMail { error: error.to_owned() }
}

pub(super) fn not_for_us(error: &str) -> HandOver {
    HandOver::NotForUs { error: error.to_owned() }
}

pub(super) fn later(error: &str, surely_refused: bool) -> HandOver {
    HandOver::Later { retry_after: None, error: error.to_owned(), surely_refused }
}

/// 2026-11-22 12:00 UTC.
pub(super) fn noon() -> UtcTime {
    from_rfc_3339("2026-11-22T12:00:00Z").unwrap()
}

pub(super) fn headers(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The events of a call that carries the Basic authentication for the secret `hook:s3cret`.
pub(super) fn read_basic(kind: MailProviderKind, body: &str) -> Result<Vec<DeliveryEvent>, EventRefusal> {
    let secret = SecretString::from("hook:s3cret");
    let incoming = Incoming { headers: &BTreeMap::new(), body: body.as_bytes(), basic_credentials: Some(&secret) };
    read_events(kind, &secret, &incoming, noon())
}

const ALL: &[MailProviderKind] = MailProviderKind::ALL;

#[test]
fn ml_08_an_answer_that_the_provider_does_not_define_goes_by_its_status() {
    for &kind in ALL {
        for body in
            ["", "<html>502</html>", "null", "[]", "\"text\"", "{\"code\":", "{\"name\":\"ana@example.si\"}"]
        {
            assert_eq!(classified(kind, 500, body), later("http 500", false), "{kind:?} {body}");
            assert_eq!(classified(kind, 503, body), later("http 503", false), "{kind:?} {body}");
            assert_eq!(classified(kind, 302, body), later("http 302", false), "{kind:?} {body}");
            assert_eq!(classified(kind, 429, body), later("http 429", true), "{kind:?} {body}");
            assert_eq!(classified(kind, 401, body), not_for_us("http 401"), "{kind:?} {body}");
            assert_eq!(classified(kind, 403, body), not_for_us("http 403"), "{kind:?} {body}");
            assert_eq!(classified(kind, 413, body), never_this_mail("http 413"), "{kind:?} {body}");
            let nameless = HandOver::Accepted { provider_message_id: None };
            assert_eq!(classified(kind, 200, body), nameless, "{kind:?} {body}");
        }
    }
}

#[test]
fn lo_03_no_sentence_and_no_address_of_an_answer_gets_into_an_error() {
    let sentence = "Invalid 'To' address: ana@example.si";
    let body = serde_json::json!({
        "name": sentence, "code": sentence, "ErrorCode": sentence, "message": sentence, "Message": sentence,
        "errors": [{ "message": sentence, "field": sentence }],
    })
    .to_string();
    for &kind in ALL {
        for status in [400, 401, 403, 422, 429, 500] {
            let said = format!("{:?}", classified(kind, status, &body));
            assert!(!said.contains("ana") && !said.contains("ddress"), "{said}");
        }
    }
}

#[test]
fn ml_04_every_mail_api_gets_the_recipient_as_a_value_of_its_own() {
    for &kind in ALL {
        let written = written(kind);
        assert_eq!(written.method, "POST", "{kind:?}");
        assert_eq!(written.header("content-type"), Some("application/json"), "{kind:?}");
        assert_eq!(written.body.to_string().matches("ana@example.si").count(), 1, "{kind:?}");
        assert!(written.body.to_string().contains("m4il"), "{kind:?}: our id goes with the mail");
        assert!(!written.body.to_string().contains("k3y"), "{kind:?}");
    }
}
