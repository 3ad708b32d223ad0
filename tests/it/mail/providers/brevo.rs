//! Brevo: `https://developers.brevo.com/reference/send-transac-email`.

use serde_json::{Value, json};
use stakis_identity::config::MailProviderKind;
use wiremock::ResponseTemplate;

use super::{
    api::{Api, Fate, answer},
    schema::{list, object, text, texts},
};

pub(super) const API: Api = Api {
    kind: MailProviderKind::Brevo,
    path: "/v3/smtp/email",
    key: "xkeysib-1",
    opened_by: ("api-key", "xkeysib-1"),
    request: request_schema,
    recipient_at: "/to/0/email",
    reply_to_at: "/replyTo/email",
    auto_submitted_at: "/headers/Auto-Submitted",
    ids_at: &["/headers/X-Message-Id", "/tags/1"],
    untracked: &[],
    accepts: || answer(201, json!({ "messageId": "<201798300811.5787683@relay.domain.com>" })),
    accepted_as: "<201798300811.5787683@relay.domain.com>",
    others: other_answers,
};

fn request_schema() -> Value {
    let address = object(&["email"], &json!({ "email": text(), "name": text() }));
    object(
        &["sender", "to", "subject"],
        &json!({
            "sender": address.clone(),
            "to": list(&address.clone()),
            "bcc": false,
            "cc": false,
            "htmlContent": text(),
            "textContent": text(),
            "subject": text(),
            "replyTo": address,
            "attachment": false,
            "headers": texts(),
            "templateId": false,
            "params": false,
            "messageVersions": false,
            "tags": list(&text()),
            "scheduledAt": false,
            "batchId": false,
        }),
    )
}

fn other_answers() -> Vec<(ResponseTemplate, Fate)> {
    let error = |status, code: &str, message: &str| answer(status, json!({ "code": code, "message": message }));
    vec![
        (error(401, "unauthorized", "Key not found"), Fate::Mending),
        (error(402, "not_enough_credits", "Not enough credits"), Fate::Mending),
        (error(403, "permission_denied", "Your account is not activated"), Fate::Mending),
        (error(400, "invalid_parameter", "email is not valid in to"), Fate::BadAddress),
        (error(400, "invalid_parameter", "Contact is blacklisted"), Fate::Refused),
        (error(400, "missing_parameter", "sender is missing"), Fate::Mending),
        (error(400, "invalid_parameter", "Invalid sender"), Fate::Mending),
        (error(400, "missing_parameter", "subject is missing"), Fate::Refused),
        (error(406, "not_acceptable", "Unsupported content type"), Fate::Refused),
        (error(400, "duplicate_parameter", "Request with the same idempotencyKey exists"), Fate::Out),
    ]
}
