//! Workers are killed at any moment. Every event reaches every endpoint nevertheless, under one id.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use stakis_identity::{
    identity::{self, clients::Registration, webhooks::EndpointToCreate},
    store::{
        StoreError, Transaction,
        audit_events::{Entry, Event},
    },
    types::{AccountId, RequestContext, Scopes, WebhookSignature, WebhookTypes, WebhookUrl, random_below},
};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use super::owner::tell_no_head;
use crate::support::{Engine, Plant, administrator, column, engine_tests, execute, length};

engine_tests![wh_05_workers_that_are_killed_lose_no_event_and_keep_its_id];

const ENDPOINTS: usize = 5;
const EVENTS: usize = 60;
/// The workers that run at the same time.
const WORKERS: usize = 2;
/// The calls after which a worker is killed, at most.
const MOST_CALLS: u64 = 40;
/// The time after which a worker is killed, in milliseconds from when it begins to work, and the longest wait for calls.
const SHORTEST_LIFE: u64 = 50;
const LONGEST_LIFE: u64 = 1500;
const MOST_ROUNDS: usize = 50;
const MOST_TIME: Duration = Duration::from_secs(150);

/// When a worker is killed.
#[derive(Clone, Copy)]
enum Moment {
    /// When some calls have arrived. The last of them has no answer and no record yet.
    AtACall,
    Any,
}

struct Call {
    path: String,
    id: String,
    body: Vec<u8>,
    is_taken: bool,
}

/// Receivers under bad conditions: one call in forty fails, one in two hundred hangs, and every answer is delayed.
#[derive(Clone, Default)]
struct BadDay(Arc<Mutex<Vec<Call>>>);

impl Respond for BadDay {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let (is_taken, answer, delay) = match random_below(200) {
            0 => (false, 200, 30_000),
            1..=5 => (false, 500, random_below(50)),
            _ => (true, 200, 10 + random_below(50)),
        };
        self.0.lock().unwrap().push(Call {
            path: request.url.path().to_owned(),
            id: request.headers["webhook-id"].to_str().unwrap().to_owned(),
            body: request.body.clone(),
            is_taken,
        });
        ResponseTemplate::new(answer).set_delay(Duration::from_millis(delay))
    }
}

async fn wh_05_workers_that_are_killed_lose_no_event_and_keep_its_id(engine: Engine) {
    for _ in 0..length() {
        kill_until_nothing_waits(engine).await;
    }
}

async fn kill_until_nothing_waits(engine: Engine) {
    let (bad_day, server) = (BadDay::default(), MockServer::start().await);
    Mock::given(any()).respond_with(bad_day.clone()).mount(&server).await;
    let plant = Plant::start(engine, ResponseTemplate::new(200)).await;
    tell_no_head(&plant.app, &plant.database.url).await;
    register(&plant, &server.uri()).await;
    tell(&plant).await;
    let started = Instant::now();
    let mut rounds = 0;
    while waits(&plant) {
        rounds += 1;
        let moment = if rounds % 2 == 1 { Moment::AtACall } else { Moment::Any };
        assert!(rounds <= MOST_ROUNDS && started.elapsed() < MOST_TIME, "{rounds} rounds were too few");
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| live_and_die(&plant, &bad_day, moment));
            }
        });
        // Every worker has been killed. The statements end all waits and leases, as time would.
        let statements = "UPDATE webhook_deliveries SET next_try_at = created_at; \
            UPDATE webhook_endpoints SET lease_until = NULL, paused_until = NULL, failing_since = NULL";
        execute(&plant.database.url, statements).unwrap();
    }
    let calls = bad_day.0.lock().unwrap();
    println!("{rounds} rounds of {} lives in {:?}, {} calls", WORKERS, started.elapsed(), calls.len());
    check_calls(&plant, &calls);
}

/// Makes the endpoints of a client, which have answered a test event.
async fn register(plant: &Plant, server: &str) {
    let scopes = Scopes::parse("webhooks:write").unwrap();
    let registration = Registration::of_program("ERP".into(), scopes);
    let client = identity::clients::register(&plant.app, &administrator(), registration).await.unwrap().client;
    for index in 0..ENDPOINTS {
        let wanted = EndpointToCreate {
            url: WebhookUrl::parse(&format!("{server}/{index}")).unwrap(),
            types: WebhookTypes::of(&[]),
            description: None,
            signature: WebhookSignature::V1,
        };
        identity::webhooks::create(&plant.app, &administrator(), client.id.clone(), wanted, None).await.unwrap();
    }
    execute(&plant.database.url, "UPDATE webhook_endpoints SET state = 'active'").unwrap();
}

async fn tell(plant: &Plant) {
    let now = plant.app.clock.now();
    let write = move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        let context: RequestContext = administrator();
        for _ in 0..EVENTS {
            Entry::new(Event::UserClosed, &context, now).account(Some(&AccountId::mint())).append(tx)?;
        }
        Ok(())
    };
    plant.app.database.write(write).await.unwrap();
}

/// Starts a worker, and ends it with SIGKILL.
fn live_and_die(plant: &Plant, bad_day: &BadDay, moment: Moment) {
    let arrived = || bad_day.0.lock().unwrap().len();
    let (mut worker, began) = (plant.start_worker(), Instant::now());
    let (time, enough) = match moment {
        Moment::AtACall => {
            let calls = usize::try_from(1 + random_below(MOST_CALLS)).unwrap();
            (LONGEST_LIFE, arrived() + calls)
        }
        Moment::Any => (SHORTEST_LIFE + random_below(LONGEST_LIFE - SHORTEST_LIFE), usize::MAX),
    };
    while began.elapsed() < Duration::from_millis(time) && arrived() < enough {
        thread::sleep(Duration::from_millis(1));
    }
    assert!(worker.is_alive(), "it ended by itself: {}", worker.log());
}

/// Whether an event has to be published, queued or sent.
fn waits(plant: &Plant) -> bool {
    let url = &plant.database.url;
    let reached = column(url, "event_positions", "last_position");
    let all = EVENTS.to_string();
    reached.iter().filter(|position| **position == all).count() < 2
        || !column(url, "webhook_deliveries", "id").is_empty()
}

/// Checks that every endpoint has taken every event, under one id and with one body.
fn check_calls(plant: &Plant, calls: &[Call]) {
    let ids: BTreeSet<String> = column(&plant.database.url, "events", "id").into_iter().collect();
    assert_eq!(ids.len(), EVENTS);
    let mut body_of = BTreeMap::new();
    let mut taken: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for call in calls {
        assert!(ids.contains(&call.id), "{} is no event", call.id);
        assert_eq!(body_of.entry(&call.id).or_insert(&call.body), &&call.body, "{} has changed", call.id);
        if call.is_taken {
            *taken.entry((&call.path, &call.id)).or_default() += 1;
        }
    }
    assert_eq!(taken.len(), ENDPOINTS * EVENTS, "an event was lost");
    // Without a repetition no worker was killed between an answer and its record, and nothing was tested.
    assert!(taken.values().any(|count| *count > 1), "nothing was ever repeated");
    let log = column(&plant.database.url, "webhook_attempts", "outcome");
    assert_eq!(log.iter().filter(|outcome| *outcome == "delivered").count(), ENDPOINTS * EVENTS);
}
