//! The version before this one goes on working on the tables of this one, which a rolling upgrade and the way back need.

use std::{fs, path::Path};

use crate::support::{DirectConnection, Engine, TestDatabase, engine_tests};

engine_tests![op_05_every_statement_of_the_release_before_is_understood,];

async fn op_05_every_statement_of_the_release_before_is_understood(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let file = format!("tests/previous-statements/{}.sql", engine.as_str());
    let recorded = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let statements: Vec<&str> = recorded.lines().collect();
    assert!(statements.len() > 100, "{} statements", statements.len());
    let mut connection = DirectConnection::open(&database.url);
    for statement in statements {
        let understood = connection.execute(&match engine {
            Engine::Sqlite => format!("EXPLAIN {statement}"),
            Engine::Postgres => format!("PREPARE it AS {statement} DEALLOCATE it;"),
        });
        assert!(understood.is_ok(), "{statement}: {understood:?}");
    }
}
