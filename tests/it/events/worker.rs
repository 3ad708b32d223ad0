//! The loop of the worker that publishes events.

use std::time::{Duration, Instant};

use serde_json::Value;
use stakis_identity::jobs::{self, Background};
use tokio::{sync::watch, task::JoinHandle, time};

use super::reader::{Reader, tell_closings, types};
use crate::support::{Customer, TestApp, database_tests, execute};

database_tests![
    an_event_shows_within_a_second_while_a_worker_runs,
    op_06_events_that_cannot_be_published_raise_an_alarm_and_come_later,
];

struct Worker {
    stop: watch::Sender<bool>,
    runs: JoinHandle<()>,
}

impl Worker {
    fn start(app: &TestApp) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, runs: tokio::spawn(jobs::run(app.app.clone(), Background::Everything, stopped)) }
    }

    async fn stop(self) {
        self.stop.send(true).unwrap();
        time::timeout(Duration::from_secs(20), self.runs).await.expect("it stops").unwrap();
    }
}

/// Every event but the heads of the trail, which the worker seals too.
async fn acts(reader: &Reader<'_>) -> Vec<Value> {
    let (events, _) = reader.all_after(None).await;
    events.into_iter().filter(|event| event["type"] != "audit.head").collect()
}

/// Asks until this many events are there, and says how long that took.
async fn until(reader: &Reader<'_>, count: usize) -> (Vec<Value>, Duration) {
    let begun = Instant::now();
    loop {
        let events = acts(reader).await;
        if events.len() >= count {
            return (events, begun.elapsed());
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{events:?}");
        time::sleep(Duration::from_millis(20)).await;
    }
}

async fn an_event_shows_within_a_second_while_a_worker_runs(app: &TestApp) {
    let (first, second) = (Worker::start(app), Worker::start(app));
    let reader = Reader::of(app).await;
    let mut waits = Vec::new();
    for count in 1..=9 {
        tell_closings(app, 1).await;
        waits.push(until(&reader, count).await.1);
    }
    app.make(&Customer::ANA).await;
    let (all, _) = until(&reader, 10).await;
    assert_eq!(types(&all)[9], "account.created");
    // The middle one, since other tests keep this machine busy.
    waits.sort_unstable();
    assert!(waits[4] < Duration::from_secs(1), "{waits:?}");
    first.stop().await;
    second.stop().await;
    assert_eq!(acts(&reader).await.len(), 10);
}

async fn op_06_events_that_cannot_be_published_raise_an_alarm_and_come_later(app: &TestApp) {
    let reader = Reader::of(app).await;
    execute(&app.database.url, "ALTER TABLE event_positions RENAME TO hidden").unwrap();
    tell_closings(app, 3).await;
    let worker = Worker::start(app);
    let failures = r#"stakis_upkeep_failures_total{task="events"}"#;
    for _ in 0..500 {
        if app.counted(failures) > 0 {
            break;
        }
        time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(app.counted(failures), 1, "a failure is not repeated at once");
    // The step that hands events to webhooks misses the same table.
    let of_webhooks = app.counted(r#"stakis_upkeep_failures_total{task="webhooks"}"#);
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="upkeep"}"#), 1 + of_webhooks);
    execute(&app.database.url, "ALTER TABLE hidden RENAME TO event_positions").unwrap();
    assert_eq!(until(&reader, 3).await.0.len(), 3);
    worker.stop().await;
}
