//! Sending through Twilio SendGrid: `POST /v3/mail/send`
//! (twilio.com/docs/sendgrid/api-reference/mail-send/mail-send). SendGrid has no idempotency key.

use serde_json::json;

use crate::{
    mail::{answer::Answer, api_account::ApiAccount, hand_over::HandOver, outgoing::OutgoingMail},
    outbound::OutboundRequest,
};

pub(super) fn request(account: &ApiAccount, mail: &OutgoingMail) -> OutboundRequest {
    let body = json!({
        "personalizations": [{
            "to": [{ "email": mail.to.as_str() }],
            "custom_args": { "message_id": mail.id.as_str() },
            "headers": mail.header_object(),
        }],
        "from": { "email": account.from.as_str(), "name": mail.sender_name },
        "reply_to": { "email": mail.reply_to.as_str() },
        "subject": mail.subject,
        // The preferred part comes last (RFC 2046 §5.1.4).
        "content": [
            { "type": "text/plain", "value": mail.text },
            { "type": "text/html", "value": mail.html },
        ],
        "categories": [mail.kind],
        "tracking_settings": {
            "click_tracking": { "enable": false, "enable_text": false },
            "open_tracking": { "enable": false },
            "subscription_tracking": { "enable": false },
        },
    });
    let request = account.client.post("v3/mail/send").json(&body);
    match &account.api_key {
        Some(key) => request.bearer_auth(key),
        None => request,
    }
}

pub(super) fn classify(answer: &Answer) -> HandOver {
    if answer.status.is_success() {
        let id = answer.headers.get("x-message-id").and_then(|value| value.to_str().ok());
        return Answer::accepted(id.map(str::to_owned));
    }
    let field = answer.body.pointer("/errors/0/field").and_then(serde_json::Value::as_str).unwrap_or_default();
    match answer.status.as_u16() {
        400 if field.contains(".to.") && field.ends_with("email") => answer.refuses_address("personalizations_to"),
        400 if field.starts_with("from") => answer.refuses_account("from"),
        _ => answer.by_status(""),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        config::MailProviderKind::SendGrid,
        mail::{
            HandOver,
            testing::{
                accepted, classified, classified_with, later, never_this_mail, no_address, not_for_us, written,
            },
        },
    };

    #[test]
    fn ml_07_the_request_is_as_published_and_switches_tracking_off() {
        let written = written(SendGrid);
        assert_eq!(written.url, "https://api.test/v3/mail/send");
        assert_eq!(written.header("authorization"), Some("Bearer k3y:w0rd"));
        let expected = json!({
            "personalizations": [{
                "to": [{ "email": "ana@example.si" }],
                "custom_args": { "message_id": "m4il" },
                "headers": { "X-Message-Id": "m4il", "Auto-Submitted": "auto-generated" },
            }],
            "from": { "email": "internal@topmotive.eu", "name": "STAkis" },
            "reply_to": { "email": "help@example.si" },
            "subject": "STAkis: čas",
            "content": [
                { "type": "text/plain", "value": "Text \"1\"\r\n" },
                { "type": "text/html", "value": "<p>Html</p>" },
            ],
            "categories": ["reset_link"],
            "tracking_settings": {
                "click_tracking": { "enable": false, "enable_text": false },
                "open_tracking": { "enable": false },
                "subscription_tracking": { "enable": false },
            },
        });
        assert_eq!(written.body, expected);
    }

    fn refused(status: u16, field: Option<&str>, message: &str) -> HandOver {
        let body = json!({ "errors": [{ "message": message, "field": field, "help": null }] });
        classified(SendGrid, status, &body.to_string())
    }

    #[test]
    fn ml_08_published_answers_are_told_apart() {
        let named = [("x-message-id", "LRzXl_NHStOGhQ4kofSm_A")];
        assert_eq!(classified_with(SendGrid, 202, &named, ""), accepted("LRzXl_NHStOGhQ4kofSm_A"));
        let to = Some("personalizations.0.to.0.email");
        let error = "http 400 personalizations_to";
        assert_eq!(refused(400, to, "Does not contain a valid address."), no_address(error));
        let from = Some("from.email");
        assert_eq!(
            refused(400, from, "The from email does not contain a valid address."),
            not_for_us("http 400 from")
        );
        let content = Some("content.0.value");
        let message = "The content value must be a string at least one character in length.";
        assert_eq!(refused(400, content, message), never_this_mail("http 400"));
        let from = Some("from");
        let message = "The from address does not match a verified Sender Identity.";
        assert_eq!(refused(403, from, message), not_for_us("http 403"));
        assert_eq!(refused(401, None, "Maximum credits exceeded"), not_for_us("http 401"));
        assert_eq!(refused(401, None, "The provided authorization grant is invalid"), not_for_us("http 401"));
        assert_eq!(refused(413, None, "Payload too large"), never_this_mail("http 413"));
        assert_eq!(refused(429, None, "too many requests"), later("http 429", true));
    }
}
