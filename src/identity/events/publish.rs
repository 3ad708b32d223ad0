//! Publishing events: a step of its own, after their transactions.

use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::events,
    types::{Actor, RequestContext},
};

/// The most events that one transaction publishes.
const BATCH: i64 = 500;

/// Publishes every event that is committed, and deletes decoys. Several instances may do it at a time: they take turns,
/// batch by batch. Returns how many events this one has published.
pub async fn publish(app: &App) -> Result<usize, IdentityError> {
    let mut count = 0;
    // A look takes no place of SQLite's one writer.
    while app.query(events::are_unpublished).await? {
        count +=
            app.transact(&RequestContext::of(Actor::Service), |tx| Ok(events::publish(tx, BATCH)?.len())).await?;
    }
    Ok(count)
}
