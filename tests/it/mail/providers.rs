//! What each mail API is given, held against its published form, and what its published answers do to a mail.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::{Value, json};
use stakis_identity::config::MailProviderKind;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tracing_subscriber::fmt::MakeWriter;
use wiremock::ResponseTemplate;

use crate::support::{Customer, Engine, MailApi, TestApp, engine_tests};

/// What a member of a request may be.
enum Form {
    Text,
    Switch,
    List(&'static Form),
    /// Any names, and texts for them.
    Texts,
    Object(&'static [Member]),
    /// Allowed by the documentation, and not used here.
    Unused,
}

struct Member {
    name: &'static str,
    required: bool,
    form: Form,
}

const fn required(name: &'static str, form: Form) -> Member {
    Member { name, required: true, form }
}

const fn optional(name: &'static str, form: Form) -> Member {
    Member { name, required: false, form }
}

const fn unused(name: &'static str) -> Member {
    Member { name, required: false, form: Form::Unused }
}

impl Form {
    #[track_caller]
    fn check(&self, value: &Value, at: &str) {
        match self {
            Self::Text => assert!(value.as_str().is_some_and(|text| !text.is_empty()), "{at} is no text: {value}"),
            Self::Switch => assert!(value.is_boolean(), "{at} is no switch: {value}"),
            Self::List(form) => {
                let items = value.as_array().unwrap_or_else(|| panic!("{at} is no list: {value}"));
                assert!(!items.is_empty(), "{at} is empty");
                for item in items {
                    form.check(item, &format!("{at}/-"));
                }
            }
            Self::Texts => {
                let members = value.as_object().unwrap_or_else(|| panic!("{at} is no object: {value}"));
                for (name, value) in members {
                    Self::Text.check(value, &format!("{at}/{name}"));
                }
            }
            Self::Object(allowed) => {
                let members = value.as_object().unwrap_or_else(|| panic!("{at} is no object: {value}"));
                for (name, value) in members {
                    let member = allowed.iter().find(|member| member.name == name);
                    let member = member.unwrap_or_else(|| panic!("{at}/{name} is not in the documentation"));
                    member.form.check(value, &format!("{at}/{name}"));
                }
                for member in allowed.iter().filter(|member| member.required) {
                    assert!(members.contains_key(member.name), "{at}/{} is missing", member.name);
                }
            }
            Self::Unused => panic!("{at} was not expected"),
        }
    }
}

/// A mail API as its documentation describes it.
struct Api {
    kind: MailProviderKind,
    path: &'static str,
    key: &'static str,
    /// The header that opens it.
    opened_by: (&'static str, &'static str),
    request: Form,
    /// Where the address stands, where our name for the mail, and where it says that nothing is tracked.
    recipient_at: &'static str,
    ids_at: &'static [&'static str],
    untracked: &'static [(&'static str, &'static str)],
    accepts: fn() -> ResponseTemplate,
    /// Its name for the mail in that answer.
    accepted_as: &'static str,
    others: fn() -> Vec<(ResponseTemplate, Fate)>,
}

/// What becomes of a mail that was answered so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is out.
    Out,
    /// It is tried again after so many seconds.
    Later(i64),
    /// It waits until somebody has mended something, and so do the others.
    Mending,
    /// It is given up, and its address is left alone.
    BadAddress,
    /// It is given up.
    Refused,
}

