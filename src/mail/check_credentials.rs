//! Whether a mail API takes the credentials of the settings, asked by a call that sends nothing.

use std::time::Duration;

use super::{answer::Answer, api_account::ApiAccount, credentials::Credentials, registry::mail_api};
use crate::{
    config::MailConfig,
    outbound::{ExchangeLimits, OutboundClient},
    types::Fault,
};

const LIMITS: ExchangeLimits = ExchangeLimits {
    timeout: Duration::from_secs(10),
    // A list of domains, or of what a key may do.
    longest_answer: 1024 * 1024,
};

/// Asks the mail API of these settings; `None` where they name none, since mails go to the embedded mailbox.
pub(crate) async fn check_credentials(config: &MailConfig) -> Result<Option<Credentials>, Fault> {
    let Some(url) = &config.api_url else { return Ok(None) };
    let account = ApiAccount {
        client: OutboundClient::for_service(url, LIMITS)?,
        api_key: config.api_key.clone(),
        from: config.from.clone(),
    };
    let call = &mail_api(config.provider).credentials;
    let answer = match (call.request)(&account).send().await {
        Ok(answer) => answer,
        Err(failure) => return Ok(Some(Credentials::NoAnswer(failure.to_string()))),
    };
    let answer = Answer::new(answer.status, answer.headers.clone(), answer.received());
    Ok(Some((call.classify)(&answer, &config.from)))
}

#[cfg(test)]
mod tests {
    use reqwest::{StatusCode, header::HeaderMap};
    use secrecy::SecretString;

    use super::*;
    use crate::{
        config::MailProviderKind::{self, Brevo, Mailpit, Postmark, Resend, SendGrid},
        types::EmailAddress,
    };

    fn said(kind: MailProviderKind, status: u16, body: &str) -> Credentials {
        let answer = Answer::new(StatusCode::from_u16(status).unwrap(), HeaderMap::new(), body.as_bytes());
        let from = EmailAddress::parse("internal@topmotive.eu").unwrap();
        (mail_api(kind).credentials.classify)(&answer, &from)
    }

    #[test]
    fn op_11_each_provider_is_asked_for_something_that_sends_nothing() {
        let limits = ExchangeLimits { timeout: Duration::from_secs(1), longest_answer: 0 };
        for (kind, url, header) in [
            (Mailpit, "https://api.test/api/v1/info", "authorization"),
            (Resend, "https://api.test/domains", "authorization"),
            (Brevo, "https://api.test/v3/account", "api-key"),
            (Postmark, "https://api.test/server", "x-postmark-server-token"),
            (SendGrid, "https://api.test/v3/scopes", "authorization"),
        ] {
            let account = ApiAccount {
                client: OutboundClient::for_service(&"https://api.test".parse().unwrap(), limits).unwrap(),
                api_key: Some(SecretString::from("k3y:w0rd")),
                from: EmailAddress::parse("internal@topmotive.eu").unwrap(),
            };
            let request = (mail_api(kind).credentials.request)(&account).build();
            assert_eq!((request.method().as_str(), request.url().as_str()), ("GET", url));
            assert!(request.headers().contains_key(header) && request.body().is_none(), "{kind}");
        }
    }

    #[test]
    fn op_11_a_refused_key_is_told_from_a_right_one() {
        for kind in MailProviderKind::ALL {
            assert!(matches!(said(*kind, 401, "{}"), Credentials::Refused(_)), "{kind}");
            assert!(matches!(said(*kind, 503, "{}"), Credentials::Unclear(_)), "{kind}");
        }
        for kind in [Mailpit, Brevo, Postmark] {
            assert_eq!(said(kind, 200, "{}"), Credentials::Right, "{kind}");
        }
        let refused = Credentials::Refused("http 422 10".to_owned());
        assert_eq!(said(Postmark, 422, r#"{"ErrorCode":10}"#), refused);
    }

    #[test]
    fn op_11_a_key_that_may_not_send_is_found() {
        assert_eq!(said(SendGrid, 200, r#"{"scopes":["stats.read","mail.send"]}"#), Credentials::Right);
        assert_eq!(said(SendGrid, 200, r#"{"scopes":["stats.read"]}"#), Credentials::MayNotSend);
    }

    #[test]
    fn op_11_resend_says_whether_it_has_verified_the_sender_s_domain() {
        let sending = said(Resend, 401, r#"{"statusCode":401,"name":"restricted_api_key"}"#);
        assert_eq!(sending, Credentials::RightForSendingAlone);
        let listed = |status: &str| {
            said(Resend, 200, &format!(r#"{{"data":[{{"name":"topmotive.eu","status":"{status}"}}]}}"#))
        };
        assert_eq!((listed("verified"), listed("pending")), (Credentials::Right, Credentials::SenderUnverified));
        assert_eq!(said(Resend, 200, r#"{"data":[]}"#), Credentials::SenderUnverified);
        assert_eq!(said(Resend, 200, r#"{"data":[],"has_more":true}"#), Credentials::RightForSendingAlone);
    }
}
