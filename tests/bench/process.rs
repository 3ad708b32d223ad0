//! The resources that processes use, as Linux reports them.

use std::{fs, time::Duration};

/// The kernel counts processor time in hundredths of a second for every program (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// The fields of `/proc/PID/stat` after the command's name. The name may hold any character.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

fn ticks(fields: &[String], which: &[usize]) -> Duration {
    which.iter().map(|index| TICK * fields[*index].parse::<u32>().unwrap()).sum()
}

/// The processor time of one process with all its threads.
pub(super) fn cpu_time(pid: u32) -> Duration {
    stat(pid).map_or(Duration::ZERO, |fields| ticks(&fields, &[11, 12]))
}

/// The processor time of the threads of a process that have this name.
pub(super) fn cpu_time_of_threads(pid: u32, name: &str) -> Duration {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Duration::ZERO };
    threads
        .filter_map(|thread| {
            let folder = thread.ok()?.path();
            let is_named = fs::read_to_string(folder.join("comm")).ok()?.trim_end() == name;
            let text = fs::read_to_string(folder.join("stat")).ok()?;
            let fields: Vec<String> = text.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect();
            is_named.then(|| ticks(&fields, &[11, 12]))
        })
        .sum()
}

/// The processor time of a process and of all its children, past and present.
pub(super) fn cpu_time_of_family(parent: u32) -> Duration {
    let Some(own) = stat(parent) else { return Duration::ZERO };
    let mut sum = ticks(&own, &[11, 12, 13, 14]);
    for entry in fs::read_dir("/proc").unwrap() {
        let Ok(pid) = entry.unwrap().file_name().to_string_lossy().parse::<u32>() else { continue };
        if let Some(fields) = stat(pid).filter(|fields| fields[1] == parent.to_string()) {
            sum += ticks(&fields, &[11, 12]);
        }
    }
    sum
}

/// The id of the parent of a process.
pub(super) fn parent_of(pid: u32) -> u32 {
    stat(pid).expect("the process lives")[1].parse().unwrap()
}

/// The greatest memory that a process has held, in MiB (`VmHWM`).
pub(super) fn peak_resident_mib(pid: u32) -> f64 {
    status_mib(pid, "VmHWM:")
}

/// The memory that a process holds, in MiB (`VmRSS`).
pub(super) fn resident_mib(pid: u32) -> f64 {
    status_mib(pid, "VmRSS:")
}

fn status_mib(pid: u32, field: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

/// The seconds that the processors of the machine have worked and been idle, together over all of them.
pub(super) fn machine_seconds() -> [f64; 2] {
    let text = fs::read_to_string("/proc/stat").unwrap();
    let fields: Vec<f64> = text
        .lines()
        .next()
        .unwrap()
        .split_whitespace()
        // The last two fields, of guests, are in the first ones as well.
        .skip(1)
        .take(8)
        .map(|field| field.parse::<f64>().unwrap() * TICK.as_secs_f64())
        .collect();
    let idle = fields[3] + fields[4];
    [fields.iter().sum::<f64>() - idle, idle]
}

/// The name of the processor, as the kernel tells it.
pub(super) fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    name.map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned())
}
