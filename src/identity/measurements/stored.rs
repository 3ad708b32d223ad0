//! What the tables hold, for the metrics.

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::audit::{SealAge, seal_age},
    metrics::{JobReading, MOST_COUNTED, StoredReading, TrailReading, WebhookReading},
    store::{
        jobs::{self, JobGroup},
        webhook_deliveries, webhook_endpoints,
    },
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
            let waiting = webhook_deliveries::count(tx, MOST_COUNTED)?;
            Ok((jobs::count_in_groups(tx, MOST_COUNTED)?, endpoints, waiting, tx.now))
        })
        .await?;
    let jobs = backlog.into_iter().map(|JobGroup { urgency, counted }| JobReading {
        urgency,
        kind: counted.kind,
        state: counted.state,
        count: counted.count,
        oldest_seconds: (now - counted.first_due_at).max(TimeDelta::zero()).num_seconds(),
    });
    Ok(StoredReading { jobs: jobs.collect(), trail, webhooks: WebhookReading { endpoints, waiting } })
}
