//! Resend: `https://resend.com/docs/api-reference/emails/send-email`; answers:
//! `https://resend.com/docs/api-reference/errors`.

use serde_json::{Value, json};
use stakis_identity::config::MailProviderKind;
use wiremock::ResponseTemplate;

use super::{
    api::{Api, Fate, answer},
    schema::{list, object, text, texts},
};

pub(super) const API: Api = Api {
    kind: MailProviderKind::Resend,
    path: "/emails",
    key: "re_123456789",
    opened_by: ("authorization", "Bearer re_123456789"),
    request: request_schema,
    recipient_at: "/to/0",
    reply_to_at: "/reply_to",
    auto_submitted_at: "/headers/Auto-Submitted",
    ids_at: &["/headers/X-Message-Id", "/tags/1/value"],
    untracked: &[],
    accepts: || answer(200, json!({ "id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794" })),
    accepted_as: "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794",
    others: other_answers,
};

fn request_schema() -> Value {
    let tag = object(&["name", "value"], &json!({ "name": text(), "value": text() }));
    object(
        &["from", "to", "subject"],
        &json!({
            "from": text(),
            "to": list(&text()),
            "subject": text(),
            "bcc": false,
            "cc": false,
            "reply_to": text(),
            "scheduled_at": false,
            "html": text(),
            "text": text(),
            "headers": texts(),
            "topic_id": false,
            "attachments": false,
            "template": false,
            "tags": list(&tag),
        }),
    )
}

fn other_answers() -> Vec<(ResponseTemplate, Fate)> {
    let error = |status: u16, name: &str, message: &str| {
        answer(status, json!({ "statusCode": status, "name": name, "message": message }))
    };
    vec![
        (
            error(429, "rate_limit_exceeded", "Too many requests. You can only make 2 requests per second.")
                .insert_header("retry-after", "1"),
            Fate::Later(10),
        ),
        (error(429, "daily_quota_exceeded", "You have reached your daily email quota."), Fate::Mending),
        (error(401, "missing_api_key", "Missing API key in the authorization header."), Fate::Mending),
        (error(403, "invalid_api_key", "API key is invalid."), Fate::Mending),
        (
            error(
                403,
                "validation_error",
                "You can only send testing emails to your own email address (youremail@domain.com). To send \
                 emails to other recipients, please verify a domain at resend.com/domains, and change the \
                 `from` address to an email using this domain.",
            ),
            Fate::Mending,
        ),
        (
            error(
                403,
                "validation_error",
                "The domain.com domain is not verified. Please, add and verify your domain.",
            ),
            Fate::Mending,
        ),
        (error(404, "not_found", "The requested endpoint does not exist."), Fate::Mending),
        (error(405, "method_not_allowed", "Method is not allowed for the requested path."), Fate::Mending),
        (
            error(
                422,
                "validation_error",
                "Invalid `to` field. The email address needs to follow the `email@example.com` or \
                 `Name <email@example.com>` format.",
            ),
            Fate::BadAddress,
        ),
        (
            error(
                422,
                "invalid_from_address",
                "Invalid `from` field. The email address needs to follow the `email@example.com` or \
                 `Name <email@example.com>` format.",
            ),
            Fate::Mending,
        ),
        (
            error(422, "missing_required_field", "The request body is missing one or more required fields."),
            Fate::Refused,
        ),
        (
            error(400, "validation_error", "We found an error with one or more fields in the request."),
            Fate::Refused,
        ),
        (
            error(409, "concurrent_idempotent_requests", "Same key used while original request is in progress."),
            Fate::Later(10),
        ),
        (error(409, "invalid_idempotent_request", "Same key used with a different request payload."), Fate::Out),
        (error(500, "application_error", "An unexpected error occurred."), Fate::Later(10)),
    ]
}
