//! `restore-epoch --events`: what has happened since the backup does not come undone.

use std::{collections::BTreeMap, process::Output, sync::Arc};

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    config::{self, Config},
    identity::{accounts, events, lock_down, passwords, restore},
    types::{Clock as _, CustomerNumber, SystemClock},
};
use tempfile::TempDir;

use crate::support::{
    Customer, Engine, MailApi, ManualClock, TestApp, TestDatabase, administrator, back_up, base_config,
    engine_tests, partner::Partner, reason, run_command, send, text,
};

const CILKA: Customer = Customer { number: "220011", email: "cilka@example.si", password: "Poletne-gume-27" };
const DARKO: Customer = Customer { number: "330022", email: "darko@example.si", password: "Poletne-gume-28" };
const EVA: Customer = Customer { number: "440033", email: "eva@example.si", password: "Poletne-gume-29" };
/// How far the clock of the lost database is ahead, so that everything on it happens after the backup.
const LEAD: TimeDelta = TimeDelta::seconds(1);
const NEW: &str = "Zimske-gume-27";
const SECRET_KEY: &str = "q8sVw2m0ZkQxT4nJ7yHc1RfLdPbUeGi9aXoK5tE3vMw=";

engine_tests![
    dp_07_what_has_happened_since_the_backup_is_repeated,
    dp_07_a_second_call_finds_everything_in_place,
    dp_07_a_call_that_was_cut_off_is_gone_on_with,
    dp_07_what_was_decided_since_the_restore_counts,
    dp_07_a_dry_run_writes_nothing,
    dp_07_a_file_that_cannot_be_right_changes_nothing,
    dp_07_the_pages_of_the_trail_tell_as_much_as_events,
    dp_07_a_contested_access_stays_contested,
];

/// A database that goes on after its backup was made, and the backup, which is restored in the end.
struct Loss {
    lost: TestApp,
    backup: TestDatabase,
    reader: Partner,
    folder: TempDir,
}

