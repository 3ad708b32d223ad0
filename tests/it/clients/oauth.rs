//! Machine clients: their tokens, and what those open.

use std::{collections::BTreeMap, time::Duration};

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{self, IdentityError, Refusal, clients::Machine},
    store::{StoreError, Transaction, clients},
    types::{ClientId, ClientSecretHash, Scope, Scopes},
};
use tokio::time;

use crate::{
    support::{
        Answer, Customer, Engine, Serving, TestApp, TestDatabase, administrator, database_tests, dump,
        engine_tests, execute, rows_of, run_command, send, text,
    },
    tokens::kinds::{own_key, part, sign},
};
use stakis_identity::identity::clients::RegisteredClient;
use stakis_identity::identity::clients::Revocation;

const FORM: &str = "application/x-www-form-urlencoded";
const GRANT: &str = "grant_type=client_credentials";

pub(crate) struct Partner {
    id: ClientId,
    secret: String,
}

impl Partner {
    pub(crate) async fn make(app: &TestApp, scopes: &str) -> Self {
        let scopes = Scopes::parse(scopes).unwrap();
        let RegisteredClient { client, secret } =
            identity::clients::create(&app.app, &administrator(), "Partner d.o.o.".into(), scopes).await.unwrap();
        Self { id: client.id, secret: secret.expose().to_owned() }
    }

    async fn ask(&self, app: &TestApp, form: &str) -> Answer {
        ask_as(app, self.id.as_str(), &self.secret, form).await
    }

    pub(crate) async fn token(&self, app: &TestApp) -> String {
        let answer = self.ask(app, GRANT).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.json(), "access_token").to_owned()
    }

    async fn revoke(&self, app: &TestApp) -> Revocation {
        identity::clients::revoke(&app.app, &administrator(), self.id.clone()).await.unwrap()
    }
}

async fn ask_as(app: &TestApp, id: &str, secret: &str, form: &str) -> Answer {
    let request = app.request(Method::POST, "/oauth2/token").basic_auth(id, Some(secret));
    send(request.header("content-type", FORM).body(form.to_owned())).await
}

async fn enter(app: &TestApp, token: &str, scope: Scope) -> Result<Machine, Refusal> {
    identity::clients::authenticate(&app.app, token, scope).await.map_err(|error| match error {
        IdentityError::Refused(refusal) => refusal,
        IdentityError::Fault(fault) => panic!("{}", fault.chain()),
    })
}

/// Fails unless this is an error in the form of RFC 6749 §5.2.
#[track_caller]
fn assert_error(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(answer.json()["error"], code, "{}", answer.text);
    assert!(answer.json()["error_description"].is_string());
    let challenge = if status == 401 { r#"Basic realm="stakis-identity""# } else { "" };
    assert_eq!(answer.header("www-authenticate"), challenge);
}

database_tests![
    ad_08_a_client_gets_a_token_for_all_its_scopes_or_for_some,
    ad_08_whatever_is_wrong_about_a_client_is_one_answer,
    ad_08_the_secret_goes_into_basic_authentication_alone,
    ad_08_the_form_is_taken_strictly,
    ad_08_the_secret_is_not_in_the_database,
    ad_08_the_last_use_is_known_to_the_minute,
    ad_08_two_clients_side_by_side_change_a_secret_without_a_gap,
    ad_09_a_revoked_client_and_its_tokens_end_at_once,
    ad_09_a_scope_that_is_taken_away_counts_at_once,
    ad_03_a_token_opens_what_its_scopes_name_and_nothing_else,
    jw_02_the_token_has_the_claims_of_rfc_9068,
    jw_04_claims_of_machines_signed_with_our_own_key_are_checked_all_the_same,
    jw_07_customers_tokens_and_machines_tokens_do_not_serve_for_each_other,
    rl_03_guessing_secrets_is_slowed_down_and_locks_nobody_out,
    lo_01_clients_and_their_tokens_are_in_the_trail,
];

async fn ad_08_a_client_gets_a_token_for_all_its_scopes_or_for_some(app: &TestApp) {
    let partner = Partner::make(app, "support:read accounts:read").await;
    let answer = partner.ask(app, GRANT).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let mut body = answer.json();
    assert!(text(&body, "access_token").len() > 100);
    body["access_token"] = json!("…");
    assert_eq!(
        body,
        json!({ "access_token": "…", "token_type": "Bearer", "expires_in": 600, "scope": "accounts:read support:read" })
    );
    for (form, granted) in [
        ("scope=support:read&grant_type=client_credentials", "support:read"),
        ("grant_type=client_credentials&scope=support%3Aread+accounts%3Aread", "accounts:read support:read"),
        // RFC 6749 §3.2: without a value as if left out; what is not known is ignored.
        ("grant_type=client_credentials&scope=&resource=x", "accounts:read support:read"),
    ] {
        let answer = partner.ask(app, form).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["scope"], granted);
        let claims = part(text(&answer.json(), "access_token"), 1);
        assert_eq!(claims["scope"], granted);
    }
    for scope in ["audit:read", "support:read+audit:read", "everything", "support:read++accounts:read", "%00"] {
        let answer = partner.ask(app, &format!("{GRANT}&scope={scope}")).await;
        assert_error(&answer, 400, "invalid_scope");
    }
}

