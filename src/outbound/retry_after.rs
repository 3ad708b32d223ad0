//! The wait that an answer asks for.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{self, HeaderMap};

/// The wait that an answer asks for (RFC 9110 §10.2.3): seconds, or a date, which is taken relative to the answer's own
/// `Date`.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let value = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = DateTime::parse_from_rfc2822(value).ok()?;
    let now = DateTime::parse_from_rfc2822(text(header::DATE)?).ok()?;
    (then - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wh_08_a_wait_is_seconds_or_a_date() {
        let wait = |pairs: &[(header::HeaderName, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
            retry_after(&pairs.collect())
        };
        assert_eq!(wait(&[(header::RETRY_AFTER, "120")]), Some(Duration::from_mins(2)));
        let date = (header::DATE, "Sun, 22 Nov 2026 13:00:00 GMT");
        let later = (header::RETRY_AFTER, "Sun, 22 Nov 2026 13:02:00 GMT");
        assert_eq!(wait(&[date, later.clone()]), Some(Duration::from_mins(2)));
        for value in ["", "-1", "soon", "1.5", "99999999999999999999999"] {
            assert_eq!(wait(&[(header::RETRY_AFTER, value)]), None, "{value}");
        }
        assert_eq!(wait(&[later]), None);
    }
}
