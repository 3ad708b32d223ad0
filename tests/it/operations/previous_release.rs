//! The release before serves beside this one, on the tables of this one, and comes back after a restart.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::support::{
    Customer, Engine, MailApi, PUBLIC_URL, Running, TestDatabase, balancer::Balancer, engine_tests, run_command,
};

engine_tests![with_previous_release:
    op_05_the_release_before_serves_beside_this_one,
    op_05_no_call_fails_while_the_release_before_is_replaced,
];

/// The migration from which on a release starts on tables of a later one.
const READS_BEARERS: &str = "2026-11-27-000013_migration_bearers";

/// The setting of the time in which a process that stops still serves.
const DRAIN: &str = "STAKIS_DRAIN_SECONDS";

/// How often each release takes its turn.
const ROUNDS: usize = 3;

struct Instance {
    process: Running,
    url: String,
}

impl Instance {
    async fn start(program: &str, variables: &BTreeMap<&'static str, String>) -> Self {
        let (program, variables) = (program.to_owned(), variables.clone());
        let started = tokio::task::spawn_blocking(move || {
            let mut process = Running::start_program(&program, "", "serve", &variables);
            let url = format!("http://{}", process.wait_for_address("serving"));
            Self { process, url }
        });
        started.await.unwrap()
    }

    async fn stop(mut self) {
        self.process.signal("TERM");
        tokio::task::spawn_blocking(move || drop(self.process.child.wait())).await.unwrap();
    }

    async fn post(&self, path: &str, bearer: Option<&str>, body: &Value, status: u16) -> Value {
        let client = Client::builder().no_proxy().build().unwrap();
        let request = client.post(format!("{}{path}", self.url)).json(body);
        let request = bearer.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{path} of {}: {}", self.url, self.process.log());
        answer.json().await.unwrap_or_default()
    }
}

/// A database without tables, a mail API, and the settings of both releases.
struct Surroundings {
    mails: MailApi,
    variables: BTreeMap<&'static str, String>,
    _database: TestDatabase,
    _data: TempDir,
}

impl Surroundings {
    async fn make(engine: Engine) -> Self {
        let database = TestDatabase::empty(engine);
        let mails = MailApi::start().await;
        let data = tempfile::tempdir().unwrap();
        let variables = BTreeMap::from([
            ("STAKIS_LISTEN", "127.0.0.1:0".to_owned()),
            ("STAKIS_OPS_LISTEN", "off".to_owned()),
            ("STAKIS_PUBLIC_URL", PUBLIC_URL.to_owned()),
            ("STAKIS_DATA_DIR", data.path().display().to_string()),
            ("STAKIS_DATABASE_URL", database.url_text.clone()),
            (DRAIN, "1".to_owned()),
            ("STAKIS_MAIL_PROVIDER", "mailpit".to_owned()),
            ("STAKIS_MAIL_API_URL", mails.url().to_string()),
            ("STAKIS_RESET_COOLDOWN_SECONDS", "0".to_owned()),
            ("STAKIS_LIMITS", "off".to_owned()),
        ]);
        Self { mails, variables, _database: database, _data: data }
    }
}

/// The source from which the release before was built.
fn source_of(previous: &str) -> &Path {
    Path::new(previous).ancestors().find(|folder| folder.join("migrations").is_dir()).unwrap()
}

