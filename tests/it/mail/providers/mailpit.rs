//! Mailpit: `https://github.com/axllent/mailpit/blob/develop/server/ui/api/v1/swagger.json`, `SendRequest`.

use serde_json::{Value, json};
use stakis_identity::config::MailProviderKind;
use wiremock::ResponseTemplate;

use super::{
    api::{Api, Fate, answer},
    schema::{list, object, text, texts},
};

pub(super) const API: Api = Api {
    kind: MailProviderKind::Mailpit,
    path: "/api/v1/send",
    key: "stakis:pw",
    opened_by: ("authorization", "Basic c3Rha2lzOnB3"),
    request: request_schema,
    recipient_at: "/To/0/Email",
    reply_to_at: "/ReplyTo/0/Email",
    auto_submitted_at: "/Headers/Auto-Submitted",
    ids_at: &["/Headers/X-Message-Id"],
    untracked: &[],
    accepts: || answer(200, json!({ "ID": "iAfZVVe2UQfNSG5BAjgYwa" })),
    accepted_as: "iAfZVVe2UQfNSG5BAjgYwa",
    others: other_answers,
};

fn request_schema() -> Value {
    object(
        &["From"],
        &json!({
            "From": address(),
            "To": list(&address()),
            "Cc": false,
            "Bcc": false,
            "ReplyTo": list(&address()),
            "Subject": text(),
            "Text": text(),
            "HTML": text(),
            "Attachments": false,
            "Tags": list(&text()),
            "Headers": texts(),
        }),
    )
}

fn address() -> Value {
    object(&["Email"], &json!({ "Email": text(), "Name": text() }))
}

fn other_answers() -> Vec<(ResponseTemplate, Fate)> {
    vec![
        (ResponseTemplate::new(401).set_body_string("Unauthorised.\n"), Fate::Mending),
        (answer(400, json!({ "Error": "mail: missing '@' or angle-addr" })), Fate::Refused),
    ]
}
