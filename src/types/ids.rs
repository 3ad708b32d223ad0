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

/// An id of 128 random bits in lower-case Base32 (26 letters and digits), which can be read out on the telephone.
/// `Kind` keeps the id of an account from being taken for the id of a session.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Id<Kind: 'static> {
    text: String,
    kind: PhantomData<fn() -> Kind>,
}

/// The length of 128 bits in Base32.
const LENGTH: usize = 26;

impl<Kind> Id<Kind> {
    /// Makes a random id.
    #[must_use]
    pub fn mint() -> Self {
        Self::from_text(BASE32_NOPAD.encode(&random_bytes::<16>()).to_lowercase())
    }

    /// Takes the text of an id that this service made. A made-up text finds no row.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        Self { text, kind: PhantomData }
    }

    /// Parses an id that a caller names; `None` where the text does not have the form of an id.
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

impl Id<EventMarker> {
    /// What the id of an event begins with. It leaves the service, and tells its readers what it identifies.
    const PREFIX: &'static str = "evt_";

    /// Makes the random id of an event.
    #[must_use]
    pub fn mint_event() -> Self {
        Self::from_text(format!("{}{}", Self::PREFIX, Self::mint()))
    }

    /// Parses the id of an event that a caller names; `None` where the text does not have its form.
    #[must_use]
    pub fn parse_event(text: &str) -> Option<Self> {
        Self::parse(text.strip_prefix(Self::PREFIX)?).map(|_| Self::from_text(text.to_owned()))
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

/// Defines a type of id for each kind of row, with a marker that keeps it apart from the others.
macro_rules! ids {
    ($($(#[$documentation:meta])+ $id:ident of $marker:ident,)+) => {$(
        #[doc = concat!("Marks an id as a [`", stringify!($id), "`].")]
        pub enum $marker {}

        $(#[$documentation])+
        pub type $id = Id<$marker>;
    )+};
}

ids! {
    /// The id of an account, which is also the `sub` of its access tokens and is never used again (JW-07).
    AccountId of AccountMarker,
    /// The id of a reset request.
    ResetRequestId of ResetRequestMarker,
    /// The id of a reset link, from which its token is derived.
    ResetLinkId of ResetLinkMarker,
    /// The id of a change of the address on file, from which its tokens are derived.
    EmailChangeId of EmailChangeMarker,
    /// The id of a question of support for a caller code, from which the code is derived.
    CallerCodeId of CallerCodeMarker,
    /// The id of a mail, which the mail shows and which is the idempotency key of the mail API.
    MailId of MailMarker,
    /// The id of a background job.
    JobId of JobMarker,
    /// The id of an import.
    ImportId of ImportMarker,
    /// The id of a session.
    SessionId of SessionMarker,
    /// The id of a refresh token, from which the token is derived.
    RefreshTokenId of RefreshTokenMarker,
    /// The id of a device, from which its token is derived.
    DeviceId of DeviceMarker,
    /// The id of a machine client: its `client_id`, and the `sub` of its access tokens (RFC 9068 §5).
    ClientId of ClientMarker,
    /// The id of an earlier password.
    PasswordHistoryId of PasswordHistoryMarker,
    /// The id of an entry of the audit trail.
    AuditEventId of AuditEventMarker,
    /// The id of an event that other systems are told. It is the same at every delivery.
    EventId of EventMarker,
    /// The id of an endpoint of webhooks, for which alone its keys open.
    WebhookEndpointId of WebhookEndpointMarker,
    /// The id of what an endpoint's events are signed with.
    WebhookKeyId of WebhookKeyMarker,
    /// The id of an event that waits to be sent to an endpoint.
    WebhookDeliveryId of WebhookDeliveryMarker,
    /// The id of an attempt to send an event to an endpoint.
    WebhookAttemptId of WebhookAttemptMarker,
}
