//! Workers that are killed while they seal.

use std::{thread, time::Duration};

use stakis_identity::{
    identity::audit,
    store::{
        StoreError, Transaction,
        audit_events::{Entry, Event},
    },
    types::random_below,
};

use super::tampering::assert_whole;
use crate::support::{Engine, Plant, administrator, column, engine_tests};

engine_tests![lo_06_workers_that_are_killed_seal_each_entry_once];

const ENTRIES: usize = 20_000;

async fn lo_06_workers_that_are_killed_seal_each_entry_once(engine: Engine) {
    let plant = Plant::start(engine, wiremock::ResponseTemplate::new(500)).await;
    let app = &plant.app;
    for _ in 0..ENTRIES / 1_000 {
        let append = |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
            (0..1_000).try_for_each(|_| Entry::new(Event::SensitiveRead, &administrator(), tx.now).append(tx))
        };
        app.database.write(append).await.unwrap();
    }
    let waiting = || column(&plant.database.url, "audit_unsealed", "seq").len();
    let mut kills = 0;
    while waiting() > 0 && kills < 40 {
        let mut workers = [plant.start_worker(), plant.start_worker()];
        thread::sleep(Duration::from_millis(random_below(250)));
        for worker in &mut workers {
            worker.child.kill().unwrap();
            worker.child.wait().unwrap();
            kills += 1;
        }
    }
    assert!(kills > 2, "{kills}");
    audit::seal_all(app).await.unwrap();
    let report = audit::verify(app, Vec::new()).await.unwrap();
    assert_whole(&report);
    let verified = usize::try_from(report.entries).unwrap();
    assert!(verified >= ENTRIES, "{report:?}");
    assert_eq!(verified, column(&plant.database.url, "audit_events", "id").len());
}
