//! Setting the new password: steps 6 and 7 of the guide.

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::types::Locale;

use crate::support::{Customer, TestApp, database_tests, execute};

const NEW: &str = "Zimske-gume-27";
const PATH: &str = "/v1/password-resets/complete";
const BOJAN: Customer = Customer { number: "100200", email: "bojan@example.si", password: "Bojanovo-geslo-1" };

database_tests![
    the_guide_s_steps_6_to_8,
    an_account_without_password_gets_its_first_one_the_same_way,
    tk_05_a_link_serves_once,
    tk_04_a_closing_between_looking_and_setting_counts,
    tk_04_a_closed_account_is_noticed_even_if_its_link_was_not_ended,
    tk_08_no_other_token_serves_here_and_this_one_nowhere_else,
    tk_09_a_link_serves_its_own_account_alone,
    tk_10_a_success_ends_the_other_links_too,
    tk_15_a_refused_password_leaves_the_link_usable,
    pw_06_every_wrong_field_and_every_broken_rule_at_once,
    the_order_of_checks_is_malformed_then_link_then_fields,
    the_fifth_wrong_number_withdraws_the_link,
    ch_11_rules_about_the_account_need_its_number_and_have_an_end,
    ch_03_a_reset_signs_nobody_in,
    ch_04_every_session_ends_at_once,
    ch_07_a_notice_without_password_token_or_number,
    ch_08_passwords_count_exactly_as_typed,
    ch_10_long_passwords_are_refused_before_any_hash,
    a_reset_never_lifts_a_closing,
];

async fn the_guide_s_steps_6_to_8(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let answer = app.complete(&token, Customer::ANA.number, NEW).await;
    answer.assert_status(200);
    assert_eq!(answer.json()["message"].as_str(), Some("Geslo je bilo zamenjano."));
    app.sign_in(Customer::ANA.number, NEW).await.assert_status(201);
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(401, "invalid-credentials");
    app.deliver_all().await;
}

async fn an_account_without_password_gets_its_first_one_the_same_way(app: &TestApp) {
    app.create(&Customer::ANA, Locale::Sl, None).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.sign_in(Customer::ANA.number, NEW).await.assert_status(201);
    app.deliver_all().await;
}

async fn tk_05_a_link_serves_once(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.complete(&token, Customer::ANA.number, "Drugo-geslo-28").await.assert_link_unusable("used");
    app.verify(&token).await.assert_link_unusable("used");
    app.sign_in(Customer::ANA.number, NEW).await.assert_status(201);
    app.deliver_all().await;
}

