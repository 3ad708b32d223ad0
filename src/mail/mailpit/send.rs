//! Sending through Mailpit: `POST /api/v1/send` (mailpit.axllent.org/docs/api-v1). The embedded mailbox speaks the
//! same API.

use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::{
    mail::{answer::Answer, api_account::ApiAccount, hand_over::HandOver, outgoing::OutgoingMail},
    outbound::OutboundRequest,
};

pub(super) fn request(account: &ApiAccount, mail: &OutgoingMail) -> OutboundRequest {
    let body = json!({
        "From": { "Email": account.from.as_str(), "Name": mail.sender_name },
        "ReplyTo": [{ "Email": mail.reply_to.as_str() }],
        "To": [{ "Email": mail.to.as_str() }],
        "Subject": mail.subject,
        "Text": mail.text,
        "HTML": mail.html,
        "Tags": [mail.kind],
        // Mailpit has no idempotency key; by `X-Message-Id` a reader recognises a repeated mail.
        "Headers": mail.header_object(),
    });
    let request = account.client.post("api/v1/send").json(&body);
    match account.api_key.as_ref().and_then(|key| key.expose_secret().split_once(':')) {
        Some((user, password)) => request.basic_auth(user, password),
        None => request,
    }
}

pub(super) fn classify(answer: &Answer) -> HandOver {
    if answer.status.is_success() { Answer::accepted(answer.text("ID")) } else { answer.by_status("") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        config::MailProviderKind::Mailpit,
        mail::testing::{accepted, classified, never_this_mail, written},
    };

    #[test]
    fn ml_01_the_request_is_as_published() {
        let written = written(Mailpit);
        assert_eq!(written.url, "https://api.test/api/v1/send");
        assert_eq!(written.header("authorization"), Some("Basic azN5OncwcmQ="));
        let expected = json!({
            "From": { "Email": "internal@topmotive.eu", "Name": "STAkis" },
            "ReplyTo": [{ "Email": "help@example.si" }],
            "To": [{ "Email": "ana@example.si" }],
            "Subject": "STAkis: čas",
            "Text": "Text \"1\"\r\n",
            "HTML": "<p>Html</p>",
            "Tags": ["reset_link"],
            "Headers": { "X-Message-Id": "m4il", "Auto-Submitted": "auto-generated" },
        });
        assert_eq!(written.body, expected);
    }

    #[test]
    fn ml_08_published_answers_are_told_apart() {
        assert_eq!(
            classified(Mailpit, 200, r#"{"ID":"iAfZVVe2UQfNSG5BAjgYwa"}"#),
            accepted("iAfZVVe2UQfNSG5BAjgYwa")
        );
        assert_eq!(classified(Mailpit, 400, r#"{"Error":"invalid format"}"#), never_this_mail("http 400"));
    }
}
