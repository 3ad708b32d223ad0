//! Sending through Resend: `POST /emails` (resend.com/docs/api-reference/emails/send-email; errors:
//! resend.com/docs/api-reference/errors). A setting of the domain at Resend decides whether opens and clicks are
//! tracked.

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    mail::{answer::Answer, api_account::ApiAccount, hand_over::HandOver, outgoing::OutgoingMail},
    outbound::OutboundRequest,
};

pub(super) fn request(account: &ApiAccount, mail: &OutgoingMail) -> OutboundRequest {
    let body = json!({
        "from": mail.sender(&account.from),
        "to": [mail.to.as_str()],
        "reply_to": mail.reply_to.as_str(),
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "headers": mail.header_object(),
        "tags": [
            { "name": "kind", "value": mail.kind },
            { "name": "message_id", "value": mail.id.as_str() },
        ],
    });
    let request = account.client.post("emails").header("Idempotency-Key", mail.id.as_str()).json(&body);
    match &account.api_key {
        Some(key) => request.bearer_auth(key),
        None => request,
    }
}

pub(super) fn classify(answer: &Answer) -> HandOver {
    if answer.status.is_success() {
        return Answer::accepted(answer.text("id"));
    }
    let name = answer.code("/name");
    match name.as_str() {
        // The same key came before with another body: the mail has gone out, and an upgrade changed its text since.
        "invalid_idempotent_request" => Answer::accepted(None),
        "concurrent_idempotent_requests" => {
            HandOver::Later { retry_after: None, error: answer.error(&name), surely_refused: false }
        }
        "rate_limit_exceeded" => {
            HandOver::Later { retry_after: None, error: answer.error(&name), surely_refused: true }
        }
        // An exhausted quota counts as a refusal of the account: no mail can go out until it frees.
        "daily_quota_exceeded"
        | "monthly_quota_exceeded"
        | "missing_api_key"
        | "invalid_api_key"
        | "restricted_api_key"
        | "invalid_from_address"
        | "invalid_access" => answer.refuses_account(&name),
        // The sentence names the field. With 403 the sender's domain is meant, even where it mentions recipients.
        "validation_error"
            if answer.status == StatusCode::FORBIDDEN || answer.mentions("/message", &["`from`"]) =>
        {
            answer.refuses_account(&name)
        }
        "validation_error" if answer.mentions("/message", &["`to`"]) => answer.refuses_address(&name),
        _ => answer.by_status(&name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        config::MailProviderKind::Resend,
        mail::{
            HandOver,
            testing::{accepted, classified, later, never_this_mail, no_address, not_for_us, written},
        },
    };

    #[test]
    fn ml_01_the_request_is_as_published() {
        let written = written(Resend);
        assert_eq!(written.url, "https://api.test/emails");
        assert_eq!(written.header("authorization"), Some("Bearer k3y:w0rd"));
        assert_eq!(written.header("idempotency-key"), Some("m4il"));
        let expected = json!({
            "from": "STAkis <internal@topmotive.eu>",
            "to": ["ana@example.si"],
            "reply_to": "help@example.si",
            "subject": "STAkis: čas",
            "text": "Text \"1\"\r\n",
            "html": "<p>Html</p>",
            "headers": { "X-Message-Id": "m4il", "Auto-Submitted": "auto-generated" },
            "tags": [{ "name": "kind", "value": "reset_link" }, { "name": "message_id", "value": "m4il" }],
        });
        assert_eq!(written.body, expected);
    }

    fn refused(status: u16, name: &str, message: &str) -> HandOver {
        let body = json!({ "statusCode": status, "name": name, "message": message });
        classified(Resend, status, &body.to_string())
    }

    #[test]
    fn ml_08_published_answers_are_told_apart() {
        let id = "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794";
        assert_eq!(classified(Resend, 200, &json!({ "id": id }).to_string()), accepted(id));
        let nameless = HandOver::Accepted { provider_message_id: None };
        assert_eq!(
            refused(409, "invalid_idempotent_request", "This idempotency key has already been used"),
            nameless
        );
        let error = "http 409 concurrent_idempotent_requests";
        assert_eq!(
            refused(409, "concurrent_idempotent_requests", "Another request is in progress"),
            later(error, false)
        );
        let error = "http 429 rate_limit_exceeded";
        assert_eq!(refused(429, "rate_limit_exceeded", "Too many requests"), later(error, true));
        for (status, name) in [
            (401, "missing_api_key"),
            (401, "restricted_api_key"),
            (403, "invalid_api_key"),
            (422, "invalid_from_address"),
            (429, "daily_quota_exceeded"),
            (429, "monthly_quota_exceeded"),
        ] {
            assert_eq!(refused(status, name, ""), not_for_us(&format!("http {status} {name}")));
        }
        let error = "http 422 missing_required_field";
        assert_eq!(refused(422, "missing_required_field", "Missing `html` field."), never_this_mail(error));
        let error = "http 500 application_error";
        assert_eq!(refused(500, "application_error", "An unexpected error occurred."), later(error, false));
    }

    #[test]
    fn ml_08_a_validation_error_is_about_what_its_sentence_names() {
        let of_domain = not_for_us("http 403 validation_error");
        for message in [
            "You can only send testing emails to your own email address (youremail@domain.com). To send emails to other \
             recipients, please verify a domain at resend.com/domains, and change the `from` address to an email using \
             this domain.",
            "The `domain.com` domain is not verified. Please, add and verify your domain.",
        ] {
            assert_eq!(refused(403, "validation_error", message), of_domain, "{message}");
        }
        let form =
            "The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.";
        let error = "http 422 validation_error";
        let to = format!("Invalid `to` field. {form}");
        assert_eq!(refused(422, "validation_error", &to), no_address(error));
        let from = format!("Invalid `from` field. {form}");
        assert_eq!(refused(422, "validation_error", &from), not_for_us(error));
        let other = "We found an error with one or more fields in the request.";
        assert_eq!(refused(422, "validation_error", other), never_this_mail(error));
    }
}
