//! Signed-in sessions.

use diesel::prelude::*;

use super::{
    AnyConnection, StoreError,
    accounts::Account,
    schema::{accounts, sessions},
};
use crate::types::{AccountId, SessionId, UtcTime};

/// A session to be started.
#[derive(Insertable)]
#[diesel(table_name = sessions)]
pub struct NewSession {
    /// A fresh id (LG-06).
    pub id: SessionId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The account's epoch now.
    pub session_epoch: i32,
    /// Now.
    pub created_at: UtcTime,
    /// Now.
    pub last_used_at: UtcTime,
    /// What the client called itself.
    pub user_agent: Option<String>,
    /// Its network.
    pub source: Option<String>,
}

/// Starts a session.
pub fn insert(connection: &mut AnyConnection, session: &NewSession) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table).values(session).execute(connection)?;
    Ok(())
}

/// The account of a session that goes on: not ended, of the account's present epoch, the account open.
pub fn find_live_account(connection: &mut AnyConnection, id: &SessionId) -> Result<Option<Account>, StoreError> {
    Ok(sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .filter(sessions::id.eq(id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::session_epoch.eq(accounts::session_epoch))
        .filter(accounts::closed_at.is_null())
        .select(Account::as_select())
        .first(connection)
        .optional()?)
}

/// Ends every session of an account (CH-04).
pub fn end_all_of(
    connection: &mut AnyConnection,
    account_id: &AccountId,
    because: &str,
    now: UtcTime,
) -> Result<usize, StoreError> {
    let going_on = sessions::table.filter(sessions::account_id.eq(account_id)).filter(sessions::ended_at.is_null());
    Ok(diesel::update(going_on)
        .set((sessions::ended_at.eq(now), sessions::ended_because.eq(because)))
        .execute(connection)?)
}
