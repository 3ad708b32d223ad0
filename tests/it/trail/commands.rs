//! `audit verify` and `audit head`, and the event that tells the head.

use std::{collections::BTreeMap, fs};

use chrono::TimeDelta;
use serde_json::Value;
use stakis_identity::identity::{self, audit};

use super::tampering::{entry_at, fill, seal, sealed, tamper};
use crate::support::{
    Customer, Engine, TestApp, TestDatabase, database_tests, engine_tests, partner::Partner, run_command, send,
    text,
};

database_tests![lo_06_the_head_leaves_by_an_event_at_most_every_quarter_of_an_hour];
engine_tests![lo_06_the_commands_verify_and_print_the_head, lo_06_the_commands_make_no_database];

/// Runs a command on the database of an app, with its secret key.
fn run(app: &TestApp, key: &str, arguments: &[&str]) -> (i32, String, String) {
    let variables = BTreeMap::from([
        ("STAKIS_SECRET_KEY", key.to_owned()),
        ("STAKIS_DATABASE_URL", app.database.url_text.clone()),
    ]);
    let output = run_command(arguments, &variables, "");
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code().unwrap(), stdout, stderr)
}

async fn lo_06_the_commands_verify_and_print_the_head(engine: Engine) {
    let bytes = stakis_identity::types::random_bytes::<32>();
    let key = data_encoding::BASE64.encode(&bytes);
    let app = TestApp::start_with(engine, |config| {
        let text = secrecy::SecretString::from(data_encoding::BASE64.encode(&bytes));
        config.secret_key = stakis_identity::config::SecretKeyBytes::parse(&text).unwrap();
    })
    .await;
    let (status, _, told) = run(&app, &key, &["audit", "head"]);
    assert!(status == 1 && told.contains("nothing is sealed yet"), "{told}");
    fill(&app).await;
    let (status, head, _) = run(&app, &key, &["audit", "head", "--json"]);
    assert_eq!((status, head.trim().lines().count()), (0, 1), "{head}");
    let value: Value = serde_json::from_str(&head).unwrap();
    let (_, shown, _) = run(&app, &key, &["audit", "head"]);
    let short = format!("{}:{}", value["batch"], text(&value, "hash"));
    assert_eq!(shown.lines().next().unwrap(), short);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("heads");
    fs::write(&file, format!("{head}\n{short}\n")).unwrap();
    let file = file.to_str().unwrap();
    for heads in
        [vec![], vec!["--head", file], vec!["--head", short.as_str()], vec!["--head", head.trim(), "--head", file]]
    {
        let arguments = [vec!["audit", "verify"], heads].concat();
        let (status, told, error) = run(&app, &key, &arguments);
        assert!(
            status == 0 && told.contains("The trail is what was sealed.") && told.contains(&short),
            "{told}{error}"
        );
    }
    for wrong in ["no-such-file", "1:00"] {
        let (status, _, error) = run(&app, &key, &["audit", "verify", "--head", wrong]);
        assert!(status == 1 && error.contains(wrong), "{error}");
    }
    // Something wants a look.
    app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await;
    tamper(&app, "UPDATE audit_unsealed SET occurred_at = '2026-01-01 00:00:00'");
    let (status, told, _) = run(&app, &key, &["audit", "verify"]);
    assert!(status == 2 && told.contains("unsealed"), "{told}");
    // Broken.
    let id = entry_at(&app, 9);
    tamper(&app, &format!("UPDATE audit_events SET actor = 'nobody' WHERE id = '{id}'"));
    let (status, told, _) = run(&app, &key, &["audit", "verify"]);
    assert!(status == 3 && told.contains(&format!("position 9, entry {id}")), "{told}");
    let (status, told, _) = run(&app, &key, &["audit", "verify", "--json"]);
    let report: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((status, text(&report, "verdict")), (3, "broken"));
    assert_eq!(report["counts"]["changed"], 1);
    assert_eq!(report["entries"], sealed(&app));
    let finding = &report["findings"].as_array().unwrap().iter().find(|one| one["kind"] == "changed").unwrap();
    assert_eq!((finding["position"].as_i64(), text(finding, "event_id")), (Some(9), id.as_str()));
    assert!(!told.contains(Customer::ANA.number) && !told.contains(Customer::ANA.email), "{told}");
}

async fn lo_06_the_commands_make_no_database(engine: Engine) {
    let database = TestDatabase::empty(engine);
    let variables = BTreeMap::from([
        ("STAKIS_SECRET_KEY", data_encoding::BASE64.encode(&stakis_identity::types::random_bytes::<32>())),
        ("STAKIS_DATABASE_URL", database.url_text.clone()),
    ]);
    for act in ["verify", "head"] {
        let output = run_command(&["audit", act], &variables, "");
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stderr).unwrap().contains("there is no database"), "{act}");
    }
}

/// The heads that were told.
async fn told(app: &TestApp) -> Vec<Value> {
    audit::tell_head(&app.app).await.unwrap();
    identity::events::publish(&app.app).await.unwrap();
    let token = Partner::make(app, "events:read").await.token(app).await;
    let call = app.request(reqwest::Method::GET, "/v1/events?limit=100&type=audit.head").bearer_auth(token);
    let answer = send(call).await;
    answer.assert_status(200);
    answer.json()["events"].as_array().unwrap().clone()
}

async fn lo_06_the_head_leaves_by_an_event_at_most_every_quarter_of_an_hour(app: &TestApp) {
    assert_eq!(told(app).await.len(), 0);
    fill(app).await;
    let first = told(app).await;
    assert_eq!(first.len(), 1);
    let head = audit::find_head(&app.app).await.unwrap().unwrap();
    let data = &first[0]["data"];
    assert_eq!(data["batch"], head.batch);
    assert_eq!(data["position"], head.position);
    assert_eq!(
        [text(data, "hash"), text(data, "signature"), text(data, "key_id")],
        [&head.hash, &head.signature, &head.key_id]
    );
    assert_eq!(first[0]["timestamp"], serde_json::json!(head.sealed_at));
    // The event is a head that `audit verify` takes.
    let left = audit::LeftHead::parse(&app.app.keyring, &first[0].to_string()).unwrap();
    assert!(audit::verify(&app.app, vec![left]).await.unwrap().findings.is_empty());
    seal(app).await;
    app.advance(TimeDelta::minutes(14));
    assert_eq!(told(app).await.len(), 1, "the last one is not old enough");
    app.advance(TimeDelta::minutes(2));
    assert_eq!(told(app).await.len(), 2);
    seal(app).await;
    app.advance(TimeDelta::hours(1));
    assert_eq!(told(app).await.len(), 3);
    // What was told already is not told again.
    app.advance(TimeDelta::hours(1));
    let heads: Vec<i64> = told(app).await.iter().map(|event| event["data"]["batch"].as_i64().unwrap()).collect();
    assert_eq!(heads.len(), 3);
    assert!(heads.is_sorted(), "{heads:?}");
}
