//! The back door: work that was queued, done one piece after the other, at least once.

mod housekeeping;
mod watch;

use std::{panic::AssertUnwindSafe, time::Duration};

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use tokio::{sync::watch::Receiver, task::JoinSet, time};
use tracing::Instrument as _;

pub use housekeeping::keep_house;

use crate::{
    app::App,
    identity::{self, Work},
    store::{
        StoreError, Transaction,
        jobs::{self, Job},
    },
    types::Fault,
};

/// A job whose worker died is free again after so long. One that takes longer, because every wait in it was
/// long, may be begun by a second worker; the first one then leaves the books alone.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long a job waits after a fault of ours, for each time that it was tried …
const AFTER_FAULT: TimeDelta = TimeDelta::seconds(10);
/// … and at most.
const LONGEST_AFTER_FAULT: TimeDelta = TimeDelta::hours(1);
/// A reminder waits for the mail API for up to 13 days; whatever still fails a day after that never will.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(14);
/// How often to look for jobs that another instance has queued.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Where another instance was faster, or a clock is a little behind, this is soon enough to look again.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
/// Jobs done side by side, so that mails that hang do not hold up the others.
const SIDE_BY_SIDE: usize = 32;

/// So many are claimed at once, where there are as many.
const WORTH_A_CLAIM: usize = 8;
/// How long to wait for so many places.
const A_MOMENT: Duration = Duration::from_millis(20);

/// Runs jobs, keeps house and watches until told to stop, and finishes what is under way (OP-03).
pub async fn run(app: App, stop: Receiver<bool>) {
    tokio::join!(
        run_jobs(&app, stop.clone()),
        housekeeping::run(app.clone(), stop.clone()),
        watch::run(app.clone(), stop.clone()),
    );
}

async fn run_jobs(app: &App, mut stop: Receiver<bool>) {
    // Tasks of their own: one that has been given a turn at the database while this loop waits for its own must be able
    // to go on, or both would wait for each other.
    let mut under_way = JoinSet::new();
    while !*stop.borrow() {
        let free = SIDE_BY_SIDE.saturating_sub(under_way.len());
        let pause = match claim(app, free).await {
            Ok(jobs) if jobs.is_empty() => pause(app).await,
            Ok(jobs) => {
                for job in jobs {
                    let app = app.clone();
                    under_way.spawn(async move { run_claimed(&app, job).await });
                }
                Duration::ZERO
            }
            Err(fault) => {
                tracing::error!(error = fault.chain(), "cannot look for jobs");
                POLL_INTERVAL
            }
        };
        while under_way.try_join_next().is_some() {}
        // With a queue, a few places have to be free before it is worth a claim; a moment later one will do, since the
        // others may hang.
        let crowded = under_way.len() > SIDE_BY_SIDE - WORTH_A_CLAIM;
        let pause = if crowded { pause.max(A_MOMENT) } else { pause };
        tokio::select! {
            () = join_some(&mut under_way, WORTH_A_CLAIM), if crowded => {}
            () = time::sleep(pause) => {}
            () = app.job_queued.notified() => {}
            _ = stop.changed() => {}
        }
    }
    while under_way.join_next().await.is_some() {}
}

async fn join_some(under_way: &mut JoinSet<()>, count: usize) {
    for _ in 0..count {
        drop(under_way.join_next().await);
    }
}

/// Runs every job that is due and returns how many there were.
pub async fn run_all_due(app: &App) -> Result<usize, Fault> {
    let mut count = 0;
    loop {
        let jobs = claim(app, 1).await?;
        if jobs.is_empty() {
            return Ok(count);
        }
        for job in jobs {
            run_claimed(app, job).await;
            count += 1;
        }
    }
}

/// How long nothing will be due, as far as this instance can know.
async fn pause(app: &App) -> Duration {
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

/// Claims jobs that are due. Looks first whether there are any: claiming asks for SQLite's one turn to write.
async fn claim(app: &App, limit: usize) -> Result<Vec<Job>, Fault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let next = app.database.query(jobs::next_due_at).await?;
    if next.is_none_or(|due_at| due_at > app.clock.now()) {
        return Ok(Vec::new());
    }
    let clock = app.clock.clone();
    let claimed = app
        .database
        .write(move |tx| -> Result<Vec<Job>, StoreError> {
            // Now, and not when the wait for a connection began: the lease has to last for the work.
            let now = clock.now();
            jobs::claim_due(tx, now + LEASE, limit)
        })
        .await?;
    Ok(claimed)
}

/// Runs one job. Its failure is written down and nobody else's.
async fn run_claimed(app: &App, job: Job) {
    let span = tracing::info_span!("job", job.id = %job.id, job.attempts = job.attempts);
    if let Err(fault) = try_claimed(app, job).instrument(span).await {
        tracing::error!(error = fault.chain(), "a job's failure could not be written down");
    }
}

async fn try_claimed(app: &App, job: Job) -> Result<(), Fault> {
    let outcome = match serde_json::from_str(&job.payload) {
        Ok(work) => match AssertUnwindSafe(run_work(app, &job, work)).catch_unwind().await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::broken_invariant("running a job that panicked")),
        },
        // A newer version queued it, and during a rolling upgrade it will run it as well (OP-05).
        Err(_) => Err(Fault::broken_invariant("reading a job of another version")),
    };
    let Err(fault) = outcome else { return Ok(()) };
    let now = app.clock.now();
    if job.created_at + GIVEN_UP_AFTER <= now {
        tracing::error!(error = fault.chain(), "job failed for two weeks and is given up");
        let done = move |tx: &mut Transaction<'_>| jobs::finish(tx, &job.id);
        return Ok(app.database.write(done).await.map(drop)?);
    }
    tracing::error!(error = fault.chain(), "job failed and will be tried again");
    let run_at = now + (AFTER_FAULT * job.attempts.clamp(1, 1000)).min(LONGEST_AFTER_FAULT);
    // Where even this fails the lease runs out by itself.
    app.database.write(move |tx| -> Result<(), StoreError> { jobs::reschedule(tx, &job, run_at) }).await?;
    Ok(())
}

async fn run_work(app: &App, job: &Job, work: Work) -> Result<(), Fault> {
    match work {
        Work::IssueResetLink { reset_request_id } => {
            identity::reset::issue_link(app, job, reset_request_id).await?
        }
        Work::SendMail { mail_id } => identity::outbox::send(app, job, mail_id).await?,
    }
    Ok(())
}
