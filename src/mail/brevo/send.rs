//! Sending through Brevo: `POST /v3/smtp/email` (developers.brevo.com/reference/send-transac-email). A setting of the
//! Brevo account decides whether opens and clicks are tracked.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::{
    mail::{answer::Answer, api_account::ApiAccount, hand_over::HandOver, outgoing::OutgoingMail},
    outbound::OutboundRequest,
    types::MailId,
};

pub(super) fn request(account: &ApiAccount, mail: &OutgoingMail) -> OutboundRequest {
    let mut headers = mail.header_object();
    headers.insert("idempotencyKey".to_owned(), idempotency_key(&mail.id).into());
    let body = json!({
        "sender": { "email": account.from.as_str(), "name": mail.sender_name },
        "to": [{ "email": mail.to.as_str() }],
        "replyTo": { "email": mail.reply_to.as_str() },
        "subject": mail.subject,
        "textContent": mail.text,
        "htmlContent": mail.html,
        "headers": headers,
        "tags": [mail.kind, mail.id.as_str()],
    });
    let request = account.client.post("v3/smtp/email").json(&body);
    match &account.api_key {
        Some(key) => request.header("api-key", key.expose_secret()),
        None => request,
    }
}

/// A UUID, since Brevo takes no other key (developers.brevo.com/docs/heterogenous-versions-batch-emails). It is derived
/// from the mail's id (version 8, RFC 9562 §5.8), so that every attempt sends the same key.
fn idempotency_key(id: &MailId) -> String {
    let mut hex = HEXLOWER.encode(digest(&SHA256, id.as_str().as_bytes()).as_ref());
    hex.truncate(32);
    hex.replace_range(12..13, "8");
    hex.replace_range(16..17, "8");
    for hyphen in [20, 16, 12, 8] {
        hex.insert(hyphen, '-');
    }
    hex
}

pub(super) fn classify(answer: &Answer) -> HandOver {
    if answer.status.is_success() {
        return Answer::accepted(answer.text("messageId"));
    }
    let code = answer.code("/code");
    match code.as_str() {
        // The idempotency key, which Brevo keeps for half an hour, was used before: the mail has gone out.
        "duplicate_parameter" => Answer::accepted(None),
        "unauthorized" | "permission_denied" | "not_enough_credits" | "account_under_validation" => {
            answer.refuses_account(&code)
        }
        "invalid_parameter" | "missing_parameter" if answer.mentions("/message", &["sender"]) => {
            answer.refuses_account(&code)
        }
        "invalid_parameter" if answer.mentions("/message", &["email is not valid", "to is not valid"]) => {
            answer.refuses_address(&code)
        }
        "invalid_parameter" if answer.mentions("/message", &["blacklisted", "blocked"]) => {
            answer.refuses_listed(&code)
        }
        _ => answer.by_status(&code),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        config::MailProviderKind::Brevo,
        mail::testing::{accepted, classified, later, listed, never_this_mail, no_address, not_for_us, written},
    };

    #[test]
    fn ml_01_the_idempotency_key_is_a_uuid_and_always_the_same() {
        let id = MailId::from_text("m4il".to_owned());
        let key = idempotency_key(&id);
        assert_eq!(key, idempotency_key(&id));
        let groups: Vec<usize> = key.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert!(key.split('-').skip(2).take(2).all(|group| group.starts_with('8')), "{key}");
    }

    #[test]
    fn ml_01_the_request_is_as_published() {
        let written = written(Brevo);
        assert_eq!(written.url, "https://api.test/v3/smtp/email");
        assert_eq!(written.header("api-key"), Some("k3y:w0rd"));
        let expected = json!({
            "sender": { "email": "internal@topmotive.eu", "name": "STAkis" },
            "to": [{ "email": "ana@example.si" }],
            "replyTo": { "email": "help@example.si" },
            "subject": "STAkis: čas",
            "textContent": "Text \"1\"\r\n",
            "htmlContent": "<p>Html</p>",
            "headers": {
                // In the body and in this spelling: anywhere else it has no effect (getbrevo/brevo-node issue 94).
                "idempotencyKey": idempotency_key(&MailId::from_text("m4il".to_owned())),
                "X-Message-Id": "m4il",
                "Auto-Submitted": "auto-generated",
            },
            "tags": ["reset_link", "m4il"],
        });
        assert_eq!(written.body, expected);
    }

    fn refused(status: u16, code: &str, message: &str) -> HandOver {
        classified(Brevo, status, &json!({ "code": code, "message": message }).to_string())
    }

    #[test]
    fn ml_08_published_answers_are_told_apart() {
        let id = "<201798300811.5787683@relay.domain.com>";
        assert_eq!(classified(Brevo, 201, &json!({ "messageId": id }).to_string()), accepted(id));
        let message = "Email for the idempotency key has already been processed";
        let nameless = HandOver::Accepted { provider_message_id: None };
        assert_eq!(refused(400, "duplicate_parameter", message), nameless);
        let error = "http 400 invalid_parameter";
        assert_eq!(refused(400, "invalid_parameter", "email is not valid in to"), no_address(error));
        assert_eq!(refused(400, "invalid_parameter", "Contact is blacklisted"), listed(error));
        assert_eq!(refused(400, "invalid_parameter", "sender is not valid"), not_for_us(error));
        assert_eq!(refused(400, "invalid_parameter", "subject is too long"), never_this_mail(error));
        let error = "http 400 missing_parameter";
        assert_eq!(refused(400, "missing_parameter", "subject is missing"), never_this_mail(error));
        for (status, code) in [
            (401, "unauthorized"),
            (402, "not_enough_credits"),
            (403, "permission_denied"),
            (400, "not_enough_credits"),
        ] {
            assert_eq!(refused(status, code, "Key not found"), not_for_us(&format!("http {status} {code}")));
        }
        assert_eq!(refused(429, "too_many_requests", ""), later("http 429 too_many_requests", true));
    }
}
