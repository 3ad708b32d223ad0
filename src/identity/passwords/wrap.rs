//! Wrapping the fast hashes that an import has brought (PW-11), in small batches beside the sign-ins.

use std::time::{Duration, Instant};

use tokio::time;

use crate::{
    app::App,
    crypto::{HashCaller, HashError},
    identity::{periodic::Progress, refusal::IdentityError},
    store::{
        StoreError,
        hashes_to_wrap::{self, ToWrap},
    },
};

/// The most hashes of one batch. With the pauses, a million hashes take about a day and a half of one instance.
const BATCH: i64 = 32;
/// How long a pause after a hash is, in times of the hash: the sign-ins have the rest.
const PAUSE: u32 = 2;
/// How long a hash waits for a moment in which nobody else does. It then takes its turn as a stranger's.
const PATIENCE: Duration = Duration::from_millis(200);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Wraps one batch of fast hashes, the oldest first. No transaction is open while a hash is computed. A hash that its
/// owner has renewed meanwhile is left alone.
pub async fn wrap_fast_hashes(app: &App) -> Result<Progress, IdentityError> {
    let batch = app.query(|tx| hashes_to_wrap::list(tx, BATCH)).await?;
    let found = batch.len();
    for ToWrap { account_id, password_hash } in batch {
        wait_for_quiet(app).await;
        let began = Instant::now();
        let wrapped = match &password_hash {
            Some(hash) => match app.hasher.wrap(hash, HashCaller::stranger(None)).await {
                Err(HashError::Overloaded) => return Ok(Progress::GoesOn),
                // A hash that cannot be read is not held against those behind it.
                wrapped => wrapped.ok().flatten(),
            },
            None => None,
        };
        let cost = wrapped.as_deref().and_then(|wrapped| app.hasher.cost_of(wrapped));
        let pause = PAUSE * began.elapsed();
        app.database
            .write(move |tx| -> Result<(), StoreError> {
                if let (Some(bare), Some(wrapped), Some(cost)) = (&password_hash, &wrapped, &cost) {
                    hashes_to_wrap::set_wrapped(tx, &account_id, bare, wrapped, cost)?;
                }
                hashes_to_wrap::delete(tx, &account_id)
            })
            .await?;
        time::sleep(pause).await;
    }
    Ok(Progress::after(found, BATCH))
}

async fn wait_for_quiet(app: &App) {
    let began = Instant::now();
    while app.hasher.pending() > 0 && began.elapsed() < PATIENCE {
        time::sleep(LOOK_EVERY).await;
    }
}
