//! A thousand events to endpoints of every kind, while a worker runs: none is lost.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::jobs::{self, Background};
use tokio::{sync::watch, task::JoinHandle, time};
use wiremock::ResponseTemplate;

use super::{
    owner::{Hook, Owner, start},
    receiver::{Receiver, cutting_the_line},
};
use crate::{
    events::reader::tell_closings,
    support::{Engine, TestApp, engine_tests, execute},
};

engine_tests![wh_08_of_a_thousand_events_to_endpoints_of_every_kind_none_is_lost];

const EVENTS: usize = 1000;
const PATIENCE: Duration = Duration::from_mins(2);

/// A running worker.
pub(super) struct Worker {
    stop: watch::Sender<bool>,
    runs: JoinHandle<()>,
}

impl Worker {
    pub(super) fn start(app: &TestApp) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, runs: tokio::spawn(jobs::run(app.app.clone(), Background::Everything, stopped)) }
    }

    pub(super) async fn stop(self) {
        self.stop.send(true).unwrap();
        time::timeout(PATIENCE, self.runs).await.expect("it stops").unwrap();
    }
}

/// Waits until something holds, and says how long that took.
pub(super) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        time::sleep(Duration::from_millis(50)).await;
    }
    begun.elapsed()
}

/// How many different events a path has got.
async fn events_at(receiver: &Receiver, path: &str) -> usize {
    let calls = receiver.at(path).await;
    calls.iter().map(super::receiver::Received::id).collect::<BTreeSet<_>>().len()
}

fn waiting(app: &TestApp, hook: &Hook) -> usize {
    app.column("webhook_deliveries", "endpoint_id").iter().filter(|id| **id == hook.id).count()
}

fn point(app: &TestApp, hook: &Hook, url: &str) {
    let statement = format!("UPDATE webhook_endpoints SET url = '{url}' WHERE id = '{}'", hook.id);
    execute(&app.database.url, &statement).unwrap();
}

async fn wh_08_of_a_thousand_events_to_endpoints_of_every_kind_none_is_lost(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    let names = ["fast", "slow", "failing", "gone", "redirecting", "rebinding", "cutting"];
    let mut hooks = Vec::new();
    for name in names {
        hooks.push(owner.active(&receiver.url(&format!("/{name}"))).await);
    }
    let [_, _, failing, gone, redirecting, rebinding, cutting] = &hooks[..] else { unreachable!() };
    receiver.answer("/slow", ResponseTemplate::new(200).set_delay(Duration::from_millis(40)));
    receiver.answer("/failing", ResponseTemplate::new(500));
    receiver.answer("/gone", ResponseTemplate::new(410));
    let target = receiver.url("/elsewhere");
    receiver.answer("/redirecting", ResponseTemplate::new(307).insert_header("location", target.as_str()));
    // The name led elsewhere when it was registered.
    point(&app, rebinding, "https://127.0.0.2/");
    point(&app, cutting, &cutting_the_line().await);

    let worker = Worker::start(&app);
    tell_closings(&app, EVENTS).await;
    for path in ["/fast", "/slow"] {
        until(path, async || events_at(&receiver, path).await == 1 + EVENTS).await;
    }
    // While the others fail or wait, a fast one has an event at once.
    let mut waits = Vec::new();
    for count in 1..=9 {
        tell_closings(&app, 1).await;
        waits.push(until("/fast", async || events_at(&receiver, "/fast").await == 1 + EVENTS + count).await);
    }
    waits.sort_unstable();
    // The middle one, since other tests keep this machine busy.
    assert!(waits[4] < Duration::from_secs(1), "{waits:?}");
    until("/slow", async || events_at(&receiver, "/slow").await == 1 + EVENTS + 9).await;

    let shown = owner.show(gone).await;
    assert_eq!((&shown["state"], &shown["disabled_reason"]), (&json!("disabled"), &json!("gone")));
    println!("| endpoint | state | delivered | waiting | outcomes |\n|---|---|---|---|---|");
    for (name, hook) in names.iter().zip(&hooks) {
        let outcomes: BTreeSet<String> = owner.outcomes(hook).await.into_iter().collect();
        let outcomes: Vec<String> = outcomes.into_iter().collect();
        let state = owner.show(hook).await["state"].clone();
        let delivered = owner.outcomes(hook).await.iter().filter(|outcome| *outcome == "delivered").count();
        println!("| {name} | {state} | {delivered} | {} | {} |", waiting(&app, hook), outcomes.join(" "));
        let expected = match *name {
            "fast" | "slow" => "delivered",
            "failing" => "refused",
            "gone" => "gone",
            "redirecting" => "redirected",
            "rebinding" => "not_allowed",
            _ => "unreachable",
        };
        assert_eq!(outcomes, [expected], "{name}");
    }
    for hook in [failing, redirecting, rebinding, cutting] {
        assert_eq!(waiting(&app, hook), EVENTS + 9, "every event waits for its next attempt");
    }

    // Each is mended, and every event arrives, also at the one that was disabled.
    for (name, hook) in names.iter().zip(&hooks).skip(2) {
        receiver.answer(&format!("/{name}"), ResponseTemplate::new(204));
        point(&app, hook, &receiver.url(&format!("/{name}")));
    }
    owner.post(&format!("/{}/test", gone.id)).await.assert_status(202);
    app.advance(TimeDelta::hours(13));
    until("nothing waits", async || app.column("webhook_deliveries", "id").is_empty()).await;
    // What happened while one was disabled was not queued for it.
    for hook in hooks.iter().filter(|hook| hook.id != gone.id) {
        let outcomes = owner.outcomes(hook).await;
        assert_eq!(outcomes.iter().filter(|outcome| *outcome == "delivered").count(), EVENTS + 9);
    }
    assert!(receiver.at("/elsewhere").await.is_empty());
    worker.stop().await;
}