fn answer(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// `https://github.com/axllent/mailpit/blob/develop/server/ui/api/v1/swagger.json`, `SendRequest`.
const MAILPIT: Api = Api {
    kind: MailProviderKind::Mailpit,
    path: "/api/v1/send",
    key: "stakis:pw",
    opened_by: ("authorization", "Basic c3Rha2lzOnB3"),
    request: Form::Object(&[
        required("From", Form::Object(MAILPIT_ADDRESS)),
        optional("To", Form::List(&Form::Object(MAILPIT_ADDRESS))),
        unused("Cc"),
        unused("Bcc"),
        unused("ReplyTo"),
        optional("Subject", Form::Text),
        optional("Text", Form::Text),
        optional("HTML", Form::Text),
        unused("Attachments"),
        optional("Tags", Form::List(&Form::Text)),
        optional("Headers", Form::Texts),
    ]),
    recipient_at: "/To/0/Email",
    ids_at: &["/Headers/X-Message-Id"],
    untracked: &[],
    accepts: || answer(200, json!({ "ID": "iAfZVVe2UQfNSG5BAjgYwa" })),
    accepted_as: "iAfZVVe2UQfNSG5BAjgYwa",
    others: || {
        vec![
            (ResponseTemplate::new(401).set_body_string("Unauthorised.\n"), Fate::Mending),
            (answer(400, json!({ "Error": "mail: missing '@' or angle-addr" })), Fate::Refused),
        ]
    },
};

const MAILPIT_ADDRESS: &[Member] = &[required("Email", Form::Text), optional("Name", Form::Text)];

/// `https://resend.com/docs/api-reference/emails/send-email`; answers: `…/docs/api-reference/errors`.
const RESEND: Api = Api {
    kind: MailProviderKind::Resend,
    path: "/emails",
    key: "re_123456789",
    opened_by: ("authorization", "Bearer re_123456789"),
    request: Form::Object(&[
        required("from", Form::Text),
        required("to", Form::List(&Form::Text)),
        required("subject", Form::Text),
        unused("bcc"),
        unused("cc"),
        unused("reply_to"),
        unused("scheduled_at"),
        optional("html", Form::Text),
        optional("text", Form::Text),
        optional("headers", Form::Texts),
        unused("topic_id"),
        unused("attachments"),
        unused("template"),
        optional("tags", Form::List(&Form::Object(&[required("name", Form::Text), required("value", Form::Text)]))),
    ]),
    recipient_at: "/to/0",
    ids_at: &["/headers/X-Message-Id", "/tags/1/value"],
    untracked: &[],
    accepts: || answer(200, json!({ "id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794" })),
    accepted_as: "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794",
    others: || {
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
                error(
                    409,
                    "concurrent_idempotent_requests",
                    "Same key used while original request is in progress.",
                ),
                Fate::Later(10),
            ),
            (
                error(409, "invalid_idempotent_request", "Same key used with a different request payload."),
                Fate::Out,
            ),
            (error(500, "application_error", "An unexpected error occurred."), Fate::Later(10)),
        ]
    },
};

/// `https://developers.brevo.com/reference/send-transac-email`.
const BREVO: Api = Api {
    kind: MailProviderKind::Brevo,
    path: "/v3/smtp/email",
    key: "xkeysib-1",
    opened_by: ("api-key", "xkeysib-1"),
    request: Form::Object(&[
        required("sender", Form::Object(BREVO_ADDRESS)),
        required("to", Form::List(&Form::Object(BREVO_ADDRESS))),
        unused("bcc"),
        unused("cc"),
        optional("htmlContent", Form::Text),
        optional("textContent", Form::Text),
        required("subject", Form::Text),
        unused("replyTo"),
        unused("attachment"),
        optional("headers", Form::Texts),
        unused("templateId"),
        unused("params"),
        unused("messageVersions"),
        optional("tags", Form::List(&Form::Text)),
        unused("scheduledAt"),
        unused("batchId"),
    ]),
    recipient_at: "/to/0/email",
    ids_at: &["/headers/X-Message-Id", "/tags/1"],
    untracked: &[],
    accepts: || answer(201, json!({ "messageId": "<201798300811.5787683@relay.domain.com>" })),
    accepted_as: "<201798300811.5787683@relay.domain.com>",
    others: || {
        let error = |status, code: &str, message: &str| answer(status, json!({ "code": code, "message": message }));
        vec![
            (error(401, "unauthorized", "Key not found"), Fate::Mending),
            (error(402, "not_enough_credits", "Not enough credits"), Fate::Mending),
            (error(403, "permission_denied", "Your account is not activated"), Fate::Mending),
            (error(400, "invalid_parameter", "email is not valid in to"), Fate::BadAddress),
            (error(400, "missing_parameter", "sender is missing"), Fate::Mending),
            (error(400, "invalid_parameter", "Invalid sender"), Fate::Mending),
            (error(400, "missing_parameter", "subject is missing"), Fate::Refused),
            (error(406, "not_acceptable", "Unsupported content type"), Fate::Refused),
            (error(400, "duplicate_parameter", "Request with the same idempotencyKey exists"), Fate::Out),
        ]
    },
};

const BREVO_ADDRESS: &[Member] = &[required("email", Form::Text), optional("name", Form::Text)];

