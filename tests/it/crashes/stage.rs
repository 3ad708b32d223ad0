//! Plays one use case again and again, each time on the same rows, and ends the instance one point later.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
    sync::Arc,
};

use chrono::TimeDelta;
use serde_json::Value;
use stakis_identity::{
    identity::{audit, events},
    jobs,
    types::{AllowedTarget, Clock as _},
};

use super::{
    invariants::{Moment, violations},
    rewind::Rows,
};
use crate::support::{
    Answer, DirectConnection, Engine, Life, ManualClock, TestApp, delivery_events::accept_by_id, forget, length,
    watch_statements,
};

/// A short round tries one point of so many.
const SHORT_STRIDE: usize = 40;
/// How often time goes on, by two minutes each, before nothing may wait any more. The first pauses of failed jobs, and
/// every lease, have ended by then.
const MOST_ROUNDS: usize = 8;

/// What waits for a worker.
const WAITING: &str = "SELECT payload AS text FROM jobs UNION ALL SELECT event_id AS text FROM webhook_deliveries";

/// A database engine, and the points that were tried on it.
pub(super) struct Stage {
    engine: Engine,
    points: Cell<usize>,
}

/// One try of a use case: before the end of the instance, or on the instance after it.
pub(super) struct Scene {
    pub(super) app: TestApp,
    /// What the preparation has found out, such as tokens.
    pub(super) known: Value,
    /// Whether the caller was told that the use case has succeeded. Afterwards it has to have an effect.
    pub(super) heard: bool,
}

impl Scene {
    /// A text that the preparation has found out.
    pub(super) fn known(&self, name: &str) -> &str {
        self.known[name].as_str().unwrap_or_else(|| panic!("{name} in {}", self.known))
    }

    /// Calls again after a while where the service asks for that: what the instance had under way keeps its turn until the
    /// lease of it ends.
    pub(super) async fn patiently(&self, call: impl AsyncFn() -> Answer) -> Answer {
        let answer = call().await;
        if answer.status != 503 {
            return answer;
        }
        assert!(!self.heard && !answer.header("retry-after").is_empty(), "{answer}");
        self.app.advance(TimeDelta::minutes(1));
        call().await
    }

    /// Does what workers do, until nothing waits.
    pub(super) async fn settle(&self) {
        settle(&self.app).await;
    }
}

/// The rows that every try begins with.
struct Start {
    app: TestApp,
    rows: Rows,
    known: Value,
    /// The mails that were handed over by then.
    handed_over: BTreeSet<String>,
}

/// Says where the instance had ended when a test fails.
struct Told(String);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

impl Stage {
    pub(super) fn new(engine: Engine) -> Self {
        watch_statements();
        Self { engine, points: Cell::new(0) }
    }

    /// Plays a use case. `prepare` makes what it needs, `act` is the use case and returns whether it has succeeded, and
    /// `after` is what the caller does next, on an instance that was started after the end of the first.
    ///
    /// The end comes before and after each statement that stands alone or begins a transaction, and after each other
    /// one: after the last of a transaction, that is before its commit, and after the commit, before anybody hears of
    /// it.
    pub(super) fn play<'a>(
        &'a self,
        name: &'a str,
        prepare: impl AsyncFn(&TestApp) -> Value + 'a,
        act: impl AsyncFn(&Scene) -> bool + 'a,
        after: impl AsyncFn(&Scene) + 'a,
    ) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
        Box::pin(self.play_every_point(name, prepare, act, after))
    }

    async fn play_every_point(
        &self,
        name: &str,
        prepare: impl AsyncFn(&TestApp) -> Value,
        act: impl AsyncFn(&Scene) -> bool,
        after: impl AsyncFn(&Scene),
    ) {
        let start = self.prepare(prepare).await;
        let stride = if length() == 1 { SHORT_STRIDE } else { 1 };
        let mut tried = 0;
        let mut point = 1;
        loop {
            let reached = Box::pin(play_until(&start, name, point, &act, &after)).await;
            let Err(all) = reached else {
                tried += 1;
                point += stride;
                continue;
            };
            assert!(all > 0, "{name} runs no statement");
            println!("| {name} | {} | {all} | {tried} |", self.engine.as_str());
            break;
        }
        assert!(tried > 0, "{name}: no point was reached");
        self.points.set(self.points.get() + tried);
        start.app.stop().await;
    }

    /// Prints how many points there were in all.
    pub(super) fn tell(&self) {
        println!("| in all | {} | | {} |", self.engine.as_str(), self.points.get());
    }

    async fn prepare(&self, prepare: impl AsyncFn(&TestApp) -> Value) -> Start {
        let app = TestApp::start_with(self.engine, |config| {
            config.webhooks.allow = vec![AllowedTarget::parse("127.0.0.1:*").unwrap()];
        })
        .await;
        app.may_leave_jobs();
        accept_by_id(&app).await;
        let known = prepare(&app).await;
        let handed_over = handed_over(&mut DirectConnection::open(&app.database.url));
        let rows = Rows::of(self.engine, &app.database);
        Start { app, rows, known, handed_over }
    }
}