fn settings(database: &TestDatabase) -> Config {
    let base = base_config(database);
    let variables = [
        ("STAKIS_LISTEN", "127.0.0.1:0"),
        ("STAKIS_OPS_LISTEN", "off"),
        ("STAKIS_PUBLIC_URL", crate::support::PUBLIC_URL),
        ("STAKIS_DATABASE_URL", &database.url_text),
        ("STAKIS_SECRET_KEY", SECRET_KEY),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Config { argon2: base.argon2, limits: base.limits, ..config::read(variables).unwrap() }
}

async fn start(database: TestDatabase) -> TestApp {
    let config = settings(&database);
    // The command follows the clock of the machine.
    let clock = Arc::new(ManualClock::at(SystemClock::default().now()));
    TestApp::start_on(database, config, clock, MailApi::start().await).await
}

impl Loss {
    /// Makes the customers, and the backup.
    async fn begin(engine: Engine, customers: &[Customer]) -> Self {
        let lost = start(TestDatabase::migrated(engine)).await;
        for customer in customers {
            lost.make(customer).await;
        }
        let reader = Partner::make(&lost, "events:read audit:read").await;
        events::publish(&lost.app).await.unwrap();
        let backup = back_up(engine, &lost.database);
        lost.advance(LEAD);
        Self { lost, backup, reader, folder: tempfile::tempdir().unwrap() }
    }

    /// The pages of a list, as its readers store them.
    async fn pages(&self, path: &str) -> Vec<Value> {
        events::publish(&self.lost.app).await.unwrap();
        let token = self.reader.token(&self.lost).await;
        let mut pages = Vec::new();
        let mut query = "?limit=3".to_owned();
        loop {
            let asked = self.lost.request(Method::GET, &format!("{path}{query}")).bearer_auth(&token);
            let answer = send(asked).await;
            answer.assert_status(200);
            let page = answer.json();
            let is_last = page["next"].is_null() || page["events"].as_array().unwrap().len() < 3;
            if let Some(next) = page["next"].as_str() {
                query = format!("?limit=3&after={next}");
            }
            pages.push(page);
            if is_last {
                return pages;
            }
        }
    }

    /// Every event, one a line.
    async fn events(&self) -> String {
        let pages = self.pages("/v1/events").await;
        let events = pages.iter().flat_map(|page| page["events"].as_array().unwrap());
        events.map(|event| format!("{event}\n")).collect::<Vec<_>>().concat()
    }

    fn run(&self, text: &str, words: &[&str]) -> Output {
        let file = self.folder.path().join("events");
        std::fs::write(&file, text).unwrap();
        let variables = BTreeMap::from([
            ("STAKIS_DATA_DIR", self.folder.path().display().to_string()),
            ("STAKIS_DATABASE_URL", self.backup.url_text.clone()),
            ("STAKIS_SECRET_KEY", SECRET_KEY.to_owned()),
        ]);
        let file = file.display().to_string();
        run_command(&[&["restore-epoch", "--json", "--events", &file], words].concat(), &variables, "")
    }

    /// Runs the command on the restored backup, and returns what it says.
    fn restore(&self, text: &str, words: &[&str]) -> Value {
        let output = self.run(text, words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The service on the restored backup.
    async fn serve(self) -> TestApp {
        self.lost.deliver_all().await;
        let app = Box::pin(start(self.backup)).await;
        // What an instance with the clock of `lost` has queued is due by that clock, which is ahead.
        app.advance(LEAD);
        app
    }
}

fn number(customer: &Customer) -> CustomerNumber {
    CustomerNumber::parse(customer.number).unwrap()
}

/// Numbers, kinds and verdicts of the changes that the command has told.
fn told(answer: &Value) -> Vec<[String; 3]> {
    let changes = answer["events"]["changes"].as_array().unwrap();
    let of_change = |change: &Value| {
        ["customer_number", "change", "verdict"].map(|name| change[name].as_str().unwrap_or_default().to_owned())
    };
    let mut told: Vec<_> = changes.iter().map(of_change).collect();
    told.sort();
    told
}

/// What is told where the verdict "repeated" is another one.
fn with_verdict(verdict: &'static str) -> Vec<[&'static str; 3]> {
    let other =
        |[number, change, was]: [&'static str; 3]| [number, change, if was == "repeated" { verdict } else { was }];
    ALL_REPEATED.map(other).to_vec()
}

async fn act_since_the_backup(app: &TestApp) {
    let who = administrator();
    app.deliver_all().await;
    let link = app.token_for(&Customer::BOJAN).await;
    app.complete(&link, Customer::BOJAN.number, NEW).await.assert_status(200);
    accounts::close(&app.app, &who, number(&Customer::ANA), reason("left")).await.unwrap();
    accounts::erase(&app.app, &who, number(&CILKA), reason("asked")).await.unwrap();
    lock_down::by_administrator(&app.app, &who, number(&DARKO), None).await.unwrap();
    app.make(&EVA).await;
    app.deliver_all().await;
}

const ALL_REPEATED: [[&str; 3]; 5] = [
    ["", "made", "by_hand"],
    ["004217", "closed", "repeated"],
    ["118503", "password", "repeated"],
    ["220011", "erased", "repeated"],
    ["330022", "locked_down", "repeated"],
];

/// Nothing that has ended since the backup lives again.
async fn assert_nothing_revived(app: &TestApp) {
    let reason_of = async |customer: &Customer, status, code| {
        let refused = app.sign_in(customer.number, customer.password).await;
        refused.assert_problem(status, code);
        refused.json()["reason"].as_str().unwrap_or_default().to_owned()
    };
    reason_of(&Customer::ANA, 403, "account-closed").await;
    reason_of(&CILKA, 401, "invalid-credentials").await;
    app.deliver_all().await;
    let reset_mails_to = async |customer: &Customer| {
        let mails = app.mail_api.mails().await;
        mails.iter().filter(|mail| mail.to() == customer.email && mail.text().contains("change-password")).count()
    };
    assert_eq!(reset_mails_to(&Customer::BOJAN).await, 0, "no reset mail goes out by itself");
    assert_eq!(reset_mails_to(&DARKO).await, 1, "the way back after a lock-down");
    assert_eq!(reason_of(&Customer::BOJAN, 403, "password-expired").await, "administrative");
    assert_eq!(reason_of(&DARKO, 403, "password-expired").await, "locked-down");
    app.deliver_all().await;
    assert_eq!(reset_mails_to(&Customer::BOJAN).await, 1, "its owner has signed in");
}

async fn dp_07_what_has_happened_since_the_backup_is_repeated(engine: Engine) {
    let loss = Loss::begin(engine, &[Customer::ANA, Customer::BOJAN, CILKA, DARKO]).await;
    let session = loss.lost.session(&DARKO).await;
    act_since_the_backup(&loss.lost).await;
    let events = loss.events().await;
    let answer = loss.restore(&events, &[]);
    assert_eq!(told(&answer), ALL_REPEATED);
    assert_eq!(answer["events"]["other"]["session.started"], 1);
    assert_eq!(answer["accounts_advanced"], 3, "{answer}");
    let app = loss.serve().await;
    app.refresh(text(&session, "refresh_token")).await.assert_problem(401, "invalid-token");
    assert_nothing_revived(&app).await;
    let mails = app.mail_api.mails().await;
    let link = mails.iter().rfind(|mail| mail.to() == Customer::BOJAN.email).unwrap().token();
    app.complete(&link, Customer::BOJAN.number, NEW).await.assert_status(200);
    app.sign_in(Customer::BOJAN.number, NEW).await.assert_status(201);
    app.deliver_all().await;
}

async fn dp_07_a_second_call_finds_everything_in_place(engine: Engine) {
    let loss = Loss::begin(engine, &[Customer::ANA, Customer::BOJAN, CILKA, DARKO]).await;
    act_since_the_backup(&loss.lost).await;
    let events = loss.events().await;
    assert_eq!(told(&loss.restore(&events, &["--expire-passwords"])), ALL_REPEATED);
    let mut in_place = with_verdict("in_place");
    // Nobody knows the number of an account that is erased.
    in_place[3][0] = "";
    in_place.sort_unstable();
    // Pages that were stored twice change nothing.
    assert_eq!(told(&loss.restore(&format!("{events}{events}"), &[])), in_place);
    assert_nothing_revived(&loss.serve().await).await;
}

async fn dp_07_a_call_that_was_cut_off_is_gone_on_with(engine: Engine) {
    let loss = Loss::begin(engine, &[Customer::ANA, Customer::BOJAN, CILKA, DARKO]).await;
    act_since_the_backup(&loss.lost).await;
    let events = loss.events().await;
    let restored = loss.lost.instance_with(&settings(&loss.backup)).await;
    let records = events.lines().enumerate().map(|(index, line)| {
        let place = restore::Place { line: u64::try_from(index).unwrap() + 1, nth: None };
        restore::Record::read(place, serde_json::from_str(line).unwrap()).unwrap()
    });
    let found = restore::find_lost(&restored, records.collect()).await.unwrap();
    let changes = restore::assess(&restored, &restore::Changes::of(&found.records)).await.unwrap();
    let due: Vec<_> = changes.iter().filter(|change| change.verdict == restore::Verdict::Due).collect();
    assert_eq!(due.len(), 4);
    for change in &due[..2] {
        let verdict = restore::repeat(&restored, &administrator(), change).await.unwrap();
        assert_eq!(verdict, restore::Verdict::Repeated);
    }
    let answer = loss.restore(&events, &[]);
    let told = told(&answer);
    let count = |verdict: &str| told.iter().filter(|change| change[2] == verdict).count();
    assert_eq!((count("repeated"), count("in_place")), (2, 2), "{told:?}");
    assert_nothing_revived(&loss.serve().await).await;
}

async fn dp_07_what_was_decided_since_the_restore_counts(engine: Engine) {
    let loss = Loss::begin(engine, &[Customer::ANA, Customer::BOJAN, DARKO]).await;
    let who = administrator();
    let before = &loss.lost;
    accounts::close(&before.app, &who, number(&Customer::ANA), None).await.unwrap();
    passwords::expire(&before.app, &who, number(&Customer::BOJAN), None).await.unwrap();
    accounts::close(&before.app, &who, number(&DARKO), None).await.unwrap();
    accounts::reopen(&before.app, &who, number(&DARKO), None).await.unwrap();
    let events = loss.events().await;
    assert_eq!(
        told(&loss.restore(&events, &[])),
        [["004217", "closed", "repeated"], ["118503", "password", "repeated"], ["330022", "reopened", "in_place"]]
    );
    let restored = before.instance_with(&settings(&loss.backup)).await;
    before.advance(TimeDelta::minutes(1));
    accounts::reopen(&restored, &who, number(&Customer::ANA), None).await.unwrap();
    assert_eq!(told(&loss.restore(&events, &[]))[0], ["004217", "closed", "superseded"]);
    let app = loss.serve().await;
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    app.deliver_all().await;
    // The notice of the reopening is due a minute ahead of this instance's clock.
    app.may_leave_jobs();
}

async fn dp_07_a_dry_run_writes_nothing(engine: Engine) {
    let loss = Loss::begin(engine, &[Customer::ANA, Customer::BOJAN, CILKA, DARKO]).await;
    act_since_the_backup(&loss.lost).await;
    let events = loss.events().await;
    let before = crate::support::dump(&loss.backup.url).text();
    let answer = loss.restore(&events, &["--dry-run"]);
    assert_eq!(told(&answer), with_verdict("due"));
    assert_eq!(crate::support::dump(&loss.backup.url).text(), before);
    loss.serve().await.deliver_all().await;
}

async fn dp_07_a_file_that_cannot_be_right_changes_nothing(engine: Engine) {
    let loss = Loss::begin(engine, &[Customer::ANA, Customer::BOJAN]).await;
    let who = administrator();
    accounts::close(&loss.lost.app, &who, number(&Customer::ANA), None).await.unwrap();
    accounts::close(&loss.lost.app, &who, number(&Customer::BOJAN), None).await.unwrap();
    let events = loss.events().await;
    let lines: Vec<&str> = events.lines().collect();
    assert_eq!(lines.len(), 4, "{events}");
    let before = crate::support::dump(&loss.backup.url).text();
    let account = serde_json::from_str::<Value>(lines[3]).unwrap()["data"]["account_id"].clone();
    let foreign = lines[3].replace(account.as_str().unwrap(), "aaaaaaaaaaaaaaaaaaaaaaaaaa");
    let since = lines[2..].join("\n");
    let contradicting = lines[2].replace("account.closed", "account.erased");
    for (file, refusal) in [
        (events[..events.len() - 9].to_owned(), "line 4: the file is cut off here"),
        (format!("{events}{foreign}"), "line 5: the id of line 4 stands here with something else"),
        (format!("{}\n{foreign}", lines[..3].join("\n")), "line 4: the database has never had this account"),
        (since, "line 1: neither this nor anything else in the file is known to the database"),
        (format!("{events}{contradicting}"), "line 5: the id of line 3"),
        (events.replace("202", "302"), "this has not happened yet"),
        (events.replace("evt_", "evt-"), "line 1: `id` is no id of an event"),
        (String::new(), "has no events"),
    ] {
        let output = loss.run(&file, &[]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && error.contains(refusal), "{refusal}: {error}");
        assert_eq!(crate::support::dump(&loss.backup.url).text(), before, "{refusal}");
    }
    loss.serve().await;
}

async fn dp_07_the_pages_of_the_trail_tell_as_much_as_events(engine: Engine) {
    let loss = Loss::begin(engine, &[Customer::ANA, Customer::BOJAN, CILKA, DARKO]).await;
    act_since_the_backup(&loss.lost).await;
    loss.reader.revoke(&loss.lost).await;
    let auditor = Partner::make(&loss.lost, "audit:read").await;
    let loss = Loss { reader: auditor, ..loss };
    let pages = loss.pages("/v1/audit-events").await;
    let text: String = pages
        .iter()
        .map(|page| format!("{}\n", serde_json::to_string_pretty(page).unwrap()))
        .collect::<Vec<_>>()
        .concat();
    let answer = loss.restore(&text, &[]);
    let mut with_client = ALL_REPEATED.to_vec();
    with_client.insert(0, ["", "client", "by_hand"]);
    assert_eq!(told(&answer), with_client);
    assert_nothing_revived(&loss.serve().await).await;
}

async fn dp_07_a_contested_access_stays_contested(engine: Engine) {
    let loss = Loss::begin(engine, &[Customer::ANA]).await;
    let before = &loss.lost;
    let token = before.access_token(&Customer::ANA, Customer::ANA.password).await;
    let body = json!({ "email": "nova@example.si", "current_password": Customer::ANA.password });
    send(before.request(Method::POST, "/v1/account/email").bearer_auth(&token).json(&body))
        .await
        .assert_status(202);
    before.deliver_all().await;
    let mails = before.mail_api.mails().await;
    let link = mails.iter().find(|mail| mail.to() == "nova@example.si").unwrap().token();
    let body = json!({ "token": link, "customer_number": Customer::ANA.number });
    before.post("/v1/email-changes/confirm", body).await.assert_status(200);
    lock_down::by_administrator(&before.app, &administrator(), number(&Customer::ANA), None).await.unwrap();
    let answer = loss.restore(&loss.events().await, &[]);
    assert_eq!(told(&answer), [["004217", "address", "by_hand"], ["004217", "contested", "repeated"]]);
    let app = loss.serve().await;
    let refused = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    refused.assert_problem(403, "password-expired");
    // No link goes to the address that was given up, whoever asks for it.
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert!(app.mail_api.mails().await.is_empty());
}
