//! The delivery events that were received from mail APIs, so that a repeated one counts once (WH-02).

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, lock_key},
    schema::mail_events,
};
use crate::types::UtcTime;

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

/// Deletes the events that were received before a time.
pub fn delete_old(tx: &mut Transaction<'_>, before: UtcTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(mail_events::table.filter(mail_events::received_at.lt(before))).execute(tx.connection)?)
}
