//! The queue: due jobs are claimed and run at the same time.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::{sync::watch::Receiver, task::JoinSet, time};

use super::claimed::run_claimed;
use crate::{
    app::App,
    config::DatabaseUrl,
    metrics::JobUrgency,
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
/// How many of them may be mails in bulk. While a mail API is slow they would take every slot, and resets would wait for
/// them (ML-10).
const IN_BULK_SIDE_BY_SIDE: usize = 24;
/// How many free slots the queue waits for before it claims again.
const SLOTS_FOR_A_CLAIM: usize = 8;
/// How long the queue waits for that many free slots at most.
const WAIT_FOR_SLOTS: Duration = Duration::from_millis(20);

/// The jobs that run. Each runs in a task of its own: one that has got a connection to the database while the queue waits
/// for one must be able to go on, or both would wait for each other.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    /// Each task of a job in bulk has a clone.
    in_bulk: Arc<()>,
}

impl UnderWay {
    fn len(&self) -> usize {
        self.tasks.len()
    }

    fn free(&self) -> usize {
        SIDE_BY_SIDE.saturating_sub(self.len())
    }

    fn free_in_bulk(&self) -> usize {
        let under_way = Arc::strong_count(&self.in_bulk) - 1;
        self.free().min(IN_BULK_SIDE_BY_SIDE.saturating_sub(under_way))
    }

    fn start(&mut self, app: App, job: Job) {
        let in_bulk = (job.urgency() == JobUrgency::InBulk).then(|| self.in_bulk.clone());
        self.tasks.spawn(in_background(async move {
            run_claimed(&app, job).await;
            drop(in_bulk);
        }));
    }

    async fn join_some(&mut self, count: usize) {
        for _ in 0..count {
            drop(self.tasks.join_next().await);
        }
    }
}

/// Runs jobs until told to stop, and finishes those that run.
pub(super) async fn run(app: &App, mut stop: Receiver<bool>) {
    let mut under_way = UnderWay::default();
    while !*stop.borrow() {
        let pause = start_due(app, &mut under_way).await;
        while under_way.tasks.try_join_next().is_some() {}
        // With a queue, a few slots have to be free before a claim pays. It is made after a short wait even if they are
        // not, since the jobs under way may hang.
        let is_crowded = under_way.len() > SIDE_BY_SIDE - SLOTS_FOR_A_CLAIM;
        let pause = if is_crowded { pause.max(WAIT_FOR_SLOTS) } else { pause };
        tokio::select! {
            () = under_way.join_some(SLOTS_FOR_A_CLAIM), if is_crowded => {}
            () = time::sleep(pause) => {}
            () = app.job_queued.notified() => {}
            _ = stop.changed() => {}
        }
    }
    while under_way.tasks.join_next().await.is_some() {}
}

/// Starts as many due jobs as there are free slots. Returns how long to wait before the next look.
async fn start_due(app: &App, under_way: &mut UnderWay) -> Duration {
    match claim_for(app, under_way).await {
        Ok(jobs) if jobs.is_empty() => until_next_due(app).await,
        Ok(jobs) => {
            for job in jobs {
                under_way.start(app.clone(), job);
            }
            Duration::ZERO
        }
        Err(fault) => {
            tracing::error!(error = fault.chain(), "cannot look for jobs");
            POLL_INTERVAL
        }
    }
}

/// Claims a job for each slot that is free for it.
async fn claim_for(app: &App, under_way: &UnderWay) -> Result<Vec<Job>, Fault> {
    let of_all = under_way.free_in_bulk();
    let mut claimed = claim(app, jobs::LAST, of_all).await?;
    if claimed.len() == of_all {
        claimed.extend(claim(app, jobs::AT_ONCE, under_way.free() - of_all).await?);
    }
    Ok(claimed)
}

/// Runs every due job and returns how many there were.
pub async fn run_all_due(app: &App) -> Result<usize, Fault> {
    let mut count = 0;
    loop {
        let jobs = claim(app, jobs::LAST, 1).await?;
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

/// Claims due jobs up to a priority.
async fn claim(app: &App, last_priority: i32, limit: usize) -> Result<Vec<Job>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    if limit == 0 || !may_be_due(app).await? {
        return Ok(Vec::new());
    }
    // The lease begins with the transaction, and not with the wait for a connection: it has to last for the work.
    let claim = move |tx: &mut Transaction<'_>| -> Result<Vec<Job>, StoreError> {
        jobs::claim_due(tx, tx.now + LEASE, last_priority, limit)
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
