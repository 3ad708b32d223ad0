//! The order of events, while many write, publish and read at a time.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;
use stakis_identity::{
    app::App,
    identity,
    store::{StoreError, Transaction},
    types::{AccountId, random_below},
};
use tokio::{task, time};

use super::reader::{Reader, ids, of_type, publish, tell_closing};
use crate::support::{
    Customer, Engine, TestApp, database_tests, engine_tests, execute, postgres_tests, send, text,
};

postgres_tests![
    an_event_that_is_committed_late_comes_behind_those_that_were_read,
    nobody_waits_for_the_publication_of_events,
];

engine_tests![writers_readers_and_publishers_at_once_leave_no_gap_and_no_double,];

database_tests![
    the_events_of_an_account_come_in_the_order_of_its_acts,
    an_act_that_fails_tells_nothing,
    a_publication_that_fails_is_made_again,
];

/// Why a transaction of a test ends without a commit.
fn undone() -> StoreError {
    StoreError::Unwritable("the test undoes this".into())
}

/// The first writer gets the lower number, and is still at work when the second has committed.
async fn an_event_that_is_committed_late_comes_behind_those_that_were_read(engine: Engine) {
    let app = TestApp::start(engine).await;
    let reader = Reader::of(&app).await;
    let (slow, fast) = (AccountId::mint(), AccountId::mint());
    let now = app.app.clock.now();
    let (has_written, written) = mpsc::channel();
    let (go_on, waits) = mpsc::channel();
    let account = slow.clone();
    let database = app.app.database.clone();
    let late = task::spawn(async move {
        database
            .write(move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
                tell_closing(tx, &account, now)?;
                has_written.send(()).unwrap();
                waits.recv().unwrap();
                Ok(())
            })
            .await
    });
    task::spawn_blocking(move || written.recv().unwrap()).await.unwrap();
    let account = fast.clone();
    let write = move |tx: &mut Transaction<'_>| tell_closing(tx, &account, now);
    app.app.database.write(write).await.unwrap();
    assert_eq!(publish(&app).await, 1, "the open transaction is invisible, and keeps nobody waiting");
    let (events, next) = reader.page("").await;
    assert_eq!(events.iter().map(|event| text(&event["data"], "account_id")).collect::<Vec<_>>(), [fast.as_str()]);
    go_on.send(()).unwrap();
    late.await.unwrap().unwrap();
    // Its number is lower than that of the event which the reader has, and it comes all the same.
    let numbers: Vec<i64> = app.column("events", "seq").iter().map(|seq| seq.parse().unwrap()).collect();
    assert_eq!(numbers.len(), 2);
    assert_eq!(publish(&app).await, 1);
    let (events, next) = reader.page(&format!("?after={next}")).await;
    assert_eq!(events.iter().map(|event| text(&event["data"], "account_id")).collect::<Vec<_>>(), [slow.as_str()]);
    assert!(reader.page(&format!("?after={next}")).await.0.is_empty());
    let positions: BTreeSet<String> = app.column("events", "position").into_iter().collect();
    assert_eq!(positions, BTreeSet::from(["1".to_owned(), "2".to_owned()]), "without a gap");
}

/// Writes 1 to 3 events in each of several transactions, which are committed after a random time; one in eight is undone.
/// Returns the accounts of the committed events, in their order.
async fn write_at_random(app: App, transactions: usize) -> Vec<String> {
    let mut committed = Vec::new();
    for _ in 0..transactions {
        let accounts: Vec<AccountId> = (0..=random_below(3)).map(|_| AccountId::mint()).collect();
        let (is_undone, pause) = (random_below(8) == 0, Duration::from_micros(random_below(8_000)));
        let (now, told) = (app.clock.now(), accounts.clone());
        let outcome = app
            .database
            .write(move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
                told.iter().try_for_each(|account| tell_closing(tx, account, now))?;
                std::thread::sleep(pause);
                if is_undone { Err(undone()) } else { Ok(()) }
            })
            .await;
        assert_eq!(outcome.is_err(), is_undone);
        if !is_undone {
            committed.extend(accounts.iter().map(|account| account.as_str().to_owned()));
        }
    }
    committed
}

/// Follows the list until everything is written and no event is left. Returns the accounts of the events.
async fn follow(reader: Reader<'_>, limit: usize, is_written: &AtomicBool) -> Vec<String> {
    let (mut seen, mut query) = (Vec::new(), format!("?limit={limit}"));
    loop {
        // What is written before this is published before the page is read.
        let is_over = is_written.load(Ordering::SeqCst);
        if is_over {
            publish(reader.app).await;
        }
        let (events, next) = reader.page(&query).await;
        if is_over && events.is_empty() {
            return seen;
        }
        seen.extend(events.iter().map(|event| text(&event["data"], "account_id").to_owned()));
        query = format!("?limit={limit}&after={next}");
        time::sleep(Duration::from_millis(random_below(6))).await;
    }
}

