//! What a mail API says to a mail, classified once.

use std::time::Duration;

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

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
        /// Whether it said no. After a timeout or a failure of its own it may have the mail nevertheless, and no
        /// other provider may get it.
        surely_refused: bool,
    },
    /// No mail to this address: unknown, inactive or suppressed there.
    NeverThisRecipient {
        /// Why, without anybody's data.
        error: String,
    },
    /// Not this mail, ever.
    NeverThisMail {
        /// Why, without anybody's data.
        error: String,
    },
    /// It does not serve us: a wrong key, a closed account, a sender it does not know, no credit left. The mail is as
    /// good as ever and waits until somebody has mended that.
    NotForUs {
        /// Why, without anybody's data.
        error: String,
    },
}

/// No mail API's name for a mail is longer.
const LONGEST_ID: usize = 300;

/// An answer of the mail API, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    /// What is no JSON says nothing, and the status decides.
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Self {
        Self { status, headers, body: serde_json::from_slice(body).unwrap_or_default() }
    }

    /// A member of the body that is a text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.body.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// A code from the body, if it is a plain word or a number: sentences may quote the address.
    pub(super) fn code(&self, pointer: &str) -> String {
        match self.body.pointer(pointer) {
            Some(Value::String(word)) if is_plain(word) => word.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    /// Whether a sentence of the body speaks of something. It is read here and goes nowhere.
    pub(super) fn mentions(&self, pointer: &str, words: &[&str]) -> bool {
        let sentence = self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_lowercase();
        words.iter().any(|word| sentence.contains(word))
    }

    /// Accepted under that name, if it can be one.
    pub(super) fn accepted(provider_message_id: Option<String>) -> HandOver {
        let is_plain = |id: &String| id.len() <= LONGEST_ID && !id.contains(char::is_control);
        HandOver::Accepted { provider_message_id: provider_message_id.filter(is_plain) }
    }

    /// `http 422 code`, for the trail.
    pub(super) fn error(&self, code: &str) -> String {
        format!("http {} {code}", self.status.as_u16()).trim_end().to_owned()
    }

    /// The rule for whatever a provider does not define otherwise.
    pub(super) fn by_status(&self, code: &str) -> HandOver {
        let error = self.error(code);
        match self.status.as_u16() {
            // The key, the account, the address in the settings, a proxy: nothing of it is about this mail.
            401..=405 | 407 => HandOver::NotForUs { error },
            408 | 425 | 429 => HandOver::Later { retry_after: None, error, surely_refused: true },
            400..=499 => HandOver::NeverThisMail { error },
            _ => HandOver::Later { retry_after: None, error, surely_refused: false },
        }
    }
}

fn is_plain(word: &str) -> bool {
    word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
