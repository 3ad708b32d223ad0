//! Replacing what a client authenticates itself by, without a gap.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};
use stakis_identity::{
    identity::{
        self, IdentityError,
        clients::{CredentialChange, Registration},
    },
    types::{ClientId, ClientSecret, ClientSecretHash, Scope, Scopes, random_bytes},
};

use crate::support::{
    Engine, TestApp, TestDatabase, administrator, database_tests, dump, engine_tests, execute,
    partner::{GRANT, Partner, ask_as, assert_error, enter, register},
    run_command,
    signing::{ClientKey, key_set},
    text,
};

database_tests![
    ad_08_two_secrets_serve_while_the_programs_change_over,
    ad_08_a_revoked_client_gets_nothing_to_authenticate_itself_by,
    ad_08_a_secret_of_an_earlier_release_goes_on_serving,
    ad_08_a_client_of_keys_alone_has_no_secret_that_serves,
];

engine_tests![
    ad_08_the_command_line_replaces_secrets_and_keys,
    ad_08_the_list_shows_methods_and_the_last_use_and_no_secret,
    ad_08_the_command_line_refuses_keys_that_are_none,
];

fn made<T>(change: Result<CredentialChange<T>, IdentityError>) -> T {
    match change {
        Ok(CredentialChange::Made(outcome)) => outcome,
        Ok(CredentialChange::NoSuchClient) => panic!("no such client"),
        Ok(CredentialChange::Revoked) => panic!("revoked"),
        Err(IdentityError::Refused(_) | IdentityError::Fault(_)) => panic!("failed"),
    }
}

async fn rotate(app: &TestApp, id: &ClientId) -> String {
    let rotated = identity::clients::rotate_secret(&app.app, &administrator(), id.clone()).await;
    made::<ClientSecret>(rotated).expose().to_owned()
}

async fn ad_08_two_secrets_serve_while_the_programs_change_over(app: &TestApp) {
    let Partner { id, secret: first } = Partner::make(app, "support:read").await;
    let serves = async |secret: &str| ask_as(app, id.as_str(), secret, GRANT).await.status == 200;
    let token = Partner { id: id.clone(), secret: first.clone() }.token(app).await;
    let second = rotate(app, &id).await;
    assert!(second.starts_with("stk_") && second.len() == 47 && second != first);
    assert!(serves(&first).await && serves(&second).await);
    let third = rotate(app, &id).await;
    assert!(!serves(&first).await, "two live at a time");
    assert!(serves(&second).await && serves(&third).await);
    let end = async || identity::clients::end_previous_secret(&app.app, &administrator(), id.clone()).await;
    assert!(made(end().await));
    assert!(!serves(&second).await && serves(&third).await);
    assert!(!made(end().await), "there is no previous one any more");
    enter(app, &token, Scope::SupportRead).await.unwrap();
    let dump = app.dump().text();
    assert!([&first, &second, &third].into_iter().all(|secret| !dump.contains(secret.as_str())));
    assert_eq!((app.events("client_secret_created"), app.events("client_secret_ended")), (2, 1));
}

async fn ad_08_a_revoked_client_gets_nothing_to_authenticate_itself_by(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let second = rotate(app, &partner.id).await;
    partner.revoke(app).await;
    for secret in [&partner.secret, &second] {
        assert_error(&ask_as(app, partner.id.as_str(), secret, GRANT).await, 401, "invalid_client");
    }
    let keys = key_set(&[&ClientKey::p256("one")]);
    for (id, is_unknown) in [(partner.id.clone(), false), (ClientId::mint(), true)] {
        let rotated = identity::clients::rotate_secret(&app.app, &administrator(), id.clone()).await.unwrap();
        let ended = identity::clients::end_previous_secret(&app.app, &administrator(), id.clone()).await.unwrap();
        let set = identity::clients::set_keys(&app.app, &administrator(), id, &keys).await.unwrap();
        assert!(matches!(rotated, CredentialChange::NoSuchClient) == is_unknown);
        assert!(matches!(rotated, CredentialChange::Revoked) != is_unknown);
        assert!(matches!(ended, CredentialChange::Revoked) != is_unknown);
        assert!(matches!(set, CredentialChange::Revoked) != is_unknown);
    }
}

