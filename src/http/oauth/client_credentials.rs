//! A client's credentials in HTTP Basic authentication.

use actix_web::http::header::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;

use crate::http::door::authorization::basic_credentials;

/// The id and the secret of `client_secret_basic` (RFC 6749 §2.3.1), not verified yet.
pub(in crate::http) struct BasicClient {
    pub(super) id: String,
    pub(super) secret: SecretString,
}

impl BasicClient {
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let credentials = basic_credentials(headers)?;
        let (id, secret) = credentials.expose_secret().split_once(':')?;
        Some(Self { id: decode_component(id)?, secret: SecretString::from(decode_component(secret)?) })
    }
}

/// Undoes the form encoding of one value (RFC 6749 appendix B).
fn decode_component(text: &str) -> Option<String> {
    if text.contains(['&', '=']) {
        return None;
    }
    Some(form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name).collect())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{self, HeaderValue};
    use data_encoding::BASE64;

    use super::*;

    fn parse(credentials: &str) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        let value = format!("basic {}", BASE64.encode(credentials.as_bytes()));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
        BasicClient::read(&headers).map(|client| (client.id, client.secret.expose_secret().to_owned()))
    }

    #[test]
    fn ad_08_id_and_secret_are_form_urlencoded_inside_basic() {
        assert_eq!(parse("a%62c:s%3A+x-_"), Some(("abc".into(), "s: x-_".into())));
        assert_eq!(parse("abc:a:b"), Some(("abc".into(), "a:b".into())));
        assert_eq!(parse("abc:"), Some(("abc".into(), String::new())));
        for wrong in ["abc", "", "a&b:x", "a:x=y"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
