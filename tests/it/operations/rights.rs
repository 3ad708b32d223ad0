//! The service's own database user owns nothing: `docs/deployment.md` has the statements, which are run here as they stand.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use chrono::TimeDelta;
use diesel::{Connection as _, PgConnection, connection::SimpleConnection as _};
use reqwest::Method;
use serde_json::json;
use stakis_identity::{config::DatabaseUrl, identity::upkeep::FORGETTING};
use url::Url;

use crate::support::{
    Customer, Engine, MailApi, ManualClock, TestApp, TestDatabase, base_config, partner::Partner, postgres_tests,
    run_command, send, text,
};

postgres_tests![cf_06_a_database_user_that_owns_nothing_is_enough];

const NEW: &str = "Zimske-gume-27";

/// A migrated database, and the address with the user that owns nothing of it.
fn with_two_users(engine: Engine) -> (TestDatabase, Url) {
    let database = TestDatabase::empty(engine);
    let url: Url = database.url_text.parse().unwrap();
    let name = url.path().trim_start_matches('/').to_owned();
    let [owner, user] = ["owner", "user"].map(|role| format!("{name}_{role}"));
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/deployment.md")).unwrap();
    let statements = page.split("```sql\n").nth(1).unwrap().split("```").next().unwrap();
    let statements = statements.replace("stakis_owner", &owner).replace("TO stakis;", &format!("TO {user};"));
    let statements = statements.replace("CREATE ROLE stakis ", &format!("CREATE ROLE {user} "));
    let statements = statements.replace("CREATE DATABASE stakis OWNER", &format!("ALTER DATABASE {name} OWNER TO"));
    let statements: Vec<&str> = statements.lines().filter(|line| !line.starts_with('\\')).collect();
    assert_eq!(statements.len(), 8, "{statements:?}");
    let mut connection = PgConnection::establish(&database.url_text).unwrap();
    connection.batch_execute(&statements.join("\n")).unwrap();

    let address_of = |role: &str| {
        let mut url = url.clone();
        url.set_username(role).unwrap();
        url.set_password(Some("…")).unwrap();
        url
    };
    let folder = tempfile::tempdir().unwrap();
    let variables = BTreeMap::from([
        ("STAKIS_DATA_DIR", folder.path().display().to_string()),
        ("STAKIS_DATABASE_URL", address_of(&owner).to_string()),
    ]);
    let output = run_command(&["migrate"], &variables, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (database, address_of(&user))
}

async fn cf_06_a_database_user_that_owns_nothing_is_enough(engine: Engine) {
    let (database, url) = with_two_users(engine);
    let mut config = base_config(&database);
    config.database.url = DatabaseUrl::Postgres(url.to_string().into());
    let app = TestApp::start_on(database, config, Arc::new(ManualClock::new()), MailApi::start().await).await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.deliver_all().await;
    let session = app.sign_in(Customer::ANA.number, NEW).await;
    session.assert_status(201);
    app.refresh(text(&session.json(), "refresh_token")).await.assert_status(200);
    app.get("/readyz").await.assert_status(200);

    let machine = Partner::with_every_scope(&app).await.token(&app).await;
    let rows = json!({ "accounts": [{ "customer_number": "100001", "email": "prva@example.si" }] });
    let imported = app.request(Method::POST, "/v1/accounts/import").bearer_auth(&machine).json(&rows);
    send(imported).await.assert_status(200);
    let found = app.request(Method::POST, "/v1/accounts/search").bearer_auth(&machine);
    let found = send(found.json(&json!({ "customer_number": Customer::ANA.number }))).await.json();
    let path = format!("/v1/accounts/{}", text(&found["accounts"][0], "id"));
    app.call(Method::GET, &format!("{path}/export"), &machine).await.assert_status(200);
    app.call(Method::DELETE, &path, &machine).await.assert_status(204);
    app.deliver_all().await;
    // What is forgotten is forgotten by the same user.
    app.advance(TimeDelta::days(800));
    for task in FORGETTING {
        task.run_batch(&app.app).await.unwrap();
    }

    // A thief of this user can neither change the tables nor silence the trail.
    let mut connection = PgConnection::establish(url.as_str()).unwrap();
    for statement in [
        "CREATE TABLE anything (id INT)",
        "ALTER TABLE accounts ADD COLUMN anything INT",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "DROP TABLE audit_events",
        "TRUNCATE audit_events",
    ] {
        let refusal = connection.batch_execute(statement).unwrap_err().to_string();
        assert!(
            refusal.contains("permission denied") || refusal.contains("must be owner"),
            "{statement}: {refusal}"
        );
    }
}
