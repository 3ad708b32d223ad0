//! The proof of work, which is required while somebody tries many numbers.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stakis_identity::{
    config::{Limit, LimitsConfig},
    crypto::solve,
    identity::abuse::share_pressure,
};

use crate::support::{Answer, Customer, Engine, TestApp, engine_tests, text};

engine_tests![
    rl_05_a_spray_brings_the_proof_of_work_for_strangers,
    rl_05_a_surge_of_resets_brings_the_proof_of_work,
    rl_05_a_proof_serves_once_for_its_number_and_not_for_ever,
    rl_05_the_instances_know_of_each_other_s_attacks_and_remember_them,
    rl_05_the_level_is_told_once_and_goes_by_itself,
    rl_05_known_devices_do_not_keep_the_level_up,
    rl_05_a_challenge_can_be_had_at_any_time,
    rl_05_no_proof_is_asked_for_while_nothing_happens_and_any_is_taken,
];

fn number(index: usize) -> String {
    format!("{index:06}")
}

/// Ten failing numbers, or ten requested resets, count as an attack in these tests.
async fn start(engine: Engine) -> TestApp {
    let ten = Some(Limit { count: 10, period: TimeDelta::minutes(10) });
    let limits = LimitsConfig { enforced: true, spray: ten, reset_surge: ten, ..LimitsConfig::default() };
    TestApp::start_with(engine, |config| config.limits = limits).await
}