/// The settings that the release before has. It refuses the name of one that came later.
fn settings_of(previous: &str, variables: &BTreeMap<&'static str, String>) -> BTreeMap<&'static str, String> {
    let documented = fs::read_to_string(source_of(previous).join("docs/configuration.md")).unwrap();
    variables
        .iter()
        .filter(|(name, _)| documented.contains(**name))
        .map(|(name, value)| (*name, value.clone()))
        .collect()
}

/// Makes a customer with the program of either release.
fn make_customer(program: &str, variables: &BTreeMap<&'static str, String>) {
    let mut command = Command::new(program);
    command.args(["account", "create", "--customer-number", Customer::ANA.number, "--email", Customer::ANA.email]);
    command.arg("--password-stdin").env_clear().envs(variables).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(Customer::ANA.password.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Migrates to the tables of this release.
fn migrate(variables: &BTreeMap<&'static str, String>) {
    let output = run_command(&["migrate"], variables, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn new_password(round: usize) -> String {
    format!("Zimske-gume-{}7", 30 + round)
}

/// Walks through what a customer does: sign-in at one release, everything after it at the other.
async fn walk(one: &Instance, other: &Instance, mails: &MailApi, password: &str, next: &str) {
    let number = Customer::ANA.number;
    let credentials = json!({ "customer_number": number, "password": password });
    let session = one.post("/v1/sessions", None, &credentials, 201).await;
    let refreshed =
        other.post("/v1/sessions/refresh", None, &json!({ "refresh_token": session["refresh_token"] }), 200).await;
    let bearer = refreshed["access_token"].as_str().unwrap();
    let between = format!("Vmesno-{next}");
    let change =
        json!({ "current_password": password, "new_password": between, "new_password_confirmation": between });
    one.post("/v1/account/password", Some(bearer), &change, 200).await;
    other.post("/v1/sessions", None, &json!({ "customer_number": number, "password": "Ugibanje-26" }), 401).await;
    let before = mails.mails().await.len();
    one.post("/v1/password-resets", None, &json!({ "customer_number": number }), 202).await;
    let token = loop {
        let mails = mails.mails().await;
        let reset = mails.iter().skip(before).find(|mail| mail.text().contains("#token="));
        if let Some(mail) = reset {
            break mail.token();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    other.post("/v1/password-resets/verify", None, &json!({ "token": token }), 200).await;
    let complete = json!({ "token": token, "customer_number": number, "new_password": next, "new_password_confirmation": next });
    other.post("/v1/password-resets/complete", None, &complete, 200).await;
}

async fn op_05_the_release_before_serves_beside_this_one(engine: Engine) {
    let previous = std::env::var_os("STAKIS_TEST_PREVIOUS").unwrap().into_string().unwrap();
    let this = env!("CARGO_BIN_EXE_stakis-identity");
    let Surroundings { mails, variables, .. } = &Surroundings::make(engine).await;
    let before = &settings_of(&previous, variables);
    let old = Instance::start(&previous, before).await;
    migrate(variables);
    make_customer(this, variables);
    let new = Instance::start(this, variables).await;
    let mut password = Customer::ANA.password.to_owned();
    for round in 0..ROUNDS {
        let [first, second] = [2 * round, 2 * round + 1].map(new_password);
        walk(&old, &new, mails, &password, &first).await;
        walk(&new, &old, mails, &first, &second).await;
        password = second;
    }
    assert!(!old.process.log().contains("ERROR"), "{}", old.process.log());
    assert!(!new.process.log().contains("ERROR"), "{}", new.process.log());
    old.stop().await;
    // The way back.
    if fs::metadata(source_of(&previous).join("migrations/sqlite").join(READS_BEARERS)).is_ok() {
        new.stop().await;
        let back = Instance::start(&previous, before).await;
        let credentials = json!({ "customer_number": Customer::ANA.number, "password": password });
        back.post("/v1/sessions", None, &credentials, 201).await;
        back.stop().await;
    } else {
        new.stop().await;
    }
}

/// Signs in, refreshes the session, and asks for a reset.
async fn customer_s_calls(client: Client, url: Url) -> Result<(), String> {
    let call = async |path: &str, body: Value, status: u16| {
        let answer = client.post(url.join(path).unwrap()).json(&body).send().await;
        let answer = answer.map_err(|error| format!("{path}: {error:?}"))?;
        if answer.status() != status {
            return Err(format!("{path}: {} {}", answer.status(), answer.text().await.unwrap_or_default()));
        }
        answer.json::<Value>().await.map_err(|error| format!("{path}: {error:?}"))
    };
    let ana = json!({ "customer_number": Customer::ANA.number, "password": Customer::ANA.password });
    let session = call("v1/sessions", ana, 201).await?;
    call("v1/sessions/refresh", json!({ "refresh_token": session["refresh_token"] }), 200).await?;
    call("v1/password-resets", json!({ "customer_number": "999999" }), 202).await?;
    Ok(())
}

async fn op_05_no_call_fails_while_the_release_before_is_replaced(engine: Engine) {
    let previous = std::env::var_os("STAKIS_TEST_PREVIOUS").unwrap().into_string().unwrap();
    let variables = &Surroundings::make(engine).await.variables;
    let before = &settings_of(&previous, variables);
    let first = Instance::start(&previous, before).await;
    make_customer(&previous, before);
    let mut running = vec![first, Instance::start(&previous, before).await];
    let urls = running.iter().map(|instance| instance.url.parse().unwrap()).collect();
    let balancer = Balancer::start(urls, customer_s_calls);
    let to_migrate = variables.clone();
    tokio::task::spawn_blocking(move || migrate(&to_migrate)).await.unwrap();
    for _ in 0..2 {
        let next = Instance::start(env!("CARGO_BIN_EXE_stakis-identity"), variables).await;
        balancer.add(next.url.parse().unwrap());
        // They serve side by side for a while.
        tokio::time::sleep(Duration::from_secs(3)).await;
        let replaced = running.remove(0);
        let url = replaced.url.parse().unwrap();
        // Without a time to drain, a release tells no balancer that it is about to stop.
        if before.contains_key(DRAIN) {
            replaced.stop().await;
            balancer.remove(&url).await;
        } else {
            balancer.remove(&url).await;
            replaced.stop().await;
        }
        running.push(next);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (calls, failures) = balancer.finish().await;
    eprintln!("{calls} times three calls while two instances were replaced, {} failures", failures.len());
    assert!(calls > 20 && failures.is_empty(), "{calls} calls, {failures:?}");
    for instance in running {
        assert!(!instance.process.log().contains("ERROR"), "{}", instance.process.log());
        instance.stop().await;
    }
}
