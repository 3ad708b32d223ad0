//! JSON bodies, taken strictly (AP-03 to AP-05).

use std::time::Duration;

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
    web::{Bytes, BytesMut},
};
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use tokio::time;

use super::problem::Problem;
use crate::types::Password;

const LARGEST_BODY: usize = 16 * 1024;
/// A body that trickles in more slowly than this is not worth waiting for.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A body that is one JSON object. What is wrong with its form is one answer, 400; a missing field is the
/// handler's to say, beside all others (422), so fields are `Option`s read by [`present`].
pub(super) struct StrictJson<T>(pub(super) T);

impl<T: DeserializeOwned + 'static> FromRequest for StrictJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = check_head(request);
        let payload = payload.take();
        Box::pin(async move {
            declared?;
            let body =
                time::timeout(BODY_TIMEOUT, read(payload)).await.map_err(|_| Problem::MalformedRequest)??;
            parse(&body).map(Self)
        })
    }
}

fn check_head(request: &HttpRequest) -> Result<(), Problem> {
    let headers = request.headers();
    let plain = is_identity(headers);
    let mime = request.mime_type().ok().flatten();
    let json = mime.is_some_and(|mime| {
        mime.essence_str().eq_ignore_ascii_case("application/json")
            && mime.params().all(|(name, value)| name == "charset" && value.as_str().eq_ignore_ascii_case("utf-8"))
    });
    if !json || !plain || headers.get_all(header::CONTENT_TYPE).count() != 1 {
        return Err(Problem::UnsupportedMediaType);
    }
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > LARGEST_BODY) {
        return Err(Problem::PayloadTooLarge);
    }
    Ok(())
}

fn is_identity(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_ENCODING).is_none_or(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

async fn read(mut payload: Payload) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::MalformedRequest)?;
        if body.len() + chunk.len() > LARGEST_BODY {
            return Err(Problem::PayloadTooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// serde also fills a struct from an array, so an object is asked for first. Its error texts quote the
/// input and are dropped.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| Problem::MalformedRequest)?;
    if !text.trim_ascii_start().starts_with('{') {
        return Err(Problem::MalformedRequest);
    }
    serde_json::from_str(text).map_err(|_| Problem::MalformedRequest)
}

/// For `#[serde(default, deserialize_with = "present")]`: a field that may be missing but not null.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// As [`present`], for a password.
pub(super) fn present_password<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Password>, D::Error> {
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
