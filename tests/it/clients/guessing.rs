//! Guessed client secrets, and the entries about clients in the audit trail.

use std::sync::Arc;

use chrono::TimeDelta;
use reqwest::Method;
use stakis_identity::{config::LimitsConfig, types::ClientId};

use super::assertions::{claims, present, with_keys};
use crate::support::{
    Capture, Engine, MailApi, ManualClock, TestApp, TestDatabase, base_config, database_tests, engine_tests,
    limited::{HOUR, per, with},
    partner::{FORM, GRANT, Partner, ask_as, assert_error},
    send,
    signing::ClientKey,
};

database_tests![
    rl_03_guessing_secrets_is_slowed_down_and_locks_nobody_out,
    lo_01_clients_and_their_tokens_are_in_the_trail,
];

engine_tests![
    rl_03_without_limits_nobody_is_turned_away,
    rl_01_a_client_gets_its_tokens_at_a_bounded_rate,
    ad_08_the_work_for_wrong_credentials_tells_nothing_of_the_client,
];

/// The number of entries in the audit trail about a wrong client secret.
fn wrong_secrets(app: &TestApp) -> usize {
    app.audit().iter().filter(|line| line.detail == "client secret").count()
}

async fn rl_03_guessing_secrets_is_slowed_down_and_locks_nobody_out(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    // Unknown ids are counted in groups by their first characters, so this one begins differently.
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
    // A known and an unknown id are counted alike, and each pause has one entry.
    assert_eq!((app.events("authn_login_fail_max"), wrong_secrets(app)), (2, 10));
    partner.ask(app, GRANT).await.assert_status_with(200, "the right one always serves");
    assert_error(&ask_as(app, partner.id.as_str(), "guess", GRANT).await, 429, "temporarily_unavailable");
    app.advance(TimeDelta::seconds(1));
    assert_error(&ask_as(app, partner.id.as_str(), "guess", GRANT).await, 401, "invalid_client");
    let answer = ask_as(app, partner.id.as_str(), "guess", GRANT).await;
    assert_error(&answer, 429, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "2");
    // Invented ids share their counters, so they do not fill the table.
    let ids = [&partner.id, &unknown];
    let beginning = ["zz", "yy", "xx"].into_iter().find(|two| ids.iter().all(|id| !id.as_str().starts_with(two)));
    for last in 'a'..='z' {
        ask_as(app, &format!("{}{}{last}", beginning.unwrap(), "z".repeat(23)), "guess", GRANT).await;
    }
    assert!(app.dump().counts()["sign_in_failures"] <= 3);
    assert_eq!(wrong_secrets(app), 16);
}

