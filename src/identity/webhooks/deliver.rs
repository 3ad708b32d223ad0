//! Delivering to endpoints. One worker at a time has an endpoint, under a lease: a slow one holds up what is due to itself
//! alone. A worker that dies leaves its lease to run out; what it had sent and not recorded is sent again, with the same id.

use super::{
    claimed::Claimed,
    prepare::prepare,
    record::{Aftermath, record},
    send::send,
};
use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::{StoreError, Transaction, webhook_endpoints},
};

/// The deliveries to one endpoint, batch by batch.
pub struct Delivering {
    claimed: Claimed,
}

/// How far deliveries to an endpoint have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// This many attempts were made, and there may be more to do.
    Attempts(usize),
    /// Nothing is due, or another worker has the endpoint.
    Nothing,
}

impl Delivering {
    /// Begins to deliver to an endpoint that was claimed.
    #[must_use]
    pub const fn to(claimed: Claimed) -> Self {
        Self { claimed }
    }

    /// Sends what is due, at most a few events at the same time, and stores what becomes of them. The lease is given back
    /// once nothing is due.
    pub async fn deliver_batch(&mut self, app: &App) -> Result<Delivered, IdentityError> {
        let Some(batch) = prepare(app, &self.claimed).await? else { return Ok(Delivered::Nothing) };
        self.claimed.lease_until = batch.lease_until;
        let attempts = send(app, &batch).await;
        let count = attempts.len();
        match record(app, batch.endpoint, attempts).await? {
            Aftermath::GoesOn => {}
            Aftermath::Pauses => self.give_back(app).await?,
        }
        Ok(Delivered::Attempts(count))
    }

    /// Gives the endpoint back. Where this fails, the lease runs out by itself.
    pub async fn give_back(&self, app: &App) -> Result<(), IdentityError> {
        let Claimed { endpoint, lease_until } = self.claimed.clone();
        let give_back = move |tx: &mut Transaction<'_>| -> Result<bool, StoreError> {
            webhook_endpoints::renew(tx, &endpoint, lease_until, None)
        };
        app.database.write(give_back).await?;
        Ok(())
    }
}
