//! Request bodies in the form encoding of OAuth 2.0.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;

use super::error::OAuthError;
use crate::http::{
    door::body::{LARGEST_BODY, UnreadBody},
    problem::Problem,
};

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";
const REPEATED: OAuthError = OAuthError::InvalidRequest("a parameter stands there more than once");

/// A form in the body, with each parameter at most once (RFC 6749 §3.2). Parameters in the URI are ignored.
pub(super) struct Form(BTreeMap<String, SecretString>);

impl Form {
    /// Reads the form in a body.
    pub(super) async fn read(body: UnreadBody) -> Result<Self, OAuthError> {
        Self::parse(&body.read(MEDIA_TYPE, LARGEST_BODY).await?)
    }

    /// Reads the form in a body; `None` where the body does not declare itself as one.
    pub(super) async fn read_if_declared(body: UnreadBody) -> Result<Option<Self>, OAuthError> {
        match body.read(MEDIA_TYPE, LARGEST_BODY).await {
            Err(Problem::UnsupportedMediaType) => Ok(None),
            read => Ok(Some(Self::parse(&read?)?)),
        }
    }

    fn parse(body: &[u8]) -> Result<Self, OAuthError> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if parameters.insert(name.into_owned(), SecretString::from(value.into_owned())).is_some() {
                return Err(REPEATED);
            }
        }
        Ok(Self(parameters))
    }

    /// A parameter without a value counts as left out (RFC 6749 §3.2).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(SecretString::expose_secret).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ad_08_a_parameter_counts_once_and_only_with_a_value() {
        let form = Form::parse(b"grant_type=client_credentials&scope=&x=1").unwrap();
        assert_eq!((form.get("grant_type"), form.get("scope")), (Some("client_credentials"), None));
        for repeated in [&b"scope=a&scope=a"[..], b"x=1&%78=2", b"scope&scope"] {
            assert!(Form::parse(repeated).is_err_and(|error| error == REPEATED));
        }
    }
}
