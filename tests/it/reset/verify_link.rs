//! Verifying a link, and withdrawing it.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::support::{Customer, Engine, TestApp, database_tests, engine_tests, send};

const NEW: &str = "Zimske-gume-27";

database_tests![
    tk_06_looking_as_often_as_one_likes_never_uses_a_link_up,
    tk_07_a_reason_only_for_what_once_was_a_link,
    tk_07_a_decoy_s_token_is_nobody_s,
    tk_03_a_link_lives_sixty_minutes_from_its_hand_over,
    tk_01_tokens_are_256_bits_that_nobody_can_guess,
    tk_13_white_space_around_a_token_is_the_mail_client_s,
    this_was_not_me_withdraws_that_one_link,
    tk_06_nobody_withdraws_a_link_without_its_number,
];

async fn tk_06_looking_as_often_as_one_likes_never_uses_a_link_up(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    // The first look is recorded for support, and no later one.
    app.verify(&token).await.assert_status(200);
    assert_eq!(app.events("reset_verified"), 1);
    let before = app.dump().text();
    for _ in 0..5 {
        let answer = app.verify(&token).await;
        answer.assert_status(200);
        assert_eq!(answer.json(), json!({ "status": "valid", "expires_at": "2026-11-22T14:00:00.000Z" }));
    }
    for path in ["/change-password", "/withdraw-reset"] {
        for method in [Method::GET, Method::HEAD] {
            send(app.request(method, path)).await.assert_status(200);
        }
    }
    assert_eq!(app.dump().text(), before);
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.deliver_all().await;
}

async fn tk_07_a_reason_only_for_what_once_was_a_link(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let unknown = app.verify("nothing").await;
    unknown.assert_link_unusable("unknown");
    let long = "x".repeat(15_000);
    let changed = format!("{}{}", &token[..42], if token.ends_with('A') { 'E' } else { 'A' });
    for string in
        ["", " ", "null", long.as_str(), &token[1..], changed.as_str(), &token.to_lowercase(), "čšž", "a\u{0}b"]
    {
        assert_eq!(app.verify(string).await.comparable(), unknown.comparable(), "{string:?}");
        let complete = app.complete(string, Customer::ANA.number, NEW).await;
        assert_eq!(complete.comparable(), unknown.comparable(), "{string:?}");
        let withdraw = app.withdraw(string, Customer::ANA.number).await;
        assert_eq!(withdraw.comparable(), unknown.comparable(), "{string:?}");
    }
    app.advance(TimeDelta::hours(1));
    app.verify(&token).await.assert_link_unusable("expired");
    let verify = app.post("/v1/password-resets/verify", json!({})).await;
    assert_eq!(verify.field_errors(), ["#/token required"]);
    let withdraw = app.post("/v1/password-resets/withdraw", json!({})).await;
    assert_eq!(withdraw.field_errors(), ["#/token required", "#/customer_number required"]);
}

async fn tk_07_a_decoy_s_token_is_nobody_s(app: &TestApp) {
    app.ask("999999").await;
    app.deliver_all().await;
    let id = stakis_identity::types::ResetLinkId::from_text(app.column("reset_links", "id").remove(0));
    let token = app.app.keyring.reset_token(app.app.keyring.current_id(), &id).unwrap();
    app.verify(token.expose()).await.assert_link_unusable("unknown");
}

async fn tk_03_a_link_lives_sixty_minutes_from_its_hand_over(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.advance(TimeDelta::seconds(3599));
    app.verify(&token).await.assert_status(200);
    app.advance(TimeDelta::seconds(1));
    app.verify(&token).await.assert_link_unusable("expired");
    app.complete(&token, Customer::ANA.number, NEW).await.assert_link_unusable("expired");
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
}

async fn tk_01_tokens_are_256_bits_that_nobody_can_guess(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut tokens = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let token = app.token_for(&Customer::ANA).await;
        let bits = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
        assert_eq!(bits.len(), 32);
        tokens.insert(token);
        app.advance(TimeDelta::minutes(5));
    }
    assert_eq!(tokens.len(), 3);
}

async fn tk_13_white_space_around_a_token_is_the_mail_client_s(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.verify(&format!(" {token}\r\n")).await.assert_status(200);
    app.verify(&format!("{} {}", &token[..20], &token[20..])).await.assert_link_unusable("unknown");
    let link = app.app.links.public_url().len() + "/change-password#token=".len() + token.len();
    assert!(link <= 200);
    let answer = app.complete(&format!("\t{token} "), Customer::ANA.number, NEW).await;
    answer.assert_status(200);
    app.deliver_all().await;
}

async fn this_was_not_me_withdraws_that_one_link(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let first = app.token_for(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(5));
    let second = app.token_for(&Customer::ANA).await;
    let answer = app.withdraw(&first, Customer::ANA.number).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["message"], "Povezava ne velja več. Vaše geslo je ostalo nespremenjeno.");
    app.verify(&first).await.assert_link_unusable("withdrawn");
    app.complete(&first, Customer::ANA.number, NEW).await.assert_link_unusable("withdrawn");
    app.withdraw(&first, Customer::ANA.number).await.assert_link_unusable("withdrawn");
    app.verify(&second).await.assert_status(200);
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
}

/// A mail scanner presses every button, and knows no customer number.
async fn tk_06_nobody_withdraws_a_link_without_its_number(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let alone = app.post("/v1/password-resets/withdraw", json!({ "token": token })).await;
    assert_eq!(alone.field_errors(), ["#/customer_number required"]);
    for (number, code) in
        [("", "invalid_format"), ("4217", "invalid_format"), ("999999", "customer_number_mismatch")]
    {
        let answer = app.withdraw(&token, number).await;
        assert_eq!(answer.field_errors(), [format!("#/customer_number {code}")], "{number}");
    }
    // A holder of the link who tries numbers is told about five of them an hour at most.
    for _ in 0..4 {
        app.withdraw(&token, "999998").await.assert_status(422);
    }
    app.withdraw(&token, "999997").await.assert_problem(429, "rate-limited");
    app.withdraw(&token, Customer::ANA.number).await.assert_problem(429, "rate-limited");
    app.verify(&token).await.assert_status(200);
    app.advance(TimeDelta::minutes(12));
    app.withdraw(&token, Customer::ANA.number).await.assert_status(200);
    app.verify(&token).await.assert_link_unusable("withdrawn");
}

engine_tests![tk_03_the_lifetime_is_a_setting,];

async fn tk_03_the_lifetime_is_a_setting(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.reset_link_ttl = TimeDelta::seconds(90)).await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    assert!(app.mail_api.mails().await[0].text().contains("velja 1 minuto"));
    app.advance(TimeDelta::seconds(89));
    app.verify(&token).await.assert_status(200);
    app.advance(TimeDelta::seconds(1));
    app.verify(&token).await.assert_link_unusable("expired");
}
