//! Giving positions to committed entries, while many write and several seal.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use chrono::TimeDelta;
use futures_util::future::join_all;
use stakis_identity::{
    app::App,
    identity::audit::{self, Sealing},
    jobs::{self, Background},
    store::{
        StoreError, Transaction,
        audit_events::{Entry, Event},
    },
    types::random_below,
};
use tokio::{sync::watch, task, time};

use super::tampering::{assert_whole, batches, fill, found, seal, sealed, verify};
use crate::support::{
    Customer, Engine, TestApp, administrator, database_tests, engine_tests, execute, postgres_tests,
};

database_tests![
    lo_06_every_entry_gets_one_position_without_gaps,
    lo_06_a_worker_seals_within_a_minute,
    lo_06_a_seal_that_fails_raises_an_alarm_and_is_made_later,
    lo_06_what_waits_for_its_seal_is_told,
    lo_06_the_database_refuses_to_change_seals,
];
engine_tests![lo_06_instances_that_write_and_seal_at_once_lose_nothing];
postgres_tests![lo_06_an_entry_that_is_committed_late_is_sealed_late, lo_06_nobody_waits_for_the_seal];

async fn lo_06_every_entry_gets_one_position_without_gaps(app: &TestApp) {
    assert_eq!(audit::find_head(&app.app).await.unwrap().map(|head| head.batch), None);
    assert_whole(&verify(app).await);
    fill(app).await;
    let all = app.audit().len();
    let positions: BTreeSet<usize> =
        app.column("audit_seals", "position").iter().map(|position| position.parse().unwrap()).collect();
    assert_eq!(positions, (1..=all).collect());
    let of_entries: BTreeSet<String> = app.column("audit_events", "id").into_iter().collect();
    assert_eq!(of_entries, app.column("audit_seals", "event_id").into_iter().collect());
    let report = verify(app).await;
    let seen = [report.entries, report.batches, report.waiting].map(|count| usize::try_from(count).unwrap());
    assert_eq!(seen, [all, batches(app), 0]);
    // Nothing is sealed where nothing has happened.
    assert_eq!(audit::seal_batch(&app.app).await.unwrap(), Sealing::NothingWaits);
    assert_eq!(batches(app), seen[1]);
}

/// Appends an entry as an act does.
fn append(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    Entry::new(Event::SensitiveRead, &administrator(), tx.now).detail("of a test").append(tx)
}

async fn write_at_random(app: App, transactions: usize) {
    for _ in 0..transactions {
        let (entries, is_undone) = (1 + random_below(3), random_below(8) == 0);
        let pause = Duration::from_micros(random_below(6_000));
        let outcome = app
            .database
            .write(move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
                (0..entries).try_for_each(|_| append(tx))?;
                std::thread::sleep(pause);
                if is_undone { Err(StoreError::Unwritable("the test undoes this".into())) } else { Ok(()) }
            })
            .await;
        assert_eq!(outcome.is_err(), is_undone);
    }
}

async fn lo_06_instances_that_write_and_seal_at_once_lose_nothing(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.database.pool_size = 12).await;
    let (_, second) = app.second_instance().await;
    let is_written = Arc::new(AtomicBool::new(false));
    let sealers: Vec<_> = [app.app.clone(), second.clone(), second.clone()]
        .into_iter()
        .map(|instance| {
            let is_written = is_written.clone();
            task::spawn(async move {
                let mut count = 0;
                while !is_written.load(Ordering::SeqCst) {
                    if let Sealing::Sealed(sealed) = audit::seal_batch(&instance).await.unwrap() {
                        count += sealed;
                    }
                    time::sleep(Duration::from_millis(random_below(4))).await;
                }
                count
            })
        })
        .collect();
    let writers = (0..6).map(|index| {
        let instance = if index % 2 == 0 { app.app.clone() } else { second.clone() };
        task::spawn(write_at_random(instance, 30))
    });
    for writer in join_all(writers).await {
        writer.unwrap();
    }
    is_written.store(true, Ordering::SeqCst);
    let mut count = seal(&app).await;
    for sealer in sealers {
        count += sealer.await.unwrap();
    }
    count += seal(&app).await;
    let entries = app.audit().len();
    assert!(entries > 200, "{entries}");
    assert_eq!((count, sealed(&app)), (entries, entries));
    assert!(batches(&app) > 3);
    assert_whole(&verify(&app).await);
}

/// The first writer is queued first, and is still at work when the second one is sealed.
async fn lo_06_an_entry_that_is_committed_late_is_sealed_late(engine: Engine) {
    let app = TestApp::start(engine).await;
    seal(&app).await;
    let (has_written, written) = mpsc::channel();
    let (go_on, waits) = mpsc::channel();
    let database = app.app.database.clone();
    let late = task::spawn(async move {
        database
            .write(move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
                append(tx)?;
                has_written.send(()).unwrap();
                waits.recv().unwrap();
                Ok(())
            })
            .await
    });
    task::spawn_blocking(move || written.recv().unwrap()).await.unwrap();
    app.app.database.write(append).await.unwrap();
    assert_eq!(seal(&app).await, 1, "the open transaction is invisible, and keeps nobody waiting");
    go_on.send(()).unwrap();
    late.await.unwrap().unwrap();
    assert_eq!(seal(&app).await, 1);
    assert_whole(&verify(&app).await);
}

