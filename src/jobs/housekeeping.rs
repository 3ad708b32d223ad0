//! Periodic upkeep, once a minute on every instance.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use tokio::{sync::watch, time};

use super::batch::Batch;
use crate::{
    app::App,
    identity::{self, IdentityError, PeriodicTask, Progress},
};

/// The time between two rounds. Nothing depends on its exact length.
const INTERVAL: Duration = Duration::from_mins(1);
/// The time before the next round where one had more to do than it had time.
const SHORT_INTERVAL: Duration = Duration::from_secs(1);
/// How long a pause after a batch is, in times of the batch.
const PAUSE: u32 = 3;
/// How long the tasks of one round go on. What is left is done in the next round, after keys, clock and counts.
const LONGEST_ROUND: Duration = Duration::from_secs(45);

/// Runs the upkeep until told to stop. Every instance runs it; each batch is one transaction, which sees the work of the
/// other instances and passes over what they have locked.
pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = async {
                let pause = match keep_house(&app).await {
                    Progress::Over => INTERVAL,
                    Progress::GoesOn => SHORT_INTERVAL,
                };
                time::sleep(pause).await;
            } => {}
            // A batch that is given up has been committed, or leaves nothing behind.
            _ = stop.changed() => {}
        }
    }
}

/// Renews until told to stop what this process keeps of the database in memory, and does none of the upkeep of the tables.
pub(super) async fn keep_own_state(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            () = async {
                renew_own_state(&app).await;
                time::sleep(INTERVAL).await;
            } => {}
            _ = stop.changed() => {}
        }
    }
}

async fn renew_own_state(app: &App) {
    identity::signing_keys::reload(app).await;
    run_one(app, "clock", identity::upkeep::follow_server_clock(app)).await;
    run_one(app, "password_costs", identity::passwords::count_costs(app)).await;
    run_one(app, "mailbox_providers", identity::outbox::know_mailbox_providers(app)).await;
}

/// Runs every task until there is nothing left to do, or the time of a round is over. A task that fails is tried again in
/// the next round and delays no other.
pub async fn keep_house(app: &App) -> Progress {
    renew_own_state(app).await;
    run_one(app, "signing_keys", identity::signing_keys::forget_retired(app)).await;
    let wrapping = Batch::begin(app, "fast_hashes");
    let are_hashes_left = wrapping.end(identity::passwords::wrap_fast_hashes(app).await) == Some(Progress::GoesOn);
    let tasks = [&identity::sessions::ENDING_EXPIRED, &identity::webhooks::RESEALING]
        .into_iter()
        .chain(identity::passwords::REMINDING)
        .chain(identity::upkeep::FORGETTING);
    match run_in_turn(app, tasks.collect()).await {
        Progress::Over if are_hashes_left => Progress::GoesOn,
        progress => progress,
    }
}

/// Runs one batch of each task in turn, so that one with much to do delays no other. After each batch the requests have
/// [`PAUSE`] times as much time as it took.
async fn run_in_turn(app: &App, mut tasks: VecDeque<&PeriodicTask>) -> Progress {
    let round = Instant::now();
    while let Some(task) = tasks.pop_front() {
        if round.elapsed() > LONGEST_ROUND {
            tracing::info!(task = task.name, others = tasks.len(), "upkeep goes on in the next round");
            return Progress::GoesOn;
        }
        let began = Instant::now();
        let batch = Batch::begin(app, task.name);
        if batch.end(task.run_batch(app).await) == Some(Progress::GoesOn) {
            // Some tasks queue mails.
            app.job_queued.notify_one();
            tasks.push_back(task);
            time::sleep(PAUSE * began.elapsed()).await;
        }
    }
    app.job_queued.notify_one();
    Progress::Over
}

async fn run_one(app: &App, task: &'static str, work: impl Future<Output = Result<(), IdentityError>>) {
    let batch = Batch::begin(app, task);
    batch.end(work.await.map(|()| Progress::Over));
}
