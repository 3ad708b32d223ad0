//! One event, as `GET /v1/events` and webhooks tell it, or one entry of the trail, as `GET /v1/audit-events` shows it.

use std::fmt;

use chrono::{DateTime, SubsecRound as _};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    store::audit_events::Event,
    types::{AccountId, AuditEventId, EventId, EventType, UtcTime, told::PasswordExpiryReason},
};

/// Where a file tells something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line on which the JSON text begins. The first one is 1.
    pub line: u64,
    /// The number within a page or a list, from 1; `None` for an event that stands alone.
    pub nth: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, nth } = self;
        match nth {
            Some(nth) => write!(formatter, "line {line}, event {nth}"),
            None => write!(formatter, "line {line}"),
        }
    }
}

/// Something in a file that cannot be believed. Nothing of the file is repeated then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {sentence}")]
pub struct Mistake {
    place: Place,
    sentence: String,
}

impl Mistake {
    /// A mistake at a place.
    pub fn new(place: Place, sentence: impl Into<String>) -> Self {
        Self { place, sentence: sentence.into() }
    }
}

/// The id of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordId {
    /// Of an event that other systems are told.
    Event(EventId),
    /// Of an entry of the audit trail.
    Entry(AuditEventId),
}

impl RecordId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Event(id) => id.as_str(),
            Self::Entry(id) => id.as_str(),
        }
    }
}

/// What a record tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// An account was made.
    Made,
    /// Language or name were changed.
    Updated,
    /// Access was closed.
    Closed,
    /// Access was opened again.
    Reopened,
    /// The account was erased.
    Erased,
    /// The access was locked down.
    LockedDown {
        /// Whether support has to decide which address is the owner's.
        contested: bool,
    },
    /// A password was set or changed: the database has the one before.
    PasswordReplaced,
    /// A password was made unusable.
    PasswordExpired,
    /// The address on file was changed: the database has the one before.
    AddressChanged,
    /// A machine client was revoked, or got other secrets or keys.
    ClientChanged,
    /// Nothing that a backup brings back.
    Other,
}

impl Happening {
    /// Whether it is about an account, which its record must name.
    const fn is_of_account(self) -> bool {
        !matches!(self, Self::ClientChanged | Self::Other)
    }
}

/// What a file tells of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub place: Place,
    /// Its id.
    pub id: RecordId,
    /// When it happened.
    pub at: UtcTime,
    /// Its type, or the name of the entry.
    pub name: String,
    /// The account that it is about.
    pub account_id: Option<AccountId>,
    /// The machine client that an entry is about.
    pub client_id: Option<String>,
    /// What it tells.
    pub what: Happening,
}

/// An event, in the members that are read here. A later version may have more.
#[derive(Deserialize)]
struct ToldEvent {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    timestamp: String,
    data: Map<String, Value>,
}

/// An entry of the trail, in the members that are read here.
#[derive(Deserialize)]
struct TrailEntry {
    id: String,
    at: String,
    event: String,
    account_id: Option<String>,
    detail: Option<String>,
}

