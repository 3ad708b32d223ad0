//! The run of one claimed job, and what becomes of its failure.

use std::{panic::AssertUnwindSafe, time::Duration};

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use tokio::time;

use super::traced::TracedJob;
use crate::{
    app::App,
    identity::{self, JobOutcome, Work},
    store::{
        StoreError, Transaction,
        jobs::{self, Job},
    },
    types::{Fault, FaultKind, RequestContext, UtcTime},
};

/// How long a job waits after an internal failure, for each time that it was tried.
const AFTER_FAULT: TimeDelta = TimeDelta::seconds(10);
/// The longest that a job waits after an internal failure.
const LONGEST_AFTER_FAULT: TimeDelta = TimeDelta::hours(1);
/// The age at which a failing job is given up. It is a day more than the longest wait for a mail API, which a reminder
/// has.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(14);
/// The pauses between the tries to release a failed job while the database fails. They outlast a restart of the database,
/// and end before a process that stops is given up.
const RELEASED_AGAIN_AFTER: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(5)];

/// Runs one job. Its failure is recorded and concerns no other job.
pub(super) async fn run_claimed(app: &App, job: Job) {
    // A newer version has queued a job that cannot be read. During a rolling upgrade that version runs it (OP-05).
    let work: Option<Work> = serde_json::from_str(&job.payload).ok();
    let mut traced = TracedJob::begin(app, &job, work.as_ref());
    let outcome = match work.clone() {
        Some(work) => traced.run(run_work(app, &traced.context(), &job, work)).await,
        None => Err(Fault::broken_invariant("reading a job of another version")),
    };
    traced.end(&outcome);
    let Err(fault) = outcome else { return };
    if let Err(fault) = traced.run(reschedule_or_give_up(app, &traced.context(), job, work, &fault)).await {
        traced.log(|| tracing::error!(error = fault.chain(), "the failure of a job could not be recorded"));
    }
}

async fn reschedule_or_give_up(
    app: &App,
    context: &RequestContext,
    job: Job,
    work: Option<Work>,
    fault: &Fault,
) -> Result<(), Fault> {
    let now = app.clock.now();
    if job.created_at + GIVEN_UP_AFTER <= now {
        tracing::error!(error = fault.chain(), "job failed for two weeks and is given up");
        return give_up(app, context, job, work).await;
    }
    tracing::error!(error = fault.chain(), "job failed and will be tried again");
    let run_at = now + (AFTER_FAULT * job.attempts.clamp(1, 1000)).min(LONGEST_AFTER_FAULT);
    release(app, job, run_at).await
}

/// Ends a job, and the mail that it was to hand over. A reset request needs no end: one that nobody has served within a
/// day is told as such by the job's next run, which reads nothing else.
async fn give_up(app: &App, context: &RequestContext, job: Job, work: Option<Work>) -> Result<(), Fault> {
    if let Some(Work::SendMail { mail_id }) = work
        && let Err(error) = identity::outbox::give_up(app, context, &job, mail_id).await
    {
        let fault = Fault::from(error);
        if fault.kind() == FaultKind::Unavailable {
            return Err(fault);
        }
        tracing::error!(error = fault.chain(), "a mail whose job is given up could not be ended");
    }
    let done = move |tx: &mut Transaction<'_>| jobs::finish(tx, &job.id);
    Ok(app.database.write(done).await.map(drop)?)
}

/// Releases a job for a later attempt, if need be in several tries: otherwise it waits until its lease runs out.
async fn release(app: &App, job: Job, run_at: UtcTime) -> Result<(), Fault> {
    let mut pauses = RELEASED_AGAIN_AFTER.into_iter();
    loop {
        let failed = job.clone();
        let release =
            move |tx: &mut Transaction<'_>| -> Result<(), StoreError> { jobs::reschedule(tx, &failed, run_at) };
        let Err(error) = app.database.write(release).await else { return Ok(()) };
        let Some(pause) = pauses.next() else { return Err(error.into()) };
        time::sleep(pause).await;
        app.metrics.database.retried();
    }
}

async fn run_work(app: &App, context: &RequestContext, job: &Job, work: Work) -> Result<JobOutcome, Fault> {
    AssertUnwindSafe(async {
        match work {
            Work::IssueResetLink { reset_request_id } => {
                Ok(identity::reset::issue_link(app, context, job, reset_request_id).await?)
            }
            Work::SendMail { mail_id } => Ok(identity::outbox::send(app, context, job, mail_id).await?),
        }
    })
    .catch_unwind()
    .await
    .unwrap_or_else(|_| Err(Fault::broken_invariant("running a job that panicked")))
}
