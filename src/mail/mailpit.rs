//! Mailpit's send API: `POST /api/v1/send` (mailpit.axllent.org/docs/api-v1); also the embedded mailbox.

use reqwest::{RequestBuilder, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::mailer::{Desk, HandOver, OutgoingMail, classify_by_status};

pub(super) fn request(desk: &Desk<'_>, mail: &OutgoingMail) -> RequestBuilder {
    let body = json!({
        "From": { "Email": desk.from.as_str(), "Name": "STAkis" },
        "To": [{ "Email": mail.to.as_str() }],
        "Subject": mail.subject,
        "Text": mail.text,
        "HTML": mail.html,
        "Tags": [mail.tag],
        // Mailpit knows no idempotency key; the header lets a reader see a repeated mail as one.
        "Headers": { "X-Message-Id": mail.id.as_str() },
    });
    let request = desk.client.post(desk.endpoint("api/v1/send")).json(&body);
    match desk.api_key.and_then(|key| key.expose_secret().split_once(':')) {
        Some((user, password)) => request.basic_auth(user, Some(password)),
        None => request,
    }
}

pub(super) fn classify(status: StatusCode, body: &[u8]) -> HandOver {
    if !status.is_success() {
        return classify_by_status(status, "");
    }
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let provider_message_id = answer.get("ID").and_then(Value::as_str).map(str::to_owned);
    HandOver::Accepted { provider_message_id }
}
