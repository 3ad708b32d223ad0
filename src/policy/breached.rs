//! Leaked passwords, looked up at a range API by k-anonymity.

use std::time::Duration;

use aws_lc_rs::digest;
use data_encoding::HEXUPPER;
use reqwest::{Client, StatusCode, redirect};
use thiserror::Error;
use url::Url;

use super::common_passwords::is_common;
use crate::{
    config::{PasswordConfig, is_loopback},
    types::{Fault, Password},
};

/// The timeout of the whole exchange. After that the embedded list decides (PW-07).
const TIMEOUT: Duration = Duration::from_secs(1);
/// How many digits of the hash are sent. About a millionth of all hashes begin with the same digits.
const PREFIX_LENGTH: usize = 5;
/// The longest answer, in bytes. A padded answer has up to 1,000 lines of 40 characters.
const LONGEST_ANSWER: usize = 512 * 1024;

/// The client of a range API as Have I Been Pwned defines it ("Searching by range", API v3).
pub struct BreachedPasswords {
    client: Client,
    api_url: Url,
    at_sign_in: bool,
}

impl BreachedPasswords {
    /// `None` where the settings name no API.
    pub fn new(config: &PasswordConfig) -> Result<Option<Self>, Fault> {
        let Some(api_url) = config.breach_api_url.clone() else { return Ok(None) };
        // A proxy of the machine's is for other machines.
        let builder = if is_loopback(&api_url) { Client::builder().no_proxy() } else { Client::builder() };
        let client = builder
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .user_agent("stakis-identity")
            .build()
            .map_err(|error| Fault::internal("setting up the range API's client", error))?;
        Ok(Some(Self { client, api_url, at_sign_in: config.breach_at_sign_in }))
    }

    /// Whether passwords are looked up at sign-in too, and not only when they are set.
    #[must_use]
    pub fn at_sign_in(&self) -> bool {
        self.at_sign_in
    }

    /// Whether a password that is in use is known to have leaked; while the API does not answer in time, whether it is
    /// in the embedded list.
    pub async fn has_leaked(&self, password: &Password) -> bool {
        self.look_up(password).await.unwrap_or_else(|| is_common(&password.expose().to_lowercase()))
    }

    /// Whether the API knows the password; `None` where it did not answer in time, which keeps nobody from setting
    /// one: there is a rule of its own for the embedded list.
    pub async fn look_up(&self, password: &Password) -> Option<bool> {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.expose().as_bytes());
        let hash = HEXUPPER.encode(hash.as_ref());
        let (prefix, rest) = hash.split_at(PREFIX_LENGTH);
        match self.range(prefix).await {
            Ok(lines) => Some(holds(&lines, rest)),
            Err(error) => {
                tracing::warn!(%error, "no answer of the range API; the embedded list has to do");
                None
            }
        }
    }

    async fn range(&self, prefix: &str) -> Result<String, NoRange> {
        let url = format!("{}/range/{prefix}", self.api_url.as_str().trim_end_matches('/'));
        // Padding hides from an observer of the line how long the answer is, and so which it is.
        let request = self.client.get(url).header("add-padding", "true");
        let mut response = request.send().await?;
        // It answers every range with 200. A redirect or an empty answer is no word of it, and no password is safe by that.
        if response.status() != StatusCode::OK {
            return Err(NoRange::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(NoRange::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}

#[derive(Debug, Error)]
enum NoRange {
    #[error("{0}")]
    Exchange(reqwest::Error),
    #[error("status {0}")]
    Status(StatusCode),
    #[error("more than {LONGEST_ANSWER} bytes")]
    TooLong,
}

impl From<reqwest::Error> for NoRange {
    fn from(error: reqwest::Error) -> Self {
        // The address ends in what the password's hash begins with.
        Self::Exchange(error.without_url())
    }
}

/// `SUFFIX:COUNT` on each line; a count of 0 is padding.
fn holds(lines: &str, rest: &str) -> bool {
    lines.lines().filter_map(|line| line.trim().split_once(':')).any(|(suffix, count)| {
        suffix.eq_ignore_ascii_case(rest) && count.trim().parse::<u64>().is_ok_and(|count| count > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pw_07_rows_with_count_0_are_padding() {
        let lines = "0018A45C4D1DEF81644B54AB7F969B88D65:10\r\n00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0\r\nbroken\r\n";
        assert!(holds(lines, "0018A45C4D1DEF81644B54AB7F969B88D65"));
        assert!(!holds(lines, "00D4F6E8FA6EECAD2A3AA415EEC418D38EC"));
        assert!(!holds(lines, "FFD4F6E8FA6EECAD2A3AA415EEC418D38EC"));
        assert!(!holds("", ""));
    }
}
