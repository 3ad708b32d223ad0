//! Machine clients. The table holds the hashes of their secrets alone, and the public members of their keys.

use chrono::TimeDelta;
use diesel::{
    dsl::{exists, not},
    prelude::*,
};

use super::{
    engine::{StoreError, Transaction, update},
    schema::{clients, revoked_tokens},
    support_sessions,
};
use crate::types::{ActorName, ClientId, ClientMethod, ClientSecretHash, Scopes, UtcTime};

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
    /// The hash of its present secret; [`ClientSecretHash::none`] where it has none.
    pub secret_hash: ClientSecretHash,
    /// When the client was made.
    pub created_at: UtcTime,
    /// The name of the administrator who made the client.
    pub created_by: ActorName,
    /// The name of the person whose client it is; `None` for a program.
    pub person: Option<String>,
    /// The public keys of the client as a JWK set; `None` where it has none.
    pub jwks: Option<String>,
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
    /// The hash of its present secret; [`ClientSecretHash::none`] where it has none.
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
    /// The hash of the secret before the present one, while it is still accepted.
    pub previous_secret_hash: Option<ClientSecretHash>,
    /// When the present secret was made; `None` for one as old as the client.
    pub secret_created_at: Option<UtcTime>,
    /// The public keys of the client as a JWK set; `None` where it has none.
    pub jwks: Option<String>,
}

impl Client {
    /// The name that customers are told: that of the person, or of the program.
    #[must_use]
    pub fn known_as(&self) -> &str {
        self.person.as_deref().unwrap_or(&self.name)
    }

    /// The methods by which the client can authenticate itself.
    #[must_use]
    pub fn methods(&self) -> Vec<ClientMethod> {
        let by_secret = [ClientMethod::SecretBasic, ClientMethod::SecretPost];
        let by_secret = by_secret.into_iter().filter(|_| self.live_secrets() > 0);
        by_secret.chain(self.jwks.as_ref().map(|_| ClientMethod::PrivateKeyJwt)).collect()
    }

    /// When the present secret was made; `None` where there is none.
    #[must_use]
    pub fn secret_made_at(&self) -> Option<UtcTime> {
        self.secret_hash.is_of_a_secret().then(|| self.secret_created_at.unwrap_or(self.created_at))
    }

    /// How many secrets are accepted: none, one, or two while the client changes over.
    #[must_use]
    pub fn live_secrets(&self) -> usize {
        let present = Some(&self.secret_hash).filter(|hash| hash.is_of_a_secret());
        present.into_iter().chain(&self.previous_secret_hash).count()
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

/// Finds a client by its id, revoked or not, and locks it until the transaction ends.
pub fn lock(tx: &mut Transaction<'_>, id: &ClientId) -> Result<Option<Client>, StoreError> {
    // A write locks the row on PostgreSQL. On SQLite the transaction is the only writer already.
    update(clients::table.find(id)).set(clients::name.eq(clients::name)).execute(tx.connection)?;
    find(tx, id)
}

/// Lists every client, the oldest first.
pub fn list(tx: &mut Transaction<'_>) -> Result<Vec<Client>, StoreError> {
    Ok(clients::table.order((clients::created_at, clients::id)).select(Client::as_select()).load(tx.connection)?)
}

/// Finds the client of an access token, unless the client is revoked, the token was revoked, or the session of the support
/// page that the token belongs to has ended.
pub fn find_of_token(
    tx: &mut Transaction<'_>,
    id: &ClientId,
    jti: &str,
    page_session: Option<&str>,
) -> Result<Option<Client>, StoreError> {
    let is_revoked = exists(revoked_tokens::table.find(jti));
    let found = clients::table
        .find(id)
        .filter(clients::revoked_at.is_null())
        .filter(not(is_revoked))
        .select(Client::as_select())
        .first(tx.connection)
        .optional()?;
    match page_session {
        Some(session) if support_sessions::find_live(tx, session)?.is_none() => Ok(None),
        _ => Ok(found),
    }
}

/// Stores a new secret. The present one becomes the previous one, and the one before that ends.
pub fn rotate_secret(tx: &mut Transaction<'_>, client: &Client, hash: &ClientSecretHash) -> Result<(), StoreError> {
    let previous = Some(&client.secret_hash).filter(|hash| hash.is_of_a_secret());
    let rotated = (
        clients::secret_hash.eq(hash),
        clients::previous_secret_hash.eq(previous),
        clients::secret_created_at.eq(Some(tx.now)),
    );
    update(clients::table.find(&client.id)).set(rotated).execute(tx.connection)?;
    Ok(())
}

/// Ends the previous secret. Returns `false` where there is none.
pub fn end_previous_secret(tx: &mut Transaction<'_>, id: &ClientId) -> Result<bool, StoreError> {
    let with_two = clients::table.find(id).filter(clients::previous_secret_hash.is_not_null());
    let none = clients::previous_secret_hash.eq(None::<ClientSecretHash>);
    Ok(update(with_two).set(none).execute(tx.connection)? == 1)
}

/// Replaces the public keys.
pub fn set_keys(tx: &mut Transaction<'_>, id: &ClientId, jwks: &str) -> Result<(), StoreError> {
    update(clients::table.find(id)).set(clients::jwks.eq(Some(jwks))).execute(tx.connection)?;
    Ok(())
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