/// Earlier secrets are 43 characters without a prefix.
async fn ad_08_a_secret_of_an_earlier_release_goes_on_serving(app: &TestApp) {
    let Partner { id, .. } = Partner::make(app, "support:read").await;
    let old = BASE64URL_NOPAD.encode(&random_bytes::<32>());
    assert_eq!(old.len(), 43);
    let hash = ClientSecretHash::of_presented(&old);
    execute(&app.database.url, &format!("UPDATE clients SET secret_hash = '{}'", hash.as_str())).unwrap();
    let partner = Partner { id, secret: old };
    partner.token(app).await;
    let with_prefix = format!("stk_{}", partner.secret);
    assert_error(&ask_as(app, partner.id.as_str(), &with_prefix, GRANT).await, 401, "invalid_client");
    rotate(app, &partner.id).await;
    partner.token(app).await;
}

async fn ad_08_a_client_of_keys_alone_has_no_secret_that_serves(app: &TestApp) {
    let key = ClientKey::p256("one");
    let registration = Registration::of_program("Partner".into(), Scopes::parse("support:read").unwrap());
    let client = register(app, registration.with_keys_alone(&key_set(&[&key]))).await.client;
    for secret in ["", " ", "stk_", "of no client", "null"] {
        let answer = ask_as(app, client.id.as_str(), secret, GRANT).await;
        assert_error(&answer, 401, "invalid_client");
    }
    app.advance(TimeDelta::hours(1));
    let secret = rotate(app, &client.id).await;
    ask_as(app, client.id.as_str(), &secret, GRANT).await.assert_status_with(200, "it may get one later");
    assert_error(&ask_as(app, client.id.as_str(), "", GRANT).await, 401, "invalid_client");
}

/// Runs commands of clients on one database.
struct CommandLine {
    database: TestDatabase,
    secret_key: String,
}

impl CommandLine {
    fn on(engine: Engine) -> Self {
        Self { database: TestDatabase::migrated(engine), secret_key: BASE64.encode(&random_bytes::<32>()) }
    }

    /// Whether the command succeeds, what it prints, and what it logs.
    fn run(&self, arguments: &[&str], input: &str) -> (bool, String, String) {
        let variables = BTreeMap::from([
            ("STAKIS_SECRET_KEY", self.secret_key.clone()),
            ("STAKIS_DATABASE_URL", self.database.url_text.clone()),
        ]);
        let output = run_command(&[&["client"], arguments].concat(), &variables, input);
        let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.success(), stdout, stderr)
    }

    fn json(&self, arguments: &[&str], input: &str) -> Value {
        let (succeeded, shown, log) = self.run(&[arguments, &["--json"]].concat(), input);
        assert!(succeeded, "{log}");
        serde_json::from_str(&shown).unwrap()
    }
}

fn one_key(kid: &str) -> String {
    json!({ "keys": [ClientKey::p256(kid).jwk] }).to_string()
}

async fn ad_08_the_command_line_replaces_secrets_and_keys(engine: Engine) {
    let command = CommandLine::on(engine);
    let made = command.json(&["create", "--name", "Partner", "--scope", "accounts:read"], "");
    assert_eq!(made["methods"], json!(["client_secret_basic", "client_secret_post"]));
    let id = text(&made, "client_id");
    let rotated = command.json(&["rotate-secret", "--id", id], "");
    assert!(text(&rotated, "client_secret").starts_with("stk_"));
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    let (succeeded, shown, _) = command.run(&["rotate-secret", "--id", id], "");
    assert!(
        succeeded && shown.contains("is accepted until the next rotation") && shown.contains("stk_"),
        "{shown}"
    );
    assert_eq!(command.json(&["rotate-secret", "--id", id, "--end-previous"], "")["changed"], true);
    assert_eq!(command.json(&["rotate-secret", "--id", id, "--end-previous"], "")["changed"], false);
    let set = command.json(&["set-keys", "--id", id, "--jwks", "-"], &one_key("2026"));
    assert_eq!(set["kids"], json!(["2026"]));
    assert_eq!(command.json(&["revoke", "--id", id], "")["changed"], true);
    let keys = one_key("2027");
    let mint = ClientId::mint();
    for (arguments, sentence) in [
        (["rotate-secret", "--id", id].as_slice(), "is revoked"),
        (&["rotate-secret", "--id", id, "--end-previous"], "is revoked"),
        (&["set-keys", "--id", id, "--jwks", "-"], "is revoked"),
        (&["rotate-secret", "--id", mint.as_str()], "there is no client"),
        (&["set-keys", "--id", mint.as_str(), "--jwks", "-"], "there is no client"),
        (&["rotate-secret", "--id", "x"], "26 letters and digits"),
    ] {
        let (succeeded, _, told) = command.run(arguments, &keys);
        assert!(!succeeded && told.contains(sentence), "{told}");
    }
    let stored = dump(&command.database.url).text();
    assert!(!stored.contains(text(&rotated, "client_secret")));
}

