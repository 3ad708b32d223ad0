//! Postmark: `https://postmarkapp.com/developer/api/email-api`; answers:
//! `https://postmarkapp.com/developer/api/overview#error-codes`.

use serde_json::{Value, json};
use stakis_identity::config::MailProviderKind;
use wiremock::ResponseTemplate;

use super::{
    api::{Api, Fate, answer},
    schema::{list, object, switch, text, texts},
};

pub(super) const API: Api = Api {
    kind: MailProviderKind::Postmark,
    path: "/email",
    key: "server-token",
    opened_by: ("x-postmark-server-token", "server-token"),
    request: request_schema,
    recipient_at: "/To",
    reply_to_at: "/ReplyTo",
    auto_submitted_at: "/Headers/1/Value",
    ids_at: &["/Metadata/message_id", "/Headers/0/Value"],
    untracked: &[("/TrackOpens", "false"), ("/TrackLinks", "\"None\"")],
    accepts: || {
        answer(
            200,
            json!({
                "To": "receiver@example.com", "SubmittedAt": "2014-02-17T07:25:01.4178645-05:00",
                "MessageID": "0a129aee-e1cd-480d-b08d-4f48548ff48d", "ErrorCode": 0, "Message": "OK",
            }),
        )
    },
    accepted_as: "0a129aee-e1cd-480d-b08d-4f48548ff48d",
    others: other_answers,
};

fn request_schema() -> Value {
    let header = object(&["Name", "Value"], &json!({ "Name": text(), "Value": text() }));
    object(
        &["From", "To"],
        &json!({
            "From": text(),
            "To": text(),
            "Cc": false,
            "Bcc": false,
            "Subject": text(),
            "Tag": text(),
            "HtmlBody": text(),
            "TextBody": text(),
            "ReplyTo": text(),
            "Headers": list(&header),
            "TrackOpens": switch(),
            "TrackLinks": text(),
            "Metadata": texts(),
            "Attachments": false,
            "MessageStream": text(),
        }),
    )
}

fn other_answers() -> Vec<(ResponseTemplate, Fate)> {
    let error = |status, code: i32, message: &str| answer(status, json!({ "ErrorCode": code, "Message": message }));
    vec![
        (error(401, 10, "No Account or Server API tokens were supplied in the HTTP headers."), Fate::Mending),
        (
            error(
                422,
                406,
                "You tried to send to a recipient that has been marked as inactive.\nFound inactive addresses: \
                 example@example.com.\nInactive recipients are ones that have generated a hard bounce or a \
                 spam complaint.",
            ),
            // On a list of Postmark's own, which says nothing against the mailbox.
            Fate::Refused,
        ),
        (error(422, 300, "Invalid 'To' address: 'example@example..com'."), Fate::BadAddress),
        (error(422, 300, "Error parsing 'To': Illegal email domain 'x' in address 'a@x'."), Fate::BadAddress),
        (error(422, 300, "Provide either email TextBody or HtmlBody or both."), Fate::Refused),
        (error(422, 400, "The 'From' address you supplied is not a Sender Signature."), Fate::Mending),
        (error(422, 405, "Not allowed to send: your account has run out of credits."), Fate::Mending),
        (error(422, 412, "While your account is pending approval, …"), Fate::Mending),
        (error(422, 403, "The request sent was valid JSON that does not match."), Fate::Refused),
        (error(429, 429, "Rate limit exceeded.").insert_header("retry-after", "60"), Fate::Later(60)),
        (error(503, 100, "Maintenance"), Fate::Later(10)),
    ]
}
