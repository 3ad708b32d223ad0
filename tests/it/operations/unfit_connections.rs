//! Connections to PostgreSQL that are silent, refused, or lead to a server that only reads.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::{RunQueryDsl as _, sql_query};
use stakis_identity::{
    config::DatabaseUrl,
    store::{StoreError, Transaction},
};
use tokio::time;

use crate::support::{
    Customer, Engine, MailApi, ManualClock, PUBLIC_URL, Relay, Running, TestApp, TestDatabase, Way, base_config,
    postgres_tests, send,
};

postgres_tests![
    op_02_a_silent_connection_is_given_up_and_another_one_opened,
    op_02_while_no_connection_can_be_opened_callers_do_not_wait,
    op_02_a_connection_to_a_server_that_only_reads_is_dropped,
    op_08_a_start_waits_for_a_server_that_is_not_there_yet,
    op_03_a_hung_database_does_not_keep_a_process_that_stops,
];

/// The server of a database, as `host:port`.
fn server_of(url_text: &str) -> &str {
    url_text.split_once('@').unwrap().1.split_once('/').unwrap().0
}

async fn relay_to(url_text: &str) -> Relay {
    Relay::start(server_of(url_text)).await
}

/// The address of the database through the relay.
fn through(relay: &Relay, url_text: &str) -> String {
    url_text.replace(&format!("@{}/", server_of(url_text)), &format!("@127.0.0.1:{}/", relay.port))
}

/// The service behind a relay.
async fn start(engine: Engine) -> (TestApp, Relay) {
    let database = TestDatabase::migrated(engine);
    let relay = relay_to(&database.url_text).await;
    let mut config = base_config(&database);
    config.database.url = DatabaseUrl::Postgres(through(&relay, &database.url_text).into());
    config.database.silent_after = Duration::from_secs(1);
    let app = TestApp::start_on(database, config, Arc::new(ManualClock::new()), MailApi::start().await).await;
    app.make(&Customer::ANA).await;
    (app, relay)
}

async fn signs_in(app: &TestApp) {
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
}

async fn op_02_a_silent_connection_is_given_up_and_another_one_opened(engine: Engine) {
    let (app, relay) = start(engine).await;
    signs_in(&app).await;
    relay.set(Way::Silent);
    time::sleep(Duration::from_millis(50)).await;
    relay.set(Way::Passes);
    // Every line that was open stays silent.
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(503, "unavailable");
    signs_in(&app).await;
    app.deliver_all().await;
}

async fn op_02_while_no_connection_can_be_opened_callers_do_not_wait(engine: Engine) {
    let (app, relay) = start(engine).await;
    signs_in(&app).await;
    relay.set(Way::Refuses);
    time::sleep(Duration::from_millis(50)).await;
    let began = Instant::now();
    for _ in 0..20 {
        app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(503, "unavailable");
    }
    assert!(began.elapsed() < Duration::from_secs(4), "twenty answers took {:?}", began.elapsed());
    relay.set(Way::Passes);
    time::sleep(Duration::from_millis(1_100)).await;
    let mut tries = 0;
    while app.sign_in(Customer::ANA.number, Customer::ANA.password).await.status != 201 {
        tries += 1;
        assert!(tries < 50, "it does not come back");
        time::sleep(Duration::from_millis(100)).await;
    }
    app.deliver_all().await;
}

async fn op_02_a_connection_to_a_server_that_only_reads_is_dropped(engine: Engine) {
    let (app, _relay) = start(engine).await;
    signs_in(&app).await;
    let turn_reader = |tx: &mut Transaction<'_>| -> Result<usize, StoreError> {
        Ok(sql_query("SET default_transaction_read_only = on").execute(tx.connection)?)
    };
    app.app.database.query(turn_reader).await.unwrap();
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(503, "unavailable");
    signs_in(&app).await;
    app.deliver_all().await;
}

async fn op_08_a_start_waits_for_a_server_that_is_not_there_yet(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let relay = relay_to(&database.url_text).await;
    relay.set(Way::Refuses);
    let data = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut variables = BTreeMap::from([
        ("STAKIS_DATA_DIR", data.path().display().to_string()),
        ("STAKIS_DATABASE_URL", through(&relay, &database.url_text)),
        ("STAKIS_LISTEN", format!("127.0.0.1:{port}")),
        ("STAKIS_PUBLIC_URL", PUBLIC_URL.to_owned()),
        ("STAKIS_OPS_LISTEN", "off".to_owned()),
    ]);
    let mut serving = Running::start("serve", &variables);
    let line = tokio::task::spawn_blocking(move || (serving.wait_for_line("cannot be reached"), serving));
    let (_, mut serving) = line.await.unwrap();
    // Meanwhile it is alive and not ready, and refuses every other call as a service that is busy does.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = |path: &str| send(client.get(format!("http://127.0.0.1:{port}{path}")));
    get("/livez").await.assert_status(204);
    for path in ["/readyz", "/v1/password-policy", "/nowhere"] {
        let answer = get(path).await;
        answer.assert_problem(503, "unavailable");
        assert_eq!((answer.header("connection"), answer.header("retry-after")), ("close", "5"), "{path}");
    }
    relay.set(Way::Passes);
    tokio::task::spawn_blocking(move || {
        serving.wait_for_line("serving");
        serving
    })
    .await
    .unwrap();
    relay.set(Way::Refuses);
    // A signal ends the wait.
    variables.insert("STAKIS_LISTEN", "127.0.0.1:0".to_owned());
    let mut waiting = Running::start("serve", &variables);
    let status = tokio::task::spawn_blocking(move || {
        waiting.wait_for_line("cannot be reached");
        waiting.signal("TERM");
        waiting.child.wait().unwrap()
    });
    assert!(status.await.unwrap().success());
    // Without the wait the process ends at once.
    relay.set(Way::Refuses);
    variables.insert("STAKIS_DATABASE_WAIT_SECONDS", "0".to_owned());
    let mut ended = Running::start("serve", &variables);
    let status = tokio::task::spawn_blocking(move || ended.child.wait().unwrap()).await.unwrap();
    assert!(!status.success());
}

async fn op_03_a_hung_database_does_not_keep_a_process_that_stops(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let relay = relay_to(&database.url_text).await;
    let data = tempfile::tempdir().unwrap();
    let variables = BTreeMap::from([
        ("STAKIS_DATA_DIR", data.path().display().to_string()),
        ("STAKIS_DATABASE_URL", through(&relay, &database.url_text)),
        ("STAKIS_LISTEN", "127.0.0.1:0".to_owned()),
        ("STAKIS_OPS_LISTEN", "off".to_owned()),
    ]);
    let mut serving = Running::start("serve", &variables);
    let started = tokio::task::spawn_blocking(move || (serving.wait_for_address("serving"), serving));
    let (address, mut serving) = started.await.unwrap();
    relay.set(Way::Silent);
    time::sleep(Duration::from_millis(50)).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let hung = tokio::spawn(
        client
            .post(format!("http://{address}/v1/password-resets/verify"))
            .json(&serde_json::json!({ "token": "x" }))
            .send(),
    );
    time::sleep(Duration::from_millis(200)).await;
    serving.signal("TERM");
    let began = Instant::now();
    tokio::task::spawn_blocking(move || serving.child.wait().unwrap()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(25), "it took {:?}", began.elapsed());
    drop(hung.await);
}
