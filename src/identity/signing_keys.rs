//! The signing keys while the service runs: making the next one, reading those of other instances, deleting old ones.

use super::refusal::IdentityError;
use crate::{
    app::{App, signing_keys as keys},
    store::{StoreError, Transaction, signing_keys},
    types::{Actor, RequestContext, UtcTime},
};

/// What a request for the next signing key has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The next key has been made.
    Made(NextKey),
    /// The key made before still waits to sign, so none has been made.
    OneIsWaiting,
}

/// A key that is published and does not sign yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextKey {
    /// The id of the key, as in the `kid` of tokens.
    pub kid: String,
    /// The moment from which the key signs.
    pub signs_from: UtcTime,
}

/// Makes the next signing key. It is published at once and signs a little later.
pub async fn rotate(app: &App, context: &RequestContext) -> Result<Rotation, IdentityError> {
    let made = keys::make(&app.keyring, app.config.jwt_algorithm).await?;
    let actor = context.actor.clone();
    match app.database.write(move |tx| insert_unless_one_waits(tx, made, &actor)).await {
        // Another command has made a key at the same moment.
        Err(error) if error.is_unique_violation() => Ok(Rotation::OneIsWaiting),
        outcome => Ok(outcome?),
    }
}

fn insert_unless_one_waits(
    tx: &mut Transaction<'_>,
    made: keys::MadeKey,
    actor: &Actor,
) -> Result<Rotation, StoreError> {
    let rows = signing_keys::list(tx)?;
    if rows.first().is_some_and(|newest| newest.signs_from > tx.now) {
        return Ok(Rotation::OneIsWaiting);
    }
    let row = keys::insert_next(tx, made, rows.first(), actor)?;
    Ok(Rotation::Made(NextKey { kid: row.id, signs_from: row.signs_from }))
}

/// Reads the signing keys again, at most once every few seconds: another instance may have made one. After a failure
/// the known keys stay in use.
pub async fn reload(app: &App) {
    if !app.signer.may_reload(app.clock.now()) {
        return;
    }
    match keys::load(&app.database, &app.keyring, app.clock.now()).await {
        Ok(keys) => app.signer.replace_keys(keys),
        Err(error) => tracing::error!(%error, "the signing keys could not be read again"),
    }
}

/// Deletes the keys whose last token has expired.
pub async fn forget_retired(app: &App) -> Result<(), IdentityError> {
    app.transact(&RequestContext::of(Actor::Service), |tx| {
        if let Some(generation) = keys::last_retired(&signing_keys::list(tx)?, tx.now) {
            signing_keys::delete_up_to(tx, generation)?;
        }
        Ok(())
    })
    .await
}
