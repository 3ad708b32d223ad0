//! What the tests of all mail APIs share.

use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use secrecy::SecretString;
use serde_json::Value;

use super::{Client, Desk, classify, request};
use crate::{
    config::MailProviderKind,
    mail::{
        hand_over::{Answer, HandOver},
        provider::OutgoingMail,
    },
    types::{EmailAddress, MailId},
};

/// A request as it would go out.
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

/// The request for one and the same mail, with the key `k3y:w0rd`.
pub(super) fn written(kind: MailProviderKind) -> Written {
    let (client, api_url) = (Client::new(), "https://api.test".parse().unwrap());
    let key = SecretString::from("k3y:w0rd");
    let from = EmailAddress::parse("internal@topmotive.eu").unwrap();
    let desk = Desk { client: &client, api_url: &api_url, api_key: Some(&key), from: &from };
    let mail = OutgoingMail {
        id: MailId::from_text("m4il".to_owned()),
        to: EmailAddress::parse("ana@example.si").unwrap(),
        tag: "reset_link",
        subject: "STAkis: čas".to_owned(),
        text: "Text \"1\"\r\n".to_owned(),
        html: "<p>Html</p>".to_owned(),
    };
    let request = request(kind, &desk, &mail).build().unwrap();
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap();
    Written {
        method: request.method().to_string(),
        url: request.url().to_string(),
        body: serde_json::from_slice(body).unwrap(),
        headers: request.headers().clone(),
    }
}

/// What is made of an answer.
pub(super) fn classified(kind: MailProviderKind, status: u16, body: &str) -> HandOver {
    classified_with(kind, status, &[], body)
}

/// … of one with headers.
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
    classify(kind, &Answer::new(StatusCode::from_u16(status).unwrap(), headers, body.as_bytes()))
}

pub(super) fn accepted(provider_message_id: &str) -> HandOver {
    HandOver::Accepted { provider_message_id: Some(provider_message_id.to_owned()) }
}

pub(super) fn never_this_recipient(error: &str) -> HandOver {
    HandOver::NeverThisRecipient { error: error.to_owned() }
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

const ALL: &[MailProviderKind] = MailProviderKind::ALL;

#[test]
fn ml_08_what_no_mail_api_defines_otherwise_goes_by_its_status() {
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
