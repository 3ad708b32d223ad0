//! JSON bodies, read strictly (AP-05).

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::body::{LARGEST_BODY, UnreadBody};
use crate::{http::problem::Problem, types::Password};

/// A body that is one JSON object. A wrong form is answered with 400. A missing field is refused by the handler
/// together with all other wrong fields (422), so fields are `Option`s read by [`present`].
pub(in crate::http) struct StrictJson<T>(pub(in crate::http) T);

impl<T: DeserializeOwned + 'static> FromRequest for StrictJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = UnreadBody::from_request(request, payload).into_inner();
        Box::pin(async move {
            let Ok(body) = body;
            body.json().await.map(Self)
        })
    }
}

impl UnreadBody {
    /// Reads a body that is one JSON object, as [`StrictJson`] does.
    pub(in crate::http) async fn json<T: DeserializeOwned>(self) -> Result<T, Problem> {
        parse(&self.read("application/json", LARGEST_BODY).await?)
    }
}

/// Parses one JSON object. serde also fills a struct from an array, so the first character is checked. The error texts
/// of serde quote the input and are dropped.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| Problem::MalformedRequest)?;
    if !text.trim_ascii_start().starts_with('{') {
        return Err(Problem::MalformedRequest);
    }
    serde_json::from_str(text).map_err(|_| Problem::MalformedRequest)
}

/// Reads a field that may be missing but not null. It belongs into `#[serde(default, deserialize_with = "present")]`.
pub(in crate::http) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Does for a password what [`present`] does.
pub(in crate::http) fn present_password<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Password>, D::Error> {
    String::deserialize(deserializer).map(Password::new).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[serde(default, deserialize_with = "present")]
        name: Option<String>,
    }

    #[test]
    fn ap_05_only_a_plain_object_with_known_keys_of_the_right_type() {
        assert_eq!(parse::<Body>(b" {\"name\":\"x\"}\n").unwrap().name.as_deref(), Some("x"));
        assert_eq!(parse::<Body>(b"{}").unwrap().name, None);
        let malformed: [&[u8]; 16] = [
            b"",
            b"null",
            b"\"x\"",
            b"[\"x\"]",
            b"{\"name\":null}",
            b"{\"name\":1}",
            b"{\"name\":[\"x\"]}",
            b"{\"name\":\"x\",\"name\":\"x\"}",
            b"{\"name\":\"x\",\"role\":\"admin\"}",
            b"{\"name\":\"x\"} x",
            b"{\"name\":\"x\"}{}",
            b"\xef\xbb\xbf{\"name\":\"x\"}",
            b"{\"name\":\"\xff\"}",
            b"{\"name\":\"\\ud800\"}",
            b"{\"name\":NaN}",
            b"{\"name\":\"x\"",
        ];
        for body in malformed {
            assert_eq!(parse::<Body>(body), Err(Problem::MalformedRequest), "{}", String::from_utf8_lossy(body));
        }
    }

    proptest! {
        #[test]
        fn ap_05_never_panics_and_never_takes_an_array(body in proptest::collection::vec(any::<u8>(), 0..64)) {
            let parsed = parse::<Body>(&body);
            if parsed.is_ok() {
                prop_assert_eq!(body.trim_ascii().first(), Some(&b'{'));
            }
        }
    }
}
