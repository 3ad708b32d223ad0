//! How far a reader of events has come.

use crate::{
    app::App,
    crypto::Keyring,
    identity::{
        field_error::{Field, FieldError},
        sealed_cursor,
    },
    store::{StoreError, Transaction, events},
    types::Fault,
};

/// The list that the cursors belong to.
const LIST: &str = "events";

/// The event behind which a reader goes on. It serves until an event behind it was forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCursor {
    /// The position of the event; 0 where none had been published yet.
    pub(super) position: i64,
    /// The id of the event; empty where there was none, or it was forgotten before the cursor was made.
    id: String,
}

impl EventCursor {
    /// Reads the `next` of an earlier answer; `None` without one, where the reader begins with the oldest event.
    ///
    /// # Errors
    /// The field error for a text that this service has not given out for events, or that was changed.
    pub fn read(app: &App, text: Option<&str>) -> Result<Option<Self>, FieldError> {
        text.map(|text| Self::open(&app.keyring, text).ok_or(Self::unusable())).transpose()
    }

    /// The error of a cursor that does not serve, or not any more.
    pub(super) const fn unusable() -> FieldError {
        FieldError::invalid_format(Field::After)
    }

    /// The cursor behind the event at a position.
    pub(super) fn behind(tx: &mut Transaction<'_>, position: i64) -> Result<Self, StoreError> {
        let id = events::find_id_at(tx, position)?;
        Ok(Self { position, id: id.map(|id| id.as_str().to_owned()).unwrap_or_default() })
    }

    /// Whether a reader who goes on from here misses nothing. A reader who was away for longer than events are kept would
    /// miss some. So would one who has read more than a restored backup holds: the positions are then given to others.
    pub(super) fn is_usable(&self, tx: &mut Transaction<'_>, last: i64) -> Result<bool, StoreError> {
        if let Some(id) = events::find_id_at(tx, self.position)? {
            return Ok(id.as_str() == self.id);
        }
        Ok(match events::first_position(tx)? {
            Some(first) => self.position.saturating_add(1) >= first && self.position <= last,
            None => self.position == last,
        })
    }

    /// The cursor as a text.
    pub(super) fn seal(&self, keyring: &Keyring) -> Result<String, Fault> {
        sealed_cursor::seal(keyring, LIST, &format!("{} {}", self.position, self.id))
    }

    fn open(keyring: &Keyring, text: &str) -> Option<Self> {
        let plain = sealed_cursor::open(keyring, LIST, text)?;
        let (position, id) = plain.split_once(' ')?;
        Some(Self { position: position.parse().ok()?, id: id.to_owned() })
    }
}