async fn tk_04_a_closing_between_looking_and_setting_counts(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.verify(&token).await.assert_status(200);
    app.close(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await.assert_link_unusable("withdrawn");
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(403, "account-closed");
}

async fn tk_04_a_closed_account_is_noticed_even_if_its_link_was_not_ended(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    execute(&app.database.url, "UPDATE accounts SET closed_at = created_at").unwrap();
    app.complete(&token, Customer::ANA.number, NEW).await.assert_link_unusable("withdrawn");
    execute(&app.database.url, "UPDATE accounts SET closed_at = NULL").unwrap();
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
}

async fn tk_08_no_other_token_serves_here_and_this_one_nowhere_else(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let access_token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let session_id = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json()["session_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = app.token_for(&Customer::ANA).await;
    for other in [&access_token, &session_id] {
        app.complete(other, Customer::ANA.number, NEW).await.assert_link_unusable("unknown");
    }
    app.account(&token).await.assert_problem(401, "invalid-token");
}

async fn tk_09_a_link_serves_its_own_account_alone(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&BOJAN).await;
    let token = app.token_for(&Customer::ANA).await;
    let answer = app.complete(&token, BOJAN.number, NEW).await;
    assert_eq!(answer.field_errors(), ["#/customer_number customer_number_mismatch"]);
    for key in ["user_id", "sub", "account_id"] {
        let mut body = json!({ "token": token, "customer_number": Customer::ANA.number, "new_password": NEW, "new_password_confirmation": NEW });
        body[key] = "x".into();
        app.post(PATH, body).await.assert_problem(400, "malformed-request");
    }
    app.sign_in(BOJAN.number, BOJAN.password).await.assert_status(201);
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.sign_in(BOJAN.number, BOJAN.password).await.assert_status(201);
    app.deliver_all().await;
}

async fn tk_10_a_success_ends_the_other_links_too(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let first = app.token_for(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(5));
    let second = app.token_for(&Customer::ANA).await;
    app.complete(&first, Customer::ANA.number, NEW).await.assert_status(200);
    app.verify(&first).await.assert_link_unusable("used");
    app.verify(&second).await.assert_link_unusable("withdrawn");
    app.complete(&second, Customer::ANA.number, "Drugo-geslo-28").await.assert_link_unusable("withdrawn");
    app.deliver_all().await;
}

async fn tk_15_a_refused_password_leaves_the_link_usable(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    for (password, code) in [
        ("Kv7d9", "too_short"),
        ("kvadwzu7", "missing_uppercase"),
        ("Password1", "common_password"),
        ("And42rej", "published_example"),
        ("Stakis12", "contains_brand"),
        ("Aa004217", "contains_customer_number"),
        ("Delavnica7", "contains_email"),
    ] {
        let answer = app.complete(&token, Customer::ANA.number, password).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), [format!("#/new_password {code}")], "{password}");
    }
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    app.deliver_all().await;
}

async fn pw_06_every_wrong_field_and_every_broken_rule_at_once(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let answer = app.complete_with(&token, "004271", "geslo", "Geslo").await;
    assert_eq!(
        answer.field_errors(),
        [
            "#/customer_number customer_number_mismatch",
            "#/new_password too_short",
            "#/new_password missing_uppercase",
            "#/new_password missing_digit",
            "#/new_password_confirmation passwords_differ",
        ]
    );
    assert_eq!(answer.json()["errors"][1]["params"], json!({ "min_length": 6 }));
    assert_eq!(answer.json()["errors"][1]["detail"], "Dolžina gesla: najmanj 6 znakov.");
    let answer = app.post(PATH, json!({ "token": token })).await;
    assert_eq!(
        answer.field_errors(),
        ["#/customer_number required", "#/new_password required", "#/new_password_confirmation required",]
    );
    let answer = app.post(PATH, json!({ "customer_number": "x" })).await;
    assert_eq!(
        answer.field_errors(),
        [
            "#/token required",
            "#/customer_number invalid_format",
            "#/new_password required",
            "#/new_password_confirmation required",
        ]
    );
}

async fn the_order_of_checks_is_malformed_then_link_then_fields(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let body = json!({ "token": "dead", "customer_number": "x", "new_password": 1 });
    app.post(PATH, body).await.assert_problem(400, "malformed-request");
    app.complete_with("dead", "x", "a", "b").await.assert_link_unusable("unknown");
}

/// Malformed numbers do not count.
async fn the_fifth_wrong_number_withdraws_the_link(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    for _ in 0..7 {
        let answer = app.complete(&token, "4217", NEW).await;
        assert_eq!(answer.field_errors(), ["#/customer_number invalid_format"]);
    }
    for _ in 0..5 {
        let answer = app.complete(&token, "004218", NEW).await;
        assert_eq!(answer.field_errors(), ["#/customer_number customer_number_mismatch"]);
    }
    app.complete(&token, Customer::ANA.number, NEW).await.assert_link_unusable("withdrawn");
}

