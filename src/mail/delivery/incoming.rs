//! A webhook call, and the checks that several mail APIs share.

use std::collections::BTreeMap;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};

use super::{event::EventRefusal, fields::from_seconds};
use crate::types::UtcTime;

/// How far a signed timestamp may lie from now, either way (WH-02).
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// A webhook call.
pub struct Incoming<'a> {
    /// The headers by their names in lower case.
    pub headers: &'a BTreeMap<String, String>,
    /// The raw body, over which signatures are made.
    pub body: &'a [u8],
    /// The decoded `user:password` of HTTP Basic authentication (RFC 7617), where the call has it.
    pub basic_credentials: Option<&'a SecretString>,
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

    /// Checks HTTP Basic authentication, for mail APIs that do not sign. The secret is `user:password`.
    pub(in crate::mail) fn check_basic(&self, secret: &SecretString) -> Result<(), EventRefusal> {
        let credentials = self.basic_credentials.ok_or(EventRefusal::NotAuthentic)?;
        verify_slices_are_equal(credentials.expose_secret().as_bytes(), secret.expose_secret().as_bytes())
            .map_err(|_| EventRefusal::NotAuthentic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wh_01_basic_authentication_takes_the_one_secret_and_nothing_else() {
        let secret = SecretString::from("hook:s3cret");
        for (credentials, authentic) in [
            (Some("hook:s3cret"), true),
            (Some("hook:s3creu"), false),
            (Some("hook:s3cre"), false),
            (Some("Hook:s3cret"), false),
            (Some(""), false),
            (None, false),
        ] {
            let presented = credentials.map(SecretString::from);
            let incoming = Incoming { headers: &BTreeMap::new(), body: b"", basic_credentials: presented.as_ref() };
            assert_eq!(incoming.check_basic(&secret).is_ok(), authentic, "{credentials:?}");
        }
    }
}