async fn ad_08_the_list_shows_methods_and_the_last_use_and_no_secret(engine: Engine) {
    let command = CommandLine::on(engine);
    assert_eq!(command.json(&["list"], ""), json!({ "clients": [] }));
    assert!(command.run(&["list"], "").1.contains("There are no clients."));
    let first = command.json(&["create", "--name", "Webshop", "--scope", "accounts:read", "--by", "Maja"], "");
    let keys = ["create", "--name", "Warehouse", "--scope", "support:read", "--jwks", "-", "--no-secret"];
    let second = command.json(&keys, &one_key("one"));
    assert_eq!((&second["client_secret"], &second["methods"]), (&Value::Null, &json!(["private_key_jwt"])));
    let [first_id, second_id] = [text(&first, "client_id"), text(&second, "client_id")];
    command.json(&["rotate-secret", "--id", first_id], "");
    command.json(&["revoke", "--id", second_id], "");
    let used = format!("UPDATE clients SET last_used_at = '2026-11-28 06:00:00' WHERE id = '{first_id}'");
    execute(&command.database.url, &used).unwrap();

    let listed = command.json(&["list"], "");
    let clients = listed["clients"].as_array().unwrap();
    let of = |id: &str| clients.iter().find(|client| client["client_id"] == id).unwrap();
    let (webshop, warehouse) = (of(first_id), of(second_id));
    assert_eq!((clients.len(), text(webshop, "name"), text(webshop, "scope")), (2, "Webshop", "accounts:read"));
    assert_eq!((&webshop["live_secrets"], &webshop["created_by"]), (&json!(2), &json!("command line: Maja")));
    assert!(text(webshop, "last_used_at").starts_with("2026-11-28T06:00:00"));
    assert_eq!((&webshop["revoked_at"], &warehouse["last_used_at"]), (&Value::Null, &Value::Null));
    assert_eq!((&warehouse["live_secrets"], &warehouse["methods"]), (&json!(0), &json!(["private_key_jwt"])));
    assert!(warehouse["revoked_at"].is_string());
    let shown = command.run(&["list"], "").1;
    for part in ["Webshop", "the one before is still accepted", "never", "private_key_jwt", "revoked"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let hash = ClientSecretHash::of_presented(text(&first, "client_secret"));
    for secret in [text(&first, "client_secret"), hash.as_str()] {
        assert!(!shown.contains(secret) && !listed.to_string().contains(secret));
    }
}

async fn ad_08_the_command_line_refuses_keys_that_are_none(engine: Engine) {
    let command = CommandLine::on(engine);
    let mut private = ClientKey::p256("one").jwk;
    private["d"] = json!("a-private-part");
    let create = ["create", "--name", "Partner", "--scope", "accounts:read", "--jwks", "-"];
    for (keys, sentence) in [
        (json!({ "keys": [private] }).to_string(), "holds the private member `d`"),
        (json!({ "keys": [] }).to_string(), "the set has no key"),
        (json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }).to_string(), "is symmetric"),
        ("no JSON".to_owned(), "this is no JWK set"),
    ] {
        let (succeeded, shown, told) = command.run(&create, &keys);
        assert!(!succeeded && told.contains(sentence), "{told}");
        assert!(!told.contains("a-private-part") && !shown.contains("a-private-part"));
    }
    let without_file = ["create", "--name", "Partner", "--scope", "accounts:read", "--no-secret"];
    assert!(!command.run(&without_file, "").0, "a client authenticates itself by something");
    let missing = ["create", "--name", "Partner", "--scope", "accounts:read", "--jwks", "no-such-file"];
    assert!(command.run(&missing, "").2.contains("the file cannot be read"));
    let person = ["--person", "Maja", "--no-secret"];
    let of_person = [&["create", "--name", "P", "--scope", "support:read", "--jwks", "-"][..], &person].concat();
    assert!(!command.run(&of_person, &one_key("one")).0, "a person signs in with a secret");
    assert_eq!(dump(&command.database.url).counts()["clients"], 0);
}
