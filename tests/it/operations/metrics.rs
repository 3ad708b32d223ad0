//! The metrics: what they count, where they are served, and that they name no customer.

use std::{collections::BTreeMap, net::TcpListener};

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{
    config::{self, OperationsListen},
    http,
};
use wiremock::ResponseTemplate;

use crate::support::{
    Answer, Customer, Engine, Plant, Serving, TestApp, TestDatabase, database_tests, engine_tests, plain_tests,
    run_command, send, text,
};

database_tests![
    op_01_the_public_listener_has_no_metrics,
    op_06_metrics_move_with_what_happens,
    lo_08_metrics_name_nobody,
];

engine_tests![op_01_serve_and_worker_tell_metrics_on_a_listener_of_their_own,];

plain_tests![op_01_the_operations_listener_is_where_the_settings_say, op_01_a_taken_operations_port_is_told];

const PETER: Customer = Customer { number: "100001", email: "peter@example.si", password: "Poletne-gume-26" };
const STRANGER: &str = "999998";
const NEW: &str = "Zimske-gume-27";
const NEXT: &str = "Letne-pnevmatike-28";

async fn get(url: &str) -> Answer {
    send(reqwest::Client::builder().no_proxy().build().unwrap().get(url)).await
}

/// The metrics that the operations listener of this app serves.
pub(super) async fn metrics(app: &TestApp) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    let server = http::start_operations(listener, app.app.clone()).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    let answer = get(&url).await;
    handle.stop(false).await;
    answer.assert_status(200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    answer.text
}

/// The value of a series; 0 where there is none.
pub(super) fn value(metrics: &str, series: &str) -> i64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0, |value| value.parse().unwrap())
}

async fn op_01_the_public_listener_has_no_metrics(app: &TestApp) {
    app.get("/metrics").await.assert_problem(404, "not-found");
    app.post("/metrics", json!({})).await.assert_problem(404, "not-found");
}

/// Makes everything happen that is counted, some of it often. Returns the tokens that were issued.
pub(super) async fn much_happens(app: &TestApp) -> Vec<String> {
    for customer in [&Customer::ANA, &Customer::BOJAN, &PETER] {
        app.make(customer).await;
    }
    let link = app.token_for(&Customer::ANA).await;
    app.complete(&link, STRANGER, NEW).await.assert_problem(422, "validation-failed");
    app.complete(&link, Customer::ANA.number, NEW).await.assert_status(200);
    for number in [Customer::ANA.number, STRANGER] {
        app.ask(number).await.assert_status(202);
    }
    app.deliver_all().await;
    let first = app.sign_in(Customer::ANA.number, NEW).await.json();
    let body = json!({ "current_password": NEW, "new_password": NEXT, "new_password_confirmation": NEXT });
    let changed = app.change(text(&first, "access_token"), body).await.json();
    let renewed = app.refresh(text(&changed, "refresh_token")).await.json();
    app.refresh(text(&changed, "refresh_token")).await.assert_status(200);
    app.advance(TimeDelta::seconds(31));
    app.refresh(text(&changed, "refresh_token")).await.assert_problem(401, "invalid-token");
    app.close(&Customer::BOJAN).await;
    app.sign_in(Customer::BOJAN.number, Customer::BOJAN.password).await.assert_problem(403, "account-closed");
    for number in [Customer::ANA.number, STRANGER] {
        for _ in 0..6 {
            app.sign_in(number, "napačno geslo").await;
        }
    }
    app.sign_in(&format!("{} ", Customer::ANA.number), NEXT).await.assert_problem(422, "validation-failed");
    let expired = app.sign_in(PETER.number, PETER.password).await.json();
    app.call(Method::GET, &format!("/v1/customers/{}", PETER.number), text(&expired, "access_token")).await;
    app.call(Method::DELETE, &format!("/v1/sessions/{}", PETER.number), text(&expired, "access_token")).await;
    app.deliver_all().await;
    app.mail_api.answer_with(ResponseTemplate::new(401)).await;
    app.ask(PETER.number).await.assert_status(202);
    app.deliver_all().await;
    app.may_leave_jobs();
    let mut tokens = vec![link];
    for session in [&first, &changed, &renewed, &expired] {
        for name in ["access_token", "refresh_token", "session_id", "device_token"] {
            tokens.extend(session[name].as_str().map(str::to_owned));
        }
    }
    tokens
}

