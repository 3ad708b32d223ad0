//! Mailpit's send API: `POST /api/v1/send` (mailpit.axllent.org/docs/api-v1); also the embedded mailbox.

use reqwest::RequestBuilder;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::{Desk, SENDER};
use crate::mail::{
    hand_over::{Answer, HandOver},
    provider::OutgoingMail,
};

pub(super) fn request(desk: &Desk<'_>, mail: &OutgoingMail) -> RequestBuilder {
    let body = json!({
        "From": { "Email": desk.from.as_str(), "Name": SENDER },
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

pub(super) fn classify(answer: &Answer) -> HandOver {
    if answer.status.is_success() { Answer::accepted(answer.text("ID")) } else { answer.by_status("") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        config::MailProviderKind::Mailpit,
        mail::providers::testing::{accepted, classified, never_this_mail, written},
    };

    #[test]
    fn ml_01_the_request_is_as_published() {
        let written = written(Mailpit);
        assert_eq!(written.url, "https://api.test/api/v1/send");
        assert_eq!(written.header("authorization"), Some("Basic azN5OncwcmQ="));
        let expected = json!({
            "From": { "Email": "internal@topmotive.eu", "Name": "STAkis" },
            "To": [{ "Email": "ana@example.si" }],
            "Subject": "STAkis: čas",
            "Text": "Text \"1\"\r\n",
            "HTML": "<p>Html</p>",
            "Tags": ["reset_link"],
            "Headers": { "X-Message-Id": "m4il" },
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
