//! JSON bodies, read strictly (AP-05).

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::{
    body::{LARGEST_BODY, UnreadBody},
    json_tree::{Mismatch, MismatchKind, Tree},
};
use crate::{
    http::problem::{BodyMistake, BodyMistakeKind, Problem},
    types::Password,
};

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
        self.json_up_to(LARGEST_BODY).await
    }

    /// Does so for an operation whose body may have another size, in bytes.
    pub(in crate::http) async fn json_up_to<T: DeserializeOwned>(self, largest: usize) -> Result<T, Problem> {
        parse(&self.read("application/json", largest).await?)
    }
}

/// A call without fields, whose body is left out or an empty object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoFields {}

impl UnreadBody {
    /// Reads the body of a call without fields.
    pub(in crate::http) async fn no_fields(mut self) -> Result<(), Problem> {
        if self.is_left_out().await? {
            return Ok(());
        }
        let NoFields {} = self.json().await?;
        Ok(())
    }
}

/// Reads a body as [`StrictJson`] does, for tests and fuzzers: `None` where it is refused.
#[must_use]
pub fn read_strict_json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    parse(body).ok()
}

/// Parses one JSON object.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let malformed = |mistake| Problem::MalformedRequest(Some(mistake));
    let text = str::from_utf8(body).map_err(|error| malformed(BodyMistake::not_text(body, error.valid_up_to())))?;
    let tree: Tree = serde_json::from_str(text).map_err(|error| malformed(BodyMistake::of_syntax(&error)))?;
    if !matches!(tree, Tree::Object(_)) {
        return Err(malformed(BodyMistake::at("", BodyMistakeKind::NotAnObject)));
    }
    T::deserialize(tree).map_err(|mismatch| malformed(mismatch.into()))
}

impl BodyMistake {
    fn at(pointer: &str, kind: BodyMistakeKind) -> Self {
        Self { pointer: pointer.to_owned(), kind }
    }

    fn of_syntax(error: &serde_json::Error) -> Self {
        Self::at("", BodyMistakeKind::Syntax { line: error.line(), column: error.column() })
    }

    /// The mistake of a body that is no UTF-8 from a byte on.
    fn not_text(body: &[u8], valid_up_to: usize) -> Self {
        let before = body.get(..valid_up_to).unwrap_or_default();
        let lines: Vec<&[u8]> = before.split(|byte| *byte == b'\n').collect();
        let column = lines.last().map_or(0, |line| line.len()) + 1;
        Self::at("", BodyMistakeKind::Syntax { line: lines.len(), column })
    }
}

impl From<Mismatch> for BodyMistake {
    fn from(Mismatch { pointer, kind }: Mismatch) -> Self {
        let kind = match kind {
            MismatchKind::WrongType(expected) => BodyMistakeKind::WrongType { expected },
            MismatchKind::UnknownField => BodyMistakeKind::UnknownField,
            MismatchKind::DuplicateField => BodyMistakeKind::DuplicateField,
        };
        Self { pointer, kind }
    }
}

/// Reads a field that may be missing but not null. It belongs into `#[serde(default, deserialize_with = "present")]`.
pub(in crate::http) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Does for a secret what [`present`] does.
pub(in crate::http) fn present_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error> {
    String::deserialize(deserializer).map(SecretString::from).map(Some)
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
        let syntax = |line, column| BodyMistakeKind::Syntax { line, column };
        let string = BodyMistakeKind::WrongType { expected: "string" };
        let malformed: [(&[u8], &str, BodyMistakeKind); 20] = [
            (b"", "", syntax(1, 0)),
            (b"null", "", BodyMistakeKind::NotAnObject),
            (b"\"x\"", "", BodyMistakeKind::NotAnObject),
            (b"[\"x\"]", "", BodyMistakeKind::NotAnObject),
            (b"{\"name\":null}", "/name", string),
            (b"{\"name\":1}", "/name", string),
            (b"{\"name\":true}", "/name", string),
            (b"{\"name\":[\"x\"]}", "/name", string),
            (b"{\"name\":{}}", "/name", string),
            (b"{\"name\":\"x\",\"name\":\"x\"}", "/name", BodyMistakeKind::DuplicateField),
            (b"{\"name\":\"x\",\"role\":\"admin\"}", "", BodyMistakeKind::UnknownField),
            (b"{\"role\":1,\"role\":2}", "", BodyMistakeKind::UnknownField),
            (b"{\"name\":\"x\"} x", "", syntax(1, 14)),
            (b"{\"name\":\"x\"}{}", "", syntax(1, 13)),
            (b"\xef\xbb\xbf{\"name\":\"x\"}", "", syntax(1, 1)),
            (b"{\n\"name\":\"\xff\"}", "", syntax(2, 9)),
            (b"{\"name\":\"\\ud800\"}", "", syntax(1, 16)),
            (b"{\"name\":NaN}", "", syntax(1, 9)),
            (b"{\"name\":\"x\"", "", syntax(1, 11)),
            (b"{\n  \"name\": \"x\",\n}", "", syntax(3, 1)),
        ];
        for (body, pointer, kind) in malformed {
            let mistake = BodyMistake { pointer: pointer.to_owned(), kind };
            let refused = Err(Problem::MalformedRequest(Some(mistake)));
            assert_eq!(parse::<Body>(body), refused, "{}", String::from_utf8_lossy(body));
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
