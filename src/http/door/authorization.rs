//! The header `Authorization`, read in one place: exactly one header, with one scheme (RFC 9110 §11.6.2).
//!
//! The crate `actix-web-httpauth` takes the first of several headers and answers with its own errors, which would have
//! to be turned into problems and OAuth errors. Two short functions are less code.

use actix_web::http::header::{self, HeaderMap};
use data_encoding::BASE64;
use secrecy::SecretString;

/// The token of the scheme `Bearer` (RFC 6750 §2.1).
pub(in crate::http) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    value_of_scheme(headers, "bearer")
}

/// The decoded credentials of the scheme `Basic` (RFC 7617): `user:password`.
pub(in crate::http) fn basic_credentials(headers: &HeaderMap) -> Option<SecretString> {
    let encoded = value_of_scheme(headers, "basic")?;
    let decoded = BASE64.decode(encoded.trim_matches(' ').as_bytes()).ok()?;
    String::from_utf8(decoded).ok().map(SecretString::from)
}

/// The part after the scheme, where there is exactly one header. Two headers are refused, since proxies and programs
/// differ in which of them counts.
fn value_of_scheme<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (sent_scheme, value) = value.to_str().ok()?.split_once(' ')?;
    sent_scheme.eq_ignore_ascii_case(scheme).then_some(value)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use secrecy::ExposeSecret as _;

    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn one_header_with_the_right_scheme_is_read() {
        assert_eq!(bearer_token(&headers(&["Bearer a.b.c"])), Some("a.b.c"));
        assert_eq!(bearer_token(&headers(&["bEARER x"])), Some("x"));
        let basic = basic_credentials(&headers(&["Basic aG9vazpzM2NyZXQ="])).unwrap();
        assert_eq!(basic.expose_secret(), "hook:s3cret");
        assert!(basic_credentials(&headers(&["basic  aG9vazpzM2NyZXQ= "])).is_some());
    }

    #[test]
    fn anything_else_is_no_authorization() {
        let nothing: [&[&str]; 6] = [&[], &[""], &["Bearer"], &["Basic"], &["Bearer a", "Bearer a"], &["Digest a"]];
        for values in nothing {
            assert_eq!(bearer_token(&headers(values)), None, "{values:?}");
            assert!(basic_credentials(&headers(values)).is_none(), "{values:?}");
        }
        // Invalid Base64, missing padding, and invalid UTF-8.
        for value in ["Basic a:b", "Basic aG9vazpzM2NyZX", "Basic /w=="] {
            assert!(basic_credentials(&headers(&[value])).is_none(), "{value}");
        }
    }
}
