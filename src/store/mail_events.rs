//! The delivery events that were received from mail APIs, so that a repeated one counts once (WH-02).

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, lock_key},
    schema::mail_events,
};

/// Inserts an event. Returns `false` where it was received before.
pub fn insert_once(tx: &mut Transaction<'_>, provider: &str, event_id: &str) -> Result<bool, StoreError> {
    lock_key(tx, "mail_events", event_id)?;
    let known: i64 = mail_events::table.find((provider, event_id)).count().get_result(tx.connection)?;
    if known > 0 {
        return Ok(false);
    }
    let event = (
        mail_events::provider.eq(provider),
        mail_events::event_id.eq(event_id),
        mail_events::received_at.eq(tx.now),
    );
    diesel::insert_into(mail_events::table).values(event).execute(tx.connection)?;
    Ok(true)
}

/// Events, by their arrival.
pub const EVENTS: OldRows =
    OldRows { table: "mail_events", key: "provider, event_id", age: Age::Time("received_at"), condition: "" };
