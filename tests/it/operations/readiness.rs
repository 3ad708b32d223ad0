//! `/readyz` says whether this instance can serve every call.

use stakis_identity::store::readiness;

use crate::support::{Engine, TestApp, database_tests, engine_tests, execute};

database_tests![op_01_without_any_of_its_tables_it_is_not_ready,];

engine_tests![
    op_01_a_database_that_takes_no_writes_is_not_ready,
    op_05_after_a_migration_of_a_later_version_it_is_ready_if_it_bears_it,
    op_01_however_many_ask_few_looks_are_made,
];

async fn op_01_without_any_of_its_tables_it_is_not_ready(app: &TestApp) {
    let tables = app.dump().counts();
    for &table in readiness::TABLES {
        assert!(tables.contains_key(table), "{table} is no table");
        execute(&app.database.url, &format!("ALTER TABLE {table} RENAME TO hidden")).unwrap();
        let looked = app.app.database.query(readiness::check_tables).await;
        assert!(looked.is_err(), "without {table}");
        execute(&app.database.url, &format!("ALTER TABLE hidden RENAME TO {table}")).unwrap();
    }
    let looked_at: Vec<&str> = tables.keys().copied().filter(|table| !readiness::TABLES.contains(table)).collect();
    // A delivery event alone reads it, and goes on without.
    assert_eq!(looked_at, ["suppression_liftings"]);
    app.get("/readyz").await.assert_status(200);
}

async fn op_01_a_database_that_takes_no_writes_is_not_ready(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.get("/readyz").await.assert_status(200);
    let (refuse, take) = match engine {
        Engine::Sqlite => (
            "CREATE TRIGGER refuses BEFORE INSERT ON rate_limits BEGIN SELECT RAISE(ABORT, 'disk full'); END",
            "DROP TRIGGER refuses",
        ),
        Engine::Postgres => (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;
             CREATE TRIGGER refuses BEFORE INSERT ON rate_limits FOR EACH ROW EXECUTE FUNCTION refuse()",
            "DROP TRIGGER refuses ON rate_limits",
        ),
    };
    execute(&app.database.url, refuse).unwrap();
    let answer = app.get("/readyz").await;
    answer.assert_problem(503, "unavailable");
    assert!(!answer.text.contains("disk"), "{}", answer.text);
    execute(&app.database.url, take).unwrap();
    app.get("/readyz").await.assert_status(200);
}

async fn op_05_after_a_migration_of_a_later_version_it_is_ready_if_it_bears_it(engine: Engine) {
    let app = TestApp::start(engine).await;
    let later = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000001')";
    execute(&app.database.url, later).unwrap();
    app.get("/readyz").await.assert_problem(503, "unavailable");
    for (oldest, status) in [("20990101000000", 503), ("20261127000014", 200)] {
        let borne = format!(
            "DELETE FROM migration_bearers WHERE migration = '20990101000001';
             INSERT INTO migration_bearers (migration, oldest_known) VALUES ('20990101000001', '{oldest}')"
        );
        execute(&app.database.url, &borne).unwrap();
        app.get("/readyz").await.assert_status_with(status, format_args!("{oldest}"));
    }
}

async fn op_01_however_many_ask_few_looks_are_made(engine: Engine) {
    let app = TestApp::start(engine).await;
    for _ in 0..10 {
        app.get("/readyz").await.assert_status(200);
    }
    execute(&app.database.url, "ALTER TABLE jobs RENAME TO hidden").unwrap();
    let began = std::time::Instant::now();
    let mut answers = Vec::new();
    while answers.len() < 50 {
        answers.push(app.get("/readyz").await.status);
    }
    // Within the first second the last look holds, and after it the next one tells.
    assert!(answers[0] == 200 || began.elapsed().as_millis() > 900, "{answers:?}");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    app.get("/readyz").await.assert_problem(503, "unavailable");
    execute(&app.database.url, "ALTER TABLE hidden RENAME TO jobs").unwrap();
}
