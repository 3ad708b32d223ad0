//! Jobs that a test leaves behind fail it.

use std::{
    cell::RefCell,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::dev::ServerHandle;

use super::{JobRow, TestDatabase};

tokio::task_local! {
    static STARTED: RefCell<Vec<Arc<Started>>>;
}

/// The parts of an app that are checked when its test has ended. The database lives until then.
pub(crate) struct Started {
    pub(crate) database: Arc<TestDatabase>,
    pub(crate) server: ServerHandle,
    pub(crate) may_leave_jobs: AtomicBool,
}

/// Registers an app for the check at the end of the running test.
pub(crate) fn watch(database: Arc<TestDatabase>, server: ServerHandle) -> Arc<Started> {
    let started = Arc::new(Started { database, server, may_leave_jobs: AtomicBool::new(false) });
    STARTED
        .try_with(|all| all.borrow_mut().push(started.clone()))
        .expect("a test starts its apps in its own task: apps of other tasks are not checked");
    started
}

/// The parts of an app that its test stops by itself, and whose jobs are not checked.
pub(crate) fn unwatched(database: Arc<TestDatabase>, server: ServerHandle) -> Arc<Started> {
    Arc::new(Started { database, server, may_leave_jobs: AtomicBool::new(true) })
}

/// Runs the body of a test, then checks its apps. A body that panics fails with its own message.
pub(crate) async fn checked(body: impl Future<Output = ()>) {
    let with_check = async {
        body.await;
        for started in STARTED.with(RefCell::take) {
            started.server.stop(false).await;
            if !started.may_leave_jobs.load(Ordering::Relaxed) {
                let jobs = JobRow::all(&started.database.url);
                assert!(jobs.is_empty(), "jobs are left (a test that wants them calls may_leave_jobs): {jobs:?}");
            }
        }
    };
    STARTED.scope(RefCell::default(), with_check).await;
}
