//! Where a page of the log of attempts ends.

use crate::{
    app::App,
    crypto::Keyring,
    identity::{
        field_error::{Field, FieldError},
        sealed_cursor::{self, latest, micros, moment},
    },
    store::webhook_attempts::AttemptPlace,
    types::{Fault, UtcTime, WebhookEndpointId},
};

/// The attempt behind which a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryCursor(pub(super) AttemptPlace);

impl DeliveryCursor {
    /// Reads the `next` of a page of this endpoint; without one the list begins at its start.
    ///
    /// # Errors
    /// The field error for a text that is none, is of another endpoint, was changed, or is older than a day.
    pub fn read(app: &App, endpoint: &WebhookEndpointId, text: Option<&str>) -> Result<Self, FieldError> {
        let Some(text) = text else {
            return Ok(Self(AttemptPlace { attempted_at: latest(), id: String::new() }));
        };
        Self::open(&app.keyring, endpoint, text, app.clock.now()).ok_or(FieldError::invalid_format(Field::After))
    }

    fn open(keyring: &Keyring, endpoint: &WebhookEndpointId, text: &str, now: UtcTime) -> Option<Self> {
        let place = sealed_cursor::open_dated(keyring, &reader(endpoint), text, now)?;
        let (at, id) = place.split_once(' ')?;
        Some(Self(AttemptPlace { attempted_at: moment(at)?, id: id.to_owned() }))
    }

    /// The cursor as a text.
    pub(super) fn seal(
        &self,
        keyring: &Keyring,
        endpoint: &WebhookEndpointId,
        now: UtcTime,
    ) -> Result<String, Fault> {
        let Self(AttemptPlace { attempted_at, id }) = self;
        sealed_cursor::seal_dated(keyring, &reader(endpoint), &format!("{} {id}", micros(*attempted_at)), now)
    }
}

/// The list that a cursor belongs to.
fn reader(endpoint: &WebhookEndpointId) -> String {
    format!("webhook deliveries {endpoint}")
}
