//! One round: callers at work, a fault that begins and ends, and what is left of it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use tokio::{task::block_in_place, time::sleep};

use super::{
    check::{Kept, check},
    load::{Call, Kind, Load, Running, Seen},
    site::{Site, Storage},
};
use crate::support::{JobRow, execute, length};

/// A fault, and what an operator does about it.
pub(super) struct Fault {
    pub(super) name: &'static str,
    /// What callers may see besides success. Everything else fails the test.
    pub(super) may_be_seen: &'static [Seen],
    pub(super) what_to_do: &'static str,
}

/// The time that the callers have before the fault.
const BEFORE: Duration = Duration::from_secs(1);
/// No caller may fail for this long before the service counts as recovered.
const STEADY: Duration = Duration::from_millis(1500);
/// How many calls of each kind have to succeed within that time.
const STEADY_CALLS: usize = 2;
const LONGEST_RECOVERY: Duration = Duration::from_secs(90);
/// The longest time for the mails that were asked for.
const LONGEST_DRAIN: Duration = Duration::from_mins(5);
/// In a short round the test ends the waits of jobs after this time.
const SHORT_DRAIN: Duration = Duration::from_secs(2);

/// Whether the round is a long one of `tests/proof`.
pub(super) fn is_long() -> bool {
    length() > 1
}

/// How long a fault lasts.
pub(super) fn hold() -> Duration {
    if is_long() { Duration::from_secs(8) } else { Duration::from_millis(1500) }
}

/// Lets callers work, makes the fault, waits until the service has recovered by itself, checks that nothing was lost or doubled,
/// and prints the row of the table. `act` makes the fault and ends it.
pub(super) async fn run(mut site: Site, fault: &Fault, act: impl AsyncFnOnce(&mut Site)) {
    let running = Running::start(site.instances.urls(), site.received.clone());
    sleep(BEFORE).await;
    act(&mut site).await;
    let ended = Instant::now();
    recover(&site, &running.load, ended).await;
    let load = running.end().await;
    let drain = drain(&site).await;
    let calls = load.all();
    let row = Row { fault, site: &site, calls: &calls, ended };
    row.refuse_what_may_not_be_seen();
    let kept = check(&site, &load).await;
    println!("{}", row.text(&kept, drain, last_mail(&site, &load, ended)));
}

/// Waits until every kind of call succeeds, and none has failed for a while.
async fn recover(site: &Site, load: &Load, ended: Instant) {
    loop {
        sleep(Duration::from_millis(100)).await;
        let calls = load.all();
        let last_failure = calls.iter().filter(|call| !call.is_good()).map(|call| call.ended).max();
        let since = last_failure.map_or(ended, |failure| failure.max(ended));
        let succeeds = |kind: Kind| {
            calls.iter().filter(|call| call.kind == kind && call.is_good() && call.began >= since).count()
                >= STEADY_CALLS
        };
        if since.elapsed() >= STEADY && Kind::ALL.into_iter().all(succeeds) {
            return;
        }
        let last: Vec<&Call> = calls.iter().rev().take(8).collect();
        assert!(ended.elapsed() < LONGEST_RECOVERY, "it does not recover: {last:?}\n{}", site.instances.logs());
    }
}

/// How the waiting jobs came to their end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drain {
    ByItself,
    Hurried,
}

/// Waits until no job is left.
async fn drain(site: &Site) -> Drain {
    let started = Instant::now();
    let mut drain = Drain::ByItself;
    loop {
        let jobs = block_in_place(|| JobRow::all(&site.url));
        if jobs.is_empty() {
            return drain;
        }
        assert!(
            started.elapsed() < LONGEST_DRAIN,
            "{} jobs are left: {:?}\n{}",
            jobs.len(),
            jobs[0],
            site.instances.logs()
        );
        if !is_long() && started.elapsed() > SHORT_DRAIN {
            drain = Drain::Hurried;
            // The statement ends all waits and leases, as time would.
            execute(&site.url, "UPDATE jobs SET run_at = created_at, lease_until = NULL").unwrap();
            sleep(SHORT_DRAIN).await;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// How long after the fault the last mail left that was asked for before its end.
fn last_mail(site: &Site, load: &Load, ended: Instant) -> Duration {
    let accepted = load.accepted.lock().unwrap();
    let mut first_of = BTreeMap::new();
    for mail in site.received.reset_mails() {
        first_of.entry(mail.number).or_insert(mail.at);
    }
    let asked_before = accepted.iter().filter(|(_, at)| **at <= ended);
    let left = asked_before.filter_map(|(number, _)| first_of.get(number));
    left.max().map_or(Duration::ZERO, |at| at.saturating_duration_since(ended))
}

struct Row<'a> {
    fault: &'a Fault,
    site: &'a Site,
    calls: &'a [Call],
    ended: Instant,
}

impl Row<'_> {
    fn failures(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(|call| !call.is_good())
    }

    fn refuse_what_may_not_be_seen(&self) {
        let wrong: Vec<&Call> =
            self.failures().filter(|call| !self.fault.may_be_seen.contains(&call.seen)).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}\n{}", self.fault.name, self.site.instances.logs());
    }

    fn text(&self, kept: &Kept, drain: Drain, last_mail: Duration) -> String {
        let engine = match &self.site.storage {
            Storage::Shared(database) if database.url_text.starts_with("sqlite:") => "SQLite",
            _ => "PostgreSQL",
        };
        let mut counts: BTreeMap<&Seen, usize> = BTreeMap::new();
        for call in self.failures() {
            *counts.entry(&call.seen).or_default() += 1;
        }
        let words = counts.iter().map(|(seen, count)| match seen {
            Seen::Status(status) => format!("{status} ({count} of {})", self.calls.len()),
            Seen::NoAnswer => format!("no answer ({count} of {})", self.calls.len()),
        });
        let words =
            if counts.is_empty() { "success alone".to_owned() } else { words.collect::<Vec<_>>().join(", ") };
        let longest = self.calls.iter().map(|call| call.ended - call.began).max().unwrap_or_default();
        let last_failure = self.failures().map(|call| call.ended).max().unwrap_or(self.ended);
        let recovered = last_failure.saturating_duration_since(self.ended);
        let mails = if drain == Drain::ByItself { seconds(last_mail) } else { "not measured".to_owned() };
        format!(
            "| {} | {engine} | {words} | {} | {} | {mails} | {kept} | {} |",
            self.fault.name,
            seconds(longest),
            seconds(recovered),
            self.fault.what_to_do,
        )
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
