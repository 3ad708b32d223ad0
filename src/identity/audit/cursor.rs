//! Where a page of the trail ends.

use crate::{
    app::App,
    crypto::Keyring,
    identity::{
        field_error::{Field, FieldError},
        sealed_cursor::{self, latest, micros, moment},
    },
    store::audit_events::TrailPlace,
    types::{Fault, UtcTime},
};

/// The purpose of the seal. Every auditor reads the same trail, so a cursor serves each of them.
const READER: &str = "audit events";

/// The entry behind which a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub(super) TrailPlace);

impl Cursor {
    /// Reads the `next` of a page; without one the list begins at its start.
    ///
    /// # Errors
    /// The field error for a text that is none, was changed, or is older than a day.
    pub fn read(app: &App, text: Option<&str>) -> Result<Self, FieldError> {
        let Some(text) = text else { return Ok(Self(TrailPlace { occurred_at: latest(), id: String::new() })) };
        Self::open(&app.keyring, text, app.clock.now()).ok_or(FieldError::invalid_format(Field::After))
    }

    fn open(keyring: &Keyring, text: &str, now: UtcTime) -> Option<Self> {
        let place = sealed_cursor::open_dated(keyring, READER, text, now)?;
        let (at, id) = place.split_once(' ')?;
        Some(Self(TrailPlace { occurred_at: moment(at)?, id: id.to_owned() }))
    }

    /// The cursor as a text.
    pub(super) fn seal(&self, keyring: &Keyring, now: UtcTime) -> Result<String, Fault> {
        let Self(TrailPlace { occurred_at, id }) = self;
        sealed_cursor::seal_dated(keyring, READER, &format!("{} {id}", micros(*occurred_at)), now)
    }
}
