//! Handing a mail over to the mail API.

use std::time::Duration;

use chrono::DateTime;
use reqwest::{Client, Response, StatusCode, header::RETRY_AFTER, redirect};
use secrecy::SecretString;
use url::Url;

use super::{mailpit, resend};
use crate::{
    config::{MailConfig, MailProviderKind, is_loopback},
    types::{EmailAddress, Fault, MailId},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Well below a job's lease, so that nobody else takes the job while the call is under way.
const TIMEOUT: Duration = Duration::from_secs(10);
/// More than any provider's answer to one mail.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A finished mail.
#[derive(Clone)]
pub struct OutgoingMail {
    /// The idempotency key.
    pub id: MailId,
    /// The one recipient.
    pub to: EmailAddress,
    /// The kind of mail, for the provider's statistics.
    pub tag: &'static str,
    /// The subject.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// What the mail API said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandOver {
    /// It has the mail.
    Accepted {
        /// The provider's own name for it.
        provider_message_id: Option<String>,
    },
    /// Not now.
    Later {
        /// When it asked to be called again.
        retry_after: Option<Duration>,
        /// Why, without anybody's data.
        error: String,
    },
    /// Not this mail, ever.
    Never {
        /// Why, without anybody's data.
        error: String,
    },
}

/// The client of one mail API.
pub struct Mailer {
    client: Client,
    provider: MailProviderKind,
    api_url: Url,
    api_key: Option<SecretString>,
    from: EmailAddress,
}

/// What a provider's file needs to write its request.
pub(super) struct Desk<'a> {
    pub(super) client: &'a Client,
    pub(super) api_url: &'a Url,
    pub(super) api_key: Option<&'a SecretString>,
    pub(super) from: &'a EmailAddress,
}

impl Desk<'_> {
    /// The base address with a path laid on, whether or not it ends in a slash.
    pub(super) fn endpoint(&self, path: &str) -> String {
        format!("{}/{path}", self.api_url.as_str().trim_end_matches('/'))
    }
}

impl Mailer {
    /// Prepares the client; `api_url` is the one to use where the settings name none.
    pub fn new(config: &MailConfig, api_url: Url) -> Result<Self, Fault> {
        // A proxy of the machine's is for other machines.
        let builder = if is_loopback(&api_url) { Client::builder().no_proxy() } else { Client::builder() };
        let client = builder
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            // A redirect would carry the mail to wherever an answer says (ML-08).
            .redirect(redirect::Policy::none())
            .user_agent("stakis-identity")
            .build()
            .map_err(|error| Fault::internal("setting up the mail client", error))?;
        Ok(Self {
            client,
            provider: config.provider,
            api_url,
            api_key: config.api_key.clone(),
            from: config.from.clone(),
        })
    }

    /// One attempt. Never fails: what went wrong is an answer too.
    pub async fn hand_over(&self, mail: &OutgoingMail) -> HandOver {
        let desk =
            Desk { client: &self.client, api_url: &self.api_url, api_key: self.api_key.as_ref(), from: &self.from };
        let request = match self.provider {
            MailProviderKind::Mailpit => mailpit::request(&desk, mail),
            MailProviderKind::Resend => resend::request(&desk, mail),
        };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return HandOver::Later { retry_after: None, error: describe(&error).to_owned() },
        };
        let status = response.status();
        let retry_after = retry_after(&response);
        let body = read_capped(response).await;
        let classify = match self.provider {
            MailProviderKind::Mailpit => mailpit::classify,
            MailProviderKind::Resend => resend::classify,
        };
        match classify(status, &body) {
            HandOver::Later { error, .. } => HandOver::Later { retry_after, error },
            other => other,
        }
    }
}

/// The rule for whatever a provider does not define otherwise. 401 and 403 speak of our key and not of the
/// mail, so the mail waits until somebody has mended that.
pub(super) fn classify_by_status(status: StatusCode, detail: &str) -> HandOver {
    let error = format!("http {} {detail}", status.as_u16()).trim_end().to_owned();
    match status.as_u16() {
        401 | 403 | 408 | 425 | 429 => HandOver::Later { retry_after: None, error },
        400..=499 => HandOver::Never { error },
        _ => HandOver::Later { retry_after: None, error },
    }
}

/// An error's name from the provider's answer, if it is a plain word: sentences may quote the address.
pub(super) fn plain_word(value: Option<&serde_json::Value>) -> &str {
    let word = value.and_then(serde_json::Value::as_str).unwrap_or_default();
    let plain = word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { word } else { "" }
}

fn describe(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connection failed"
    } else {
        "transport error"
    }
}

/// RFC 9110 §10.2.3: seconds, or a date. Dates are taken relative to the answer's own `Date`.
fn retry_after(response: &Response) -> Option<Duration> {
    let header = |name| response.headers().get(name)?.to_str().ok();
    let value = header(RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = DateTime::parse_from_rfc2822(value).ok()?;
    let now = DateTime::parse_from_rfc2822(header(reqwest::header::DATE)?).ok()?;
    (then - now).to_std().ok()
}

async fn read_capped(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = LONGEST_ANSWER - body.len();
        body.extend_from_slice(chunk.get(..room.min(chunk.len())).unwrap_or_default());
        if body.len() >= LONGEST_ANSWER {
            break;
        }
    }
    body
}
