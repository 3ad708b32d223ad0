//! The back door: work that was queued, done one piece after the other, at least once.

mod housekeeping;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures_util::{FutureExt as _, future::join_all};
use tokio::{sync::watch, time};
use tracing::Instrument as _;

pub use housekeeping::keep_house;

use crate::{
    app::App,
    identity::{self, Work},
    store::{
        AnyConnection, StoreError,
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
/// How soon to look again where another lane took the job.
const AFTER_LOST_CLAIM: Duration = Duration::from_millis(10);
/// Jobs done side by side, so that a mail that hangs does not hold up the others.
const LANES: usize = 4;

/// Runs jobs and keeps house until told to stop, and finishes what is under way (OP-03).
pub async fn run(app: Arc<App>, stop: watch::Receiver<bool>) {
    let lanes = join_all((0..LANES).map(|_| lane(&app, stop.clone())));
    tokio::join!(lanes, housekeeping::run(app.clone(), stop.clone()));
}

async fn lane(app: &App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let pause = match run_one_due(app).await {
            Ok(Look::Ran) => continue,
            Ok(Look::NothingDue { pause }) => pause,
            Err(fault) => {
                tracing::error!(error = fault.chain(), "cannot look for jobs");
                POLL_INTERVAL
            }
        };
        tokio::select! {
            () = time::sleep(pause) => {}
            () = app.job_bell.notified() => {}
            _ = stop.changed() => {}
        }
    }
}

/// Runs every job that is due and returns how many there were.
pub async fn run_all_due(app: &App) -> Result<usize, Fault> {
    let mut count = 0;
    while let Look::Ran = run_one_due(app).await? {
        count += 1;
    }
    Ok(count)
}

enum Look {
    Ran,
    NothingDue {
        /// When to look again, unless the bell rings before.
        pause: Duration,
    },
}

/// Claims one job that is due and runs it.
async fn run_one_due(app: &App) -> Result<Look, Fault> {
    let next = app.database.query(jobs::next_due_at).await?;
    let wait = next.map(|due_at| due_at - app.clock.now());
    if wait.is_none_or(|wait| wait > TimeDelta::zero()) {
        let pause = wait.and_then(|wait| wait.to_std().ok()).map_or(POLL_INTERVAL, |wait| wait.min(POLL_INTERVAL));
        return Ok(Look::NothingDue { pause });
    }
    let clock = app.clock.clone();
    let claimed = app
        .database
        .write(move |connection| -> Result<Vec<Job>, StoreError> {
            // Now, and not when the wait for a connection began: the lease has to last for the work.
            let now = clock.now();
            jobs::claim_due(connection, now, now + LEASE, 1)
        })
        .await?;
    let Some(job) = claimed.into_iter().next() else {
        // Another lane was faster.
        return Ok(Look::NothingDue { pause: AFTER_LOST_CLAIM });
    };
    // More may be due than this: another lane can begin while this one works.
    app.job_bell.notify_one();
    let span = tracing::info_span!("job", job.id = %job.id, job.attempts = job.attempts);
    run_claimed(app, job).instrument(span).await?;
    Ok(Look::Ran)
}

async fn run_claimed(app: &App, job: Job) -> Result<(), Fault> {
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
        let done = move |connection: &mut AnyConnection| jobs::finish(connection, &job.id);
        return Ok(app.database.write(done).await.map(drop)?);
    }
    tracing::error!(error = fault.chain(), "job failed and will be tried again");
    let run_at = now + (AFTER_FAULT * job.attempts.clamp(1, 1000)).min(LONGEST_AFTER_FAULT);
    // Where even this fails the lease runs out by itself.
    app.database
        .write(move |connection| -> Result<(), StoreError> { jobs::reschedule(connection, &job, run_at) })
        .await?;
    Ok(())
}

async fn run_work(app: &App, job: &Job, work: Work) -> Result<(), Fault> {
    match work {
        Work::IssueResetLink { reset_request_id } => identity::issue_reset_link(app, job, reset_request_id).await,
        Work::SendMail { mail_id } => identity::send_mail(app, job, mail_id).await,
    }
}