async fn writers_readers_and_publishers_at_once_leave_no_gap_and_no_double(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.database.pool_size = 12).await;
    let (_, second) = app.second_instance().await;
    let is_written = Arc::new(AtomicBool::new(false));
    let publishers: Vec<_> = [app.app.clone(), second.clone(), second.clone()]
        .into_iter()
        .map(|instance| {
            let is_written = is_written.clone();
            task::spawn(async move {
                while !is_written.load(Ordering::SeqCst) {
                    identity::events::publish(&instance).await.unwrap();
                    time::sleep(Duration::from_millis(random_below(4))).await;
                }
            })
        })
        .collect();
    let write = async {
        let writers = (0..6).map(|index| {
            let instance = if index % 2 == 0 { app.app.clone() } else { second.clone() };
            task::spawn(write_at_random(instance, 40))
        });
        let written: Vec<Vec<String>> = join_all(writers).await.into_iter().map(|writer| writer.unwrap()).collect();
        is_written.store(true, Ordering::SeqCst);
        written
    };
    let (one, other) = (Reader::of(&app).await, Reader::of(&app).await);
    let (written, seen, seen_by_other) =
        tokio::join!(write, follow(one, 7, &is_written), follow(other, 100, &is_written));
    for publisher in publishers {
        publisher.await.unwrap();
    }
    assert!(written.iter().all(|of_writer| of_writer.len() > 30), "{written:?}");
    let all: BTreeSet<&String> = written.iter().flatten().collect();
    assert_eq!(seen.len(), all.len(), "no gap and no double");
    assert_eq!(seen.iter().collect::<BTreeSet<_>>(), all);
    assert_eq!(seen_by_other, seen, "one order for all");
    // What one writer wrote later is read later.
    for of_writer in &written {
        let own: BTreeSet<&String> = of_writer.iter().collect();
        let read: Vec<&String> = seen.iter().filter(|account| own.contains(account)).collect();
        assert_eq!(read, of_writer.iter().collect::<Vec<_>>());
    }
    let mut positions: Vec<usize> =
        app.column("events", "position").iter().map(|position| position.parse().unwrap()).collect();
    positions.sort_unstable();
    assert_eq!(positions, (1..=all.len()).collect::<Vec<_>>(), "positions have no gap");
}

/// Sign-ins at two instances, and ends of all sessions between them: no end is read before its beginning.
async fn the_events_of_an_account_come_in_the_order_of_its_acts(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let (second, _) = app.second_instance().await;
    let reader = Reader::of(app).await;
    let mut token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    for _ in 0..4 {
        let body = serde_json::json!({
            "customer_number": Customer::ANA.number, "password": Customer::ANA.password,
        });
        let sign_ins = join_all((0..6).map(|index| {
            let url = if index % 2 == 0 { &app.url } else { &second };
            send(app.client.post(url.join("/v1/sessions").unwrap()).json(&body))
        }));
        let ends = app.call(Method::DELETE, "/v1/sessions", &token);
        let (sign_ins, ended, ()) = tokio::join!(sign_ins, ends, async {
            for _ in 0..6 {
                publish(app).await;
                time::sleep(Duration::from_millis(5)).await;
            }
        });
        assert_eq!(ended.status, 204, "{ended}");
        let began = sign_ins.iter().rfind(|answer| answer.status == 201).expect("one of them succeeds");
        let live = text(&began.json(), "access_token").to_owned();
        if app.account(&live).await.status == 200 {
            token = live;
        }
    }
    app.deliver_all().await;
    let all = reader.all().await;
    let place = |event_type: &str, session: &str| {
        let is_it = |event: &Value| event["type"] == event_type && event["data"]["session_id"] == session;
        all.iter().position(is_it)
    };
    let ended = of_type(&all, "session.ended");
    assert!(ended.len() >= 3, "{}", ended.len());
    for event in ended {
        let session = text(&event["data"], "session_id");
        assert!(place("session.started", session).unwrap() < place("session.ended", session).unwrap());
    }
    assert_eq!(all[0]["type"], "account.created");
}

async fn an_act_that_fails_tells_nothing(app: &TestApp) {
    let now = app.app.clock.now();
    let write = move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        tell_closing(tx, &AccountId::mint(), now)?;
        Err(undone())
    };
    assert!(app.app.database.write(write).await.is_err());
    assert_eq!(publish(app).await, 0);
    assert!(Reader::of(app).await.all().await.is_empty());
    assert_eq!(app.dump().counts()["events"], 0);
}

async fn a_publication_that_fails_is_made_again(app: &TestApp) {
    let reader = Reader::of(app).await;
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "ALTER TABLE event_positions RENAME TO hidden").unwrap();
    assert!(identity::events::publish(&app.app).await.is_err());
    // Nobody else is concerned.
    app.session(&Customer::ANA).await;
    execute(&app.database.url, "ALTER TABLE hidden RENAME TO event_positions").unwrap();
    app.deliver_all().await;
    assert_eq!(publish(app).await, 2);
    let all = reader.all().await;
    assert_eq!(ids(&all).len(), 2);
}

/// Requests and jobs write while a publication is under way, however long it takes.
async fn nobody_waits_for_the_publication_of_events(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let (has_begun, begun) = mpsc::channel();
    let (go_on, waits) = mpsc::channel();
    let database = app.app.database.clone();
    let publishing = task::spawn(async move {
        database
            .write(move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
                stakis_identity::store::events::publish(tx, 500)?;
                has_begun.send(()).unwrap();
                waits.recv().unwrap();
                Ok(())
            })
            .await
    });
    task::spawn_blocking(move || begun.recv().unwrap()).await.unwrap();
    let acts = async {
        let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
        app.ask(Customer::ANA.number).await.assert_status(202);
        app.deliver_all().await;
        app.call(Method::DELETE, "/v1/sessions/current", &token).await.assert_status(204);
        Reader::of(&app).await.ask("").await.assert_status(200);
    };
    time::timeout(Duration::from_secs(20), acts).await.expect("nothing waits");
    go_on.send(()).unwrap();
    publishing.await.unwrap().unwrap();
    assert_eq!(publish(&app).await, 3);
}