async fn ad_08_whatever_is_wrong_about_a_client_is_one_answer(app: &TestApp) {
    let [partner, revoked] = [Partner::make(app, "support:read").await, Partner::make(app, "support:read").await];
    assert_eq!(revoked.revoke(app).await, Revocation::Revoked);
    let unknown = ClientId::mint();
    let mut answers = Vec::new();
    for (id, secret) in [
        (partner.id.as_str(), revoked.secret.as_str()),
        (partner.id.as_str(), ""),
        (revoked.id.as_str(), revoked.secret.as_str()),
        (unknown.as_str(), partner.secret.as_str()),
        // What an unknown client's secret is compared with.
        (unknown.as_str(), "of no client"),
        ("no id at all", "x"),
        ("", ""),
    ] {
        answers.push(ask_as(app, id, secret, GRANT).await);
    }
    for answer in &answers {
        assert_error(answer, 401, "invalid_client");
        assert_eq!(answer.comparable(), answers[0].comparable());
    }
    assert_eq!(partner.ask(app, GRANT).await.status, 200);
}

async fn ad_08_the_secret_goes_into_basic_authentication_alone(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let post = || app.request(Method::POST, "/oauth2/token").header("content-type", FORM);
    let in_form = format!("{GRANT}&client_id={}&client_secret={}", partner.id, partner.secret);
    assert_error(&send(post().body(in_form.clone())).await, 401, "invalid_client");
    assert_error(&partner.ask(app, &in_form).await, 400, "invalid_request");
    assert_error(&partner.ask(app, &format!("{GRANT}&client_assertion=x")).await, 400, "invalid_request");
    let in_query = app.request(Method::POST, &format!("/oauth2/token?{in_form}"));
    assert_error(&send(in_query.header("content-type", FORM)).await, 401, "invalid_client");
    assert_error(&send(post().body(GRANT)).await, 401, "invalid_client");
    let bearer = partner.token(app).await;
    assert_error(&send(post().bearer_auth(&bearer).body(GRANT)).await, 401, "invalid_client");
    let once = || post().basic_auth(&partner.id, Some(&partner.secret));
    assert_error(&send(once().basic_auth(&partner.id, Some("x")).body(GRANT)).await, 401, "invalid_client");
    for wrong in ["Basic", "Basic !", "Basic eA==", "Basic /w==", "Digest x"] {
        assert_error(&send(post().header("authorization", wrong).body(GRANT)).await, 401, "invalid_client");
    }
    // Percent-encoded although it need not be.
    let encoded = format!("%{:02X}{}", partner.id.as_str().as_bytes()[0], &partner.id.as_str()[1..]);
    assert_eq!(ask_as(app, &encoded, &partner.secret, GRANT).await.status, 200);
}

