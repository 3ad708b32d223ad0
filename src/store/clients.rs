//! Machine clients. The table holds the hash of a secret alone.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, update},
    schema::clients,
};
use crate::types::{ActorName, ClientId, ClientSecretHash, Scopes, UtcTime};

/// How exactly the last use is stored: enough to see whether a client is still needed, at one write a minute.
const LAST_USE_KEPT_TO: TimeDelta = TimeDelta::minutes(1);

/// A machine client to be inserted.
#[derive(Insertable)]
#[diesel(table_name = clients, treat_none_as_default_value = false)]
pub struct NewClient {
    /// The id, which is the `client_id` of OAuth.
    pub id: ClientId,
    /// The name that people know the client by.
    pub name: String,
    /// The scopes that its tokens can have.
    pub scopes: Scopes,
    /// The hash of its secret.
    pub secret_hash: ClientSecretHash,
    /// When the client was made.
    pub created_at: UtcTime,
    /// The name of the administrator who made the client.
    pub created_by: ActorName,
    /// The name of the person whose client it is; `None` for a program.
    pub person: Option<String>,
}

/// A row of the table.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = clients)]
pub struct Client {
    /// The id, which is the `client_id` of OAuth.
    pub id: ClientId,
    /// The name that people know the client by.
    pub name: String,
    /// The scopes that its tokens can have.
    pub scopes: Scopes,
    /// The hash of its secret.
    pub secret_hash: ClientSecretHash,
    /// When the client was made.
    pub created_at: UtcTime,
    /// The name of the administrator who made the client.
    pub created_by: ActorName,
    /// When the client last got or used a token, to the minute.
    pub last_used_at: Option<UtcTime>,
    /// When the client was revoked; `None` while it is live.
    pub revoked_at: Option<UtcTime>,
    /// The name of the person whose client it is; `None` for a program.
    pub person: Option<String>,
}

impl Client {
    /// The name that customers are told: that of the person, or of the program.
    #[must_use]
    pub fn known_as(&self) -> &str {
        self.person.as_deref().unwrap_or(&self.name)
    }

    /// Whether a use now is at least a minute after the one that is stored.
    #[must_use]
    pub fn use_is_news(&self, now: UtcTime) -> bool {
        self.last_used_at.is_none_or(|before| before + LAST_USE_KEPT_TO <= now)
    }
}

/// Inserts a client.
pub fn insert(tx: &mut Transaction<'_>, client: &NewClient) -> Result<Client, StoreError> {
    diesel::insert_into(clients::table).values(client).execute(tx.connection)?;
    Ok(clients::table.find(&client.id).select(Client::as_select()).first(tx.connection)?)
}

/// Finds a client by its id, revoked or not.
pub fn find(tx: &mut Transaction<'_>, id: &ClientId) -> Result<Option<Client>, StoreError> {
    Ok(clients::table.find(id).select(Client::as_select()).first(tx.connection).optional()?)
}

/// Lists the clients with these ids, revoked or not.
pub fn list_of_ids(tx: &mut Transaction<'_>, ids: &[ClientId]) -> Result<Vec<Client>, StoreError> {
    Ok(clients::table.filter(clients::id.eq_any(ids)).select(Client::as_select()).load(tx.connection)?)
}

/// Stores the time of a use, unless the stored one is less than a minute old.
pub fn set_used(tx: &mut Transaction<'_>, client: &Client) -> Result<(), StoreError> {
    if client.use_is_news(tx.now) {
        update(clients::table.find(&client.id))
            .set(clients::last_used_at.eq(Some(tx.now)))
            .execute(tx.connection)?;
    }
    Ok(())
}

/// Revokes a client for good. Returns `false` where it was revoked before.
pub fn set_revoked(tx: &mut Transaction<'_>, id: &ClientId) -> Result<bool, StoreError> {
    let live = clients::table.find(id).filter(clients::revoked_at.is_null());
    Ok(update(live).set(clients::revoked_at.eq(Some(tx.now))).execute(tx.connection)? == 1)
}
