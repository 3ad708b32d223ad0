//! Reading the fields of an event's JSON. A field of another form counts as absent.

use chrono::DateTime;
use serde_json::Value;

use super::{event::EventRefusal, smtp_code};
use crate::types::{MailId, UtcTime};

/// The longest id in bytes. A longer text counts as absent.
const LONGEST_TEXT: usize = 300;

/// The one event of a body that is a JSON object.
pub(in crate::mail) fn one_event(body: &Value) -> Result<&Value, EventRefusal> {
    if body.is_object() { Ok(body) } else { Err(EventRefusal::Unreadable) }
}

/// The events of a body that is a JSON array.
pub(in crate::mail) fn batch(body: &Value) -> Result<&[Value], EventRefusal> {
    body.as_array().map(Vec::as_slice).ok_or(EventRefusal::Unreadable)
}

/// A string that is not empty, short enough for an id, and holds nothing that a database or a log refuses: PostgreSQL
/// stores no NUL.
pub(in crate::mail) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    let is_plain = |text: &&str| !text.is_empty() && text.len() <= LONGEST_TEXT && !text.contains(char::is_control);
    value.pointer(pointer)?.as_str().filter(is_plain)
}

/// The receiving server's reply code, found in strings of any length.
pub(in crate::mail) fn reply_code(value: &Value, pointers: &[&str]) -> Option<String> {
    let replies = pointers.iter().filter_map(|pointer| value.pointer(pointer)?.as_str());
    smtp_code::find(&replies.collect::<Vec<_>>().join(" "))
}

/// This service's id for the mail.
pub(in crate::mail) fn mail_id(value: &Value, pointer: &str) -> Option<MailId> {
    text(value, pointer).map(|id| MailId::from_text(id.to_owned()))
}

/// A time in seconds since 1970.
pub(in crate::mail) fn from_seconds(seconds: i64) -> Option<UtcTime> {
    DateTime::from_timestamp(seconds, 0).map(|time| time.naive_utc())
}

/// A time such as `2026-11-22T12:00:00Z` (RFC 3339), in UTC.
pub(in crate::mail) fn from_rfc_3339(text: &str) -> Option<UtcTime> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.naive_utc())
}
