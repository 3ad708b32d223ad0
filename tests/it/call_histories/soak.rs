//! Minutes at half of the load that three instances can bear. An instance is killed and PostgreSQL restarts meanwhile:
//! nobody else notices, no promise is broken, and the instances do not grow.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use tokio::{task::block_in_place, time::sleep};

use super::{
    choices::Choices,
    course::{AtWork, LONGEST_DRAIN, OWNERS, drain, seed},
    disturbances::Trouble,
    history::{Act, Call, History, Outcome},
    mixes::EVERYTHING,
    rules::violations,
    site::Site,
};
use crate::support::{length, postgres_tests, resident_mib};

postgres_tests![in_long_rounds: op_02_minutes_at_half_load_break_no_promise,];

const ACCOUNTS: usize = 240;
/// How long the callers call as fast as they can, which shows the whole load.
const FULL_LOAD: Duration = Duration::from_secs(30);
/// What each of the rounds stands for that `STAKIS_TEST_LENGTH` counts: ten minutes at the usual ten.
const ROUND: Duration = Duration::from_mins(1);
/// The parts of the time after which each trouble comes.
const TROUBLES: [(Trouble, f64); 2] = [(Trouble::Kill, 0.3), (Trouble::Restart, 0.6)];
/// The part of half of the load that the instances bear at least.
const LEAST_BORNE: f64 = 0.95;
/// What an instance may grow by, in MiB.
const MOST_GROWTH: f64 = 8.0;

async fn op_02_minutes_at_half_load_break_no_promise(_: crate::support::Engine) {
    let seed = seed();
    let mut site = Site::with_server(ACCOUNTS).await;
    let at_work = AtWork::start(&site, seed, OWNERS, EVERYTHING);
    sleep(FULL_LOAD).await;
    let full = rate(site.recorder.count(), FULL_LOAD);
    site.machine.callers.pace.set(Duration::from_secs_f64(2.0 / full));
    // The first round lets the instances come to rest, so that what they hold then is the measure.
    sleep(ROUND).await;
    let before = resident(&site);
    let (from, count, started) = (site.recorder.now(), site.recorder.count(), Instant::now());
    let time = ROUND * u32::try_from(length()).unwrap();
    let mut choices = Choices::new(seed);
    for (trouble, part) in TROUBLES {
        sleep(time.mul_f64(part).saturating_sub(started.elapsed())).await;
        trouble.make(&mut site, &mut choices).await;
    }
    sleep(time.saturating_sub(started.elapsed())).await;
    let borne = rate(site.recorder.count() - count, started.elapsed()) / (full / 2.0);
    let after = resident(&site);
    let reader = at_work.end(&site).await;
    assert!(drain(&mut site, LONGEST_DRAIN).await, "seed {seed}: {} wait", site.waiting());
    reader.read_to_the_end().await;
    let history = block_in_place(|| site.history());
    let calls: Vec<&Call> = history.calls.iter().filter(|call| call.began >= from).collect();
    println!("| seed {seed} | {full:.0} calls a second at full load | {} calls at half load |", calls.len());
    print_answers(&history, &calls);
    // The process that was killed is another one now.
    let growth = before.iter().filter_map(|(process, before)| Some(after.get(process)? - before));
    let growth: Vec<f64> = growth.collect();
    println!("| grown by | {growth:.1?} MiB | of {:.1?} MiB |", before.values().collect::<Vec<_>>());
    let found = violations(&history);
    assert!(found.is_empty(), "seed {seed}: {found:#?}\n{}", site.instances.logs());
    let failed: Vec<&&Call> = calls.iter().filter(|call| is_failure(&history, call)).collect();
    assert!(failed.is_empty(), "seed {seed}: {failed:#?}\n{}", site.instances.logs());
    assert!(borne >= LEAST_BORNE, "{borne:.2} of half of the load");
    assert_eq!(growth.len(), before.len() - 1);
    assert!(growth.iter().all(|growth| *growth <= MOST_GROWTH), "{growth:.1?} MiB");
}

/// How many there were a second.
fn rate(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / time.as_secs_f64()
}

/// Whether a call without success is the fault of the service alone.
fn is_failure(history: &History, call: &Call) -> bool {
    call.outcome() == Outcome::Unknown && !history.is_disturbed(call.began, call.ended)
}

/// The resident memory of each process, in MiB.
fn resident(site: &Site) -> BTreeMap<u32, f64> {
    let running = site.instances.all.iter().filter_map(|instance| instance.running.as_ref());
    running.map(|running| (running.child.id(), resident_mib(running.child.id()))).collect()
}

/// Prints how many calls had which outcome, and how long they took.
fn print_answers(history: &History, calls: &[&Call]) {
    let of = |outcome| calls.iter().filter(|call| call.outcome() == outcome).count();
    let failed = calls.iter().filter(|call| is_failure(history, call)).count();
    println!(
        "| {} done | {} refused | {} unknown, {failed} of them without a disturbance |",
        of(Outcome::Done),
        of(Outcome::Refused),
        of(Outcome::Unknown)
    );
    let is_hashed = |call: &Call| matches!(call.act, Act::SignIn { .. } | Act::Complete { .. });
    for (name, hashed) in [("without a hash", false), ("with a hash", true)] {
        let ours =
            calls.iter().filter(|call| is_hashed(call) == hashed && !history.is_disturbed(call.began, call.ended));
        let mut times: Vec<Duration> = ours.map(|call| Duration::from_micros(call.ended - call.began)).collect();
        times.sort_unstable();
        let [median, most] = [50, 99].map(|percent| times[times.len() * percent / 100]);
        println!(
            "| {name} | {} calls | {median:.1?} at the median | {most:.1?} at the 99th percentile |",
            times.len()
        );
    }
}
