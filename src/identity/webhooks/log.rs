//! The log of attempts, for the owner of an endpoint.

use super::{cursor::DeliveryCursor, manage::show};
use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::webhook_attempts::{self, AttemptPlace, WebhookAttempt},
    types::{ClientId, WebhookEndpointId},
};

/// Which attempts are asked for.
pub struct DeliveriesRequest {
    /// Where the page begins.
    pub after: DeliveryCursor,
    /// The most attempts of the page.
    pub limit: usize,
}

/// A page of attempts.
pub struct DeliveriesPage {
    /// The attempts, the newest first.
    pub attempts: Vec<WebhookAttempt>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

/// Lists the attempts at an endpoint of 30 days.
///
/// # Errors
/// [`Refusal::NoSuchWebhookEndpoint`](crate::identity::Refusal::NoSuchWebhookEndpoint) for an id that is not of an endpoint of
/// this client.
pub async fn list_deliveries(
    app: &App,
    client: ClientId,
    id: WebhookEndpointId,
    asked: DeliveriesRequest,
) -> Result<DeliveriesPage, IdentityError> {
    show(app, client, id.clone()).await?;
    let DeliveriesRequest { after: DeliveryCursor(place), limit } = asked;
    let most = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let endpoint = id.clone();
    let listed = app.query(move |tx| webhook_attempts::list_behind(tx, &endpoint, &place, most)).await?;
    let is_last = listed.len() <= limit;
    let attempts: Vec<WebhookAttempt> = listed.into_iter().take(limit).collect();
    let end = attempts.last().filter(|_| !is_last).map(place_of);
    let next = end.map(|place| DeliveryCursor(place).seal(&app.keyring, &id, app.clock.now())).transpose()?;
    Ok(DeliveriesPage { attempts, next })
}

fn place_of(attempt: &WebhookAttempt) -> AttemptPlace {
    AttemptPlace { attempted_at: attempt.attempted_at, id: attempt.id.as_str().to_owned() }
}
