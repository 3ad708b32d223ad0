//! The commands, as a person or a script runs them.

use std::{collections::BTreeMap, process::Output, time::Duration};

use serde_json::{Value, json};
use stakis_identity::config::DatabaseUrl;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{
    Customer, Engine, Serving, TestDatabase, command, engine_tests, execute, plain_tests, run_command,
};

/// A machine with an empty database, on which commands are run.
pub(super) struct Machine {
    database: TestDatabase,
    variables: BTreeMap<&'static str, String>,
    _data: tempfile::TempDir,
}

impl Machine {
    pub(super) fn new(engine: Engine) -> Self {
        let data = tempfile::tempdir().unwrap();
        let database = TestDatabase::empty(engine);
        let variables = BTreeMap::from([
            ("STAKIS_DATA_DIR", data.path().display().to_string()),
            ("STAKIS_DATABASE_URL", database.url_text.clone()),
            ("STAKIS_LISTEN", "127.0.0.1:0".to_owned()),
            ("STAKIS_OPS_LISTEN", "127.0.0.1:0".to_owned()),
        ]);
        Self { database, variables, _data: data }
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        run_command(arguments, &self.variables, input)
    }

    pub(super) fn run_well(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(super) fn run_badly(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        assert!(!output.status.success(), "{arguments:?} succeeded");
        String::from_utf8(output.stderr).unwrap()
    }
}

pub(super) const CREATE: [&str; 6] =
    ["account", "create", "--customer-number", "004217", "--email", "delavnica@example.si"];

engine_tests![
    a_command_that_asks_makes_no_database,
    first_starts_at_once_take_turns,
    a_diagnosis_in_json_is_the_api_s_answer,
    ch_02_bad_arguments_and_weak_passwords_are_told_in_a_sentence,
    one_line_end_is_not_part_of_a_password,
    op_03_sigterm_ends_the_service_after_finishing_what_is_under_way,
    a_database_from_a_newer_version_is_refused_with_a_sentence,
    another_secret_key_is_refused_with_a_sentence,
    production_migrates_only_when_told_to,
];

/// An answer from an empty database would be wrong, and nobody meant to make one.
async fn a_command_that_asks_makes_no_database(engine: Engine) {
    let machine = Machine::new(engine);
    for words in [
        &["support", "diagnose", "--customer-number", "004217"][..],
        &["account", "show", "--customer-number", "004217"],
        &["account", "close", "--customer-number", "004217"],
        &["client", "create", "--name", "ERP", "--scope", "accounts:read"],
        &["key", "rotate"],
    ] {
        let error = machine.run_badly(words, "");
        assert!(error.contains("there is no database at"), "{error}");
        let place = machine.database.url_text.rsplit_once('/').unwrap().1;
        assert!(error.contains(place) && !error.contains("stakis:"), "{error}");
    }
    if let DatabaseUrl::Sqlite(path) = &machine.database.url {
        assert!(!path.exists());
    }
    machine.run_well(&CREATE, "");
    machine.run_well(&["support", "diagnose", "--customer-number", "004217"], "");
}

async fn first_starts_at_once_take_turns(engine: Engine) {
    for _ in 0..4 {
        let machine = Machine::new(engine);
        let outputs: Vec<Output> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..4)
                .map(|index| {
                    let machine = &machine;
                    scope.spawn(move || {
                        let number = format!("00421{index}");
                        let words = ["account", "create", "--customer-number", &number, "--email", "a@example.si"];
                        machine.run(&words, "")
                    })
                })
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        for output in outputs {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

async fn a_diagnosis_in_json_is_the_api_s_answer(engine: Engine) {
    let machine = Machine::new(engine);
    machine.run_well(&CREATE, "");
    machine.run_well(&["account", "close", "--customer-number", "004217"], "");
    let arguments = ["support", "diagnose", "--customer-number", "004217", "--locale", "en", "--json"];
    let mut told: Value = serde_json::from_str(&machine.run_well(&arguments, "")).unwrap();
    let milliseconds = "2026-11-22T13:05:00.000Z".len();
    for list in ["findings", "timeline"] {
        assert_eq!(told[list][0]["at"].take().as_str().unwrap().len(), milliseconds);
    }
    told["findings"][0]["next_step"].take();
    let closed = json!({
        "code": "account_closed", "severity": "blocking",
        "message": null, "at": null, "until": null, "next_step": null,
    });
    assert_eq!(told["findings"][0], closed);
    let event = json!({
        "at": null, "event": "user_closed", "detail": null, "count": 1, "message": "Access was closed",
    });
    assert_eq!(told["timeline"], json!([event]));
    assert!(told["account_id"].is_string());
}

async fn ch_02_bad_arguments_and_weak_passwords_are_told_in_a_sentence(engine: Engine) {
    let machine = Machine::new(engine);
    for (arguments, sentence) in [
        (
            ["account", "create", "--customer-number", "4217", "--email", "a@b.si"],
            "a customer number is exactly six digits",
        ),
        (
            ["account", "create", "--customer-number", "004217", "--email", "a@b.si\nBcc: c@d.si"],
            "not a valid e-mail address",
        ),
    ] {
        assert!(machine.run_badly(&arguments, "").contains(sentence));
    }
    let weak = machine.run_badly(&[&CREATE[..], &["--password-stdin"]].concat(), "Stakis12\n");
    assert!(weak.contains("contains_brand"), "{weak}");
    assert!(!weak.contains("Stakis12"));
}

async fn one_line_end_is_not_part_of_a_password(engine: Engine) {
    let machine = Machine::new(engine);
    machine.run_well(&[&CREATE[..], &["--password-stdin"]].concat(), "Poletne-gume 26 \r\n");
    let serving = Serving::start(&machine.database, &machine.variables);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = |password: &'static str| {
        let body = serde_json::json!({ "customer_number": "004217", "password": password });
        let request = client.post(serving.url.join("/v1/sessions").unwrap()).json(&body);
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(status("Poletne-gume 26 ").await, 201);
    assert_eq!(status("Poletne-gume 26").await, 401);
}

async fn op_03_sigterm_ends_the_service_after_finishing_what_is_under_way(engine: Engine) {
    let machine = Machine::new(engine);
    let mut serving = Serving::start(&machine.database, &machine.variables);
    machine.run_well(&[&CREATE[..], &["--password-stdin"]].concat(), Customer::ANA.password);
    let body = serde_json::json!({ "customer_number": "004217", "password": Customer::ANA.password }).to_string();
    let address = format!("{}:{}", serving.url.host_str().unwrap(), serving.url.port().unwrap());
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let (first, second) = body.split_at(20);
    stream.write_all(format!("{head}{first}").as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    serving.signal("TERM");
    while !serving.log().contains("stopping") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Half of a request has arrived before the shutdown, and the request may finish.
    stream.write_all(second.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let status = serving.process.child.wait().unwrap();
    assert!(status.success(), "{}", serving.log());
    assert!(serving.log().contains("stopping"));
}

async fn a_database_from_a_newer_version_is_refused_with_a_sentence(engine: Engine) {
    let machine = Machine::new(engine);
    machine.run_well(&["migrate"], "");
    execute(&machine.database.url, "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000001')")
        .unwrap();
    for arguments in [vec!["serve"], vec!["migrate"], CREATE.to_vec()] {
        assert!(machine.run_badly(&arguments, "").contains("migrated by a newer version"));
    }
}

async fn another_secret_key_is_refused_with_a_sentence(engine: Engine) {
    let mut machine = Machine::new(engine);
    machine.run_well(&CREATE, "");
    let key = data_encoding::BASE64.encode(&stakis_identity::types::random_bytes::<32>());
    machine.variables.insert("STAKIS_SECRET_KEY", key);
    assert!(
        machine.run_badly(&["serve"], "").contains("STAKIS_SECRET_KEY is not the key this database was used with")
    );
}

async fn production_migrates_only_when_told_to(engine: Engine) {
    let mut machine = Machine::new(engine);
    machine.variables.extend([
        ("STAKIS_ENVIRONMENT", "production".to_owned()),
        ("STAKIS_PUBLIC_URL", "https://identity.example.com".into()),
        ("STAKIS_SECRET_KEY", data_encoding::BASE64.encode(&stakis_identity::types::random_bytes::<32>())),
        ("STAKIS_MAIL_PROVIDER", "resend".into()),
        ("STAKIS_MAIL_API_KEY", "re_x".into()),
    ]);
    assert!(machine.run_badly(&["serve"], "").contains("stakis-identity migrate"));
    machine.variables.insert("STAKIS_AUTO_MIGRATE", "on".into());
    let serving = Serving::start(&machine.database, &machine.variables);
    let ready = reqwest::get(serving.url.join("/readyz").unwrap()).await.unwrap();
    assert_eq!(ready.status(), 200);
    let line: Value = serde_json::from_str(serving.log().lines().next().unwrap()).unwrap();
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "logs are JSON lines: {line}");
}

fn a_closed_pipe_ends_a_command_quietly() {
    let mut child = command(&["openapi"], &BTreeMap::new())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

fn a_full_device_is_told_in_a_sentence() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command(&["openapi"], &BTreeMap::new()).stdout(full).output().unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: No space left on device"), "{error}");
}

plain_tests![
    a_closed_pipe_ends_a_command_quietly,
    a_full_device_is_told_in_a_sentence,
    the_demo_walks_the_guide_and_says_so_by_its_status,
    a_file_that_is_no_database_is_refused_with_a_sentence,
    a_port_that_is_taken_is_told,
    every_letter_can_be_looked_at_without_settings,
];

fn the_demo_walks_the_guide_and_says_so_by_its_status() {
    let output = run_command(&["demo", "--exit"], &BTreeMap::new(), "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("Every step went as it should.") && !text.contains('✗'));
}

fn a_file_that_is_no_database_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to have a header of its own\n".repeat(40)).unwrap();
    let variables = BTreeMap::from([
        ("STAKIS_DATA_DIR", folder.path().display().to_string()),
        ("STAKIS_DATABASE_URL", format!("sqlite:{}", path.display())),
        ("STAKIS_LISTEN", "127.0.0.1:0".to_owned()),
        ("STAKIS_OPS_LISTEN", "off".to_owned()),
    ]);
    let output = run_command(&["serve"], &variables, "");
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("file is not a database"), "{text}");
}

fn a_port_that_is_taken_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let variables = BTreeMap::from([
        ("STAKIS_DATA_DIR", folder.path().display().to_string()),
        ("STAKIS_DATABASE_URL", format!("sqlite:{}/x.db", folder.path().display())),
        ("STAKIS_LISTEN", address.clone()),
    ]);
    let output = run_command(&["serve"], &variables, "");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains(&format!("cannot listen on {address}")));
}

fn every_letter_can_be_looked_at_without_settings() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("letters");
    for _ in 0..2 {
        let output = run_command(&["mail", "preview", folder.to_str().unwrap()], &BTreeMap::new(), "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 15 * 4 * 2 + 1);
    }
    let index = std::fs::read_to_string(folder.join("index.html")).unwrap();
    for file in
        ["reset_link.sl.html", "new_devices.de.html", "address_changed.hr.txt", "expiry_reminder_late.sl.txt"]
    {
        let letter = std::fs::read_to_string(folder.join(file)).unwrap();
        assert!(letter.contains(" 17") && index.contains(&format!("href=\"{file}\"")), "{file}");
    }
    let file = folder.join("index.html");
    let output = run_command(&["mail", "preview", file.to_str().unwrap()], &BTreeMap::new(), "");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write"));
}
