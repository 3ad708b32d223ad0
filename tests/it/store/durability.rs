//! What a commit waits for.

use diesel::{RunQueryDsl as _, sql_query};
use stakis_identity::store::{StoreError, Transaction};

use crate::support::{Engine, TestDatabase, engine_tests, open_store};

engine_tests![op_02_a_count_waits_for_no_disk_and_every_other_commit_does,];

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

async fn op_02_a_count_waits_for_no_disk_and_every_other_commit_does(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let store = open_store(&database.url);
    let (query, waits, waits_not) = match engine {
        Engine::Sqlite => ("SELECT CAST(synchronous AS TEXT) AS value FROM pragma_synchronous", "2", "1"),
        Engine::Postgres => ("SELECT current_setting('synchronous_commit') AS value", "on", "off"),
    };
    let read = move |tx: &mut Transaction<'_>| -> Result<String, StoreError> {
        Ok(sql_query(query).get_result::<Setting>(tx.connection)?.value)
    };
    // One connection serves all of them, one after the other.
    for _ in 0..2 {
        assert_eq!(store.count(read).await.unwrap(), waits_not);
        assert_eq!(store.write(read).await.unwrap(), waits);
    }
    // A count that fails leaves the connection as one that succeeds.
    let failed: Result<(), StoreError> = store.count(|_| Err(StoreError::Aborted)).await;
    failed.unwrap_err();
    assert_eq!(store.write_long(read).await.unwrap(), waits);
    assert_eq!(store.write(read).await.unwrap(), waits);
}