async fn lo_01_clients_and_their_tokens_are_in_the_trail(app: &TestApp) {
    let partner = Partner::make(app, "support:read audit:read").await;
    let request = app.request(Method::POST, "/oauth2/token").basic_auth(&partner.id, Some(&partner.secret));
    let form = format!("{GRANT}&scope=audit:read");
    send(request.header("content-type", FORM).header("x-request-id", "abc-123").body(form)).await;
    ask_as(app, partner.id.as_str(), "x", GRANT).await;
    partner.revoke(app).await;
    partner.revoke(app).await;
    let trail: Vec<String> = app
        .audit()
        .into_iter()
        .filter(|line| !line.event.contains("signing_key"))
        .map(|line| {
            let request = if line.request_id == "abc-123" { "abc-123" } else { "" };
            let words = [&line.event, &line.actor, &line.detail, &line.source, request].join(" | ");
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

async fn rl_03_without_limits_nobody_is_turned_away(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.limits.enforced = false).await;
    let partner = Partner::make(&app, "support:read").await;
    for _ in 0..8 {
        assert_error(&ask_as(&app, partner.id.as_str(), "guess", GRANT).await, 401, "invalid_client");
    }
}

/// The right secret meets a limit of its own, and nobody else's.
async fn rl_01_a_client_gets_its_tokens_at_a_bounded_rate(engine: Engine) {
    let limits = LimitsConfig { client_tokens: Some(per(4, HOUR)), ..LimitsConfig::default() };
    let app = with(engine, &limits).await;
    let (one, other) = (Partner::make(&app, "support:read").await, Partner::make(&app, "support:read").await);
    for _ in 0..4 {
        one.ask(&app, GRANT).await.assert_status(200);
    }
    for _ in 0..2 {
        let answer = one.ask(&app, GRANT).await;
        assert_error(&answer, 429, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), "900");
    }
    assert_error(&one.ask(&app, "grant_type=password").await, 400, "unsupported_grant_type");
    other.ask(&app, GRANT).await.assert_status(200);
    assert_eq!(app.events("authn_token_created"), 5);
    assert_eq!(app.counted(r#"stakis_rate_limited_total{limit="client_tokens"}"#), 2);
    app.advance(TimeDelta::minutes(16));
    one.ask(&app, GRANT).await.assert_status(200);
}

/// The statements are compared, since each costs far more time than what happens between them. A client whose tokens are
/// counted, and that was not used within the minute, costs as much by the right secret.
/// Whether the failures of an id are counted apart from those of the others: ids that begin alike share a count.
fn is_counted_apart(id: &ClientId, others: &[ClientId]) -> bool {
    others.iter().all(|other| other.as_str()[..2] != id.as_str()[..2])
}

async fn partner_counted_apart(app: &TestApp, others: &[ClientId]) -> Partner {
    loop {
        let partner = Partner::make(app, "support:read").await;
        if is_counted_apart(&partner.id, others) {
            return partner;
        }
    }
}

fn unknown_counted_apart(others: &[ClientId]) -> ClientId {
    std::iter::repeat_with(ClientId::mint).find(|id| is_counted_apart(id, others)).unwrap()
}

async fn ad_08_the_work_for_wrong_credentials_tells_nothing_of_the_client(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let statements = Capture::of(&database);
    let mut config = base_config(&database);
    config.limits = LimitsConfig::standard();
    let app = TestApp::start_on(database, config, Arc::new(ManualClock::new()), MailApi::start().await).await;
    let key = ClientKey::p256("one");
    let by_keys = with_keys(&app, &[&key]).await;
    // The first failure of a count inserts its row, and the next ones update it.
    let mut ids = vec![by_keys.clone()];
    let by_secret = partner_counted_apart(&app, &ids).await;
    ids.push(by_secret.id.clone());
    let revoked = partner_counted_apart(&app, &ids).await;
    revoked.revoke(&app).await;
    ids.push(revoked.id.clone());
    ids.push(unknown_counted_apart(&ids));
    // What an instance prepares once.
    for _ in 0..2 {
        by_secret.token(&app).await;
        ask_as(&app, unknown_counted_apart(&ids).as_str(), "guess", GRANT).await;
        app.advance(TimeDelta::hours(1));
    }
    statements.take();
    by_secret.token(&app).await;
    let of_right_secret = statements.take();
    let right = key.sign(r#"{"alg":"ES256"}"#, &claims(&app, &by_keys).to_string());
    present(&app, &right, "").await.assert_status(200);
    let of_right_assertion = statements.take();
    let thief = ClientKey::p256("one");
    let [mut of_secret, mut of_assertion] = [Vec::new(), Vec::new()];
    for id in &ids {
        assert_error(&ask_as(&app, id.as_str(), "guess", GRANT).await, 401, "invalid_client");
        of_secret.push(statements.take());
        let forged = thief.sign(r#"{"alg":"ES256"}"#, &claims(&app, id).to_string());
        assert_error(&present(&app, &forged, "").await, 401, "invalid_client");
        of_assertion.push(statements.take());
        app.advance(TimeDelta::hours(1));
    }
    for (wrong, right) in [(of_secret, of_right_secret), (of_assertion, of_right_assertion)] {
        for other in &wrong {
            assert_eq!(*other, wrong[0]);
        }
        let [wrong, right] = [wrong[0].clone(), right];
        assert!(!wrong.is_empty() && wrong.len() <= right.len(), "{}\n--\n{}", wrong.join("\n"), right.join("\n"));
    }
}
