//! Sending through Postmark: `POST /email` (postmarkapp.com/developer/api/email-api; error codes:
//! postmarkapp.com/developer/api/overview#error-codes). Postmark has no idempotency key.

use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::{
    mail::{answer::Answer, api_account::ApiAccount, hand_over::HandOver, outgoing::OutgoingMail},
    outbound::OutboundRequest,
};

pub(super) fn request(account: &ApiAccount, mail: &OutgoingMail) -> OutboundRequest {
    let header = |(name, value): &(&str, String)| json!({ "Name": name, "Value": value });
    let body = json!({
        "From": mail.sender(&account.from),
        "To": mail.to.as_str(),
        "ReplyTo": mail.reply_to.as_str(),
        "Subject": mail.subject,
        "TextBody": mail.text,
        "HtmlBody": mail.html,
        "Tag": mail.kind,
        "Metadata": { "message_id": mail.id.as_str() },
        "Headers": mail.headers.iter().map(header).collect::<Vec<_>>(),
        "MessageStream": "outbound",
        "TrackOpens": false,
        "TrackLinks": "None",
    });
    let request = account.client.post("email").header("Accept", "application/json").json(&body);
    match &account.api_key {
        Some(key) => request.header("X-Postmark-Server-Token", key.expose_secret()),
        None => request,
    }
}

pub(super) fn classify(answer: &Answer) -> HandOver {
    let code = answer.code("/ErrorCode");
    match (answer.status.as_u16(), code.as_str()) {
        (200..=299, "0" | "") => Answer::accepted(answer.text("MessageID")),
        // 406: an inactive recipient. 300: an invalid request, whose sentence names the field.
        (_, "406") => answer.refuses_listed(&code),
        (_, "300") if answer.mentions("/Message", &["'to'"]) => answer.refuses_address(&code),
        (_, "300") if answer.mentions("/Message", &["'from'"]) => answer.refuses_account(&code),
        // A wrong key, an unknown sender, an account without approval or credit, an unknown stream or server.
        (_, "10" | "400" | "401" | "405" | "412" | "413" | "701" | "1226" | "1235") => {
            answer.refuses_account(&code)
        }
        (_, "429" | "100") => {
            HandOver::Later { retry_after: None, error: answer.error(&code), surely_refused: true }
        }
        _ => answer.by_status(&code),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        config::MailProviderKind::Postmark,
        mail::{
            HandOver,
            testing::{accepted, classified, later, listed, never_this_mail, no_address, not_for_us, written},
        },
    };

    #[test]
    fn ml_07_the_request_is_as_published_and_switches_tracking_off() {
        let written = written(Postmark);
        assert_eq!(written.url, "https://api.test/email");
        assert_eq!(written.header("x-postmark-server-token"), Some("k3y:w0rd"));
        assert_eq!(written.header("accept"), Some("application/json"));
        let expected = json!({
            "From": "STAkis <internal@topmotive.eu>",
            "To": "ana@example.si",
            "ReplyTo": "help@example.si",
            "Subject": "STAkis: čas",
            "TextBody": "Text \"1\"\r\n",
            "HtmlBody": "<p>Html</p>",
            "Tag": "reset_link",
            "Metadata": { "message_id": "m4il" },
            "Headers": [
                { "Name": "X-Message-Id", "Value": "m4il" },
                { "Name": "Auto-Submitted", "Value": "auto-generated" },
            ],
            "MessageStream": "outbound",
            "TrackOpens": false,
            "TrackLinks": "None",
        });
        assert_eq!(written.body, expected);
    }

    fn said(status: u16, code: u16, message: &str) -> HandOver {
        classified(Postmark, status, &json!({ "ErrorCode": code, "Message": message }).to_string())
    }

    #[test]
    fn ml_08_published_answers_are_told_apart() {
        let taken = r#"{"To":"receiver@example.com","SubmittedAt":"2014-02-17T07:25:01.4178645-05:00",
            "MessageID":"0a129aee-e1cd-480d-b08d-4f48548ff48d","ErrorCode":0,"Message":"OK"}"#;
        assert_eq!(classified(Postmark, 200, taken), accepted("0a129aee-e1cd-480d-b08d-4f48548ff48d"));
        let inactive = "You tried to send to a recipient that has been marked as inactive. Found inactive addresses: \
                        example@example.com.";
        assert_eq!(said(422, 406, inactive), listed("http 422 406"));
        // Whatever the status: a code is a refusal.
        assert_eq!(said(200, 406, inactive), listed("http 200 406"));
        let error = "http 422 300";
        assert_eq!(said(422, 300, "Invalid 'To' address: 'ana'."), no_address(error));
        let from = "Invalid 'From' address: 'sender@example.com' is not a verified sender signature.";
        assert_eq!(said(422, 300, from), not_for_us(error));
        assert_eq!(said(422, 300, "Provide either email TextBody or HtmlBody or both."), never_this_mail(error));
        assert_eq!(said(422, 402, "Invalid JSON"), never_this_mail("http 422 402"));
        assert_eq!(said(401, 10, "Bad or missing API token"), not_for_us("http 401 10"));
        for code in [400, 401, 405, 412, 413] {
            assert_eq!(said(422, code, ""), not_for_us(&format!("http 422 {code}")));
        }
        assert_eq!(said(429, 429, "Rate Limit Exceeded"), later("http 429 429", true));
        assert_eq!(said(503, 100, "Maintenance"), later("http 503 100", true));
    }
}
