//! The start on a large database, and the memory of the service.

use std::{thread, time::Duration};

use super::{bars, figure::Figure};
use crate::{
    median,
    process::resident_mib,
    service::{DEFAULT_COST, Service},
};

const STARTS: usize = 5;
/// The time after which the service has done what it does at its start.
const SETTLED: Duration = Duration::from_secs(2);

/// Starts the service again several times.
pub(super) async fn starts(service: &mut Service) -> [Figure; 2] {
    let mut seconds = Vec::new();
    for _ in 0..STARTS {
        seconds.push(service.restart().await.as_secs_f64());
    }
    tokio::time::sleep(SETTLED).await;
    [
        Figure::new("start to ready on the large database", median(&mut seconds), "s")
            .at_most(bars::MOST_SECONDS_TO_READY),
        Figure::new("memory when idle", resident_mib(service.pid), "MiB").at_most(bars::MOST_IDLE_MIB),
    ]
}

/// The memory of a service that has computed as many hashes at a time as there are cores.
pub(super) fn memory_after(service: &Service) -> Figure {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let hashes = cores as f64 * f64::from(DEFAULT_COST.memory_kib) / 1024.0;
    Figure::new("memory after all of it without that of hashes", resident_mib(service.pid) - hashes, "MiB")
        .at_most(bars::MOST_MIB_BESIDE_HASHES)
}
