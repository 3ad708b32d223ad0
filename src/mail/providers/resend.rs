//! Resend: `POST /emails` (resend.com/docs/api-reference/emails/send-email, …/errors). Opens and clicks are tracked or
//! not by a setting of its domain.

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
        "from": format!("{SENDER} <{}>", desk.from.as_str()),
        "to": [mail.to.as_str()],
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "headers": { "X-Message-Id": mail.id.as_str() },
        "tags": [
            { "name": "kind", "value": mail.tag },
            { "name": "message_id", "value": mail.id.as_str() },
        ],
    });
    let request = desk.client.post(desk.endpoint("emails")).header("Idempotency-Key", mail.id.as_str()).json(&body);
    match desk.api_key {
        Some(key) => request.bearer_auth(key.expose_secret()),
        None => request,
    }
}

pub(super) fn classify(answer: &Answer) -> HandOver {
    if answer.status.is_success() {
        return Answer::accepted(answer.text("id"));
    }
    let name = answer.code("/name");
    match name.as_str() {
        // The same key came with another body before: the mail went out, then an upgrade changed a text.
        "invalid_idempotent_request" => Answer::accepted(None),
        "concurrent_idempotent_requests" => {
            HandOver::Later { retry_after: None, error: answer.error(&name), surely_refused: false }
        }
        // A quota of ours, however long it lasts: the mail is none the worse for it.
        "rate_limit_exceeded" => {
            HandOver::Later { retry_after: None, error: answer.error(&name), surely_refused: true }
        }
        "daily_quota_exceeded"
        | "monthly_quota_exceeded"
        | "missing_api_key"
        | "invalid_api_key"
        | "restricted_api_key"
        | "invalid_from_address"
        | "invalid_access" => HandOver::NotForUs { error: answer.error(&name) },
        // Its sentence says which field it means; that of an account without a domain speaks of recipients too.
        "validation_error" if answer.mentions("/message", &["domain is not verified", "verify a domain"]) => {
            HandOver::NotForUs { error: answer.error(&name) }
        }
        "validation_error" if answer.mentions("/message", &["`to`", "recipient"]) => {
            HandOver::NeverThisRecipient { error: answer.error(&name) }
        }
        _ => answer.by_status(&name),
    }
}
