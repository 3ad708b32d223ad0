//! Secrets appear only where they belong.

use std::{collections::BTreeMap, time::Duration};

use diesel::{RunQueryDsl as _, sql_query};
use serde_json::{Value, json};
use stakis_identity::{
    config::DatabaseUrl,
    store::{StoreError, Transaction},
};
use tokio::time;
use url::Url;

use crate::support::{
    Customer, Engine, MailApi, Serving, TestApp, TestDatabase, TraceCollector, base_config, column, database_tests,
    engine_tests, execute, issue_link_only, run_command,
};

const NEW: &str = "Zimske-gume-27";
const NEWER: &str = "Jesenske-gume-28";

database_tests![
    tk_02_a_dump_of_the_whole_database_holds_no_usable_link,
    ml_02_a_waiting_job_holds_an_id_and_nothing_else,
    pw_16_no_password_in_any_table_or_mail,
    lo_06_the_trail_cannot_be_changed,
    lo_06_no_other_connection_can_replace_an_entry,
];

async fn tk_02_a_dump_of_the_whole_database_holds_no_usable_link(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    let waiting = app.dump().text();
    app.deliver_all().await;
    let token = app.mail_api.mails().await[0].token();
    let delivered = app.dump().text();
    let hash = stakis_identity::types::ResetTokenHash::of_presented(&token);
    assert!(delivered.contains(hash.as_str()), "the dump is complete: it holds the hash");
    for dump in [waiting, delivered] {
        assert!(!dump.contains(&token));
        // No string of the dump opens a link, so it holds no token either.
        for word in
            dump.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).filter(|word| word.len() == 43)
        {
            app.verify(word).await.assert_link_unusable("unknown");
        }
    }
}

/// The job of the request is read first, then that of the mail that waits for its hand-over.
async fn ml_02_a_waiting_job_holds_an_id_and_nothing_else(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    let mut kinds = assert_jobs_of_ids(app);
    issue_link_only(&app.app).await;
    kinds.extend(assert_jobs_of_ids(app));
    assert_eq!(kinds, ["issue_reset_link/1", "send_mail/1"]);
    app.deliver_all().await;
}

/// Fails unless every waiting job consists of a kind and one id. Returns the kinds.
fn assert_jobs_of_ids(app: &TestApp) -> Vec<String> {
    let mut kinds = Vec::new();
    for payload in app.column("jobs", "payload") {
        let payload: BTreeMap<String, String> = serde_json::from_str(&payload).unwrap();
        assert_eq!(payload.len(), 2, "{payload:?}");
        for (name, value) in payload {
            if name == "kind" {
                kinds.push(value);
            } else {
                let is_id = value.len() == 26 && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
                assert!(name.ends_with("_id") && is_id, "{name}: {value}");
            }
        }
    }
    kinds
}

async fn pw_16_no_password_in_any_table_or_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await;
    app.deliver_all().await;
    let mut everything = app.dump().text();
    for mail in app.mail_api.mails().await {
        everything.push_str(&String::from_utf8_lossy(&mail.raw));
    }
    for password in [NEW, Customer::ANA.password] {
        assert!(!everything.contains(password));
    }
    assert!(everything.contains("$argon2id$v=19$m=64,t=1,p=1$"));
}

