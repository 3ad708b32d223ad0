//! A mail API's answer, and the classification that providers share.

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

use super::hand_over::HandOver;
use crate::types::BounceCause;

/// The longest id in bytes. A longer one counts as absent, since the table of mails has no room for it.
const LONGEST_ID: usize = 300;
/// The longest error code in bytes. A longer one counts as a sentence, and is not kept.
const LONGEST_CODE: usize = 64;

/// The answer to the request that hands a mail over.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// The body as JSON; `null` where it is none.
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Self {
        Self { status, headers, body: serde_json::from_slice(body).unwrap_or_default() }
    }

    /// A string member of the body.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.body.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// An error code of the body. Anything but a plain word or a number gives an empty code: sentences may quote the
    /// address, and the code goes into the audit trail.
    pub(super) fn code(&self, pointer: &str) -> String {
        match self.body.pointer(pointer) {
            Some(Value::String(word)) if is_plain(word) => word.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    /// Whether a sentence of the body contains one of some words in lower case. The sentence itself is not kept.
    pub(super) fn mentions(&self, pointer: &str, words: &[&str]) -> bool {
        let sentence = self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_lowercase();
        words.iter().any(|word| sentence.contains(word))
    }

    /// The outcome for a mail that was taken. An id that no table can hold is left out.
    pub(super) fn accepted(provider_message_id: Option<String>) -> HandOver {
        let can_be_stored = |id: &String| id.len() <= LONGEST_ID && !id.contains(char::is_control);
        HandOver::Accepted { provider_message_id: provider_message_id.filter(can_be_stored) }
    }

    /// The error text for a code, such as `http 422 validation_error`.
    pub(super) fn error(&self, code: &str) -> String {
        format!("http {} {code}", self.status.as_u16()).trim_end().to_owned()
    }

    /// The outcome where the code speaks against this service's account.
    pub(super) fn refuses_account(&self, code: &str) -> HandOver {
        HandOver::NotForUs { error: self.error(code) }
    }

    /// The outcome where the code says that the recipient's address is none.
    pub(super) fn refuses_address(&self, code: &str) -> HandOver {
        HandOver::NeverThisRecipient { error: self.error(code), cause: BounceCause::NoSuchMailbox }
    }

    /// The outcome where the code says that the recipient is on a list of the mail API.
    pub(super) fn refuses_listed(&self, code: &str) -> HandOver {
        HandOver::NeverThisRecipient { error: self.error(code), cause: BounceCause::Listed }
    }

    /// The outcome by status alone, for an answer that the provider defines no further.
    pub(super) fn by_status(&self, code: &str) -> HandOver {
        let error = self.error(code);
        match self.status.as_u16() {
            // The key, the account, the configured address or a proxy is at fault, and not this mail.
            401..=405 | 407 => HandOver::NotForUs { error },
            408 | 425 | 429 => HandOver::Later { retry_after: None, error, surely_refused: true },
            400..=499 => HandOver::NeverThisMail { error },
            _ => HandOver::Later { retry_after: None, error, surely_refused: false },
        }
    }
}

fn is_plain(word: &str) -> bool {
    word.len() <= LONGEST_CODE && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
