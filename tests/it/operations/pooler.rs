//! PgBouncer in transaction mode between the service and PostgreSQL.

use std::{fs, process::Command, sync::Arc};

use futures_util::future::join_all;
use stakis_identity::config::DatabaseUrl;
use url::Url;

use crate::support::{
    Customer, Engine, Listening, MailApi, ManualClock, TestApp, TestDatabase, base_config, postgres_tests, text,
};

postgres_tests![with "pgbouncer":
    op_08_the_whole_guide_works_through_a_pooler_in_transaction_mode,
    op_08_no_session_setting_reaches_another_client_of_the_pooler,
];

const NEW: &str = "Zimske-gume-27";

/// Starts `PgBouncer` with two connections to the server for all clients.
async fn start_pooler(server: &Url) -> Listening {
    Listening::start(|port, folder| {
        let file = folder.join("pgbouncer.ini");
        let [host, user, password] =
            [server.host_str().unwrap(), server.username(), server.password().unwrap_or_default()];
        let settings = format!(
            "[databases]\n* = host={host} port={} user={user} password={password}\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 200\n",
            server.port().unwrap(),
        );
        fs::write(&file, settings).unwrap();
        let mut command = Command::new("pgbouncer");
        // It refuses to run as root, and changes to another user.
        if nix::unistd::Uid::current().is_root() {
            command.args(["-u", "postgres"]);
        }
        command.arg("-q").arg(&file);
        command
    })
    .await
}

async fn start(engine: Engine) -> (TestApp, Listening) {
    let database = TestDatabase::migrated(engine);
    let mut url: Url = database.url_text.parse().unwrap();
    let pooler = start_pooler(&url).await;
    url.set_port(Some(pooler.port)).unwrap();
    let mut config = base_config(&database);
    config.database.url = DatabaseUrl::Postgres(url.to_string().into());
    config.database.pooler = true;
    let app = TestApp::start_on(database, config, Arc::new(ManualClock::new()), MailApi::start().await).await;
    (app, pooler)
}

async fn op_08_the_whole_guide_works_through_a_pooler_in_transaction_mode(engine: Engine) {
    let (app, _pooler) = start(engine).await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.deliver_all().await;
    // More clients than connections: each call of the service may reach another session of the server.
    for _ in 0..5 {
        for answer in join_all((0..8).map(|_| app.sign_in("999999", "Ugibanje-26"))).await {
            assert!([401, 429].contains(&answer.status), "{answer}");
        }
        let answers = join_all((0..4).map(|_| app.sign_in(Customer::ANA.number, NEW))).await;
        for answer in answers {
            answer.assert_status(201);
            app.refresh(text(&answer.json(), "refresh_token")).await.assert_status(200);
        }
    }
    app.get("/readyz").await.assert_status(200);
    app.deliver_all().await;
}

/// The time zone of the server is not the service's, so a setting that stayed in a session would show.
async fn op_08_no_session_setting_reaches_another_client_of_the_pooler(engine: Engine) {
    use diesel::{Connection as _, PgConnection, RunQueryDsl as _, sql_query};
    use secrecy::ExposeSecret as _;

    #[derive(diesel::QueryableByName)]
    struct Value {
        #[diesel(sql_type = diesel::sql_types::Text)]
        value: String,
    }

    let (app, _pooler) = start(engine).await;
    app.make(&Customer::ANA).await;
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    let DatabaseUrl::Postgres(url) = &app.config.database.url else { panic!("not PostgreSQL") };
    for _ in 0..4 {
        let mut other = PgConnection::establish(url.expose_secret()).unwrap();
        other.set_prepared_statement_cache_size(diesel::connection::CacheSize::Disabled);
        let timeout: Value = other
            .transaction(|other| {
                sql_query("SELECT current_setting('statement_timeout') AS value").get_result(other)
            })
            .unwrap();
        assert_eq!(timeout.value, "0");
    }
    app.deliver_all().await;
}
