//! Processes that are killed or told to stop while they work.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    catalogue::{PROCESSES_KILLED, STOPS},
    round::{is_long, run},
    site::Site,
};
use crate::support::{Engine, engine_tests};

engine_tests![op_02_fault_processes_killed, op_03_fault_sigterm_under_load];

/// Two instances and a worker share a database. SQLite is for one instance.
async fn site_on(engine: Engine) -> Site {
    match engine {
        Engine::Sqlite => Site::on(engine, 1, 0).await,
        Engine::Postgres => Site::on(engine, 2, 1).await,
    }
}

/// The time between two of them.
fn pause() -> Duration {
    Duration::from_millis(if is_long() { 3000 } else { 600 })
}

async fn op_02_fault_processes_killed(engine: Engine) {
    run(site_on(engine).await, &PROCESSES_KILLED, async |site| {
        for _ in 0..if is_long() { 3 } else { 1 } {
            for index in 0..site.instances.all.len() {
                site.instances.kill(index);
                sleep(pause() / 3).await;
                site.instances.start(index);
                sleep(pause()).await;
            }
        }
    })
    .await;
}

async fn op_03_fault_sigterm_under_load(engine: Engine) {
    run(site_on(engine).await, &STOPS, async |site| {
        for index in 0..site.instances.all.len() {
            site.instances.running(index).signal("TERM");
            let (well, log) = site.instances.end_of(index).await;
            assert!(well, "{log}");
            site.instances.start(index);
            sleep(pause()).await;
        }
    })
    .await;
}
