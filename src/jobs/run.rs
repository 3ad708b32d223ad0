//! The background of a process: all of it, or what a process that answers requests alone cannot do without.

use tokio::sync::watch::Receiver;

use super::{housekeeping, publish, queue, seal, watch, webhooks};
use crate::{app::App, store::in_background};

/// How much of the background work a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// All of it.
    Everything,
    /// What the process needs for its own answers: the present signing keys, the clock of the database, the counts of
    /// password costs, and what other instances see of an attack. Another process runs the jobs and the upkeep.
    OwnState,
}

/// Does the background work until told to stop, and finishes the jobs and the attempts at webhooks that run
/// (OP-03).
pub async fn run(app: App, background: Background, stop: Receiver<bool>) {
    in_background(async {
        match background {
            Background::Everything => Box::pin(run_everything(&app, &stop)).await,
            Background::OwnState => run_own_state(&app, &stop).await,
        }
    })
    .await;
}

async fn run_own_state(app: &App, stop: &Receiver<bool>) {
    tokio::join!(housekeeping::keep_own_state(app.clone(), stop.clone()), watch::run(app.clone(), stop.clone()));
}

async fn run_everything(app: &App, stop: &Receiver<bool>) {
    tokio::join!(
        queue::run(app, stop.clone()),
        housekeeping::run(app.clone(), stop.clone()),
        watch::run(app.clone(), stop.clone()),
        publish::run(app.clone(), stop.clone()),
        webhooks::run(app.clone(), stop.clone()),
        seal::run(app.clone(), stop.clone()),
    );
}
