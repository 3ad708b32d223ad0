//! Twilio SendGrid: `POST /v3/mail/send` (twilio.com/docs/sendgrid/api-reference/mail-send/mail-send). It knows no
//! idempotency key.

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
        "personalizations": [{
            "to": [{ "email": mail.to.as_str() }],
            "custom_args": { "message_id": mail.id.as_str() },
            "headers": { "X-Message-Id": mail.id.as_str() },
        }],
        "from": { "email": desk.from.as_str(), "name": SENDER },
        "subject": mail.subject,
        // In this order (RFC 2046 §5.1.4).
        "content": [
            { "type": "text/plain", "value": mail.text },
            { "type": "text/html", "value": mail.html },
        ],
        "categories": [mail.tag],
        "tracking_settings": {
            "click_tracking": { "enable": false, "enable_text": false },
            "open_tracking": { "enable": false },
            "subscription_tracking": { "enable": false },
        },
    });
    let request = desk.client.post(desk.endpoint("v3/mail/send")).json(&body);
    match desk.api_key {
        Some(key) => request.bearer_auth(key.expose_secret()),
        None => request,
    }
}

pub(super) fn classify(answer: &Answer) -> HandOver {
    if answer.status.is_success() {
        let id = answer.headers.get("x-message-id").and_then(|value| value.to_str().ok());
        return Answer::accepted(id.map(str::to_owned));
    }
    let field = answer.body.pointer("/errors/0/field").and_then(serde_json::Value::as_str).unwrap_or_default();
    match answer.status.as_u16() {
        400 if field.contains(".to.") && field.ends_with("email") => {
            HandOver::NeverThisRecipient { error: answer.error("personalizations_to") }
        }
        400 if field.starts_with("from") => HandOver::NotForUs { error: answer.error("from") },
        _ => answer.by_status(""),
    }
}
