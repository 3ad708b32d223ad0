//! Webhooks, all the time on every instance: events are queued for endpoints, and sent.

use std::time::Duration;

use tokio::{sync::watch::Receiver, task::JoinSet, time};

use super::batch::Batch;
use crate::{
    app::App,
    identity::{
        IdentityError, Progress,
        webhooks::{self, Claimed, Delivered, Delivering},
    },
    store::in_background,
    types::Fault,
};

/// The name of this work, for logs and metrics.
const TASK: &str = "webhooks";
/// How often an instance looks for published events and for deliveries that are due.
const INTERVAL: Duration = Duration::from_millis(250);
/// The time before the next look where more was due than there were places.
const SHORT_INTERVAL: Duration = Duration::from_millis(20);
/// The time before the next look after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How many endpoints one instance delivers to at the same time. An endpoint that gives no answer holds its place for 15
/// seconds.
const SIDE_BY_SIDE: usize = 256;
/// How many of these places endpoints have whose last attempt failed.
const FAILING_SIDE_BY_SIDE: usize = 128;

/// Queues events and delivers them until told to stop, and finishes the attempts that run.
pub(super) async fn run(app: App, mut stop: Receiver<bool>) {
    let mut under_way = JoinSet::new();
    while !*stop.borrow() {
        let batch = Batch::begin(&app, TASK);
        let pause = match batch.end(start_due(&app, &mut under_way, &stop).await) {
            Some(Progress::Over) => INTERVAL,
            Some(Progress::GoesOn) => SHORT_INTERVAL,
            None => AFTER_FAILURE,
        };
        while under_way.try_join_next().is_some() {}
        tokio::select! {
            () = time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// Starts what is due. It goes on where no place is left.
async fn start_due(
    app: &App,
    under_way: &mut JoinSet<()>,
    stop: &Receiver<bool>,
) -> Result<Progress, IdentityError> {
    webhooks::queue_events(app).await?;
    webhooks::queue_replays(app).await?;
    let free = SIDE_BY_SIDE.saturating_sub(under_way.len());
    // Endpoints that fail are never given the last half of the places.
    let failing = free.saturating_sub(SIDE_BY_SIDE - FAILING_SIDE_BY_SIDE);
    for claimed in webhooks::claim_due(app, free, failing).await? {
        let (app, stop) = (app.clone(), stop.clone());
        under_way.spawn(in_background(async move { deliver_to(&app, claimed, &stop).await }));
    }
    Ok(if under_way.len() < SIDE_BY_SIDE { Progress::Over } else { Progress::GoesOn })
}

/// Delivers to an endpoint until nothing is due to it.
async fn deliver_to(app: &App, claimed: Claimed, stop: &Receiver<bool>) {
    let mut delivering = Delivering::to(claimed);
    loop {
        let batch = Batch::begin(app, TASK);
        let delivered = delivering.deliver_batch(app).await.map(|delivered| match delivered {
            Delivered::Attempts(_) => Progress::GoesOn,
            Delivered::Nothing => Progress::Over,
        });
        match batch.end(delivered) {
            Some(Progress::GoesOn) if !*stop.borrow() => {}
            Some(Progress::GoesOn) => break,
            // After a failure of the service itself the lease runs out, so the next attempt comes after a while.
            Some(Progress::Over) | None => return,
        }
    }
    let batch = Batch::begin(app, TASK);
    batch.end(delivering.give_back(app).await.map(|()| Progress::Over));
}

/// Queues what is published and delivers what is due, without a loop. Returns the number of attempts.
pub async fn deliver_due_webhooks(app: &App) -> Result<usize, Fault> {
    let mut attempts = 0;
    loop {
        webhooks::queue_events(app).await?;
        webhooks::queue_replays(app).await?;
        let claimed = webhooks::claim_due(app, SIDE_BY_SIDE, FAILING_SIDE_BY_SIDE).await?;
        if claimed.is_empty() {
            return Ok(attempts);
        }
        let mut under_way = JoinSet::new();
        for claimed in claimed {
            let app = app.clone();
            under_way.spawn(async move { deliver_all_to(&app, claimed).await });
        }
        while let Some(done) = under_way.join_next().await {
            attempts += done.map_err(|error| Fault::internal("delivering webhooks", error))??;
        }
    }
}

async fn deliver_all_to(app: &App, claimed: Claimed) -> Result<usize, IdentityError> {
    let mut delivering = Delivering::to(claimed);
    let mut attempts = 0;
    while let Delivered::Attempts(count) = delivering.deliver_batch(app).await? {
        attempts += count;
    }
    Ok(attempts)
}
