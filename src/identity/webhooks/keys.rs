//! What an endpoint's events are signed with (WH-05). At rest it is sealed (WH-09).

use chrono::TimeDelta;
use jsonwebtoken::jwk::Jwk;
use secrecy::ExposeSecret as _;

use super::owned::lock_of;
use crate::{
    app::App,
    crypto::{Sealed, UnknownSecretKey, WebhookKeyPair, WebhookPublicKey, WebhookSecret},
    identity::{
        periodic::{PeriodicTask, Progress},
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::{
        StoreError,
        audit_events::Event,
        webhook_endpoints,
        webhook_keys::{self, WebhookKey},
    },
    types::{ClientId, Fault, RequestContext, UtcTime, WebhookEndpointId, WebhookKeyId, WebhookSignature},
};

/// How long a key that was replaced goes on signing beside the new one. The owner of the endpoint changes over meanwhile.
const REPLACED_KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// The most keys that one transaction seals again.
const BATCH: i64 = 50;

/// A key that was just made, with its secret for the owner of the endpoint.
pub(super) struct NewKey {
    pub(super) key: UndatedKey,
    /// The secret, `whsec_…`.
    pub(super) secret: String,
}

/// A key to be inserted.
pub(super) struct UndatedKey {
    endpoint_id: WebhookEndpointId,
    sealed: SealedKeys,
    public_key: Option<String>,
}

/// The secret and the key pair, sealed with one secret key.
struct SealedKeys {
    secret_key_id: String,
    secret: String,
    key_pair: Option<String>,
}

impl NewKey {
    /// Makes the key of an endpoint, with a key pair where its events are signed by one.
    pub(super) fn make(
        app: &App,
        endpoint: &WebhookEndpointId,
        signature: WebhookSignature,
    ) -> Result<Self, IdentityError> {
        let secret = WebhookSecret::generate();
        let key_pair = match signature {
            WebhookSignature::V1 => None,
            WebhookSignature::V1a => Some(WebhookKeyPair::generate()?),
        };
        let key = UndatedKey {
            endpoint_id: endpoint.clone(),
            sealed: SealedKeys::seal(app, endpoint, &secret, key_pair.as_ref())?,
            public_key: key_pair.map(|pair| pair.public().x().to_owned()),
        };
        Ok(Self { key, secret: secret.reveal().expose_secret().to_owned() })
    }
}

impl UndatedKey {
    /// The row of the key.
    pub(super) fn made_at(self, now: UtcTime) -> WebhookKey {
        let Self { endpoint_id, sealed, public_key } = self;
        WebhookKey {
            id: WebhookKeyId::mint(),
            endpoint_id,
            secret_key_id: sealed.secret_key_id,
            sealed_secret: sealed.secret,
            sealed_key_pair: sealed.key_pair,
            public_key,
            created_at: now,
            expires_at: None,
        }
    }
}

impl SealedKeys {
    fn seal(
        app: &App,
        endpoint: &WebhookEndpointId,
        secret: &WebhookSecret,
        key_pair: Option<&WebhookKeyPair>,
    ) -> Result<Self, Fault> {
        let Sealed { secret_key_id, text } = secret.seal(&app.keyring, endpoint)?;
        let key_pair = key_pair.map(|pair| pair.seal(&app.keyring, endpoint)).transpose()?;
        Ok(Self { secret_key_id, secret: text, key_pair: key_pair.map(|sealed| sealed.text) })
    }
}

/// The keys that sign for an endpoint, open.
#[derive(Debug, Default)]
pub(super) struct SigningKeys {
    pub(super) secrets: Vec<WebhookSecret>,
    pub(super) key_pairs: Vec<WebhookKeyPair>,
}

impl SigningKeys {
    /// Opens keys, the newest first.
    pub(super) fn open(app: &App, keys: &[WebhookKey]) -> Result<Self, UnknownSecretKey> {
        let mut open = Self::default();
        for key in keys {
            let (secret, pair) = open_key(app, key)?;
            open.secrets.push(secret);
            open.key_pairs.extend(pair);
        }
        Ok(open)
    }
}

fn open_key(app: &App, key: &WebhookKey) -> Result<(WebhookSecret, Option<WebhookKeyPair>), UnknownSecretKey> {
    let sealed = |text: &str| Sealed { secret_key_id: key.secret_key_id.clone(), text: text.to_owned() };
    let secret = WebhookSecret::open(&app.keyring, &key.endpoint_id, &sealed(&key.sealed_secret))?;
    let pair = key.sealed_key_pair.as_deref();
    let pair = pair.map(|text| WebhookKeyPair::open(&app.keyring, &key.endpoint_id, &sealed(text))).transpose()?;
    Ok((secret, pair))
}

/// Gives an endpoint another secret and, where it has one, another key pair. Those before sign beside them for a day; those
/// before these end at once. Returns the secret, `whsec_…`.
///
/// # Errors
/// [`Refusal::NoSuchWebhookEndpoint`] for an id that is not of an endpoint of this client.
pub async fn rotate_secret(
    app: &App,
    context: &RequestContext,
    client: ClientId,
    id: WebhookEndpointId,
) -> Result<String, IdentityError> {
    let wanted = id.clone();
    let found = app.query(move |tx| webhook_endpoints::find(tx, &wanted)).await?;
    let endpoint = found.ok_or(Refusal::NoSuchWebhookEndpoint)?;
    let NewKey { key, secret } = NewKey::make(app, &id, endpoint.signature)?;
    app.transact(context, move |tx| {
        lock_of(tx, &client, &id)?;
        let now = tx.now;
        webhook_keys::retire(tx, &id, now + REPLACED_KEPT_FOR)?;
        webhook_keys::insert(tx, &key.made_at(now))?;
        Ok(tx.entry(Event::WebhookSecretMade).detail(id.as_str()).append(tx)?)
    })
    .await?;
    Ok(secret)
}

/// Every public key that verifies signatures of an endpoint, with the endpoint.
pub async fn published_keys(app: &App) -> Result<Vec<(WebhookEndpointId, Jwk)>, IdentityError> {
    let keys = app.query(webhook_keys::list_published).await?;
    let unreadable = || Fault::broken_invariant("reading the public key of a webhook endpoint");
    let jwks = keys.into_iter().map(|key| {
        let public = WebhookPublicKey::from_x(key.public_key).ok_or_else(unreadable)?;
        Ok((key.endpoint_id, public.jwk()?))
    });
    jwks.collect()
}

/// Seals keys again that were sealed with the previous secret key, so that it can be removed from the settings (CF-03).
pub const RESEALING: PeriodicTask = PeriodicTask {
    name: "webhook_seals",
    retention: None,
    is_due: |tx, app| Ok(!webhook_keys::list_sealed_with_another(tx, app.keyring.current_id(), 1)?.is_empty()),
    run_batch: reseal,
};

fn reseal(tx: &mut Tx<'_>) -> Result<Progress, StoreError> {
    let app = tx.app.clone();
    let old = webhook_keys::list_sealed_with_another(tx, app.keyring.current_id(), BATCH)?;
    let mut resealed = 0;
    for mut key in old {
        // Without the secret key nothing can be sealed again. The delivery says so at every attempt.
        let Ok((secret, pair)) = open_key(&app, &key) else { continue };
        let Ok(sealed) = SealedKeys::seal(&app, &key.endpoint_id, &secret, pair.as_ref()) else { continue };
        key.secret_key_id = sealed.secret_key_id;
        key.sealed_secret = sealed.secret;
        key.sealed_key_pair = sealed.key_pair;
        webhook_keys::set_sealed(tx, &key)?;
        resealed += 1;
    }
    Ok(Progress::after(resealed, BATCH))
}