/// `https://postmarkapp.com/developer/api/email-api`; answers: `…/developer/api/overview#error-codes`.
const POSTMARK: Api = Api {
    kind: MailProviderKind::Postmark,
    path: "/email",
    key: "server-token",
    opened_by: ("x-postmark-server-token", "server-token"),
    request: Form::Object(&[
        required("From", Form::Text),
        required("To", Form::Text),
        unused("Cc"),
        unused("Bcc"),
        optional("Subject", Form::Text),
        optional("Tag", Form::Text),
        optional("HtmlBody", Form::Text),
        optional("TextBody", Form::Text),
        unused("ReplyTo"),
        optional(
            "Headers",
            Form::List(&Form::Object(&[required("Name", Form::Text), required("Value", Form::Text)])),
        ),
        optional("TrackOpens", Form::Switch),
        optional("TrackLinks", Form::Text),
        optional("Metadata", Form::Texts),
        unused("Attachments"),
        optional("MessageStream", Form::Text),
    ]),
    recipient_at: "/To",
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
    others: || {
        let error =
            |status, code: i32, message: &str| answer(status, json!({ "ErrorCode": code, "Message": message }));
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
                Fate::BadAddress,
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
    },
};

/// `https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send`; answers: `…/mail-send/errors`.
const SENDGRID: Api = Api {
    kind: MailProviderKind::SendGrid,
    path: "/v3/mail/send",
    key: "SG.key",
    opened_by: ("authorization", "Bearer SG.key"),
    request: Form::Object(&[
        required("personalizations", Form::List(&Form::Object(SENDGRID_PERSONALIZATION))),
        required("from", Form::Object(BREVO_ADDRESS)),
        unused("reply_to"),
        unused("reply_to_list"),
        required("subject", Form::Text),
        required(
            "content",
            Form::List(&Form::Object(&[required("type", Form::Text), required("value", Form::Text)])),
        ),
        unused("attachments"),
        unused("template_id"),
        optional("headers", Form::Texts),
        optional("categories", Form::List(&Form::Text)),
        unused("custom_args"),
        unused("send_at"),
        unused("batch_id"),
        unused("asm"),
        unused("ip_pool_name"),
        unused("mail_settings"),
        optional("tracking_settings", Form::Object(SENDGRID_TRACKING)),
    ]),
    recipient_at: "/personalizations/0/to/0/email",
    ids_at: &["/personalizations/0/custom_args/message_id", "/personalizations/0/headers/X-Message-Id"],
    untracked: &[
        ("/tracking_settings/click_tracking/enable", "false"),
        ("/tracking_settings/click_tracking/enable_text", "false"),
        ("/tracking_settings/open_tracking/enable", "false"),
        ("/tracking_settings/subscription_tracking/enable", "false"),
    ],
    accepts: || ResponseTemplate::new(202).insert_header("X-Message-Id", "LRzXl_NHStOGhQ4kofSm_A"),
    accepted_as: "LRzXl_NHStOGhQ4kofSm_A",
    others: || {
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
    },
};

const SENDGRID_PERSONALIZATION: &[Member] = &[
    unused("from"),
    required("to", Form::List(&Form::Object(BREVO_ADDRESS))),
    unused("cc"),
    unused("bcc"),
    unused("subject"),
    optional("headers", Form::Texts),
    unused("substitutions"),
    unused("dynamic_template_data"),
    optional("custom_args", Form::Texts),
    unused("send_at"),
];

const SENDGRID_TRACKING: &[Member] = &[
    optional(
        "click_tracking",
        Form::Object(&[required("enable", Form::Switch), required("enable_text", Form::Switch)]),
    ),
    optional(
        "open_tracking",
        Form::Object(&[required("enable", Form::Switch), optional("substitution_tag", Form::Text)]),
    ),
    optional("subscription_tracking", Form::Object(&[required("enable", Form::Switch)])),
    unused("ganalytics"),
];

const APIS: [Api; 5] = [MAILPIT, RESEND, BREVO, POSTMARK, SENDGRID];

