//! The course of a run: callers work, the service is disturbed, what waits is worked off, and the checker reads the
//! history.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use stakis_identity::types::random_below;
use tokio::{
    task::{JoinHandle, block_in_place},
    time::sleep,
};

use super::{
    choices::Choices,
    disturbances::{ON_A_FILE, ON_A_SERVER, Trouble},
    feed_reader::FeedReader,
    history::{Act, Call, History, Outcome},
    machine::Machine,
    mixes::{EVERYTHING, Mix},
    owners::{Account, Owner},
    rules::violations,
    site::Site,
};
use crate::support::{Engine, engine_tests, length};

engine_tests![with "cc": op_02_no_history_of_calls_breaks_a_promise,];

pub(super) const OWNERS: usize = 12;
const ACCOUNTS_OF_AN_OWNER: usize = 3;
/// A short round ends after this time, unless the machine is so slow that there are too few calls.
const SHORT_ROUND: Duration = Duration::from_secs(12);
const FEWEST_CALLS: usize = 600;
const LONGEST_SHORT_ROUND: Duration = Duration::from_mins(1);
/// The calls of a long round, for each of the short rounds that it stands for. At the usual ten that makes 200,000.
const CALLS: usize = 20_000;
/// A long round that takes longer fails.
const LONGEST_ROUND: Duration = Duration::from_mins(50);
/// The time between two disturbances, in milliseconds.
const SHORTEST_PEACE: usize = 700;
const LONGEST_PEACE: usize = 4000;
/// How long the instances have to work off what waits, before the waits end.
const BEFORE_HURRY: Duration = Duration::from_secs(4);
pub(super) const LONGEST_DRAIN: Duration = Duration::from_mins(10);
/// How many violations are shown.
const SHOWN: usize = 8;

/// The seed of a run: `STAKIS_TEST_SEED`, or a new one.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub(super) fn seed() -> u64 {
    let given = std::env::var("STAKIS_TEST_SEED").ok();
    given.map_or_else(|| random_below(u64::from(u32::MAX)), |text| text.parse().expect("a whole number"))
}

/// Callers at work.
pub(super) struct AtWork {
    owners: Vec<JoinHandle<Owner>>,
    reader: JoinHandle<FeedReader>,
}

impl AtWork {
    /// Starts the callers. Each owner has as many of the customers as the others.
    pub(super) fn start(site: &Site, seed: u64, owners: usize, mix: Mix) -> Self {
        let mut accounts: Vec<Vec<Account>> = (0..owners).map(|_| Vec::new()).collect();
        for (index, (number, customer)) in site.customers.iter().enumerate() {
            let account = Account::new(number.clone(), customer.account.clone(), customer.first_password.clone());
            accounts[index % owners].push(account);
        }
        let machine: &Arc<Machine> = &site.machine;
        let owner = |(index, accounts)| Owner {
            index,
            callers: machine.callers.clone(),
            machine: machine.clone(),
            mailbox: site.mailbox.clone(),
            choices: Choices::of(seed, index),
            accounts,
            mix,
            passwords: 0,
        };
        let owners = accounts.into_iter().enumerate().map(owner);
        Self {
            owners: owners.map(|owner| tokio::spawn(owner.run())).collect(),
            reader: tokio::spawn(FeedReader::new(machine.clone()).run()),
        }
    }

    /// Lets every caller finish what is under way.
    pub(super) async fn end(self, site: &Site) -> FeedReader {
        site.recorder.end();
        for owner in self.owners {
            owner.await.unwrap();
        }
        self.reader.await.unwrap()
    }
}

/// Lets the instances work off what waits. Returns whether nothing is left.
pub(super) async fn drain(site: &mut Site, most: Duration) -> bool {
    let (started, mut before_hurry) = (Instant::now(), Instant::now());
    while site.waiting() > 0 {
        if started.elapsed() > most {
            return false;
        }
        sleep(Duration::from_millis(400)).await;
        if before_hurry.elapsed() > BEFORE_HURRY.max(started.elapsed() / 4) {
            site.hurry();
            before_hurry = Instant::now();
        }
    }
    true
}

