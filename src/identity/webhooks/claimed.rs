//! Endpoints that a worker has.

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::refusal::IdentityError,
    store::webhook_endpoints,
    types::{Actor, RequestContext, UtcTime, WebhookEndpointId},
};

/// How long an endpoint is claimed. A batch takes a quarter of that at most, and renews it.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// An endpoint that this worker has.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub(super) endpoint: WebhookEndpointId,
    pub(super) lease_until: UtcTime,
}

impl Claimed {
    pub(super) fn lease_from(now: UtcTime) -> UtcTime {
        now + LEASE
    }
}

/// Claims at most `most` endpoints to which something is due: those whose last attempt has succeeded, and then at most
/// `failing` others, so that many that fail leave room for those that do not.
pub async fn claim_due(app: &App, most: usize, failing: usize) -> Result<Vec<Claimed>, IdentityError> {
    let [most, failing] = [most, failing].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    // A look takes no place of SQLite's one writer.
    let due = app.query(move |tx| webhook_endpoints::list_due(tx, most, failing)).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    app.transact(&RequestContext::of(Actor::Service), move |tx| {
        let lease_until = Claimed::lease_from(tx.now);
        let mut claimed = Vec::new();
        for endpoint in due {
            if webhook_endpoints::claim(tx, &endpoint, lease_until)? {
                claimed.push(Claimed { endpoint, lease_until });
            }
        }
        Ok(claimed)
    })
    .await
}