/// What every one of them may answer.
fn common_answers() -> Vec<(ResponseTemplate, Fate)> {
    vec![
        (ResponseTemplate::new(429).insert_header("retry-after", "120"), Fate::Later(120)),
        (
            ResponseTemplate::new(503)
                .insert_header("date", "Sun, 22 Nov 2026 12:00:00 GMT")
                .insert_header("retry-after", "Sun, 22 Nov 2026 12:05:00 GMT"),
            Fate::Later(300),
        ),
        (ResponseTemplate::new(429).insert_header("retry-after", "86400000000"), Fate::Later(900)),
        (ResponseTemplate::new(429).insert_header("retry-after", "soon"), Fate::Later(10)),
        (ResponseTemplate::new(500).set_body_string("<html>Internal Server Error</html>"), Fate::Later(10)),
        (ResponseTemplate::new(502), Fate::Later(10)),
        (ResponseTemplate::new(401), Fate::Mending),
        (ResponseTemplate::new(404).set_body_string("<html>Not Found</html>"), Fate::Mending),
        (ResponseTemplate::new(407), Fate::Mending),
        (ResponseTemplate::new(400).set_body_string("{\"name\":"), Fate::Refused),
        (ResponseTemplate::new(422).set_body_string("[".repeat(60_000)), Fate::Refused),
        (ResponseTemplate::new(200).set_body_string("OK"), Fate::Out),
        (ResponseTemplate::new(200).set_body_bytes(vec![0xFF; 100_000]), Fate::Out),
    ]
}

async fn start(engine: Engine, api: &Api) -> TestApp {
    let app = TestApp::start_with(engine, |config| {
        config.mail.provider = api.kind;
        config.mail.api_key = Some(SecretString::from(api.key));
    })
    .await;
    app.mail_api.answer_with((api.accepts)()).await;
    app
}

/// A customer of his own for each answer, and a mail to him.
async fn queue(app: &TestApp, index: usize) -> String {
    let number = format!("2{index:05}");
    let email = format!("ana{index}@example.si");
    let customer = Customer { number: number.leak(), email: email.leak(), password: "Poletne-gume-26" };
    app.create(&customer, stakis_identity::types::Locale::En, None).await;
    assert_eq!(app.ask(customer.number).await.status, 202);
    customer.email.to_owned()
}

/// Status and mail API's name of the mail to that address.
fn state(app: &TestApp, email: &str) -> [String; 2] {
    let mail = app.mail_rows().into_iter().find(|mail| mail.recipient == email).expect("there is a mail");
    [mail.status, mail.provider_message_id]
}

fn is_paused(app: &TestApp, email: &str) -> bool {
    app.suppressions().iter().any(|row| row.address == email)
}

/// Replays an answer to a fresh mail, and checks what becomes of the mail.
async fn replay(app: &TestApp, api: &Api, index: usize, template: ResponseTemplate, fate: Fate) {
    let what = format!("{:?} {fate:?} {template:?}", api.kind);
    // What was before is forgotten.
    app.advance(TimeDelta::hours(1));
    app.mail_api.answer_with(template).await;
    let email = queue(app, index).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1, "{what}");
    let expected = match fate {
        Fate::Out => "handed_over",
        Fate::Later(_) | Fate::Mending => "queued",
        Fate::BadAddress | Fate::Refused => "refused",
    };
    assert_eq!(state(app, &email)[0], expected, "{what}");
    assert_eq!(is_paused(app, &email), fate == Fate::BadAddress, "{what}");
    app.mail_api.answer_with((api.accepts)()).await;
    let wait = match fate {
        Fate::Later(seconds) => seconds,
        Fate::Mending => 60,
        Fate::Out | Fate::BadAddress | Fate::Refused => {
            app.advance(TimeDelta::hours(1));
            assert_eq!(app.deliver_all().await, 0, "{what}");
            return;
        }
    };
    app.advance(TimeDelta::seconds(wait - 1));
    assert_eq!(app.deliver_all().await, 0, "{what}");
    app.advance(TimeDelta::seconds(wait / 10 + 2));
    assert_eq!(app.deliver_all().await, 1, "{what}");
    assert_eq!(state(app, &email), ["handed_over", api.accepted_as], "{what}");
    assert_eq!(app.mail_api.mails().await.len(), 1, "{what}");
}

engine_tests![
    ml_07_each_mail_api_gets_what_its_documentation_says,
    ml_01_a_retry_carries_the_same_bytes_and_the_same_key,
    ml_08_the_published_answers_of_mailpit,
    ml_08_the_published_answers_of_resend,
    ml_08_the_published_answers_of_brevo,
    ml_08_the_published_answers_of_postmark,
    ml_08_the_published_answers_of_sendgrid,
    ml_08_a_wrong_key_raises_one_alarm_and_loses_no_mail,
    ml_08_a_redirect_is_followed_nowhere,
    ml_08_an_endless_answer_is_cut_off,
    ml_08_a_name_that_no_table_takes_is_none,
];

