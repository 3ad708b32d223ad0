//! The queue: due jobs are claimed and run at the same time.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::{sync::watch::Receiver, task::JoinSet, time};

use super::claimed::run_claimed;
use crate::{
    app::App,
    config::DatabaseUrl,
    store::{
        StoreError, Transaction, in_background,
        jobs::{self, Job},
    },
    types::Fault,
};

/// How long a job is claimed. After that another worker may claim it, because the first one has died. Where the first
/// one was only slow, it finds its lease gone and stores nothing.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How often to look for jobs that another instance has queued.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The shortest wait between two looks, if another instance was faster or a clock is a little behind.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
/// How many jobs run at the same time, so that mails that hang do not delay the others.
const SIDE_BY_SIDE: usize = 32;
/// How many free slots the queue waits for before it claims again.
const SLOTS_FOR_A_CLAIM: usize = 8;
/// How long the queue waits for that many free slots at most.
const WAIT_FOR_SLOTS: Duration = Duration::from_millis(20);

/// Runs jobs until told to stop, and finishes those that run.
pub(super) async fn run(app: &App, mut stop: Receiver<bool>) {
    // Each job runs in a task of its own. A job that has got a connection to the database while this loop waits for one
    // must be able to go on, or both would wait for each other.
    let mut under_way = JoinSet::new();
    while !*stop.borrow() {
        let pause = start_due(app, &mut under_way).await;
        while under_way.try_join_next().is_some() {}
        // With a queue, a few slots have to be free before a claim pays. It is made after a short wait even if they are
        // not, since the jobs under way may hang.
        let is_crowded = under_way.len() > SIDE_BY_SIDE - SLOTS_FOR_A_CLAIM;
        let pause = if is_crowded { pause.max(WAIT_FOR_SLOTS) } else { pause };
        tokio::select! {
            () = join_some(&mut under_way, SLOTS_FOR_A_CLAIM), if is_crowded => {}
            () = time::sleep(pause) => {}
            () = app.job_queued.notified() => {}
            _ = stop.changed() => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// Starts as many due jobs as there are free slots. Returns how long to wait before the next look.
async fn start_due(app: &App, under_way: &mut JoinSet<()>) -> Duration {
    let free = SIDE_BY_SIDE.saturating_sub(under_way.len());
    match claim(app, free).await {
        Ok(jobs) if jobs.is_empty() => until_next_due(app).await,
        Ok(jobs) => {
            for job in jobs {
                let app = app.clone();
                under_way.spawn(in_background(async move { run_claimed(&app, job).await }));
            }
            Duration::ZERO
        }
        Err(fault) => {
            tracing::error!(error = fault.chain(), "cannot look for jobs");
            POLL_INTERVAL
        }
    }
}

async fn join_some(under_way: &mut JoinSet<()>, count: usize) {
    for _ in 0..count {
        drop(under_way.join_next().await);
    }
}

/// Runs every due job and returns how many there were.
pub async fn run_all_due(app: &App) -> Result<usize, Fault> {
    let mut count = 0;
    loop {
        let jobs = claim(app, 1).await?;
        if jobs.is_empty() {
            return Ok(count);
        }
        for job in jobs {
            Box::pin(run_claimed(app, job)).await;
            count += 1;
        }
    }
}

/// The time until the next job is due, as far as this instance knows.
async fn until_next_due(app: &App) -> Duration {
    match app.database.query(jobs::next_due_at).await {
        Ok(next) => next
            .and_then(|due_at| (due_at - app.clock.now()).max(TimeDelta::zero()).to_std().ok())
            .map_or(POLL_INTERVAL, |wait| wait.clamp(SHORTEST_PAUSE, POLL_INTERVAL)),
        Err(error) => {
            tracing::error!(error = Fault::from(error).chain(), "cannot look for jobs");
            POLL_INTERVAL
        }
    }
}

/// Claims due jobs.
async fn claim(app: &App, limit: usize) -> Result<Vec<Job>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    if limit == 0 || !may_be_due(app).await? {
        return Ok(Vec::new());
    }
    // The lease begins with the transaction, and not with the wait for a connection: it has to last for the work.
    let claim = move |tx: &mut Transaction<'_>| -> Result<Vec<Job>, StoreError> {
        jobs::claim_due(tx, tx.now + LEASE, limit)
    };
    Ok(app.database.write_alone(claim).await?)
}

/// Whether a claim may find a job. Only SQLite is asked beforehand: a claim takes the place of its one writer there, and
/// elsewhere costs no more than the question.
async fn may_be_due(app: &App) -> Result<bool, Fault> {
    if matches!(app.database.url(), DatabaseUrl::Postgres(_)) {
        return Ok(true);
    }
    let next = app.database.query(jobs::next_due_at).await?;
    Ok(next.is_some_and(|due_at| due_at <= app.clock.now()))
}
