//! Machine clients: of each secret only the hash.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, update},
    schema::clients,
};
use crate::types::{ActorName, ClientId, ClientSecretHash, Scopes, UtcTime};

/// The last use is kept to the minute: enough to see whether a client is still needed, and a write a minute.
const LAST_USE_KEPT_TO: TimeDelta = TimeDelta::minutes(1);

/// A client to insert.
#[derive(Insertable)]
#[diesel(table_name = clients, treat_none_as_default_value = false)]
pub struct NewClient {
    /// Shown as `client_id`.
    pub id: ClientId,
    /// For people.
    pub name: String,
    /// What its tokens may allow.
    pub scopes: Scopes,
    /// Of the secret.
    pub secret_hash: ClientSecretHash,
    /// When it was made.
    pub created_at: UtcTime,
    /// By whom.
    pub created_by: ActorName,
}

/// A client.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = clients)]
pub struct Client {
    /// Shown as `client_id`.
    pub id: ClientId,
    /// For people.
    pub name: String,
    /// What its tokens may allow.
    pub scopes: Scopes,
    /// Of the secret.
    pub secret_hash: ClientSecretHash,
    /// When it was made.
    pub created_at: UtcTime,
    /// By whom.
    pub created_by: ActorName,
    /// When it last got or used a token, to the minute.
    pub last_used_at: Option<UtcTime>,
    /// Since when it counts for nothing.
    pub revoked_at: Option<UtcTime>,
}

impl Client {
    /// Whether this use is worth writing down.
    #[must_use]
    pub fn use_is_news(&self, now: UtcTime) -> bool {
        self.last_used_at.is_none_or(|before| before + LAST_USE_KEPT_TO <= now)
    }
}

/// Adds a client.
pub fn insert(tx: &mut Transaction<'_>, client: &NewClient) -> Result<Client, StoreError> {
    diesel::insert_into(clients::table).values(client).execute(tx.connection)?;
    Ok(clients::table.find(&client.id).select(Client::as_select()).first(tx.connection)?)
}

/// The client of an id, revoked or not.
pub fn find(tx: &mut Transaction<'_>, id: &ClientId) -> Result<Option<Client>, StoreError> {
    Ok(clients::table.find(id).select(Client::as_select()).first(tx.connection).optional()?)
}

/// Notes a use, unless the last one noted is less than a minute old.
pub fn set_used(tx: &mut Transaction<'_>, client: &Client) -> Result<(), StoreError> {
    if client.use_is_news(tx.now) {
        update(clients::table.find(&client.id))
            .set(clients::last_used_at.eq(Some(tx.now)))
            .execute(tx.connection)?;
    }
    Ok(())
}

/// Ends a client for good. Whether it had not ended before.
pub fn set_revoked(tx: &mut Transaction<'_>, id: &ClientId) -> Result<bool, StoreError> {
    let live = clients::table.find(id).filter(clients::revoked_at.is_null());
    Ok(update(live).set(clients::revoked_at.eq(Some(tx.now))).execute(tx.connection)? == 1)
}
