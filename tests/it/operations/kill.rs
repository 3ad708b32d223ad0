//! Workers are killed at any moment. Every mail is sent nevertheless, and only once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use stakis_identity::types::random_below;
use wiremock::{Request, Respond, ResponseTemplate};

use crate::support::{AuditLine, Engine, JobRow, MailRow, Plant, column, engine_tests, execute, length};

engine_tests![ml_01_workers_that_are_killed_lose_no_mail_and_send_none_twice];

const REQUESTS: usize = 1000;
/// The workers that run at the same time. Each of them is started twice in a round.
const WORKERS: usize = 2;
const LIVES: usize = 2;
/// The time after which a worker is killed, in milliseconds from when it begins to work.
const SHORTEST_LIFE: u64 = 50;
const LONGEST_LIFE: u64 = 1200;
const MOST_ROUNDS: usize = 50;
const MOST_TIME: Duration = Duration::from_mins(2);

/// The outcome of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Accepted,
    Failed,
    /// The mail is accepted, but the answer is lost.
    Hung,
}

struct Call {
    to: String,
    key: String,
    body: Vec<u8>,
    outcome: Outcome,
}

/// A mail API under bad conditions: a fifth of the calls fails, one in fifty hangs, and every answer is delayed.
#[derive(Clone, Default)]
struct BadDay(Arc<Mutex<Vec<Call>>>);

impl Respond for BadDay {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let (outcome, answer) = match random_below(50) {
            0 => (Outcome::Hung, ResponseTemplate::new(200).set_delay(Duration::from_secs(30))),
            1..=10 => (Outcome::Failed, ResponseTemplate::new(500)),
            _ => (Outcome::Accepted, ResponseTemplate::new(200).set_body_json(serde_json::json!({ "id": "r1" }))),
        };
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        self.0.lock().unwrap().push(Call {
            to: body["to"][0].as_str().unwrap().to_owned(),
            key: request.headers["idempotency-key"].to_str().unwrap().to_owned(),
            body: request.body.clone(),
            outcome,
        });
        let delay = Duration::from_millis(random_below(100));
        if outcome == Outcome::Hung { answer } else { answer.set_delay(delay) }
    }
}

async fn ml_01_workers_that_are_killed_lose_no_mail_and_send_none_twice(engine: Engine) {
    for _ in 0..length() {
        kill_until_the_queue_is_empty(engine).await;
    }
}

async fn kill_until_the_queue_is_empty(engine: Engine) {
    let bad_day = BadDay::default();
    let plant = Plant::start(engine, bad_day.clone()).await;
    let addresses = plant.queue_requests(REQUESTS).await;
    let started = Instant::now();
    let mut rounds = 0;
    while count_jobs(&plant) > 0 {
        rounds += 1;
        assert!(rounds <= MOST_ROUNDS && started.elapsed() < MOST_TIME, "{} jobs are left", count_jobs(&plant));
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| live_and_die(&plant));
            }
        });
        // Every worker has been killed. The statement ends all waits and leases, as time would.
        execute(&plant.database.url, "UPDATE jobs SET run_at = created_at, lease_until = NULL").unwrap();
    }
    let calls = bad_day.0.lock().unwrap();
    println!("{rounds} rounds of {} lives in {:?}, {} calls", WORKERS * LIVES, started.elapsed(), calls.len());
    let repeats = check_calls(&calls, &addresses);
    // Without a repeated mail no worker was killed between a hand-over and its record, and nothing was tested.
    assert!(repeats > 0, "no accepted mail was ever repeated");
    check_books(&plant, &calls);
}

/// Starts a worker twice, and ends it with SIGKILL at a random moment.
fn live_and_die(plant: &Plant) {
    for _ in 0..LIVES {
        let mut worker = plant.start_worker();
        thread::sleep(Duration::from_millis(SHORTEST_LIFE + random_below(LONGEST_LIFE - SHORTEST_LIFE)));
        assert!(worker.is_alive(), "it ended by itself: {}", worker.log());
    }
}

fn count_jobs(plant: &Plant) -> usize {
    JobRow::all(&plant.database.url).len()
}

/// Checks that the mail API has seen one mail for each request. Returns how many mails were repeated after they were
/// accepted.
fn check_calls(calls: &[Call], addresses: &[String]) -> usize {
    let mut key_of = BTreeMap::new();
    let mut first_body = BTreeMap::new();
    let mut accepted = BTreeSet::new();
    let mut repeats = 0;
    for call in calls {
        assert_eq!(key_of.entry(&call.to).or_insert(&call.key), &&call.key, "two mails to {}", call.to);
        assert_eq!(first_body.entry(&call.key).or_insert(&call.body), &&call.body, "{} has changed", call.key);
        repeats += usize::from(accepted.contains(&call.key));
        if call.outcome == Outcome::Accepted {
            accepted.insert(&call.key);
        }
    }
    let everybody: BTreeSet<&String> = addresses.iter().collect();
    assert_eq!(key_of.keys().copied().collect::<BTreeSet<_>>(), everybody, "somebody got none");
    assert_eq!(first_body.len(), REQUESTS, "as many keys as requests");
    assert_eq!(accepted.len(), REQUESTS, "a mail was never accepted");
    repeats
}

/// Checks that the tables hold each mail once, as handed over.
fn check_books(plant: &Plant, calls: &[Call]) {
    assert_eq!(count_jobs(plant), 0);
    let outcomes = column(&plant.database.url, "reset_requests", "outcome");
    assert_eq!(outcomes.len(), REQUESTS);
    assert!(outcomes.iter().all(|outcome| outcome == "link_made"));
    let mails = MailRow::all(&plant.database.url);
    assert_eq!(mails.len(), REQUESTS);
    assert!(mails.iter().all(|mail| mail.status == "handed_over"));
    let stored: BTreeSet<(&str, &str)> =
        mails.iter().map(|mail| (mail.id.as_str(), mail.recipient.as_str())).collect();
    let seen: BTreeSet<(&str, &str)> = calls.iter().map(|call| (call.key.as_str(), call.to.as_str())).collect();
    assert_eq!(stored, seen);
    let trail = AuditLine::all(&plant.database.url);
    let told = trail.iter().filter(|line| line.event == "mail_handed_over").count();
    assert_eq!(told, REQUESTS, "the trail tells of each once");
}
