//! What an endpoint's events are signed with. Secrets and private keys are sealed.

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, update},
    schema::{webhook_endpoints, webhook_keys},
};
use crate::types::{UtcTime, WebhookEndpointId, WebhookKeyId, WebhookState};

/// One key, both to insert and as a row.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_keys, treat_none_as_default_value = false)]
pub struct WebhookKey {
    /// The id of the row.
    pub id: WebhookKeyId,
    /// The endpoint that the key is for.
    pub endpoint_id: WebhookEndpointId,
    /// The secret key that the next two are sealed with.
    pub secret_key_id: String,
    /// The sealed secret.
    pub sealed_secret: String,
    /// The sealed key pair; `None` where the endpoint has none.
    pub sealed_key_pair: Option<String>,
    /// The public half of the pair, as the member `x` of a JWK has it.
    pub public_key: Option<String>,
    /// When the key was made.
    pub created_at: UtcTime,
    /// When the key ends, once another has replaced it.
    pub expires_at: Option<UtcTime>,
}

/// A public key that verifies signatures of an endpoint.
#[derive(Debug, Clone, Queryable)]
pub struct PublishedKey {
    /// The endpoint that the key is for.
    pub endpoint_id: WebhookEndpointId,
    /// The key, as the member `x` of a JWK has it.
    pub public_key: String,
}

/// Inserts a key.
pub fn insert(tx: &mut Transaction<'_>, key: &WebhookKey) -> Result<(), StoreError> {
    diesel::insert_into(webhook_keys::table).values(key).execute(tx.connection)?;
    Ok(())
}

/// Lists the live keys of an endpoint, the newest first.
pub fn list_live(tx: &mut Transaction<'_>, endpoint: &WebhookEndpointId) -> Result<Vec<WebhookKey>, StoreError> {
    let is_live = webhook_keys::expires_at.is_null().or(webhook_keys::expires_at.gt(tx.now));
    Ok(webhook_keys::table
        .filter(webhook_keys::endpoint_id.eq(endpoint))
        .filter(is_live)
        .order((webhook_keys::expires_at.is_null().desc(), webhook_keys::created_at.desc()))
        .select(WebhookKey::as_select())
        .load(tx.connection)?)
}

/// Lets the live key of an endpoint end at a time. The one before it ends at once.
pub fn retire(
    tx: &mut Transaction<'_>,
    endpoint: &WebhookEndpointId,
    expires_at: UtcTime,
) -> Result<(), StoreError> {
    let replaced = webhook_keys::table
        .filter(webhook_keys::endpoint_id.eq(endpoint))
        .filter(webhook_keys::expires_at.is_not_null());
    diesel::delete(replaced).execute(tx.connection)?;
    let live = webhook_keys::table
        .filter(webhook_keys::endpoint_id.eq(endpoint))
        .filter(webhook_keys::expires_at.is_null());
    update(live).set(webhook_keys::expires_at.eq(Some(expires_at))).execute(tx.connection)?;
    Ok(())
}

/// Lists every live public key.
pub fn list_published(tx: &mut Transaction<'_>) -> Result<Vec<PublishedKey>, StoreError> {
    let is_live = webhook_keys::expires_at.is_null().or(webhook_keys::expires_at.gt(tx.now));
    Ok(webhook_keys::table
        .filter(webhook_keys::public_key.is_not_null())
        .filter(is_live)
        .order((
            webhook_keys::endpoint_id,
            webhook_keys::expires_at.is_null().desc(),
            webhook_keys::created_at.desc(),
        ))
        .select((webhook_keys::endpoint_id, webhook_keys::public_key.assume_not_null()))
        .load(tx.connection)?)
}

/// Lists at most `most` live keys of the endpoints that are not disabled, in the order of their ids, behind `after`.
pub fn list_of_enabled(
    tx: &mut Transaction<'_>,
    after: Option<&WebhookKeyId>,
    most: i64,
) -> Result<Vec<WebhookKey>, StoreError> {
    let is_live = webhook_keys::expires_at.is_null().or(webhook_keys::expires_at.gt(tx.now));
    let mut keys = webhook_keys::table
        .inner_join(webhook_endpoints::table.on(webhook_endpoints::id.eq(webhook_keys::endpoint_id)))
        .filter(webhook_endpoints::state.ne(WebhookState::Disabled))
        .filter(is_live)
        .order(webhook_keys::id)
        .limit(most)
        .select(WebhookKey::as_select())
        .into_boxed();
    if let Some(after) = after {
        keys = keys.filter(webhook_keys::id.gt(after));
    }
    Ok(keys.load(tx.connection)?)
}

/// Lists at most `most` keys that are sealed with another secret key.
pub fn list_sealed_with_another(
    tx: &mut Transaction<'_>,
    secret_key_id: &str,
    most: i64,
) -> Result<Vec<WebhookKey>, StoreError> {
    Ok(webhook_keys::table
        .filter(webhook_keys::secret_key_id.ne(secret_key_id))
        .order(webhook_keys::id)
        .limit(most)
        .select(WebhookKey::as_select())
        .load(tx.connection)?)
}

/// Stores a key that was sealed with another secret key.
pub fn set_sealed(tx: &mut Transaction<'_>, key: &WebhookKey) -> Result<(), StoreError> {
    let sealed = (
        webhook_keys::secret_key_id.eq(&key.secret_key_id),
        webhook_keys::sealed_secret.eq(&key.sealed_secret),
        webhook_keys::sealed_key_pair.eq(&key.sealed_key_pair),
    );
    update(webhook_keys::table.find(&key.id)).set(sealed).execute(tx.connection)?;
    Ok(())
}

/// Keys that another has replaced, by the time at which they end.
pub const REPLACED: OldRows =
    OldRows { table: "webhook_keys", key: "id", age: Age::Time("expires_at"), condition: "expires_at IS NOT NULL" };