/// A transaction that seals stands still. Sign-ins, resets and other acts go on.
async fn lo_06_nobody_waits_for_the_seal(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let (has_locked, locked) = mpsc::channel();
    let (go_on, waits) = mpsc::channel::<()>();
    let url = app.database.url_text.clone();
    let standing = task::spawn_blocking(move || {
        use diesel::{Connection as _, PgConnection, connection::SimpleConnection as _};
        let mut connection = PgConnection::establish(&url).unwrap();
        connection
            .batch_execute("BEGIN; SELECT pg_advisory_xact_lock(hashtext('audit_events'), hashtext('seal'))")
            .unwrap();
        has_locked.send(()).unwrap();
        waits.recv().unwrap();
        connection.batch_execute("COMMIT").unwrap();
    });
    task::spawn_blocking(move || locked.recv().unwrap()).await.unwrap();
    let acts = async {
        app.session(&Customer::ANA).await;
        let token = app.token_for(&Customer::ANA).await;
        app.complete(&token, Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
        app.deliver_all().await;
    };
    time::timeout(Duration::from_secs(20), acts).await.expect("nobody waits");
    go_on.send(()).unwrap();
    standing.await.unwrap();
    seal(&app).await;
    assert_whole(&verify(&app).await);
}

async fn lo_06_a_worker_seals_within_a_minute(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let (stop, stopped) = watch::channel(false);
    let workers = [app.app.clone(), app.second_instance().await.1]
        .map(|app| tokio::spawn(jobs::run(app, Background::Everything, stopped.clone())));
    let waits = async {
        for _ in 0..2 {
            app.session(&Customer::ANA).await;
            while !app.column("audit_unsealed", "seq").is_empty() {
                time::sleep(Duration::from_millis(50)).await;
            }
        }
    };
    time::timeout(Duration::from_mins(1), waits).await.expect("entries are sealed within a minute");
    stop.send(true).unwrap();
    for worker in workers {
        worker.await.unwrap();
    }
    assert_whole(&verify(app).await);
}

async fn lo_06_a_seal_that_fails_raises_an_alarm_and_is_made_later(app: &TestApp) {
    app.make(&Customer::ANA).await;
    execute(&app.database.url, "ALTER TABLE audit_batches RENAME TO hidden").unwrap();
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(jobs::run(app.app.clone(), Background::Everything, stopped));
    let failures = r#"stakis_upkeep_failures_total{task="seal"}"#;
    let fails = async {
        while app.counted(failures) == 0 {
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    time::timeout(Duration::from_secs(30), fails).await.expect("it fails");
    assert!(app.counted(r#"stakis_alarms_total{alarm="upkeep"}"#) > 0);
    stop.send(true).unwrap();
    worker.await.unwrap();
    execute(&app.database.url, "ALTER TABLE hidden RENAME TO audit_batches").unwrap();
    assert_eq!(seal(app).await, app.audit().len());
    assert_whole(&verify(app).await);
}

async fn lo_06_what_waits_for_its_seal_is_told(app: &TestApp) {
    fill(app).await;
    let age = || async { audit::seal_age(&app.app).await.unwrap() };
    assert_eq!(age().await.oldest_unsealed, TimeDelta::zero());
    app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await;
    app.advance(TimeDelta::seconds(59));
    assert_eq!(found(&verify(app).await), [""; 0]);
    app.advance(TimeDelta::seconds(2));
    let told = age().await;
    assert_eq!(told.oldest_unsealed, TimeDelta::seconds(61));
    assert!(told.head.unwrap() > TimeDelta::hours(2), "{told:?}");
    let report = verify(app).await;
    assert_eq!((found(&report), report.waiting), (vec!["unsealed".to_owned()], 1));
    seal(app).await;
    let told = age().await;
    assert!(told.oldest_unsealed.is_zero() && told.head.unwrap() < TimeDelta::seconds(1), "{told:?}");
    assert_whole(&verify(app).await);
}

async fn lo_06_the_database_refuses_to_change_seals(app: &TestApp) {
    fill(app).await;
    let dump = app.dump();
    for statement in [
        "UPDATE audit_seals SET salt = NULL WHERE position = 3",
        "UPDATE audit_seals SET salt = '00' WHERE position = 3",
        "UPDATE audit_seals SET row_hash = '00' WHERE position = 3",
        "UPDATE audit_seals SET position = 1000 WHERE position = 3",
        "DELETE FROM audit_seals WHERE position = 3",
        "UPDATE audit_batches SET head = '00' WHERE number = 2",
        "UPDATE audit_batches SET signature = '00' WHERE number = 2",
        "DELETE FROM audit_batches WHERE number = 2",
        "DELETE FROM audit_events",
    ] {
        let refused = execute(&app.database.url, statement).unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(app.dump(), dump);
}