async fn spray(app: &TestApp) {
    for index in 0..10 {
        app.sign_in(&number(index), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    }
}

fn solved(challenge: &Value) -> String {
    let difficulty = u32::try_from(challenge["difficulty"].as_u64().unwrap()).unwrap();
    solve(challenge["challenge"].as_str().unwrap(), difficulty)
}

async fn sign_in_with(app: &TestApp, number: &str, password: &str, proof: &str) -> Answer {
    let body = json!({ "customer_number": number, "password": password, "proof": proof });
    app.post("/v1/sessions", body).await
}

/// A known device signs in without a proof.
async fn rl_05_a_spray_brings_the_proof_of_work_for_strangers(engine: Engine) {
    let app = start(engine).await;
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    let device = app.session(&Customer::ANA).await["device_token"].as_str().unwrap().to_owned();
    spray(&app).await;
    let (ana, bojan) = (Customer::ANA, Customer::BOJAN);
    for (number, password) in
        [(bojan.number, bojan.password), (bojan.number, "Ugibanje-26"), ("999999", "Ugibanje-26")]
    {
        let asked = app.sign_in(number, password).await;
        asked.assert_problem(403, "challenge-required");
        let challenge = asked.json();
        assert!(challenge["expires_at"].as_str().unwrap().ends_with('Z'), "{challenge}");
        let answer = sign_in_with(&app, number, password, &solved(&challenge)).await;
        answer.assert_status(if password == bojan.password { 201 } else { 401 });
    }
    app.sign_in_from(&device, ana.number, ana.password).await.assert_status(201);
    // The device of another account counts as unknown.
    app.sign_in_from(&device, bojan.number, bojan.password).await.assert_problem(403, "challenge-required");
    app.ask(ana.number).await.assert_problem(403, "challenge-required");
    app.deliver_all().await;
}

async fn rl_05_a_surge_of_resets_brings_the_proof_of_work(engine: Engine) {
    let app = start(engine).await;
    app.make(&Customer::ANA).await;
    for index in 0..10 {
        app.ask(&number(index)).await.assert_status(202);
    }
    let asked = app.ask(Customer::ANA.number).await;
    asked.assert_problem(403, "challenge-required");
    let body = json!({ "customer_number": Customer::ANA.number, "proof": solved(&asked.json()) });
    app.post("/v1/password-resets", body).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn rl_05_a_proof_serves_once_for_its_number_and_not_for_ever(engine: Engine) {
    let app = start(engine).await;
    spray(&app).await;
    let challenge = |answer: Answer| {
        answer.assert_problem(403, "challenge-required");
        answer.json()
    };
    let first = challenge(app.sign_in("500000", "Ugibanje-26").await);
    let proof = solved(&first);
    challenge(sign_in_with(&app, "500001", "Ugibanje-26", &proof).await);
    sign_in_with(&app, "500000", "Ugibanje-26", &proof).await.assert_problem(401, "invalid-credentials");
    let second = challenge(sign_in_with(&app, "500000", "Ugibanje-26", &proof).await);
    assert_ne!(first["challenge"], second["challenge"]);
    // The reset request requires the proof too.
    let body = json!({ "customer_number": "500000", "proof": proof });
    challenge(app.post("/v1/password-resets", body).await);
    let proof = solved(&second);
    app.advance(TimeDelta::minutes(6));
    challenge(sign_in_with(&app, "500000", "Ugibanje-26", &proof).await);
    for garbage in
        ["", "x", &"9".repeat(10_000), &proof.replace(".12.", ".0."), &proof.replace(".12.", ".99999999999.")]
    {
        challenge(sign_in_with(&app, "500000", "Ugibanje-26", garbage).await);
    }
    // A proof that one instance has accepted is refused by every other one.
    let third = challenge(app.sign_in("500000", "Ugibanje-26").await);
    let proof = solved(&third);
    let (_, second_instance) = app.second_instance().await;
    share_pressure(&app.app).await.unwrap();
    share_pressure(&second_instance).await.unwrap();
    sign_in_with(&app, "500000", "Ugibanje-26", &proof).await.assert_problem(401, "invalid-credentials");
    challenge(sign_in_with(&app, "500000", "Ugibanje-26", &proof).await);
}

async fn rl_05_the_instances_know_of_each_other_s_attacks_and_remember_them(engine: Engine) {
    let app = start(engine).await;
    let (url, second) = app.second_instance().await;
    let at_second = async |number: &str| {
        let body = json!({ "customer_number": number, "password": "Ugibanje-26" });
        crate::support::send(app.client.post(url.join("/v1/sessions").unwrap()).json(&body)).await
    };
    for index in 0..6 {
        app.sign_in(&number(index), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
        at_second(&number(100 + index)).await.assert_problem(401, "invalid-credentials");
    }
    share_pressure(&app.app).await.unwrap();
    share_pressure(&second).await.unwrap();
    // Six numbers fail at each of two instances.
    at_second(&number(500)).await.assert_problem(403, "challenge-required");
    share_pressure(&second).await.unwrap();
    share_pressure(&app.app).await.unwrap();
    app.sign_in(&number(500), "Ugibanje-26").await.assert_problem(403, "challenge-required");
    // A new instance reads the level from the database.
    let (third, parts) = app.second_instance().await;
    share_pressure(&parts).await.unwrap();
    let body = json!({ "customer_number": "000500", "password": "Ugibanje-26" });
    let answer = crate::support::send(app.client.post(third.join("/v1/sessions").unwrap()).json(&body)).await;
    answer.assert_problem(403, "challenge-required");
}

async fn rl_05_the_level_is_told_once_and_goes_by_itself(engine: Engine) {
    let app = start(engine).await;
    spray(&app).await;
    for _ in 0..5 {
        share_pressure(&app.app).await.unwrap();
    }
    assert_eq!(app.events("proof_of_work_level"), 1);
    app.advance(TimeDelta::minutes(31));
    app.sign_in("500000", "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    share_pressure(&app.app).await.unwrap();
    assert_eq!(app.events("proof_of_work_level"), 2);
}

/// A successful sign-in does not count as a failing number, even while a proof is required.
async fn rl_05_known_devices_do_not_keep_the_level_up(engine: Engine) {
    let app = start(engine).await;
    let mut known = Vec::new();
    for index in 0..12 {
        let (number, email) = (number(300 + index), format!("kupec{index}@example.si"));
        let customer = Customer { number: number.leak(), email: email.leak(), password: Customer::ANA.password };
        app.make(&customer).await;
        let device = text(&app.session(&customer).await, "device_token").to_owned();
        known.push((customer, device));
    }
    app.advance(TimeDelta::hours(2));
    spray(&app).await;
    app.sign_in("500000", "Ugibanje-26").await.assert_problem(403, "challenge-required");
    // Nothing fails for 45 minutes.
    for _ in 0..5 {
        app.advance(TimeDelta::minutes(9));
        for (customer, device) in &known {
            app.sign_in_from(device, customer.number, customer.password).await.assert_status(201);
        }
    }
    app.sign_in("500000", "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    app.deliver_all().await;
}

async fn rl_05_a_challenge_can_be_had_at_any_time(engine: Engine) {
    let app = start(engine).await;
    let early = app.post("/v1/challenges", json!({ "customer_number": "500000" })).await;
    early.assert_status(201);
    let proof = solved(&early.json());
    spray(&app).await;
    sign_in_with(&app, "500000", "Ugibanje-26", &proof).await.assert_problem(401, "invalid-credentials");
    for wrong in [json!({}), json!({ "customer_number": "12345" })] {
        app.post("/v1/challenges", wrong).await.assert_problem(422, "validation-failed");
    }
}

async fn rl_05_no_proof_is_asked_for_while_nothing_happens_and_any_is_taken(engine: Engine) {
    let app = start(engine).await;
    app.make(&Customer::ANA).await;
    let answer = sign_in_with(&app, Customer::ANA.number, Customer::ANA.password, "anything").await;
    answer.assert_status(201);
    app.deliver_all().await;
}
