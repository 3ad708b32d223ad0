//! The service does what the model does. Histories of the model's steps are made at random and played on the service, over
//! HTTP and by the functions that the steps name, and after each step the answer and the tables hold what the model has.
//! A history that fails is made shorter, and printed with its seed.
//!
//! `reference` says which steps a history may take. `history` plays one: `workers` and `customers` take its steps, and
//! `comparison` compares the model with a `picture` of the tables. `site` is what all histories share; `holding` are the
//! servers that the service calls, whose answers wait, so that a step ends between two transactions. `round` makes and
//! plays many.
//!
//! Where the model leaves open what happens, the instance decides that a step is taken on: one has a cool-down and another
//! has none, and one has both mail APIs. The life of a link, a day and the life of a session pass for all that lives then.

mod comparison;
mod customers;
mod history;
mod holding;
mod picture;
mod reference;
mod round;
mod site;
mod trouble;
mod workers;

use std::{collections::BTreeMap, time::Instant};

use stakis_identity::types::random_below;

use self::{reference::Reference, round::Round};
use crate::{
    model::{
        faults::Fault,
        world::{MailStatus, Request, Stage, World},
    },
    support::{Engine, engine_tests, length},
};

engine_tests![
    in_long_rounds: tk_05_ml_01_the_service_does_what_the_model_does,
    tk_05_ml_01_a_fault_in_the_model_sets_it_apart_from_the_service,
];

/// The histories within which each fault has to be found.
const FOR_A_FAULT: u32 = 200;

/// A thousand for each unit of the length.
fn number_of_histories() -> usize {
    length() * 1000
}

/// The seed of the first history: the one that `STAKIS_TEST_SEED` names, or any.
fn first_seed() -> u32 {
    let named = std::env::var_os("STAKIS_TEST_SEED");
    let named = named.map(|text| text.to_str().and_then(|text| text.parse().ok()).expect("a seed is a number"));
    named.unwrap_or_else(|| u32::try_from(random_below(1 << 31)).unwrap())
}

/// What a history ends with.
type Happens = (&'static str, fn(&Reference) -> bool);

/// What happens in some history of a round, or the round would say nothing about it.
const HAPPENS: [Happens; 14] = [
    ("a link is used", |ended| has_link(&ended.world, |stage| stage == Stage::Used)),
    ("a link expires", |ended| has_link(&ended.world, |stage| stage == Stage::Expired)),
    ("a link is withdrawn", |ended| has_link(&ended.world, |stage| stage == Stage::Withdrawn)),
    ("a second link is made", |ended| ended.world.links.iter().all(Option::is_some)),
    ("a request is swallowed", |ended| ended.world.requests.contains(&Request::Swallowed)),
    ("a request is stale", |ended| ended.world.requests.contains(&Request::Stale)),
    ("the second mail API takes a mail", |ended| ended.world.taken.iter().any(|taken| taken >> 8 != 0)),
    ("a mail is refused", |ended| has_mail(&ended.world, MailStatus::Refused)),
    ("a mail is dropped", |ended| has_mail(&ended.world, MailStatus::Dropped)),
    ("a mail is abandoned", |ended| has_mail(&ended.world, MailStatus::Abandoned)),
    ("a session ends", |ended| ended.world.sessions.iter().flatten().any(|session| session.has_ended)),
    ("a session goes on after its change of the password", |ended| {
        let mut live = ended.world.sessions.iter().flatten().filter(|session| ended.world.is_live(**session));
        live.any(|session| session.password > 0)
    }),
    ("a worker crashes", |ended| ended.crashes() > 0),
    ("a worker is slower than its lease", |ended| ended.slow_workers() > 0),
];

fn has_link(world: &World, is_it: impl Fn(Stage) -> bool) -> bool {
    world.links.iter().flatten().any(|link| is_it(link.stage))
}

fn has_mail(world: &World, status: MailStatus) -> bool {
    world.mails.iter().flatten().any(|mail| mail.status == status)
}

/// Every history comes to the same end in the model and in the service, by the same answers and the same rows.
async fn tk_05_ml_01_the_service_does_what_the_model_does(engine: Engine) {
    let round = Box::pin(Round::start(engine)).await;
    let (seed, count, began) = (first_seed(), number_of_histories(), Instant::now());
    println!("the first seed is {seed}");
    let (mut steps, mut happened) = (0, BTreeMap::new());
    for seed in (seed..).take(count) {
        let ended = round.play(seed, None).unwrap_or_else(|failure| panic!("{failure}"));
        steps += ended.steps;
        for (name, _) in HAPPENS.into_iter().filter(|(_, happens)| happens(&ended.reference)) {
            *happened.entry(name).or_insert(0) += 1;
        }
    }
    let rate = f64::from(u32::try_from(count).unwrap()) / began.elapsed().as_secs_f64();
    println!("| {} | {count} | {steps} | {rate:.1} |", engine.as_str());
    println!("{happened:#?}");
    let missing: Vec<_> =
        HAPPENS.into_iter().map(|(name, _)| name).filter(|name| !happened.contains_key(name)).collect();
    assert!(missing.is_empty(), "never happens, so nothing is said about it: {missing:?}");
}

/// Each fault takes one condition of the code away in the model alone. Some history tells the two apart.
async fn tk_05_ml_01_a_fault_in_the_model_sets_it_apart_from_the_service(engine: Engine) {
    let round = Box::pin(Round::start(engine)).await;
    let seed = first_seed();
    println!("the first seed is {seed}");
    for fault in Fault::ALL {
        let found = (0..FOR_A_FAULT).find_map(|tried| Some((tried, round.play(seed + tried, Some(fault)).err()?)));
        let (tried, failure) = found.unwrap_or_else(|| panic!("{fault:?} was not found"));
        let text = failure.to_string();
        println!("{fault:?} is found in history {}: {}", tried + 1, text.lines().next().unwrap_or_default());
    }
}
