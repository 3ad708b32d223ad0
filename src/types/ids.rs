//! Opaque identifiers.

use std::{fmt, marker::PhantomData};

use data_encoding::BASE32_NOPAD;
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::Text,
};

use super::random_bytes;

/// 128 random bits in lower-case base32 (26 letters and digits), safe to read out on the telephone.
/// `Kind` keeps an account's id from being taken for a session's.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Id<Kind: 'static> {
    text: String,
    kind: PhantomData<fn() -> Kind>,
}

/// 128 bits in base32.
const LENGTH: usize = 26;

impl<Kind> Id<Kind> {
    /// A new, never used id.
    #[must_use]
    pub fn mint() -> Self {
        Self::from_text(BASE32_NOPAD.encode(&random_bytes::<16>()).to_lowercase())
    }

    /// The text of an id that this service gave out earlier; a made-up text simply finds nothing.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        Self { text, kind: PhantomData }
    }

    /// The id that somebody names, if it has the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == LENGTH && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        plain.then(|| Self::from_text(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<Kind> Clone for Id<Kind> {
    fn clone(&self) -> Self {
        Self::from_text(self.text.clone())
    }
}

impl<Kind> PartialEq for Id<Kind> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<Kind> Eq for Id<Kind> {}

impl<Kind> fmt::Debug for Id<Kind> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl<Kind> fmt::Display for Id<Kind> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl<Kind> serde::Serialize for Id<Kind> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, Kind> serde::Deserialize<'de> for Id<Kind> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from_text)
    }
}

impl<Kind, DB> FromSql<Text, DB> for Id<Kind>
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(bytes).map(Self::from_text)
    }
}

impl<Kind, DB> ToSql<Text, DB> for Id<Kind>
where
    DB: Backend,
    String: ToSql<Text, DB>,
{
    fn to_sql<'bind>(&'bind self, out: &mut Output<'bind, '_, DB>) -> serialize::Result {
        self.text.to_sql(out)
    }
}

/// Marks the ids of accounts.
pub enum AccountKind {}
/// Marks the ids of reset requests.
pub enum ResetRequestKind {}
/// Marks the ids of reset links.
pub enum ResetLinkKind {}
/// Marks the ids of mails.
pub enum MailKind {}
/// Marks the ids of jobs.
pub enum JobKind {}
/// Marks the ids of sessions.
pub enum SessionKind {}
/// Marks the ids of devices.
pub enum DeviceKind {}
/// Marks the ids of machine clients.
pub enum ClientKind {}
/// Marks the ids of earlier passwords.
pub enum PasswordHistoryKind {}
/// Marks the ids of audit events.
pub enum AuditEventKind {}

/// An account; also the `sub` of its access tokens, never reassigned (JW-07).
pub type AccountId = Id<AccountKind>;
/// One asking for a reset.
pub type ResetRequestId = Id<ResetRequestKind>;
/// One link; its token is derived from this.
pub type ResetLinkId = Id<ResetLinkKind>;
/// One mail: shown in it, and the idempotency key towards the mail API.
pub type MailId = Id<MailKind>;
/// One piece of background work.
pub type JobId = Id<JobKind>;
/// One signed-in session.
pub type SessionId = Id<SessionKind>;
/// One device that has signed in; its token is derived from this.
pub type DeviceId = Id<DeviceKind>;
/// One machine client: its `client_id`, and the `sub` of its access tokens (RFC 9068 §5).
pub type ClientId = Id<ClientKind>;
/// One password of before.
pub type PasswordHistoryId = Id<PasswordHistoryKind>;
/// One line of the audit trail.
pub type AuditEventId = Id<AuditEventKind>;