/// No mail asks for tracking.
async fn ml_07_each_mail_api_gets_what_its_documentation_says(engine: Engine) {
    for api in &APIS {
        let what = format!("{:?}", api.kind);
        let app = start(engine, api).await;
        app.make(&Customer::ANA).await;
        app.ask(Customer::ANA.number).await;
        app.deliver_all().await;
        let mails = app.mail_api.mails().await;
        assert_eq!(mails.len(), 1, "{what}");
        let (body, headers) = (&mails[0].body, &mails[0].headers);
        assert_eq!(mails[0].path, api.path);
        assert_eq!(headers["content-type"], "application/json", "{what}");
        assert_eq!(headers[api.opened_by.0], api.opened_by.1, "{what}");
        assert_eq!(headers["user-agent"], "stakis-identity");
        api.request.check(body, &what);
        let at = |pointer: &str| body.pointer(pointer).unwrap_or_else(|| panic!("{what}: no {pointer}"));
        assert_eq!(at(api.recipient_at), Customer::ANA.email, "{what}");
        assert_eq!(body.to_string().matches(Customer::ANA.email).count(), 1, "{what}");
        let mail = app.only_mail();
        for pointer in api.ids_at {
            assert_eq!(at(pointer), mail.id.as_str(), "{what} {pointer}");
        }
        for (pointer, value) in api.untracked {
            assert_eq!(at(pointer).to_string(), *value, "{what} {pointer}");
        }
        let expected = (api.kind == MailProviderKind::Resend).then_some(mail.id.as_str());
        assert_eq!(mails[0].idempotency_key.as_deref(), expected, "{what}");
        let columns = [mail.status.as_str(), &mail.provider, &mail.provider_message_id];
        assert_eq!(columns, ["handed_over", api.kind.as_str(), api.accepted_as], "{what}");
        let token = body.to_string().matches("#token=").count();
        assert!(token >= 2, "{what}: the link stands in the text and in the HTML part");
    }
}

async fn ml_01_a_retry_carries_the_same_bytes_and_the_same_key(engine: Engine) {
    for api in &APIS {
        let app = start(engine, api).await;
        let mut uuids = Vec::new();
        for index in 0..2 {
            app.mail_api.answer_with(ResponseTemplate::new(500)).await;
            queue(&app, index).await;
            app.deliver_all().await;
            let first = app.mail_api.mails().await.remove(0);
            app.mail_api.answer_with((api.accepts)()).await;
            app.advance(TimeDelta::seconds(11));
            app.deliver_all().await;
            let second = app.mail_api.mails().await.remove(0);
            assert_eq!(first.raw, second.raw, "{:?}", api.kind);
            assert_eq!(first.idempotency_key, second.idempotency_key);
            uuids.extend(first.body["headers"]["idempotencyKey"].as_str().map(str::to_owned));
        }
        if api.kind == MailProviderKind::Brevo {
            assert_eq!(uuids.len(), 2);
            assert_ne!(uuids[0], uuids[1]);
            for uuid in uuids {
                // RFC 9562 §4: version 8, variant 10.
                let groups: Vec<&str> = uuid.split('-').collect();
                assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{uuid}");
                assert!(groups.concat().bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{uuid}");
                assert!(groups[2].starts_with('8') && groups[3].starts_with(['8', '9', 'a', 'b']), "{uuid}");
            }
        }
    }
}

async fn replay_all(engine: Engine, api: Api) {
    let app = start(engine, &api).await;
    for (index, (template, fate)) in (api.others)().into_iter().chain(common_answers()).enumerate() {
        replay(&app, &api, index, template, fate).await;
    }
}

async fn ml_08_the_published_answers_of_mailpit(engine: Engine) {
    replay_all(engine, MAILPIT).await;
}

async fn ml_08_the_published_answers_of_resend(engine: Engine) {
    replay_all(engine, RESEND).await;
}

async fn ml_08_the_published_answers_of_brevo(engine: Engine) {
    replay_all(engine, BREVO).await;
}

async fn ml_08_the_published_answers_of_postmark(engine: Engine) {
    replay_all(engine, POSTMARK).await;
}

async fn ml_08_the_published_answers_of_sendgrid(engine: Engine) {
    replay_all(engine, SENDGRID).await;
}

/// What is logged while it lives, on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn lines_with(&self, word: &str) -> usize {
        let bytes = self.0.lock().unwrap();
        String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains(word)).count()
    }
}

