//! A page of published events.

use super::cursor::EventCursor;
use crate::{
    app::App,
    identity::refusal::{IdentityError, Refusal},
    store::{
        StoreError, Transaction,
        events::{self, PublishedEvent},
    },
    types::{EventType, told::EventBody},
};

/// Which events a reader asks for.
pub struct EventsRequest {
    /// How far the reader has come; `None` at the beginning.
    pub after: Option<EventCursor>,
    /// Events of these types; of every type where none is named.
    pub types: Vec<EventType>,
    /// The most events of the page.
    pub limit: usize,
}

/// A page of events.
pub struct EventsPage {
    /// The events, in their order.
    pub events: Vec<EventBody>,
    /// Where the reader goes on, now or later. It is there at the end too.
    pub next: String,
}

/// Lists published events. A reader who goes on with each `next` sees every event of 30 days once, whatever is written
/// meanwhile, and those about one account in the order in which they happened.
///
/// # Errors
/// [`Refusal::Invalid`] for a cursor behind which events were forgotten, or that is from another history of the database.
pub async fn list(app: &App, asked: EventsRequest) -> Result<EventsPage, IdentityError> {
    let Some((events, next)) = app.read(move |tx| find(tx, &asked)).await? else {
        return Err(Refusal::Invalid(vec![EventCursor::unusable()]).into());
    };
    let events = events.iter().map(PublishedEvent::to_body).collect();
    Ok(EventsPage { events, next: next.seal(&app.keyring)? })
}

fn find(
    tx: &mut Transaction<'_>,
    asked: &EventsRequest,
) -> Result<Option<(Vec<PublishedEvent>, EventCursor)>, StoreError> {
    let last = events::last_position(tx)?;
    if let Some(after) = &asked.after
        && !after.is_usable(tx, last)?
    {
        return Ok(None);
    }
    let position = asked.after.as_ref().map_or(0, |after| after.position);
    let most = i64::try_from(asked.limit).unwrap_or(i64::MAX);
    let events = events::list_after(tx, position, &asked.types, most)?;
    // A page that is not full has all there is: the next one goes on behind the last event, of whatever type that is.
    // Otherwise the cursor of a reader who waits for a rare type would grow old.
    let reached = events.last().filter(|_| events.len() >= asked.limit).map_or(last, |event| event.position);
    let next = EventCursor::behind(tx, reached)?;
    Ok(Some((events, next)))
}
