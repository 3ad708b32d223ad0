//! A webhook call, and the checks that several mail APIs share.

use std::collections::BTreeMap;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::TimeDelta;
use data_encoding::BASE64;
use secrecy::{ExposeSecret as _, SecretString};

use super::{event::EventRefusal, fields::from_seconds};
use crate::types::UtcTime;

/// How far a signed timestamp may lie from now, either way (WH-02).
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// A webhook call.
pub(crate) struct Incoming<'a> {
    /// The headers by their names in lower case.
    pub(crate) headers: &'a BTreeMap<String, String>,
    /// The raw body, over which signatures are made.
    pub(crate) body: &'a [u8],
}

impl Incoming<'_> {
    /// A header that an authentic call has.
    pub(in crate::mail) fn header(&self, name: &str) -> Result<&str, EventRefusal> {
        self.headers.get(name).map(String::as_str).ok_or(EventRefusal::NotAuthentic)
    }

    /// A signed timestamp, as sent: in whole seconds since 1970, and within the tolerance.
    pub(in crate::mail) fn signed_timestamp(&self, name: &str, now: UtcTime) -> Result<&str, EventRefusal> {
        let text = self.header(name)?;
        let signed_at = text.parse().ok().and_then(from_seconds).ok_or(EventRefusal::NotAuthentic)?;
        if (now - signed_at).abs() <= TOLERANCE { Ok(text) } else { Err(EventRefusal::NotAuthentic) }
    }

    /// Checks HTTP Basic authentication (RFC 7617), for mail APIs that do not sign. The secret is `user:password`.
    pub(in crate::mail) fn check_basic(&self, secret: &SecretString) -> Result<(), EventRefusal> {
        let header = self.header("authorization")?;
        let (scheme, credentials) = header.split_once(' ').ok_or(EventRefusal::NotAuthentic)?;
        let credentials = BASE64.decode(credentials.trim().as_bytes()).map_err(|_| EventRefusal::NotAuthentic)?;
        let are_equal = verify_slices_are_equal(&credentials, secret.expose_secret().as_bytes()).is_ok();
        if scheme.eq_ignore_ascii_case("basic") && are_equal { Ok(()) } else { Err(EventRefusal::NotAuthentic) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wh_01_basic_authentication_takes_the_one_secret_and_nothing_else() {
        let secret = SecretString::from("hook:s3cret");
        for (header, authentic) in [
            (Some("Basic aG9vazpzM2NyZXQ="), true),
            (Some("basic aG9vazpzM2NyZXQ="), true),
            (Some("Basic aG9vazpzM2NyZXU="), false),
            (Some("Basic aG9vazpzM2NyZX"), false),
            (Some("Bearer aG9vazpzM2NyZXQ="), false),
            (Some("Basic"), false),
            (Some(""), false),
            (None, false),
        ] {
            let headers = header.into_iter().map(|value| ("authorization".to_owned(), value.to_owned())).collect();
            let checked = Incoming { headers: &headers, body: b"" }.check_basic(&secret);
            assert_eq!(checked.is_ok(), authentic, "{header:?}");
        }
    }
}