/// Plays a use case up to a point, and checks what is left. Returns the number of points where it ended before that
/// one.
async fn play_until(
    start: &Start,
    name: &str,
    point: usize,
    act: &impl AsyncFn(&Scene) -> bool,
    after: &impl AsyncFn(&Scene),
) -> Result<(), usize> {
    accept_by_id(&start.app).await;
    let database = start.rows.again();
    let clock = Arc::new(ManualClock::at(start.app.clock.now()));
    let (life, url) = Life::begin(&database);
    let mut config = start.app.config.clone();
    config.database.url = url;
    let app = start.app.instance_on(database.clone(), config.clone(), clock.clone()).await;
    let scene = Scene { app, known: start.known.clone(), heard: false };
    life.end_at(point);
    let heard = tokio::select! {
        biased;
        _ = life.ended() => false,
        has_succeeded = act(&scene) => has_succeeded,
    };
    // What runs beside the use case ends too, at whatever statement it is.
    life.stop();
    let end = life.end();
    let told = Told(format!("{name}, point {point}: {}", end.as_deref().unwrap_or("the use case came to its end")));
    assert!(heard || end.is_some(), "the use case has failed by itself");
    scene.app.stop().await;
    drop(scene);
    let mut tables = DirectConnection::open(&database.url);
    let are_events_kept = start.known["forgets_events"].is_null();
    let found = violations(&mut tables, Moment::Always, are_events_kept);
    assert!(found.is_empty(), "at once: {found:#?}");

    config.database.url = database.url.clone();
    let app = start.app.instance_on(database.clone(), config, clock).await;
    let scene = Scene { app, known: start.known.clone(), heard: heard && end.is_none() };
    after(&scene).await;
    scene.settle().await;
    let found = violations(&mut tables, Moment::AtRest, are_events_kept);
    assert!(found.is_empty(), "at rest: {found:#?}");
    check_trail(&scene.app).await;
    check_mails(&scene.app, &start.handed_over, &mut tables).await;
    scene.app.stop().await;
    drop(told);
    let reached = life.reached();
    forget(&life);
    if end.is_some() { Ok(()) } else { Err(reached) }
}

/// Does what workers do, until nothing waits, and seals the trail.
pub(super) async fn settle(app: &TestApp) {
    let mut tables = DirectConnection::open(&app.database.url);
    for _ in 0..MOST_ROUNDS {
        app.deliver_all().await;
        events::publish(&app.app).await.unwrap();
        jobs::deliver_due_webhooks(&app.app).await.unwrap();
        if tables.texts(WAITING).is_empty() {
            break;
        }
        app.advance(TimeDelta::minutes(2));
    }
    audit::seal_all(&app.app).await.unwrap();
}

/// The trail verifies, and every entry is sealed.
async fn check_trail(app: &TestApp) {
    let report = audit::verify(&app.app, Vec::new()).await.unwrap();
    assert_eq!(report.verdict(), audit::Verdict::Whole, "{:#?}", report.findings);
    assert_eq!(report.waiting, 0);
}

/// A mail that was handed over twice was the same to the byte, and one that is taken for handed over was.
async fn check_mails(app: &TestApp, before: &BTreeSet<String>, tables: &mut DirectConnection) {
    let mut received = BTreeMap::new();
    for mail in app.mail_api.mails().await {
        let id = mail.body["Headers"]["X-Message-Id"].as_str().unwrap().to_owned();
        let first = received.entry(id).or_insert_with(|| mail.raw.clone());
        assert_eq!(*first, mail.raw, "a mail has changed");
    }
    for id in handed_over(tables).difference(before) {
        assert!(received.contains_key(id), "mail {id} was not handed over");
    }
}

/// The mails that are taken for handed over.
fn handed_over(tables: &mut DirectConnection) -> BTreeSet<String> {
    tables.texts("SELECT id AS text FROM mails WHERE status = 'handed_over'").into_iter().collect()
}
