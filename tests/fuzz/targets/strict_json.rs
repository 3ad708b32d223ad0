//! Bodies of JSON (AP-05). One is read where it is a single object with known members of the right types, each of them
//! once at every depth, and is read as `serde_json` reads it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stakis_identity::http::read_strict_json;

/// A body with members of every form that bodies of the service have.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Form {
    pub(crate) text: String,
    is_set: bool,
    count: u32,
    change: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forms: Vec<Form>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inner: Option<Box<Form>>,
}

pub(crate) type Reader = fn(&[u8]) -> Option<Form>;

pub(crate) fn target(bytes: &[u8]) {
    check(read_strict_json, bytes);
}

/// Checks what a reader makes of a body.
pub(crate) fn check(read: Reader, bytes: &[u8]) {
    let form = read(bytes);
    assert_eq!(form.is_some(), is_strict(bytes), "{form:?}");
    let Some(form) = form else { return };
    assert_eq!(serde_json::from_slice::<Form>(bytes).ok().as_ref(), Some(&form), "another value");
    let written = serde_json::to_vec(&form).unwrap();
    assert_eq!(read(&written), Some(form), "another value, once written and read again");
}

/// Whether a body is to be read, by the tree of `serde_json` and by the bytes.
fn is_strict(bytes: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice(bytes) else { return false };
    is_form(&value) && members_written(bytes) == members_of(&value)
}

fn is_form(value: &Value) -> bool {
    let Value::Object(members) = value else { return false };
    members.iter().all(|(name, value)| match name.as_str() {
        "text" => value.is_string(),
        "is_set" => value.is_boolean(),
        "count" => value.as_u64().is_some_and(|count| u32::try_from(count).is_ok()),
        "change" => value.as_i64().is_some(),
        "forms" => value.as_array().is_some_and(|forms| forms.iter().all(is_form)),
        "inner" => value.is_null() || is_form(value),
        _ => false,
    })
}

/// The members of all objects of a well-formed text. Each has one colon outside of strings.
fn members_written(text: &[u8]) -> usize {
    let (mut is_quoted, mut is_escaped, mut count) = (false, false, 0);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b':' if !is_quoted => count += 1,
            _ => {}
        }
    }
    count
}

/// The members of all objects of a tree, in which each name of an object occurs once.
fn members_of(value: &Value) -> usize {
    match value {
        Value::Array(elements) => elements.iter().map(members_of).sum(),
        Value::Object(members) => members.len() + members.values().map(members_of).sum::<usize>(),
        _ => 0,
    }
}
