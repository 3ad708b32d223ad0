//! Postmark: `POST /email` (postmarkapp.com/developer/api/email-api; codes: …/developer/api/overview#error-codes). It
//! knows no idempotency key.

use reqwest::RequestBuilder;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::{Desk, SENDER};
use crate::mail::{
    hand_over::{Answer, HandOver},
    provider::OutgoingMail,
};

pub(super) fn request(desk: &Desk<'_>, mail: &OutgoingMail) -> RequestBuilder {
    let body = json!({
        "From": format!("{SENDER} <{}>", desk.from.as_str()),
        "To": mail.to.as_str(),
        "Subject": mail.subject,
        "TextBody": mail.text,
        "HtmlBody": mail.html,
        "Tag": mail.tag,
        "Metadata": { "message_id": mail.id.as_str() },
        "Headers": [{ "Name": "X-Message-Id", "Value": mail.id.as_str() }],
        "MessageStream": "outbound",
        "TrackOpens": false,
        "TrackLinks": "None",
    });
    let request = desk.client.post(desk.endpoint("email")).header("Accept", "application/json").json(&body);
    match desk.api_key {
        Some(key) => request.header("X-Postmark-Server-Token", key.expose_secret()),
        None => request,
    }
}

pub(super) fn classify(answer: &Answer) -> HandOver {
    let code = answer.code("/ErrorCode");
    match (answer.status.as_u16(), code.as_str()) {
        (200..=299, _) => Answer::accepted(answer.text("MessageID")),
        // An inactive recipient; one that is no address.
        (_, "406") => HandOver::NeverThisRecipient { error: answer.error(&code) },
        (_, "300") if answer.mentions("/Message", &["'to'"]) => {
            HandOver::NeverThisRecipient { error: answer.error(&code) }
        }
        // Keys, senders, approval, credit, streams and servers that are not there.
        (_, "10" | "400" | "401" | "405" | "412" | "413" | "701" | "1226" | "1235") => {
            HandOver::NotForUs { error: answer.error(&code) }
        }
        (_, "429" | "100") => {
            HandOver::Later { retry_after: None, error: answer.error(&code), surely_refused: true }
        }
        _ => answer.by_status(&code),
    }
}
