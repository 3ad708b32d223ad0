//! Webhooks, all the time on every instance: events are queued for endpoints, and sent.

use std::time::Duration;

use tokio::{sync::watch::Receiver, task::JoinSet, time};

use crate::{
    app::App,
    identity::{
        IdentityError,
        webhooks::{self, Claimed, Delivered, Delivering},
    },
    store::in_background,
    types::Fault,
};

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

/// Whether places are left once everything that is due was started.
enum Places {
    Left,
    Taken,
}

/// Queues events and delivers them until told to stop, and finishes the attempts that run.
pub(super) async fn run(app: App, mut stop: Receiver<bool>) {
    let mut under_way = JoinSet::new();
    while !*stop.borrow() {
        let pause = match start_due(&app, &mut under_way, &stop).await {
            Ok(Places::Left) => INTERVAL,
            Ok(Places::Taken) => SHORT_INTERVAL,
            Err(error) => {
                report(&app, error);
                AFTER_FAILURE
            }
        };
        while under_way.try_join_next().is_some() {}
        tokio::select! {
            () = time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

async fn start_due(app: &App, under_way: &mut JoinSet<()>, stop: &Receiver<bool>) -> Result<Places, IdentityError> {
    webhooks::queue_events(app).await?;
    webhooks::queue_replays(app).await?;
    let free = SIDE_BY_SIDE.saturating_sub(under_way.len());
    // Endpoints that fail are never given the last half of the places.
    let failing = free.saturating_sub(SIDE_BY_SIDE - FAILING_SIDE_BY_SIDE);
    for claimed in webhooks::claim_due(app, free, failing).await? {
        let (app, stop) = (app.clone(), stop.clone());
        under_way.spawn(in_background(async move { deliver_to(&app, claimed, &stop).await }));
    }
    Ok(if under_way.len() < SIDE_BY_SIDE { Places::Left } else { Places::Taken })
}

/// Delivers to an endpoint until nothing is due to it.
async fn deliver_to(app: &App, claimed: Claimed, stop: &Receiver<bool>) {
    let mut delivering = Delivering::to(claimed);
    loop {
        match delivering.deliver_batch(app).await {
            Ok(Delivered::Attempts(_)) if !*stop.borrow() => {}
            Ok(Delivered::Attempts(_)) => break,
            Ok(Delivered::Nothing) => return,
            Err(error) => {
                report(app, error);
                // The lease runs out by itself, so the next attempt comes after a while.
                return;
            }
        }
    }
    if let Err(error) = delivering.give_back(app).await {
        report(app, error);
    }
}

/// Counts and logs a failure of the service itself. What is due is tried again once its lease has run out.
fn report(app: &App, error: IdentityError) {
    app.metrics.upkeep_failed("webhooks");
    tracing::error!(alarm = true, error = Fault::from(error).chain(), "webhooks could not be delivered");
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
