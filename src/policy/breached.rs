//! Passwords that have leaked, looked up at a range API by k-anonymity: only a prefix of the hash leaves the service.

use std::time::Duration;

use aws_lc_rs::digest;
use data_encoding::HEXUPPER;
use reqwest::StatusCode;
use thiserror::Error;

use super::common_passwords::is_common;
use crate::{
    config::PasswordConfig,
    outbound::{CallFailure, ExchangeLimits, OutboundClient},
    types::{Fault, Password},
};

const LIMITS: ExchangeLimits = ExchangeLimits {
    // A customer waits for the answer; after that the embedded list decides (PW-07).
    timeout: Duration::from_secs(1),
    // A padded answer has up to 1,000 lines of 40 characters.
    longest_answer: 512 * 1024,
};
/// Hex digits of the hash that leave the service. About one hash in a million begins with the same ones.
const PREFIX_LENGTH: usize = 5;

/// The client of a range API ("Searching by range", haveibeenpwned.com/API/v3).
pub struct BreachedPasswords {
    client: OutboundClient,
    at_sign_in: bool,
}

/// What the range API says about a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BreachLookup {
    /// The password is known to have leaked.
    Leaked,
    /// The password is not known to have leaked.
    NotLeaked,
    /// The range API did not answer in time, or not in its form.
    NoAnswer,
}

impl BreachedPasswords {
    /// `None` where the settings name no range API.
    pub(crate) fn new(config: &PasswordConfig) -> Result<Option<Self>, Fault> {
        let Some(api_url) = &config.breach_api_url else { return Ok(None) };
        let client = OutboundClient::for_service(api_url, LIMITS)?;
        Ok(Some(Self { client, at_sign_in: config.breach_at_sign_in }))
    }

    /// Whether passwords are looked up at sign-in too, and not only when they are set.
    pub(crate) fn at_sign_in(&self) -> bool {
        self.at_sign_in
    }

    /// Whether a password in use has leaked. Without an answer of the range API the embedded list decides.
    pub(crate) async fn has_leaked(&self, password: &Password) -> bool {
        match self.look_up(password).await {
            BreachLookup::Leaked => true,
            BreachLookup::NotLeaked => false,
            BreachLookup::NoAnswer => is_common(&password.expose().to_lowercase()),
        }
    }

    /// Asks the range API about a password. A missing answer is no reason to refuse a new password: the policy has a
    /// rule of its own for the embedded list.
    pub(crate) async fn look_up(&self, password: &Password) -> BreachLookup {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.expose().as_bytes());
        let hash = HEXUPPER.encode(hash.as_ref());
        let (prefix, suffix) = hash.split_at(PREFIX_LENGTH);
        match self.range(prefix).await {
            Ok(lines) if contains(&lines, suffix) => BreachLookup::Leaked,
            Ok(_) => BreachLookup::NotLeaked,
            Err(error) => {
                tracing::warn!(%error, "the range API gave no answer; the embedded list decides");
                BreachLookup::NoAnswer
            }
        }
    }

    /// The suffixes of all leaked hashes with a prefix.
    async fn range(&self, prefix: &str) -> Result<String, RangeError> {
        let request = self.client.get(&format!("range/{prefix}"));
        // Padding hides the length of the answer, and so the prefix, from an observer of the connection.
        let answer = request.header("add-padding", "true").send().await?;
        // The range API answers every prefix with 200. Any other status says nothing about the password.
        if answer.status != StatusCode::OK {
            return Err(RangeError::Status(answer.status));
        }
        Ok(String::from_utf8_lossy(&answer.whole_body()?).into_owned())
    }
}

#[derive(Debug, Error)]
enum RangeError {
    #[error(transparent)]
    Call(#[from] CallFailure),
    #[error("http {}", .0.as_u16())]
    Status(StatusCode),
}

/// Whether a range contains a suffix. Each line is `SUFFIX:COUNT`; a count of 0 is padding.
fn contains(lines: &str, wanted: &str) -> bool {
    lines.lines().filter_map(|line| line.trim().split_once(':')).any(|(suffix, count)| {
        suffix.eq_ignore_ascii_case(wanted) && count.trim().parse::<u64>().is_ok_and(|count| count > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pw_07_rows_with_count_0_are_padding() {
        let lines = "0018A45C4D1DEF81644B54AB7F969B88D65:10\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0\r\nbroken\r\n";
        assert!(contains(lines, "0018A45C4D1DEF81644B54AB7F969B88D65"));
        assert!(!contains(lines, "00D4F6E8FA6EECAD2A3AA415EEC418D38EC"));
        assert!(!contains(lines, "FFD4F6E8FA6EECAD2A3AA415EEC418D38EC"));
        assert!(!contains("", ""));
    }
}
