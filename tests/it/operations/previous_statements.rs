//! The version before this one goes on working on the tables of this one, which a rolling upgrade and the way back need.

use std::{fs, path::Path};

use diesel::{
    Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _, sql_query,
};
use secrecy::ExposeSecret as _;
use stakis_identity::config::DatabaseUrl;

use crate::support::{Engine, TestDatabase, engine_tests};

engine_tests![op_05_every_statement_of_the_release_before_is_understood,];

async fn op_05_every_statement_of_the_release_before_is_understood(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let file = format!("tests/previous-statements/{}.sql", engine.as_str());
    let recorded = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let statements: Vec<&str> = recorded.lines().collect();
    assert!(statements.len() > 100, "{} statements", statements.len());
    match &database.url {
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            for statement in statements {
                let explained = sql_query(format!("EXPLAIN {statement}")).execute(&mut connection);
                assert!(explained.is_ok(), "{statement}: {explained:?}");
            }
        }
        DatabaseUrl::Postgres(url) => {
            let mut connection = PgConnection::establish(url.expose_secret()).unwrap();
            for statement in statements {
                let prepared = connection.batch_execute(&format!("PREPARE it AS {statement} DEALLOCATE it;"));
                assert!(prepared.is_ok(), "{statement}: {prepared:?}");
            }
        }
    }
}