async fn ch_11_rules_about_the_account_need_its_number_and_have_an_end(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let answer = app.complete(&token, "004218", "Delavnica7").await;
    assert_eq!(answer.field_errors(), ["#/customer_number customer_number_mismatch"]);
    for _ in 0..10 {
        let answer = app.complete(&token, Customer::ANA.number, "Delavnica7").await;
        assert_eq!(answer.field_errors(), ["#/new_password contains_email"]);
    }
    app.complete(&token, Customer::ANA.number, NEW).await.assert_link_unusable("withdrawn");
}

async fn ch_03_a_reset_signs_nobody_in(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let answer = app.complete(&token, Customer::ANA.number, NEW).await;
    let keys: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["message", "device_token"], "which recognises a device, and opens nothing");
    let device_token = answer.json()["device_token"].as_str().unwrap().to_owned();
    app.account(&device_token).await.assert_problem(401, "invalid-token");
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(app.dump().counts()["sessions"], 0);
    app.deliver_all().await;
}

async fn ch_04_every_session_ends_at_once(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let phone = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let desk = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let token = app.token_for(&Customer::ANA).await;
    app.account(&phone).await.assert_status(200);
    app.complete(&token, Customer::ANA.number, NEW).await.assert_status(200);
    for access_token in [&phone, &desk] {
        app.account(access_token).await.assert_problem(401, "invalid-token");
    }
    let fresh = app.access_token(&Customer::ANA, NEW).await;
    app.account(&fresh).await.assert_status(200);
    app.deliver_all().await;
}

async fn ch_07_a_notice_without_password_token_or_number(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, NEW).await;
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 2);
    let notice = &mails[1];
    assert_eq!((notice.to(), notice.subject()), (Customer::ANA.email, "STAkis: geslo je bilo zamenjano"));
    let raw = String::from_utf8_lossy(&notice.raw);
    for secret in [&token, NEW, Customer::ANA.password, Customer::ANA.number, "change-password"] {
        assert!(!raw.contains(secret), "{secret} in {raw}");
    }
    // The one token in it locks the access down, and sets no password.
    app.verify(&notice.token()).await.assert_problem(410, "reset-link-unusable");
    assert!(raw.contains("https://identity.test/not-me#token=") && raw.contains("stakis.support@stahlgruber.si"));
}

async fn ch_08_passwords_count_exactly_as_typed(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    // The typed password has a decomposed š and blanks at both ends.
    let typed = " S\u{30c}ipek in 7 vijakov ";
    app.complete_with(&token, Customer::ANA.number, typed, " Šipek in 7 vijakov ").await.assert_status(200);
    app.sign_in(Customer::ANA.number, " Šipek in 7 vijakov ").await.assert_status(201);
    app.sign_in(Customer::ANA.number, typed).await.assert_status(201);
    for other in ["Šipek in 7 vijakov", " šipek in 7 vijakov ", " Šipek in 7 vijakov"] {
        app.sign_in(Customer::ANA.number, other).await.assert_status_with(401, format_args!("{other:?}"));
    }
    app.deliver_all().await;
}

async fn ch_10_long_passwords_are_refused_before_any_hash(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let answer = app.complete(&token, Customer::ANA.number, &format!("Aa1{}", "ž".repeat(126))).await;
    assert_eq!(answer.field_errors(), ["#/new_password too_long"]);
    let megabyte = "Aa1".repeat(350_000);
    app.complete(&token, Customer::ANA.number, &megabyte).await.assert_problem(413, "payload-too-large");
    let longest = format!("Aa1{}", "ž".repeat(125));
    app.complete(&token, Customer::ANA.number, &longest).await.assert_status(200);
    app.sign_in(Customer::ANA.number, &longest).await.assert_status(201);
    app.sign_in(Customer::ANA.number, &format!("{longest}x")).await.assert_problem(422, "validation-failed");
    app.deliver_all().await;
}

async fn a_reset_never_lifts_a_closing(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.close(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(5));
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[1].subject(), "STAkis: dostop je zaprt");
    app.complete(&token, Customer::ANA.number, NEW).await.assert_link_unusable("withdrawn");
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(403, "account-closed");
}
