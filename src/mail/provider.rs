//! One mail API: its client, its address, its key.

use std::time::Duration;

use chrono::DateTime;
use reqwest::{Client, Response, header::RETRY_AFTER, redirect};
use secrecy::SecretString;
use url::Url;

use super::{
    hand_over::{Answer, HandOver},
    providers::{self, Desk},
};
use crate::{
    config::{MailConfig, MailProviderKind, is_loopback},
    types::{EmailAddress, Fault, MailId},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Well below a job's lease, so that nobody else takes the job while the call is under way.
const TIMEOUT: Duration = Duration::from_secs(10);
/// However long it asks us to wait: a mail does not wait until it is worth nothing.
const LONGEST_PAUSE: Duration = Duration::from_mins(15);
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

/// The client of one mail API.
pub(super) struct Provider {
    pub(super) kind: MailProviderKind,
    client: Client,
    api_url: Url,
    api_key: Option<SecretString>,
    from: EmailAddress,
}

impl Provider {
    /// `api_url` is the one to use where the settings name none.
    pub(super) fn new(config: &MailConfig, api_url: &Url) -> Result<Self, Fault> {
        let api_url = config.api_url.as_ref().unwrap_or(api_url).clone();
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
        let MailConfig { provider: kind, api_key, from, .. } = config.clone();
        Ok(Self { kind, client, api_url, api_key, from })
    }

    /// One attempt. Never fails: what went wrong is an answer too.
    pub(super) async fn hand_over(&self, mail: &OutgoingMail) -> HandOver {
        let Self { client, api_url, api_key, from, .. } = self;
        let desk = Desk { client, api_url, api_key: api_key.as_ref(), from };
        let response = match providers::request(self.kind, &desk, mail).send().await {
            Ok(response) => response,
            Err(error) => {
                let surely_refused = error.is_connect();
                return HandOver::Later { retry_after: None, error: describe(&error).to_owned(), surely_refused };
            }
        };
        let retry_after = retry_after(&response).map(|pause| pause.min(LONGEST_PAUSE));
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = Answer::new(status, headers, &read_capped(response).await);
        match providers::classify(self.kind, &answer) {
            HandOver::Later { error, surely_refused, .. } => HandOver::Later { retry_after, error, surely_refused },
            other => other,
        }
    }
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
