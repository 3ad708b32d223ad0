//! Resend: `POST /emails` (resend.com/docs/api-reference/emails/send-email).

use reqwest::{RequestBuilder, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::mailer::{Desk, HandOver, OutgoingMail, classify_by_status, plain_word};

pub(super) fn request(desk: &Desk<'_>, mail: &OutgoingMail) -> RequestBuilder {
    let body = json!({
        "from": format!("STAkis <{}>", desk.from.as_str()),
        "to": [mail.to.as_str()],
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
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

pub(super) fn classify(status: StatusCode, body: &[u8]) -> HandOver {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    if status.is_success() {
        let provider_message_id = answer.get("id").and_then(Value::as_str).map(str::to_owned);
        return HandOver::Accepted { provider_message_id };
    }
    match plain_word(answer.get("name")) {
        // The same key came with another body before: the mail went out, then an upgrade changed a text.
        "invalid_idempotent_request" => HandOver::Accepted { provider_message_id: None },
        error @ "concurrent_idempotent_requests" => HandOver::Later { retry_after: None, error: error.to_owned() },
        name => classify_by_status(status, name),
    }
}
