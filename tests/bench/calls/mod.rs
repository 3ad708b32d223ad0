//! The rates and times of every operation, on a small database and on a large one, and what a service costs beside
//! them: processor time for each reset mail, the start, the memory.
//!
//! Every limit is on. Those that count the calls of one caller have high values, since a few callers stand for many
//! here; the limit over all reset requests is off, since it would ask for a proof of work.

mod bars;
mod connection;
mod customers;
mod figure;
mod history;
mod lifecycle;
mod load;
mod machines;
mod names;
mod operation;
mod record;
mod reset_cost;
mod rounds;
mod side;
mod statements;

use std::{iter, time::Duration};

use figure::Figure;
use history::Size;
use operation::Operation;
use record::Record;
use rounds::Measured;
use side::{SPARE_PLACE, Side};

use crate::{
    filling::{Customer, cost_of},
    median,
    service::{DEFAULT_COST, Engine, Service},
};

/// The customers of the large database by default, and the fewest: each known reset request takes another one.
pub(super) const CUSTOMERS: u32 = if IS_TRIAL { 10_000 } else { 100_000 };
/// The most customers of the large database.
pub(super) const MOST_CUSTOMERS: u32 = 1_000_000;
const SMALL: u32 = 1000;
/// A build without optimization measures a small part, for a look at the benchmark itself. Its figures say nothing.
const IS_TRIAL: bool = cfg!(debug_assertions);

const ROUNDS: usize = 3;
/// The warm-up and the counted time of an operation in each round, on the database whose figure has the bar.
const LONG: [Duration; 2] = if IS_TRIAL { SHORT } else { [Duration::from_secs(1), Duration::from_secs(4)] };
/// The same on the other database, and on both for what has no bar but their ratio.
const SHORT: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(if IS_TRIAL { 300 } else { 1500 })];

const HIGH: &str = "1000000/1s";
const SETTINGS: [(&str, &str); 8] = [
    ("STAKIS_TRUSTED_PROXIES", "127.0.0.1/32"),
    ("STAKIS_OPS_LISTEN", "off"),
    ("STAKIS_LIMIT_RESET_SURGE", "off"),
    ("STAKIS_LIMIT_CLIENT", HIGH),
    ("STAKIS_LIMIT_CLIENT_TOKENS", HIGH),
    ("STAKIS_LIMIT_SUPPORT_DIAGNOSIS", HIGH),
    // The sessions and tokens of the beginning serve to the end.
    ("STAKIS_ACCESS_TOKEN_TTL_SECONDS", "900"),
    // The mails of the reset requests would share the processors with what is measured; `reset_cost` measures them.
    ("STAKIS_JOB_JITTER_MS", "60000"),
];

/// Measures one engine with a large database for this number of customers.
pub(super) async fn run(engine: &Engine, customers: u32) -> bool {
    assert!(
        (CUSTOMERS..=MOST_CUSTOMERS).contains(&customers),
        "the number is one of customers, from {CUSTOMERS} to {MOST_CUSTOMERS}"
    );
    let size = Size::of(customers);
    println!("\n{}, {} accounts with {} requests", engine.name(), size.accounts, size.rows);
    let mut figures = reset_cost::measure(engine).await;
    let hash = DEFAULT_COST.hash().await;
    let small = filled(engine, &hash, SMALL, history::tidy(engine)).await;
    let mut large = filled(engine, &hash, size.accounts, history::past(engine, size)).await;
    figures.extend(lifecycle::starts(&mut large).await);
    let mut small = Side::new(small, SMALL).await;
    let mut large = Side::new(large, size.accounts).await;
    // Known numbers are those of the large database: the small one has too few.
    let known = customers::reset_known(SPARE_PLACE, size.accounts);
    let pairs: Vec<_> = iter::zip(small.operations.split_off(0), large.operations.split_off(0)).collect();
    for (of_small, of_large) in &pairs {
        figures.extend(compare(engine, &mut small, &mut large, of_small, of_large).await);
        if of_small.name == names::RESET_UNKNOWN {
            figures.extend(compare_numbers(engine, &mut large, &known, of_large).await);
        }
    }
    figures.push(lifecycle::memory_after(&large.service));
    let record = Record::new(engine, size, figures);
    record.publish();
    record.is_kept()
}

/// Starts a service on a database with this number of customers, after further statements.
async fn filled(engine: &Engine, hash: &str, accounts: u32, further: Vec<String>) -> Service {
    let cost = cost_of(hash).unwrap();
    let first = Customer {
        number: customers::number(1),
        password_hash: Some(hash.to_owned()),
        closed: false,
        lasting_cost: None,
    };
    let mut statements = vec![history::accounts(engine, accounts, Some((hash, &cost)))];
    statements.extend(further);
    Service::start_filled(engine, vec![first], 0, &SETTINGS, &statements).await
}

/// Measures an operation on both databases in turns.
async fn compare(
    engine: &Engine,
    small: &mut Side,
    large: &mut Side,
    of_small: &Operation,
    of_large: &Operation,
) -> [Figure; 2] {
    let name = of_small.name;
    let bar = bars::of_operation(engine, name);
    let has_bar = bar.least_per_second.is_some() || bar.most_p99_milliseconds.is_some();
    // A diagnosis is to be quick over a long history.
    let is_of_large = name == names::DIAGNOSIS;
    let of_bar = if has_bar { LONG } else { SHORT };
    let [first_time, second_time] = if is_of_large { [SHORT, of_bar] } else { [of_bar, SHORT] };
    let mut measured = Measured::default();
    let mut ratios = Vec::new();
    // The counter of the server is one for all databases; only what is read from it is of one.
    small.statements.forget();
    for round in 0..ROUNDS {
        // Each begins every other round.
        let [one, two] = if round % 2 == 0 {
            let one = small.measure(of_small, first_time).await;
            [one, large.measure(of_large, second_time).await]
        } else {
            let two = large.measure(of_large, second_time).await;
            [small.measure(of_small, first_time).await, two]
        };
        ratios.push(two.per_second / one.per_second);
        measured.add(if is_of_large { two } else { one });
    }
    let dearest = if is_of_large { large } else { small }.statements.dearest();
    let database = if is_of_large { ", large database" } else { "" };
    let figure = Figure { statements: dearest, ..measured.figure(&format!("{name}{database}"), bar) };
    println!("  {name}: {:.0} {}", figure.value, figure.unit);
    let ratio = Figure::new(format!("{name}, large ÷ small database"), median(&mut ratios), "")
        .at_least(bars::LEAST_LARGE_TO_SMALL);
    [figure, ratio]
}

/// Measures reset requests for known and unknown numbers of the large database in turns.
async fn compare_numbers(engine: &Engine, large: &mut Side, known: &Operation, unknown: &Operation) -> [Figure; 2] {
    let (mut measured, mut ratios) = (Measured::default(), Vec::new());
    large.statements.forget();
    for _ in 0..ROUNDS {
        let one = large.measure(known, LONG).await;
        ratios.push(one.per_second / large.measure(unknown, SHORT).await.per_second);
        measured.add(one);
    }
    let dearest = large.statements.dearest();
    let figure = measured.figure(known.name, bars::of_operation(engine, known.name));
    let ratio = median(&mut ratios);
    let ratio =
        Figure::new("reset request, the slower of known and unknown ÷ the other", ratio.min(1.0 / ratio), "")
            .at_least(bars::LEAST_KNOWN_TO_UNKNOWN);
    [Figure { statements: dearest, ..figure }, ratio]
}