async fn ad_08_the_form_is_taken_strictly(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    for form in [
        "",
        "grant_type=",
        "scope=support:read",
        "grant_type=client_credentials&grant_type=client_credentials",
        "grant_type=client_credentials&scope=support:read&scope=support:read",
        "grant_type=client_credentials&other=1&other=2",
    ] {
        assert_error(&partner.ask(app, form).await, 400, "invalid_request");
    }
    for grant in ["password", "refresh_token", "authorization_code", "CLIENT_CREDENTIALS"] {
        let answer = partner.ask(app, &format!("grant_type={grant}")).await;
        assert_error(&answer, 400, "unsupported_grant_type");
    }
    let post =
        || app.request(Method::POST, "/oauth2/token").basic_auth(&partner.id, Some(&partner.secret)).body(GRANT);
    assert_error(&send(post().json(&json!({ "grant_type": "client_credentials" }))).await, 400, "invalid_request");
    assert_error(&send(post()).await, 400, "invalid_request");
    for media_type in ["text/plain", "multipart/form-data; boundary=x", &format!("{FORM}; charset=utf-16")] {
        assert_error(&send(post().header("content-type", media_type)).await, 400, "invalid_request");
    }
    let zipped = post().header("content-type", FORM).header("content-encoding", "gzip");
    assert_error(&send(zipped).await, 400, "invalid_request");
    assert_eq!(send(post().header("content-type", format!("{FORM}; charset=UTF-8"))).await.status, 200);
    let large = format!("{GRANT}&x={}", "x".repeat(16 * 1024));
    assert_error(&partner.ask(app, &large).await, 413, "invalid_request");
    let get = app.get("/oauth2/token").await;
    get.assert_problem(405, "method-not-allowed");
    assert_eq!(get.header("allow"), "POST");
}

async fn ad_08_the_secret_is_not_in_the_database(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let token = partner.token(app).await;
    ask_as(app, partner.id.as_str(), "Poletne-gume-26", GRANT).await;
    ask_as(app, "Poletne-gume-26", "x", GRANT).await;
    let dump = app.dump().text();
    let hash = ClientSecretHash::of_presented(&partner.secret);
    assert!(dump.contains(hash.as_str()), "the dump is complete: it holds the hash");
    for secret in [partner.secret.as_str(), &token, "Poletne-gume-26"] {
        assert!(!dump.contains(secret), "{secret}");
    }
    // The hash opens nothing.
    assert_error(&ask_as(app, partner.id.as_str(), hash.as_str(), GRANT).await, 401, "invalid_client");
}

async fn ad_08_the_last_use_is_known_to_the_minute(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let last_use = || async {
        let id = partner.id.clone();
        let find = move |tx: &mut Transaction<'_>| -> Result<_, StoreError> { clients::find(tx, &id) };
        app.app.database.read(find).await.unwrap().unwrap().last_used_at
    };
    assert_eq!(last_use().await, None);
    let start = app.app.clock.now();
    let token = partner.token(app).await;
    assert_eq!(last_use().await, Some(start));
    app.advance(TimeDelta::seconds(59));
    enter(app, &token, Scope::SupportRead).await.unwrap();
    assert_eq!(last_use().await, Some(start));
    app.advance(TimeDelta::seconds(1));
    enter(app, &token, Scope::SupportRead).await.unwrap();
    assert_eq!(last_use().await, Some(start + TimeDelta::minutes(1)));
}