async fn op_06_metrics_move_with_what_happens(app: &TestApp) {
    let before = metrics(app).await;
    for series in [
        r#"stakis_sign_ins_total{outcome="busy"} 0"#,
        r#"stakis_mails_total{outcome="given_up",provider="none"} 0"#,
        "stakis_resets_completed_total 0",
        "stakis_refresh_token_reuse_total 0",
        "stakis_refresh_token_reissued_total 0",
        "stakis_proof_of_work_level 0",
        "stakis_jobs_waiting 0",
        "stakis_hashes_pending 0",
        "stakis_signing_key_age_seconds 0",
    ] {
        assert!(before.lines().any(|line| line == series), "{series} is missing:\n{before}");
    }
    let started = app.app.clock.now().and_utc().timestamp();
    assert_eq!(value(&before, "process_start_time_seconds"), started);
    much_happens(app).await;
    let after = metrics(app).await;
    for (series, expected) in [
        (r#"stakis_sign_ins_total{outcome="success"}"#, 2),
        (r#"stakis_sign_ins_total{outcome="closed"}"#, 1),
        // Five failures are free, and the sixth is the first one that has to wait.
        (r#"stakis_sign_ins_total{outcome="credentials"}"#, 10),
        (r#"stakis_sign_ins_total{outcome="throttled"}"#, 2),
        (r#"stakis_rate_limited_total{limit="sign_in_number"}"#, 2),
        (r#"stakis_reset_requests_total{outcome="link_made"}"#, 2),
        (r#"stakis_reset_requests_total{outcome="cooldown"}"#, 1),
        (r#"stakis_reset_requests_total{outcome="no_account"}"#, 1),
        ("stakis_resets_completed_total", 1),
        ("stakis_password_changes_total", 1),
        ("stakis_refresh_token_reuse_total", 1),
        ("stakis_refresh_token_reissued_total", 1),
        (r#"stakis_mails_total{outcome="decoy",provider="none"}"#, 1),
        (r#"stakis_mails_total{outcome="deferred",provider="mailpit"}"#, 1),
        (r#"stakis_alarms_total{alarm="mail_api"}"#, 1),
        ("stakis_jobs_waiting", 1),
        ("stakis_signing_key_age_seconds", 31),
        (r#"stakis_http_requests_total{route="/v1/password-resets",status="202"}"#, 4),
        (r#"stakis_http_requests_total{route="/v1/sessions",status="429"}"#, 2),
        (r#"stakis_http_requests_total{route="/v1/sessions/{id}",status="404"}"#, 1),
        (r#"stakis_http_requests_total{route="none",status="404"}"#, 1),
    ] {
        assert_eq!(value(&after, series), expected, "{series}:\n{after}");
    }
    let handed_over = app.mail_rows().iter().filter(|mail| mail.status == "handed_over").count();
    let handed_over = i64::try_from(handed_over).unwrap();
    assert_eq!(value(&after, r#"stakis_mails_total{outcome="handed_over",provider="mailpit"}"#), handed_over);
}

async fn lo_08_metrics_name_nobody(app: &TestApp) {
    let tokens = much_happens(app).await;
    let metrics = metrics(app).await;
    let mut secrets = tokens;
    for table in
        ["accounts", "sessions", "devices", "reset_requests", "reset_links", "mails", "jobs", "signing_keys"]
    {
        let ids = app.column(table, "id");
        assert!(!ids.is_empty(), "{table}");
        secrets.extend(ids);
    }
    for customer in [&Customer::ANA, &Customer::BOJAN, &PETER] {
        secrets.extend([customer.number, customer.email, customer.password].map(str::to_owned));
    }
    secrets.extend([STRANGER, NEW, NEXT, "example.si", "127.0.0", "napa"].map(str::to_owned));
    // A value may be any number, and have the digits of a customer's.
    let lines: Vec<&str> = metrics.lines().filter_map(|line| Some(line.rsplit_once(' ')?.0)).collect();
    let told = lines.join("\n");
    for secret in &secrets {
        assert!(!told.contains(secret.as_str()), "{secret}:\n{told}");
    }
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let labels = line.split_once('{').map_or("", |(_, labels)| labels.rsplit_once('}').unwrap().0);
        let names: Vec<&str> = labels.split("\",").filter_map(|label| Some(label.split_once('=')?.0)).collect();
        let known = [
            "alarm",
            "bound",
            "cause",
            "database",
            "kind",
            "le",
            "limit",
            "mailbox_provider",
            "method",
            "outcome",
            "provider",
            "result",
            "route",
            "scheme",
            "state",
            "status",
            "task",
            "urgency",
            "version",
        ];
        assert!(names.iter().all(|name| known.contains(name)), "{line}");
    }
}

async fn op_01_serve_and_worker_tell_metrics_on_a_listener_of_their_own(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let mut serving = Serving::start(&database, &BTreeMap::new());
    let operations = format!("http://{}", serving.process.wait_for_address("metrics listener"));
    let answer = get(&format!("{operations}/metrics")).await;
    answer.assert_status(200);
    assert!(answer.text.contains("stakis_jobs_waiting 0\n"), "{}", answer.text);
    for path in ["/", "/livez", "/readyz", "/v1/password-policy", "/openapi.json", "/docs/"] {
        get(&format!("{operations}{path}")).await.assert_status_with(404, format_args!("{path}"));
    }
    get(serving.url.join("metrics").unwrap().as_str()).await.assert_status(404);

    let plant = Plant::start(engine, ResponseTemplate::new(200)).await;
    let mut worker = plant.start_worker();
    let operations = worker.wait_for_address("metrics listener");
    let answer = get(&format!("http://{operations}/metrics")).await;
    assert!(
        answer.status == 200
            && answer.text.contains(r#"stakis_mails_total{outcome="handed_over",provider="resend"} 0"#)
    );
    worker.signal("TERM");
    let started = std::time::Instant::now();
    while worker.is_alive() {
        assert!(started.elapsed().as_secs() < 20, "the worker stays");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn op_01_the_operations_listener_is_where_the_settings_say() {
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str| {
        let data_dir = folder.path().display().to_string();
        let variables = [("STAKIS_DATA_DIR", data_dir), ("STAKIS_OPS_LISTEN", text.to_owned())];
        config::read(variables.map(|(name, value)| (name.to_owned(), value))).map(|config| config.operations)
    };
    let at = |address: &str, is_default| Some(OperationsListen { address: address.parse().unwrap(), is_default });
    assert_eq!(read("").unwrap(), at("127.0.0.1:9090", true));
    assert_eq!(read("127.0.0.1:9090").unwrap(), at("127.0.0.1:9090", false));
    assert_eq!(read("[::1]:9100").unwrap(), at("[::1]:9100", false));
    assert_eq!(read("off").unwrap(), None);
    assert!(read("9090").unwrap_err().0[0].starts_with("STAKIS_OPS_LISTEN must be"));
}

fn op_01_a_taken_operations_port_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let variables = |more: &[(&'static str, String)]| {
        let mut variables = BTreeMap::from([
            ("STAKIS_DATA_DIR", folder.path().display().to_string()),
            ("STAKIS_DATABASE_URL", format!("sqlite:{}/x.db", folder.path().display())),
            ("STAKIS_LISTEN", "127.0.0.1:0".to_owned()),
        ]);
        variables.extend(more.iter().cloned());
        variables
    };
    let error_of = |more: &[(&'static str, String)]| {
        let output = run_command(&["serve"], &variables(more), "");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = error_of(&[("STAKIS_OPS_LISTEN", address.clone())]);
    assert!(text.contains(&format!("cannot listen on {address} (STAKIS_OPS_LISTEN)")), "{text}");

    // A port that is already taken serves the test as well.
    let _taken = TcpListener::bind("127.0.0.1:9090");
    let production = [
        ("STAKIS_ENVIRONMENT", "production".to_owned()),
        ("STAKIS_PUBLIC_URL", "https://identity.example.com".into()),
        ("STAKIS_SECRET_KEY", data_encoding::BASE64.encode(&stakis_identity::types::random_bytes::<32>())),
        ("STAKIS_MAIL_PROVIDER", "resend".into()),
        ("STAKIS_MAIL_API_KEY", "re_x".into()),
    ];
    let text = error_of(&production);
    assert!(text.contains("cannot listen on 127.0.0.1:9090 (STAKIS_OPS_LISTEN)"), "{text}");
    // In development the address is only a default, so a taken port is no error.
    let mut process = crate::support::Running::start("serve", &variables(&[]));
    assert!(process.wait_for_line("STAKIS_OPS_LISTEN").contains("there are no metrics"));
    process.wait_for_line("serving");
}
