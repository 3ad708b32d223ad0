//! What the tables hold, for the metrics.

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::audit::{SealAge, seal_age},
    metrics::{JobReading, StoredReading, TrailReading, WebhookReading},
    store::{jobs, webhook_deliveries, webhook_endpoints},
    types::Fault,
};

/// Reads what the tables hold of all instances.
pub async fn read_stored(app: &App) -> Result<StoredReading, Fault> {
    let SealAge { oldest_unsealed, head } = seal_age(app).await?;
    let trail = TrailReading {
        unsealed_seconds: oldest_unsealed.num_seconds(),
        head_seconds: head.map(|age| age.num_seconds()),
    };
    let (backlog, endpoints, waiting, now) = app
        .query(|tx| {
            let endpoints = webhook_endpoints::count_by_state(tx)?;
            Ok((jobs::count_by_kind_and_state(tx)?, endpoints, webhook_deliveries::count(tx)?, tx.now))
        })
        .await?;
    let jobs = backlog.into_iter().map(|group| JobReading {
        kind: group.kind,
        state: group.state,
        count: group.count,
        oldest_seconds: (now - group.first_due_at).max(TimeDelta::zero()).num_seconds(),
    });
    Ok(StoredReading { jobs: jobs.collect(), trail, webhooks: WebhookReading { endpoints, waiting } })
}
