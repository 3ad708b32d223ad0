//! A full disk under SQLite.

use std::process::Command;

use tokio::time::sleep;

use super::{
    catalogue::DISK_FULL,
    round::{hold, run},
    site::Site,
};
use crate::support::{Engine, test};

test!(op_02_fault_disk_full, [], crate::support::Body::Async(|| Box::pin(op_02_fault_disk_full())));

/// A limit forbids the process to let a file grow, as a full disk does, and is lifted again.
async fn op_02_fault_disk_full() {
    run(Site::on(Engine::Sqlite, 1, 0).await, &DISK_FULL, async |site| {
        let process = site.instances.running(0).child.id().to_string();
        let limit = |bytes: &str| {
            let set = Command::new("prlimit").args(["--pid", &process, &format!("--fsize={bytes}:")]).status();
            assert!(set.unwrap().success());
        };
        limit("65536");
        sleep(hold()).await;
        limit("unlimited");
    })
    .await;
}
