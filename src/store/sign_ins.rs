//! What a successful sign-in leaves in several tables.

use diesel::{insert_into, pg::Pg, prelude::*, query_builder::QueryFragment};

use super::{
    audit_events::Entry,
    devices::Device,
    engine::{AnyConnection, CombinedStatement, StoreError, Transaction, update},
    refresh_tokens::RefreshTokenRow,
    schema::{audit_events, devices, refresh_tokens, sessions},
    sessions::{Session, SessionLifetimes, live},
};
use crate::types::SessionId;

/// The rows of one sign-in.
pub struct SignIn<'a> {
    /// Where from.
    pub device: &'a Device,
    /// Whether its row is there already.
    pub is_known: bool,
    /// What begins.
    pub session: &'a Session,
    /// What carries it on.
    pub refresh_token: &'a RefreshTokenRow,
    /// What the trail tells of it.
    pub entry: &'a Entry,
    /// Which of the account's other sessions go on …
    pub lifetimes: SessionLifetimes,
    /// … and how many of them may, those used last.
    pub others_kept: i64,
}

/// Writes all of it, to PostgreSQL at once, and names the sessions that are too many now.
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
            super::devices::put(tx, device, is_known)?;
            super::sessions::insert(tx, session)?;
            super::refresh_tokens::insert(tx, refresh_token)?;
            super::audit_events::append(tx, entry)?;
            Ok(surplus)
        }
        AnyConnection::Postgres(connection) => {
            let put_device: Box<dyn QueryFragment<Pg>> = if is_known {
                Box::new(update(devices::table.find(&device.id)).set(device))
            } else {
                Box::new(insert_into(devices::table).values(device))
            };
            let writes: [&dyn QueryFragment<Pg>; 4] = [
                &*put_device,
                &insert_into(sessions::table).values(session),
                &insert_into(refresh_tokens::table).values(refresh_token),
                &insert_into(audit_events::table).values(entry),
            ];
            Ok(CombinedStatement { writes: &writes, last: surplus }.load(connection)?)
        }
    }
}