impl Record {
    /// Reads an event or an entry.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(place: Place, value: Value) -> Result<Self, Mistake> {
        let mistake = |sentence: &str| Mistake::new(place, sentence);
        let Value::Object(members) = value else {
            return Err(mistake("this is neither an event nor a page of them"));
        };
        let is_event = members.contains_key("type");
        let value = Value::Object(members);
        let record = if is_event {
            let told = serde_json::from_value(value).map_err(|_| mistake("this is no event of this service"))?;
            Self::of_event(place, told)?
        } else {
            let entry = serde_json::from_value(value)
                .map_err(|_| mistake("this is neither an event nor an entry of the trail of this service"))?;
            Self::of_entry(place, entry)?
        };
        if record.what.is_of_account() && record.account_id.is_none() {
            return Err(mistake(&format!("{} names no account", record.name)));
        }
        Ok(record)
    }

    fn of_event(place: Place, told: ToldEvent) -> Result<Self, Mistake> {
        let mistake = |sentence: &str| Mistake::new(place, sentence);
        let id = EventId::parse_event(&told.id).ok_or_else(|| mistake("`id` is no id of an event"))?;
        let at = read_time(&told.timestamp).ok_or_else(|| mistake("`timestamp` is no time by RFC 3339"))?;
        let account_id = match told.data.get("account_id") {
            Some(Value::String(text)) => Some(read_account(place, text)?),
            Some(_) => return Err(mistake("`account_id` is no text")),
            None => None,
        };
        let what = match EventType::parse(&told.event_type) {
            Ok(event_type) => of_type(event_type, &told.data).map_err(|sentence| mistake(&sentence))?,
            // A later version tells of more.
            Err(_) => Happening::Other,
        };
        Ok(Self { place, id: RecordId::Event(id), at, name: told.event_type, account_id, client_id: None, what })
    }

    fn of_entry(place: Place, entry: TrailEntry) -> Result<Self, Mistake> {
        let mistake = |sentence: &str| Mistake::new(place, sentence);
        let id = AuditEventId::parse(&entry.id).ok_or_else(|| mistake("`id` is no id of an entry"))?;
        let at = read_time(&entry.at).ok_or_else(|| mistake("`at` is no time by RFC 3339"))?;
        let account_id = entry.account_id.as_deref().map(|text| read_account(place, text)).transpose()?;
        let detail = entry.detail.unwrap_or_default();
        let what = Event::parse(&entry.event).map_or(Happening::Other, |event| of_event(event, &detail));
        let client_id = (what == Happening::ClientChanged).then_some(detail);
        Ok(Self { place, id: RecordId::Entry(id), at, name: entry.event, account_id, client_id, what })
    }
}

fn read_account(place: Place, text: &str) -> Result<AccountId, Mistake> {
    AccountId::parse(text).ok_or_else(|| Mistake::new(place, "`account_id` is no id of an account"))
}

/// Reads a time by RFC 3339.
fn read_time(text: &str) -> Option<UtcTime> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.naive_utc().trunc_subsecs(6))
}

/// What an event of a type tells.
fn of_type(event_type: EventType, data: &Map<String, Value>) -> Result<Happening, String> {
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    Ok(match event_type {
        EventType::AccountCreated => Happening::Made,
        EventType::AccountUpdated => Happening::Updated,
        EventType::AccountClosed => Happening::Closed,
        EventType::AccountReopened => Happening::Reopened,
        EventType::AccountErased => Happening::Erased,
        EventType::AccountLockedDown => match data.get("contested") {
            Some(Value::Bool(contested)) => Happening::LockedDown { contested: *contested },
            _ => return Err("`contested` is neither true nor false".to_owned()),
        },
        EventType::PasswordChanged => Happening::PasswordReplaced,
        // The lock-down has an event of its own.
        EventType::PasswordExpired if text("reason") == Some(PasswordExpiryReason::LockedDown.as_str()) => {
            Happening::Other
        }
        EventType::PasswordExpired => Happening::PasswordExpired,
        EventType::EmailChanged => Happening::AddressChanged,
        EventType::PasswordResetRequested
        | EventType::SessionStarted
        | EventType::SessionEnded
        | EventType::SessionReuseDetected
        | EventType::SignInThrottled
        | EventType::MailBounced
        | EventType::MailDelivered
        | EventType::AuditHead
        | EventType::WebhookTest => Happening::Other,
    })
}

/// What an entry of the trail tells.
fn of_event(event: Event, detail: &str) -> Happening {
    match event {
        Event::UserCreated => Happening::Made,
        Event::UserUpdated => Happening::Updated,
        Event::UserClosed => Happening::Closed,
        Event::UserReopened => Happening::Reopened,
        Event::UserErased => Happening::Erased,
        Event::UserLockedDown => Happening::LockedDown { contested: detail.ends_with(", contested") },
        Event::PasswordChanged => Happening::PasswordReplaced,
        Event::PasswordExpired => Happening::PasswordExpired,
        Event::UserEmailChanged => Happening::AddressChanged,
        Event::ClientRevoked | Event::ClientSecretMade | Event::ClientSecretEnded | Event::ClientKeysChanged => {
            Happening::ClientChanged
        }
        _ => Happening::Other,
    }
}
