//! The processor, the memory and the files of this process, as Linux tells them. The names are those of Prometheus'
//! [client libraries](https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
//!
//! The feature of the crate `prometheus` for this brings two more crates and a start time of its own, for four short files
//! of `/proc`.

use std::fs;

use prometheus::{Counter, Gauge};
use rustix::process::{Resource, getrlimit};

use super::definition::Definitions;

/// The units in which `/proc` tells processor time, in a second: `USER_HZ` of proc(5), which is 100 on every machine that this
/// program is built for.
const TICKS_PER_SECOND: f64 = 100.0;
/// The places of the time in user and in kernel mode in `/proc/self/stat`, counted after the name of the program.
const USER_AND_KERNEL_TICKS: [usize; 2] = [11, 12];

/// What is left out where the system does not tell it.
pub(super) fn read(definitions: &Definitions<'_>) -> Result<(), prometheus::Error> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let limit = getrlimit(Resource::Nofile).current.map(whole);
    // The iterator has a file of its own open, which is not one of the process.
    let files = fs::read_dir("/proc/self/fd").ok().map(|files| whole(count(files).saturating_sub(1)));
    if let Some(seconds) = fs::read_to_string("/proc/self/stat").ok().and_then(|text| processor_seconds(&text)) {
        let help = "Processor time of this process, in user and in kernel mode.";
        let counter = Counter::new("process_cpu_seconds_total", help)?;
        counter.inc_by(seconds);
        definitions.0.register(Box::new(counter))?;
    }
    for (name, help, value) in [
        (
            "process_resident_memory_bytes",
            "Memory of this process that is in use, in bytes.",
            field(&status, "VmRSS:").map(|kibibytes| kibibytes * 1024.0),
        ),
        ("process_threads", "Threads of this process.", field(&status, "Threads:")),
        ("process_open_fds", "Files and connections that this process has open.", files),
        ("process_max_fds", "How many files and connections this process may have open.", limit),
    ] {
        if let Some(value) = value {
            let gauge = Gauge::new(name, help)?;
            gauge.set(value);
            definitions.0.register(Box::new(gauge))?;
        }
    }
    Ok(())
}

fn count(files: fs::ReadDir) -> u64 {
    u64::try_from(files.count()).unwrap_or(u64::MAX)
}

/// The number as Prometheus keeps it. Beyond 2^32 it is cut.
fn whole(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The processor time in a text of `/proc/self/stat`, in seconds. The name of the program stands in parentheses and may hold
/// spaces and parentheses itself.
fn processor_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let ticks: Option<Vec<f64>> =
        USER_AND_KERNEL_TICKS.into_iter().map(|place| fields.get(place)?.parse().ok()).collect();
    Some(ticks?.into_iter().sum::<f64>() / TICKS_PER_SECOND)
}

/// The number behind a name in a text of `/proc/self/status`.
fn field(status: &str, name: &str) -> Option<f64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn op_01_the_files_of_linux_are_read() {
        let stat = "71 (a) b (c) S 1 71 71 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 1";
        assert_eq!(processor_seconds(stat), Some(3.0));
        assert_eq!(processor_seconds("71 (a) S 1"), None);
        let status = "Name:\tstakis\nVmRSS:\t   20480 kB\nThreads:\t9\n";
        assert_eq!((field(status, "VmRSS:"), field(status, "Threads:")), (Some(20480.0), Some(9.0)));
        assert_eq!(field(status, "VmSwap:"), None);
    }
}
