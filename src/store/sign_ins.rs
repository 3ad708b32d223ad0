//! The rows that a successful sign-in writes to several tables.

use diesel::{insert_into, pg::Pg, prelude::*, query_builder::QueryFragment};

use super::{
    audit_events::Entry,
    devices::Device,
    engine::{AnyConnection, CombinedStatement, StoreError, Transaction, update},
    refresh_tokens::RefreshTokenRow,
    schema::{audit_events, devices, events, refresh_tokens, sessions},
    sessions::{Session, SessionLifetimes, live},
    trail::event_of,
};
use crate::types::SessionId;

/// The rows of one sign-in.
pub struct SignIn<'a> {
    /// The device that signed in.
    pub device: &'a Device,
    /// Whether the device has a row.
    pub is_known: bool,
    /// The session that begins.
    pub session: &'a Session,
    /// The first refresh token of the session.
    pub refresh_token: &'a RefreshTokenRow,
    /// The entry of the audit trail.
    pub entry: &'a Entry,
    /// The lifetimes that decide which of the account's other sessions are live.
    pub lifetimes: SessionLifetimes,
    /// How many of the account's other sessions may stay live: those used last.
    pub others_kept: i64,
}

/// Writes all rows, in one statement on PostgreSQL. Returns the ids of the account's sessions that exceed the limit
/// now.
pub fn write(tx: &mut Transaction<'_>, sign_in: &SignIn<'_>) -> Result<Vec<SessionId>, StoreError> {
    let SignIn { device, is_known, session, refresh_token, entry, .. } = *sign_in;
    let now = session.created_at;
    let surplus = live!(sign_in.lifetimes, now)
        .filter(sessions::account_id.eq(&session.account_id))
        .order((sessions::last_used_at.desc(), sessions::id))
        .offset(sign_in.others_kept)
        // SQLite wants a limit before an offset.
        .limit(i64::MAX)
        .select(sessions::id);
    match tx.connection {
        AnyConnection::Sqlite(_) => {
            let surplus = surplus.load(tx.connection)?;
            if is_known {
                super::devices::set(tx, device)?;
            } else {
                super::devices::insert(tx, device)?;
            }
            super::sessions::insert(tx, session)?;
            super::refresh_tokens::insert(tx, refresh_token)?;
            entry.append(tx)?;
            Ok(surplus)
        }
        AnyConnection::Postgres(connection) => {
            let write_device: Box<dyn QueryFragment<Pg>> = if is_known {
                Box::new(update(devices::table.find(&device.id)).set(device))
            } else {
                Box::new(insert_into(devices::table).values(device))
            };
            let event = event_of(entry)?;
            let (write_session, write_token, write_entry) = (
                insert_into(sessions::table).values(session),
                insert_into(refresh_tokens::table).values(refresh_token),
                insert_into(audit_events::table).values(entry),
            );
            let write_event = event.as_ref().map(|event| insert_into(events::table).values(event));
            let mut writes: Vec<&dyn QueryFragment<Pg>> =
                vec![&*write_device, &write_session, &write_token, &write_entry];
            if let Some(write_event) = &write_event {
                writes.push(write_event);
            }
            Ok(CombinedStatement { writes: &writes, last: surplus }.load(connection)?)
        }
    }
}