async fn op_02_no_history_of_calls_breaks_a_promise(engine: Engine) {
    let seed = seed();
    let customers = OWNERS * ACCOUNTS_OF_AN_OWNER;
    let (mut site, troubles) = match engine {
        Engine::Postgres => (Site::with_server(customers).await, ON_A_SERVER),
        Engine::Sqlite => (Site::on(engine, customers, &[]).await, ON_A_FILE),
    };
    println!("seed {seed} on {}", engine.as_str());
    let is_long = length() > 1;
    let calls = CALLS * length();
    let started = Instant::now();
    let at_work = AtWork::start(&site, seed, OWNERS, EVERYTHING);
    let recorder = site.recorder.clone();
    let goes_on = || {
        let (elapsed, count) = (started.elapsed(), recorder.count());
        let is_short_of = count < FEWEST_CALLS && elapsed < LONGEST_SHORT_ROUND;
        count < calls && if is_long { elapsed < LONGEST_ROUND } else { elapsed < SHORT_ROUND || is_short_of }
    };
    disturb(&mut site, troubles, &mut Choices::new(seed), goes_on).await;
    let worked = started.elapsed();
    let reader = at_work.end(&site).await;
    assert!(!is_long || site.recorder.count() >= calls, "seed {seed}: {} calls alone", site.recorder.count());
    let is_drained = drain(&mut site, LONGEST_DRAIN).await;
    assert!(is_drained, "seed {seed}: {} wait\n{}", site.waiting(), site.instances.logs());
    reader.read_to_the_end().await;
    let history = block_in_place(|| site.history());
    print(seed, engine, &history, worked);
    let found = violations(&history);
    let shown: Vec<_> = found.iter().take(SHOWN).collect();
    assert!(found.is_empty(), "seed {seed}: {} violations: {shown:#?}\n{}", found.len(), site.instances.logs());
}

/// Makes one trouble after the other.
async fn disturb(
    site: &mut Site,
    troubles: &[(Trouble, usize)],
    choices: &mut Choices,
    goes_on: impl Fn() -> bool,
) {
    // Each kind comes once before chance decides, so that a short round has most of them.
    let mut first: Vec<Trouble> = troubles.iter().map(|(trouble, _)| *trouble).collect();
    while goes_on() {
        let peace = SHORTEST_PEACE + choices.below(LONGEST_PEACE - SHORTEST_PEACE);
        sleep(Duration::from_millis(u64::try_from(if first.is_empty() { peace } else { peace / 4 }).unwrap()))
            .await;
        let trouble = if first.is_empty() {
            choices.weighted(troubles)
        } else {
            first.swap_remove(choices.below(first.len()))
        };
        trouble.make(site, choices).await;
    }
}

/// Prints what the run was, as rows of tables.
fn print(seed: u64, engine: Engine, history: &History, worked: Duration) {
    let mut kinds: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for call in &history.calls {
        let counts = kinds.entry(call.act.name()).or_default();
        counts[match call.outcome() {
            Outcome::Done => 0,
            Outcome::Refused => 1,
            Outcome::Unknown => 2,
        }] += 1;
    }
    let engine = engine.as_str();
    for (kind, [done, refused, unknown]) in &kinds {
        println!("| {engine} | {kind} | {done} done | {refused} refused | {unknown} of unknown outcome |");
    }
    let mut disturbances: BTreeMap<&str, usize> = BTreeMap::new();
    for disturbance in &history.disturbances {
        *disturbances.entry(disturbance.name).or_default() += 1;
    }
    for (name, count) in &disturbances {
        println!("| {engine} | {name} | {count} times |");
    }
    let (calls, seconds) = (history.calls.len(), worked.as_secs().max(1));
    let callers: BTreeSet<usize> = history.calls.iter().map(|call| call.caller).collect();
    let rate = calls / usize::try_from(seconds).unwrap();
    println!("| {engine} | seed {seed} | {calls} calls of {} callers | {rate} a second |", callers.len());
    let (mails, webhooks) = (history.mails.len(), history.webhooks.len());
    println!(
        "| {engine} | {} at once at most | {mails} mails | {webhooks} webhooks |",
        most_at_once(&history.calls)
    );
    // A run whose callers never saw a process die has tested nothing.
    let is_done = |act: fn(&Act) -> bool| history.calls.iter().any(|call| act(&call.act) && call.is_done());
    assert!(is_done(|act| matches!(act, Act::Complete { .. })), "no link was used");
    assert!(is_done(|act| matches!(act, Act::SignOut { .. } | Act::Close { .. })), "nothing was ended");
    assert!(history.calls.iter().any(|call| call.outcome() == Outcome::Unknown), "no answer was lost");
}

/// How many calls there were at the same moment, at most.
fn most_at_once(calls: &[Call]) -> usize {
    let begins = calls.iter().map(|call| (call.began, 1_isize));
    let mut changes: Vec<(u64, isize)> = begins.chain(calls.iter().map(|call| (call.ended, -1))).collect();
    changes.sort_unstable();
    let mut now = 0;
    let most = changes.into_iter().map(|(_, change)| {
        now += change;
        now
    });
    usize::try_from(most.max().unwrap_or(0)).unwrap()
}
