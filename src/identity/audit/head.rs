//! The signed head of the trail: what leaves this service, so that cutting the newest entries is found too.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::form::statement;
use crate::{
    app::App,
    crypto::{HeadStatement, Keyring, is_signed_head},
    identity::refusal::IdentityError,
    store::{
        StoreError,
        audit_seals::{self, Batch},
        events::NewEvent,
    },
    types::{
        Actor, Moment, RequestContext,
        told::{AuditHeadData, Told},
    },
};

/// The least time between two events that tell the head.
const TOLD_EVERY: TimeDelta = TimeDelta::minutes(15);

/// A signed head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedHead {
    /// The number of the batch.
    pub batch: i64,
    /// The position of its last entry.
    pub position: i64,
    /// When it was sealed.
    pub sealed_at: Moment,
    /// The hash of the chain up to here.
    pub hash: String,
    /// The id of the key: the thumbprint of the public key (RFC 7638).
    pub key_id: String,
    /// The public key for Ed25519, in Base64url.
    pub public_key: String,
    /// The signature, in Base64url.
    pub signature: String,
}

impl SignedHead {
    pub(super) fn of(batch: &Batch) -> Self {
        Self {
            batch: batch.number,
            position: batch.last_position,
            sealed_at: Moment::of(batch.sealed_at),
            hash: batch.head.clone(),
            key_id: batch.key_id.clone(),
            public_key: batch.public_key.clone(),
            signature: batch.signature.clone(),
        }
    }
}

/// The head of the last batch; `None` before the first one.
pub async fn find_head(app: &App) -> Result<Option<SignedHead>, IdentityError> {
    Ok(app.query(audit_seals::last_batch).await?.as_ref().map(SignedHead::of))
}

/// Tells other systems the head by an event, where there is a new one and the last event is some minutes old.
pub async fn tell_head(app: &App) -> Result<(), IdentityError> {
    let none_since = app.clock.now() - TOLD_EVERY;
    let Some(batch) = app.query(move |tx| audit_seals::find_untold(tx, none_since)).await? else { return Ok(()) };
    let Batch { number, last_position, sealed_at, head, signature, key_id, .. } = batch;
    let told: Told = AuditHeadData::new(number, last_position, head, signature, key_id).into();
    app.transact(&RequestContext::of(Actor::Service), move |tx| {
        Ok(audit_seals::tell(tx, number, NewEvent::of(&told, sealed_at)?)?)
    })
    .await
}

/// How old the seal is: what the metrics tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SealAge {
    /// The age of the entry that has waited longest for its seal; zero where none waits.
    pub oldest_unsealed: TimeDelta,
    /// The age of the head; `None` before the first one.
    pub head: Option<TimeDelta>,
}

/// Reads how old the seal is.
pub async fn seal_age(app: &App) -> Result<SealAge, StoreError> {
    let now = app.clock.now();
    app.query(move |tx| {
        let oldest = audit_seals::oldest_waiting(tx)?.map(|occurred_at| now - occurred_at);
        let head = audit_seals::last_batch(tx)?.map(|batch| now - batch.sealed_at);
        Ok(SealAge { oldest_unsealed: oldest.unwrap_or_default().max(TimeDelta::zero()), head })
    })
    .await
}

/// A head that has left this service, to compare the trail with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftHead {
    /// The number of the batch.
    pub batch: i64,
    /// The position of its last entry; `None` where it is not known.
    pub position: Option<i64>,
    /// The hash of the chain up to there.
    pub hash: String,
}

/// A text is no head, or one that this service has not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHead {
    /// It has not the form of a head.
    #[error(
        "it is no head: `audit head --json` prints one, an event audit.head holds one, and BATCH:HASH is enough"
    )]
    Form,
    /// Its signature is wrong.
    #[error("its signature is not by the key that it names")]
    Signature,
}

/// The members of a head that leaves, as a file or an event has them.
#[derive(Deserialize)]
struct WrittenHead {
    batch: i64,
    position: i64,
    hash: String,
    key_id: String,
    signature: String,
}

impl LeftHead {
    /// Reads a head: the JSON of `audit head`, an event `audit.head` or its `data`, or `BATCH:HASH`. A signature is checked
    /// where its key follows from the settings.
    pub fn parse(keyring: &Keyring, text: &str) -> Result<Self, InvalidHead> {
        let text = text.trim();
        if !text.starts_with('{') {
            let (batch, hash) = text.split_once(':').ok_or(InvalidHead::Form)?;
            let batch = batch.parse().map_err(|_| InvalidHead::Form)?;
            let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            return if is_hash {
                Ok(Self { batch, position: None, hash: hash.to_lowercase() })
            } else {
                Err(InvalidHead::Form)
            };
        }
        let mut value: serde_json::Value = serde_json::from_str(text).map_err(|_| InvalidHead::Form)?;
        if let Some(data) = value.get_mut("data") {
            value = data.take();
        }
        let written: WrittenHead = serde_json::from_value(value).map_err(|_| InvalidHead::Form)?;
        let WrittenHead { batch, position, hash, key_id, signature } = written;
        let statement = HeadStatement { batch, position, hash: &hash };
        match keyring.find_trail_key(&key_id) {
            Some(key) if !is_signed_head(key.public_key(), &statement, &signature) => Err(InvalidHead::Signature),
            _ => Ok(Self { batch, position: Some(position), hash }),
        }
    }
}

/// Whether the signature of a batch is by this public key.
pub(super) fn is_signed_by(public_key: &str, batch: &Batch) -> bool {
    is_signed_head(public_key, &statement(batch), &batch.signature)
}
