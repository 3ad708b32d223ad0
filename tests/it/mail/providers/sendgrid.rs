//! SendGrid: `https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send`; answers:
//! `https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors`.

use serde_json::{Value, json};
use stakis_identity::config::MailProviderKind;
use wiremock::ResponseTemplate;

use super::{
    api::{Api, Fate, answer},
    schema::{list, object, switch, text, texts},
};

pub(super) const API: Api = Api {
    kind: MailProviderKind::SendGrid,
    path: "/v3/mail/send",
    key: "SG.key",
    opened_by: ("authorization", "Bearer SG.key"),
    request: request_schema,
    recipient_at: "/personalizations/0/to/0/email",
    reply_to_at: "/reply_to/email",
    auto_submitted_at: "/personalizations/0/headers/Auto-Submitted",
    ids_at: &["/personalizations/0/custom_args/message_id", "/personalizations/0/headers/X-Message-Id"],
    untracked: &[
        ("/tracking_settings/click_tracking/enable", "false"),
        ("/tracking_settings/click_tracking/enable_text", "false"),
        ("/tracking_settings/open_tracking/enable", "false"),
        ("/tracking_settings/subscription_tracking/enable", "false"),
    ],
    accepts: || ResponseTemplate::new(202).insert_header("X-Message-Id", "LRzXl_NHStOGhQ4kofSm_A"),
    accepted_as: "LRzXl_NHStOGhQ4kofSm_A",
    others: other_answers,
};

fn request_schema() -> Value {
    let content = object(&["type", "value"], &json!({ "type": text(), "value": text() }));
    object(
        &["personalizations", "from", "subject", "content"],
        &json!({
            "personalizations": list(&personalization()),
            "from": address(),
            "reply_to": address(),
            "reply_to_list": false,
            "subject": text(),
            "content": list(&content),
            "attachments": false,
            "template_id": false,
            "headers": texts(),
            "categories": list(&text()),
            "custom_args": false,
            "send_at": false,
            "batch_id": false,
            "asm": false,
            "ip_pool_name": false,
            "mail_settings": false,
            "tracking_settings": tracking(),
        }),
    )
}

fn address() -> Value {
    object(&["email"], &json!({ "email": text(), "name": text() }))
}

fn personalization() -> Value {
    object(
        &["to"],
        &json!({
            "from": false,
            "to": list(&address()),
            "cc": false,
            "bcc": false,
            "subject": false,
            "headers": texts(),
            "substitutions": false,
            "dynamic_template_data": false,
            "custom_args": texts(),
            "send_at": false,
        }),
    )
}

fn tracking() -> Value {
    let clicks = json!({ "enable": switch(), "enable_text": switch() });
    let opens = json!({ "enable": switch(), "substitution_tag": text() });
    object(
        &[],
        &json!({
            "click_tracking": object(&["enable", "enable_text"], &clicks),
            "open_tracking": object(&["enable"], &opens),
            "subscription_tracking": object(&["enable"], &json!({ "enable": switch() })),
            "ganalytics": false,
        }),
    )
}

fn other_answers() -> Vec<(ResponseTemplate, Fate)> {
    let error = |status, field: Option<&str>, message: &str| {
        answer(status, json!({ "errors": [{ "message": message, "field": field, "help": null }] }))
    };
    let grant = "The provided authorization grant is invalid, expired, or revoked";
    let identity = "The from address does not match a verified Sender Identity.";
    let to = Some("personalizations.0.to.0.email");
    vec![
        (error(401, None, grant), Fate::Mending),
        (error(401, None, "Maximum credits exceeded"), Fate::Mending),
        (error(403, Some("from"), identity), Fate::Mending),
        (error(400, Some("from.email"), "The from email does not contain a valid address."), Fate::Mending),
        (error(400, to, "Does not contain a valid address."), Fate::BadAddress),
        (
            error(400, Some("content.0.value"), "The content value must be a string at least one character."),
            Fate::Refused,
        ),
        (error(413, None, "Payload too large"), Fate::Refused),
        (error(429, None, "too many requests"), Fate::Later(10)),
        (error(404, None, "not found"), Fate::Mending),
    ]
}
