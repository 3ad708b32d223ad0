//! The commands that create and revoke clients.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use stakis_identity::types::ClientId;
use tokio::time;

use crate::support::{
    Engine, Serving, TestDatabase, dump, engine_tests,
    partner::{FORM, GRANT},
    run_command, text,
};

engine_tests![
    ad_08_the_command_line_makes_and_revokes_clients,
    ad_03_the_client_of_a_person_has_scopes_of_support_alone,
];

async fn ad_03_the_client_of_a_person_has_scopes_of_support_alone(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let variables = BTreeMap::from([
        ("STAKIS_SECRET_KEY", data_encoding::BASE64.encode(&stakis_identity::types::random_bytes::<32>())),
        ("STAKIS_DATABASE_URL", database.url_text.clone()),
    ]);
    let create = |scope: &str, person: &str| {
        let arguments = [
            "client", "create", "--name", "Podpora", "--scope", scope, "--person", person, "--json", "--by",
            "admin",
        ];
        let output = run_command(&arguments, &variables, "");
        let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.success(), stdout, stderr)
    };
    for scope in ["accounts:read", "support:read audit:read", "support:act webhooks:write"] {
        let (made, _, told) = create(scope, "Maja Novak");
        let sentence = "the client of a person has the scopes support:act and support:read alone";
        assert!(!made && told.contains(sentence), "{told}");
    }
    assert_eq!(dump(&database.url).counts()["clients"], 0);
    assert!(!create("support:read", " ").0, "a person has a name");
    let (made, shown, log) = create("support:read support:act", "Maja Novak");
    assert!(made, "{log}");
    let client: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((text(&client, "scope"), text(&client, "person")), ("support:act support:read", "Maja Novak"));
}

/// The logs do not hold the secret.
async fn ad_08_the_command_line_makes_and_revokes_clients(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let secret_key = data_encoding::BASE64.encode(&stakis_identity::types::random_bytes::<32>());
    let variables = BTreeMap::from([
        ("RUST_LOG", "trace,actix_http::h1=trace".to_owned()),
        ("STAKIS_SECRET_KEY", secret_key),
        ("STAKIS_DATABASE_URL", database.url_text.clone()),
    ]);
    let run = |arguments: &[&str]| {
        let output = run_command(arguments, &variables, "");
        let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.success(), stdout, stderr)
    };
    let create = ["client", "create", "--name", "Podpora", "--scope", "support:read accounts:read"];
    let (made, shown, _) = run(&create);
    assert!(made && shown.contains("The secret is not shown again."), "{shown}");
    let (made, shown, log) = run(&[&create[..], &["--json"]].concat());
    assert!(made, "{log}");
    let client: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((text(&client, "name"), text(&client, "scope")), ("Podpora", "accounts:read support:read"));
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    assert_eq!((id.len(), secret.len()), (26, 47));
    assert!(secret.starts_with("stk_"));
    assert!(!log.contains(secret));
    for (wrong, sentence) in [
        (["--name", "x", "--scope", "everything"], "scopes are accounts:erase"),
        (["--name", " ", "--scope", "support:read"], "a name has 1 to 100 characters"),
        (["--name", "a\nb", "--scope", "support:read"], "a name has 1 to 100 characters"),
    ] {
        let (made, _, told) = run(&[&["client", "create"], &wrong[..]].concat());
        assert!(!made && told.contains(sentence), "{told}");
    }
    let serving = Serving::start(&database, &variables);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = |secret: String, form: String| {
        let request = http.post(serving.url.join("/oauth2/token").unwrap()).basic_auth(id, Some(secret));
        async { request.header("content-type", FORM).body(form).send().await.unwrap() }
    };
    let answer = ask(secret.to_owned(), GRANT.to_owned()).await;
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    ask("Zimske-gume-27".to_owned(), GRANT.to_owned()).await;
    ask(secret.to_owned(), format!("{GRANT}&client_secret={secret}")).await;
    let log = time::timeout(Duration::from_secs(20), async {
        loop {
            let log = serving.log();
            if log.lines().filter(|line| line.contains("answered")).count() >= 3 {
                break log;
            }
            time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("every call is in the log");
    let basic = data_encoding::BASE64.encode(format!("{id}:{secret}").as_bytes());
    for told in [secret, text(&body, "access_token"), "Zimske-gume-27", &basic] {
        assert!(!log.contains(told), "{told} is in the log:\n{log}");
    }
    assert!(run(&["client", "revoke", "--id", id]).1.contains("is revoked"));
    assert!(run(&["client", "revoke", "--id", id, "--json"]).1.contains("\"changed\": false"));
    assert!(run(&["client", "revoke", "--id", ClientId::mint().as_str()]).2.contains("there is no client"));
    assert!(run(&["client", "revoke", "--id", "x"]).2.contains("26 letters and digits"));
    assert_eq!(ask(secret.to_owned(), GRANT.to_owned()).await.status(), 401);
    drop(serving);
    assert!(!dump(&database.url).text().contains(secret));
}