async fn lo_06_the_trail_cannot_be_changed(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let before = app.dump().only("audit_events");
    let replaced_or_emptied = match app.database.url {
        DatabaseUrl::Sqlite(_) => "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events",
        DatabaseUrl::Postgres(_) => "TRUNCATE audit_events",
    };
    for statement in ["UPDATE audit_events SET event = 'x'", "DELETE FROM audit_events", replaced_or_emptied] {
        let run = move |tx: &mut Transaction<'_>| -> Result<usize, StoreError> {
            Ok(sql_query(statement).execute(tx.connection)?)
        };
        let refused = app.app.database.write(run).await.unwrap_err();
        assert!(format!("{refused:?}").contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(app.dump().only("audit_events"), before);
}

/// Another program's connection has none of the service's settings.
async fn lo_06_no_other_connection_can_replace_an_entry(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let before = app.dump().only("audit_events");
    let columns = "id, occurred_at, event, actor";
    let statements: &[String] = &match app.database.url {
        DatabaseUrl::Sqlite(_) => [
            format!(
                "INSERT OR REPLACE INTO audit_events ({columns}) SELECT id, occurred_at, 'x', actor FROM audit_events"
            ),
            format!(
                "INSERT OR REPLACE INTO audit_events (rowid, {columns}) SELECT rowid, 'x', occurred_at, 'x', actor FROM audit_events"
            ),
            format!(
                "INSERT INTO audit_events ({columns}) SELECT id, occurred_at, 'x', actor FROM audit_events WHERE true ON CONFLICT (id) DO UPDATE SET event = 'x'"
            ),
            "UPDATE OR REPLACE audit_events SET event = 'x'".to_owned(),
        ],
        DatabaseUrl::Postgres(_) => [
            format!(
                "INSERT INTO audit_events ({columns}) SELECT id, occurred_at, 'x', actor FROM audit_events ON CONFLICT (id) DO UPDATE SET event = 'x'"
            ),
            "UPDATE audit_events SET event = 'x'".to_owned(),
            "DELETE FROM audit_events".to_owned(),
            "TRUNCATE audit_events".to_owned(),
        ],
    };
    for statement in statements {
        let refused = execute(&app.database.url, statement).unwrap_err();
        assert!(format!("{refused:?}").contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(app.dump().only("audit_events"), before);
}

engine_tests![cf_02_debug_of_the_settings_shows_no_secret, lo_03_logs_and_spans_over_the_whole_flow_hold_no_secret,];

async fn cf_02_debug_of_the_settings_shows_no_secret(engine: Engine) {
    let database = TestDatabase::empty(engine);
    let mut config = base_config(&database);
    let secrets = ["re_api_key_secret", "pg_secret_password"];
    config.mail.api_key = Some(secrets[0].to_owned().into());
    config.database.url = DatabaseUrl::Postgres(format!("postgres://stakis:{}@db/x", secrets[1]).into());
    let text = format!("{config:?} {config:#?}");
    assert!(text.contains("reset_link_ttl"), "it shows the rest");
    config.secret_key_previous = Some(base_config(&database).secret_key);
    let key_bytes = format!("{:?}", config.secret_key.expose());
    for secret in secrets.into_iter().chain([key_bytes.as_str()]) {
        assert!(!text.contains(secret), "{text}");
    }
}

/// The log is at the level `trace`, and every trace is recorded.
async fn lo_03_logs_and_spans_over_the_whole_flow_hold_no_secret(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let (mail_api, collector) = (MailApi::start().await, TraceCollector::start().await);
    let secret_key = data_encoding::BASE64.encode(&stakis_identity::types::random_bytes::<32>());
    let variables = BTreeMap::from([
        ("RUST_LOG", "trace,actix_http::h1=trace,hyper_util::client=trace,reqwest::connect=trace".to_owned()),
        ("STAKIS_MAIL_PROVIDER", "resend".into()),
        ("STAKIS_MAIL_API_KEY", "re_api_key_secret".into()),
        ("STAKIS_MAIL_API_URL", mail_api.url().to_string()),
        ("STAKIS_SECRET_KEY", secret_key.clone()),
        ("STAKIS_TRACES_URL", collector.url()),
        ("STAKIS_TRACES_SAMPLE", "1".into()),
    ]);
    let mut create = variables.clone();
    create.insert("STAKIS_DATABASE_URL", database.url_text.clone());
    let customer = Customer::ANA;
    let made = run_command(
        &["account", "create", "--customer-number", customer.number, "--email", customer.email, "--password-stdin"],
        &create,
        customer.password,
    );
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut serving = Serving::start(&database, &variables);
    let client = reqwest::Client::new();
    let post = |path: &str, body: Value| client.post(serving.url.join(path).unwrap()).json(&body).send();
    post("/v1/password-resets", json!({ "customer_number": customer.number })).await.unwrap();
    let mail = time::timeout(Duration::from_secs(20), async {
        loop {
            if let Some(mail) = mail_api.mails().await.into_iter().next() {
                break mail;
            }
            time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("the mail arrives");
    let text = mail.body["text"].as_str().unwrap().to_owned();
    let start = text.find("#token=").unwrap() + 7;
    let token = text[start..start + 43].to_owned();
    post("/v1/password-resets/verify", json!({ "token": token })).await.unwrap();
    let complete = |password: &str| json!({ "token": token, "customer_number": customer.number, "new_password": password, "new_password_confirmation": password });
    assert_eq!(post("/v1/password-resets/complete", complete("delavnica")).await.unwrap().status(), 422);
    assert_eq!(post("/v1/password-resets/complete", complete(NEW)).await.unwrap().status(), 200);
    let bad = json!({ "customer_number": customer.password, "password": customer.password });
    post("/v1/sessions", bad).await.unwrap();
    let tokens = sign_in_and_change(&database, &client, &serving.url, &token).await;
    let log = time::timeout(Duration::from_secs(20), async {
        loop {
            let log = serving.log();
            if log.lines().filter(|line| line.contains("answered")).count() >= 14 {
                break log;
            }
            time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("every call is in the log");
    serving.signal("TERM");
    assert!(serving.process.child.wait().unwrap().success(), "{}", serving.log());
    let spans = collector.bodies().await.join("\n");
    assert!(spans.contains("send_mail") && spans.contains("/v1/account/password"), "{spans}");
    // Six digits of a time are no number.
    let told = log.lines().map(|line| line.split_once(' ').unwrap_or_default().1);
    assert!(!told.clone().any(|line| has_word(line, customer.number)), "a number is in the log:\n{log}");
    assert!(!has_word(&spans, customer.number), "a number is in a span:\n{spans}");
    let database_password = database
        .url_text
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split('@').next())
        .and_then(|user| user.split(':').nth(1))
        .unwrap_or("re_api_key_secret")
        .to_owned();
    for secret in [
        &token,
        NEW,
        customer.password,
        customer.email,
        "delavnica",
        NEWER,
        "Tretje-geslo-2",
        "re_api_key_secret",
        &secret_key,
        "$argon2id$",
        "#token=",
        &database_password,
    ]
    .into_iter()
    .chain(tokens.iter().map(String::as_str))
    {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
        assert!(!spans.contains(secret), "{secret} is in a span:\n{spans}");
    }
    drop(serving);
    assert!(column(&database.url, "mails", "status").iter().any(|status| status == "handed_over"));
}

/// Whether a text has the word between characters that are neither digits nor letters.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|character: char| !character.is_ascii_alphanumeric()).any(|part| part == word)
}

/// Does everything that a customer does with tokens, and returns all tokens.
async fn sign_in_and_change(
    database: &TestDatabase,
    client: &reqwest::Client,
    url: &Url,
    reset_token: &str,
) -> Vec<String> {
    let number = Customer::ANA.number;
    let post = |path: &str, body: Value| client.post(url.join(path).unwrap()).json(&body).send();
    let signed_in: Value = post("/v1/sessions", json!({ "customer_number": number, "password": NEW }))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let take = |body: &Value, name: &str| body[name].as_str().unwrap().to_owned();
    let access_token = take(&signed_in, "access_token");
    let (refresh_token, device_token) = (take(&signed_in, "refresh_token"), take(&signed_in, "device_token"));
    client.get(url.join("/v1/account").unwrap()).bearer_auth(&access_token).send().await.unwrap();
    client
        .get(url.join(&format!("/v1/account?access_token={access_token}&x={reset_token}")).unwrap())
        .send()
        .await
        .unwrap();
    let refreshed = post("/v1/sessions/refresh", json!({ "refresh_token": refresh_token })).await.unwrap();
    let refreshed: Value = refreshed.json().await.unwrap();
    let next = [take(&refreshed, "access_token"), take(&refreshed, "refresh_token")];
    // The token is used a second time, and its successor handed out again.
    let again = post("/v1/sessions/refresh", json!({ "refresh_token": refresh_token })).await.unwrap();
    let again: Value = again.json().await.unwrap();
    assert_eq!(again["refresh_token"], refreshed["refresh_token"]);
    let again = json!({ "customer_number": number, "password": NEW, "device_token": device_token });
    assert_eq!(post("/v1/sessions", again).await.unwrap().status(), 201);
    let change = json!({ "current_password": NEW, "new_password": NEWER, "new_password_confirmation": NEWER });
    let changing = client.post(url.join("/v1/account/password").unwrap()).bearer_auth(&next[0]).json(&change);
    assert_eq!(changing.send().await.unwrap().status(), 200);
    // The password becomes as old as after half a year.
    let old = format!(
        "UPDATE accounts SET password_changed_at = '2020-01-01 00:00:00' WHERE customer_number = '{number}'"
    );
    execute(&database.url, &old).unwrap();
    let expired = post("/v1/sessions", json!({ "customer_number": number, "password": NEWER })).await.unwrap();
    assert_eq!(expired.status(), 403);
    let change_token = take(&expired.json().await.unwrap(), "change_token");
    let change = json!({ "new_password": "Tretje-geslo-2", "new_password_confirmation": "Tretje-geslo-2" });
    let changing = client.post(url.join("/v1/account/password").unwrap()).bearer_auth(&change_token).json(&change);
    assert_eq!(changing.send().await.unwrap().status(), 200);
    let [access, refresh] = next;
    vec![access_token, refresh_token, device_token, access, refresh, change_token]
}