async fn ad_08_two_clients_side_by_side_change_a_secret_without_a_gap(app: &TestApp) {
    let [old, new] = [Partner::make(app, "support:read").await, Partner::make(app, "support:read").await];
    let [old_token, new_token] = [old.token(app).await, new.token(app).await];
    old.revoke(app).await;
    assert_eq!(enter(app, &old_token, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken);
    assert_eq!(enter(app, &new_token, Scope::SupportRead).await.unwrap().client_id, new.id);
}

async fn ad_09_a_revoked_client_and_its_tokens_end_at_once(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let token = partner.token(app).await;
    enter(app, &token, Scope::SupportRead).await.unwrap();
    assert_eq!(partner.revoke(app).await, Revocation::Revoked);
    assert_eq!(enter(app, &token, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken);
    assert_error(&partner.ask(app, GRANT).await, 401, "invalid_client");
    assert_eq!(partner.revoke(app).await, Revocation::RevokedBefore);
    assert_eq!(
        identity::clients::revoke(&app.app, &administrator(), ClientId::mint()).await.unwrap(),
        Revocation::NoSuchClient
    );
}

async fn ad_09_a_scope_that_is_taken_away_counts_at_once(app: &TestApp) {
    let partner = Partner::make(app, "support:read accounts:read").await;
    let token = partner.token(app).await;
    execute(&app.database.url, "UPDATE clients SET scopes = 'accounts:read audit:read'").unwrap();
    let refused = enter(app, &token, Scope::SupportRead).await.unwrap_err();
    assert_eq!(refused, Refusal::InsufficientScope(Scope::SupportRead));
    // What was added needs another token.
    let refused = enter(app, &token, Scope::AuditRead).await.unwrap_err();
    assert_eq!(refused, Refusal::InsufficientScope(Scope::AuditRead));
    assert_eq!(enter(app, &token, Scope::AccountsRead).await.unwrap().scopes.as_str(), "accounts:read");
    assert_error(&partner.ask(app, &format!("{GRANT}&scope=support:read")).await, 400, "invalid_scope");
}

async fn ad_03_a_token_opens_what_its_scopes_name_and_nothing_else(app: &TestApp) {
    for granted in Scope::ALL {
        let partner = Partner::make(app, granted.as_str()).await;
        let token = partner.token(app).await;
        for wanted in Scope::ALL {
            match enter(app, &token, wanted).await {
                Ok(machine) => {
                    assert_eq!(granted, wanted);
                    assert_eq!((machine.client_id, machine.name.as_str()), (partner.id.clone(), "Partner d.o.o."));
                }
                Err(refusal) => {
                    assert_ne!(granted, wanted);
                    assert_eq!(refusal, Refusal::InsufficientScope(wanted));
                }
            }
        }
    }
    // Narrower than the client: the token decides.
    let partner = Partner::make(app, "support:read accounts:read").await;
    let narrow = partner.ask(app, &format!("{GRANT}&scope=accounts:read")).await.json();
    let refused = enter(app, text(&narrow, "access_token"), Scope::SupportRead).await.unwrap_err();
    assert_eq!(refused, Refusal::InsufficientScope(Scope::SupportRead));
}

async fn jw_02_the_token_has_the_claims_of_rfc_9068(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let token = partner.token(app).await;
    let (header, claims) = (part(&token, 0), part(&token, 1));
    assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("ES256")));
    let names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"]);
    assert_eq!(claims["sub"], partner.id.as_str());
    assert_eq!(claims["client_id"], partner.id.as_str());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    assert_ne!(part(&partner.token(app).await, 1)["jti"], claims["jti"]);
    app.advance(TimeDelta::seconds(599));
    enter(app, &token, Scope::SupportRead).await.unwrap();
    app.advance(TimeDelta::seconds(1));
    assert_eq!(enter(app, &token, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken);
}

async fn jw_04_claims_of_machines_signed_with_our_own_key_are_checked_all_the_same(app: &TestApp) {
    let [partner, other] = [Partner::make(app, "support:read").await, Partner::make(app, "support:read").await];
    let good = partner.token(app).await;
    let (_, key) = own_key(app).await;
    let (header, claims) = (part(&good, 0), part(&good, 1));
    enter(app, &sign(&key, &header.to_string(), &claims.to_string()), Scope::SupportRead).await.unwrap();
    let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    let wrong: Vec<(&str, Value)> = vec![
        ("exp", json!(exp.to_string())),
        ("exp", json!(iat)),
        ("iat", json!(iat + 61)),
        ("aud", json!("https://elsewhere.test")),
        ("iss", json!("https://identity.test/")),
        ("jti", json!("")),
        ("client_id", json!("stakis")),
        ("client_id", json!(other.id.as_str())),
        ("sub", json!(other.id.as_str())),
        ("scope", json!("")),
        ("scope", json!("everything")),
        ("scope", json!(["support:read"])),
        ("sid", json!("x")),
        ("epoch", json!(0)),
        ("nbf", json!(iat)),
    ];
    for (name, value) in wrong {
        let mut changed = claims.clone();
        changed[name] = value.clone();
        let forged = sign(&key, &header.to_string(), &changed.to_string());
        let refused = enter(app, &forged, Scope::SupportRead).await.unwrap_err();
        assert_eq!(refused, Refusal::InvalidToken, "{name}: {value}");
    }
    for name in ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"] {
        let mut changed = claims.clone();
        changed.as_object_mut().unwrap().remove(name);
        let forged = sign(&key, &header.to_string(), &changed.to_string());
        assert_eq!(enter(app, &forged, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken, "{name}");
    }
    for (name, value) in [("typ", json!("JWT")), ("alg", json!("none")), ("crit", json!(["exp"]))] {
        let mut changed = header.clone();
        changed[name] = value;
        let forged = sign(&key, &changed.to_string(), &claims.to_string());
        assert_eq!(enter(app, &forged, Scope::SupportRead).await.unwrap_err(), Refusal::InvalidToken, "{name}");
    }
}

async fn jw_07_customers_tokens_and_machines_tokens_do_not_serve_for_each_other(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let partner = Partner::make(app, "support:read accounts:read accounts:write").await;
    let machine = partner.token(app).await;
    for (method, path) in [
        (Method::GET, "/v1/account"),
        (Method::GET, "/v1/sessions"),
        (Method::DELETE, "/v1/sessions"),
        (Method::DELETE, "/v1/sessions/current"),
    ] {
        app.call(method, path, &machine).await.assert_problem(401, "invalid-token");
    }
    app.change(&machine, json!({})).await.assert_problem(401, "invalid-token");
    app.refresh(&machine).await.assert_problem(401, "invalid-token");
    for token in ["access_token", "refresh_token", "device_token"].map(|name| text(&session, name)) {
        assert_eq!(enter(app, token, Scope::AccountsRead).await.unwrap_err(), Refusal::InvalidToken);
        // Nor as a secret.
        assert_error(&ask_as(app, partner.id.as_str(), token, GRANT).await, 401, "invalid_client");
    }
    assert_eq!(enter(app, &partner.secret, Scope::AccountsRead).await.unwrap_err(), Refusal::InvalidToken);
    // A client whose id is an account's, if there could be one: the kinds stay apart all the same.
    let (_, key) = own_key(app).await;
    let mut claims = part(&machine, 1);
    claims["sub"] = session["account"]["id"].clone();
    claims["client_id"] = session["account"]["id"].clone();
    let forged = sign(&key, &part(&machine, 0).to_string(), &claims.to_string());
    app.account(&forged).await.assert_problem(401, "invalid-token");
    assert_eq!(enter(app, &forged, Scope::AccountsRead).await.unwrap_err(), Refusal::InvalidToken);
    assert_eq!(app.account(text(&session, "access_token")).await.status, 200);
}

async fn rl_03_guessing_secrets_is_slowed_down_and_locks_nobody_out(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    // Ids are counted in groups by their beginnings: this one begins differently.
    let first = if partner.id.as_str().starts_with('a') { "b" } else { "a" };
    let unknown = ClientId::from_text(format!("{first}{}", &partner.id.as_str()[1..]));
    for id in [&partner.id, &unknown] {
        for _ in 0..5 {
            assert_error(&ask_as(app, id.as_str(), "guess", GRANT).await, 401, "invalid_client");
        }
        for _ in 0..3 {
            let answer = ask_as(app, id.as_str(), "guess", GRANT).await;
            assert_error(&answer, 429, "temporarily_unavailable");
            assert_eq!(answer.header("retry-after"), "1");
        }
    }
    // The same for both, and what is turned away is noted once.
    assert_eq!((app.events("authn_login_fail_max"), app.events("client secret")), (2, 10));
    assert_eq!(partner.ask(app, GRANT).await.status, 200, "the right one always serves");
    assert_error(&ask_as(app, partner.id.as_str(), "guess", GRANT).await, 429, "temporarily_unavailable");
    app.advance(TimeDelta::seconds(1));
    assert_error(&ask_as(app, partner.id.as_str(), "guess", GRANT).await, 401, "invalid_client");
    let answer = ask_as(app, partner.id.as_str(), "guess", GRANT).await;
    assert_error(&answer, 429, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "2");
    // However many ids are made up, they fill no table.
    let ids = [&partner.id, &unknown];
    let beginning = ["zz", "yy", "xx"].into_iter().find(|two| ids.iter().all(|id| !id.as_str().starts_with(two)));
    for last in 'a'..='z' {
        ask_as(app, &format!("{}{}{last}", beginning.unwrap(), "z".repeat(23)), "guess", GRANT).await;
    }
    assert!(app.dump().counts()["sign_in_failures"] <= 3);
    assert_eq!(app.events("client secret"), 16);
}

async fn lo_01_clients_and_their_tokens_are_in_the_trail(app: &TestApp) {
    let partner = Partner::make(app, "support:read audit:read").await;
    let request = app.request(Method::POST, "/oauth2/token").basic_auth(&partner.id, Some(&partner.secret));
    let form = format!("{GRANT}&scope=audit:read");
    send(request.header("content-type", FORM).header("x-request-id", "abc-123").body(form)).await;
    ask_as(app, partner.id.as_str(), "x", GRANT).await;
    partner.revoke(app).await;
    partner.revoke(app).await;
    let trail: Vec<String> = rows_of(app, "audit_events", &["event", "actor", "detail", "source", "request_id"])
        .into_iter()
        .filter(|row| !row[0].contains("signing_key"))
        .map(|row| {
            let request = if row[4] == "abc-123" { "abc-123" } else { "" };
            let words = [&row[0], &row[1], &row[2], &row[3], request].join(" | ");
            words.replace(partner.id.as_str(), "ID")
        })
        .collect();
    insta::assert_snapshot!(trail.join("\n"), @"
    client_created | command line | ID: audit:read support:read |  | 
    authn_token_created | client ID | audit:read | 127.0.0.0/24 | abc-123
    authn_login_fail | client ID | client secret | 127.0.0.0/24 | 
    client_revoked | command line | ID |  | 
    ");
}

engine_tests![
    rl_03_without_limits_nobody_is_turned_away,
    ad_08_the_command_line_makes_and_revokes_clients_and_no_log_holds_a_secret,
];

async fn rl_03_without_limits_nobody_is_turned_away(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.limits.enforced = false).await;
    let partner = Partner::make(&app, "support:read").await;
    for _ in 0..8 {
        assert_error(&ask_as(&app, partner.id.as_str(), "guess", GRANT).await, 401, "invalid_client");
    }
    app.finish().await;
}

async fn ad_08_the_command_line_makes_and_revokes_clients_and_no_log_holds_a_secret(engine: Engine) {
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
    assert_eq!((id.len(), secret.len()), (26, 43));
    assert!(!log.contains(secret));
    for (wrong, sentence) in [
        (["--name", "x", "--scope", "everything"], "scopes are accounts:read"),
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