async fn ml_08_a_wrong_key_raises_one_alarm_and_loses_no_mail(engine: Engine) {
    for api in &APIS {
        let what = format!("{:?}", api.kind);
        let app = start(engine, api).await;
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish();
        let guard = tracing::subscriber::set_default(subscriber);
        app.mail_api.answer_with(ResponseTemplate::new(401)).await;
        let mut emails = Vec::new();
        for index in 0..3 {
            emails.push(queue(&app, index).await);
        }
        // One tries and the others wait, for hours.
        app.deliver_all().await;
        assert_eq!(app.mail_api.mails().await.len(), 1, "{what}");
        for _ in 0..40 {
            app.advance(TimeDelta::minutes(20));
            app.deliver_all().await;
        }
        assert_eq!(log.lines_with("alarm=true"), 1, "{what}");
        assert_eq!(log.lines_with("mail given up"), 0, "{what}");
        assert_eq!(log.lines_with(api.key), 0, "{what}");
        assert!(emails.iter().all(|email| state(&app, email)[0] == "queued"), "{what}");
        app.mail_api.answer_with((api.accepts)()).await;
        for _ in 0..3 {
            app.advance(TimeDelta::minutes(2));
            app.deliver_all().await;
        }
        assert!(emails.iter().all(|email| state(&app, email)[0] == "handed_over"), "{what}");
        assert_eq!(app.mail_api.mails().await.len(), 3, "{what}");
        assert_eq!(log.lines_with("serves us again"), 1, "{what}");
        // The next time it is an alarm again.
        app.mail_api.answer_with(ResponseTemplate::new(401)).await;
        queue(&app, 3).await;
        app.deliver_all().await;
        assert_eq!(log.lines_with("alarm=true"), 2, "{what}");
        drop(guard);
        app.may_leave_jobs();
    }
}

async fn ml_08_a_redirect_is_followed_nowhere(engine: Engine) {
    let elsewhere = MailApi::start().await;
    for api in &APIS {
        let app = start(engine, api).await;
        for (index, status) in [301, 302, 303, 307, 308].into_iter().enumerate() {
            let redirect = ResponseTemplate::new(status).insert_header("location", elsewhere.url().as_str());
            replay(&app, api, index, redirect, Fate::Later(10)).await;
        }
    }
    assert!(elsewhere.mails().await.is_empty());
}

/// Says this to whoever connects, and goes on saying the second part for as long as somebody listens.
async fn endless(beginning: &'static str, more: &'static str) -> url::Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 16_384];
                drop(stream.read(&mut request).await);
                drop(stream.write_all(beginning.as_bytes()).await);
                while stream.write_all(more.as_bytes()).await.is_ok() {}
            });
        }
    });
    url
}

async fn ml_08_an_endless_answer_is_cut_off(engine: Engine) {
    const CHUNK: &str = "10\r\naaaaaaaaaaaaaaaa\r\n";
    const TAKEN: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    const FAILED: &str = "HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n";
    for (beginning, more, status) in [
        (TAKEN, CHUNK, "handed_over"),
        (FAILED, CHUNK, "queued"),
        (
            "HTTP/1.1 200 OK\r\n",
            "x-more: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
            "queued",
        ),
        ("", "what is this, it is not HTTP\r\n", "queued"),
    ] {
        let url = endless(beginning, more).await;
        for api in &APIS {
            let app = TestApp::start_with(engine, |config| {
                config.mail.provider = api.kind;
                config.mail.api_key = Some(SecretString::from(api.key));
                config.mail.api_url = Some(url.clone());
            })
            .await;
            let email = queue(&app, 0).await;
            app.deliver_all().await;
            assert_eq!(state(&app, &email), [status, ""], "{:?} {beginning}", api.kind);
            app.may_leave_jobs();
        }
    }
}

async fn ml_08_a_name_that_no_table_takes_is_none(engine: Engine) {
    let app = start(engine, &RESEND).await;
    for (index, name) in ["a\u{0}b".to_owned(), "x".repeat(5000)].into_iter().enumerate() {
        app.mail_api.answer_with(answer(200, json!({ "id": name }))).await;
        let email = queue(&app, index).await;
        app.deliver_all().await;
        assert_eq!(state(&app, &email), ["handed_over", ""]);
        app.advance(TimeDelta::hours(1));
    }
}
