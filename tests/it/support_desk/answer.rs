//! What a diagnosis shows, to which caller, and in which language.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{self, support::FindingCode},
    store::{
        StoreError, Transaction,
        audit_events::{Entry, Event},
    },
    types::{CustomerNumber, DeliveryKind, Locale},
};

use crate::support::{
    Customer, Engine, TestApp, administrator, customer_context, database_tests,
    diagnosis::{ask, asked, diagnosis, events, token, told},
    engine_tests,
    limited::{HOUR, number, per},
    reason, send,
};

database_tests![
    ad_10_the_customer_s_sentence_only_for_the_address_on_file,
    ad_10_a_diagnosis_is_audited_and_limited,
    ad_10_the_timeline_tells_of_mails_and_of_nothing_else,
    diagnosis_every_sentence_is_whole_in_every_language,
    lo_03_a_diagnosis_shows_no_address_token_or_reason,
];

engine_tests![
    ad_10_a_client_that_walks_through_the_numbers_is_stopped_and_alarms,
    ad_10_a_diagnosis_is_refused_before_its_body_is_read,
];

async fn ad_10_the_customer_s_sentence_only_for_the_address_on_file(app: &TestApp) {
    asked(app).await;
    assert_eq!(diagnosis(app).await["findings"][0]["message"], Value::Null);
    let body = json!({ "customer_number": Customer::ANA.number, "email": "delavnica@EXAMPLE.si" });
    assert!(ask(app, body).await.json()["findings"][0]["message"].is_string());
    let wrong = ask(app, json!({ "customer_number": "12", "email": "nič" })).await;
    assert_eq!(wrong.field_errors(), ["#/customer_number invalid_format", "#/email invalid_format"]);
}

async fn ad_10_a_diagnosis_is_audited_and_limited(app: &TestApp) {
    app.make(&Customer::ANA).await;
    diagnosis(app).await;
    assert_eq!(app.events("support_diagnosis"), 1);
    let body = json!({ "customer_number": Customer::ANA.number });
    let path = "/v1/support/diagnosis";
    app.post(path, body.clone()).await.assert_problem(401, "invalid-token");
    let customer = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.deliver_all().await;
    let request = app.request(Method::POST, path).bearer_auth(customer);
    send(request.json(&body)).await.assert_problem(401, "invalid-token");
    let token = token(app).await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(send(app.request(Method::POST, path).bearer_auth(&token).json(&body)).await);
    }
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 429]);
    answers[3].assert_problem(429, "rate-limited");
    app.advance(TimeDelta::seconds(20));
    send(app.request(Method::POST, path).bearer_auth(&token).json(&body)).await.assert_status(200);
    assert_eq!(app.events("support_diagnosis"), 5);
}

async fn ad_10_the_timeline_tells_of_mails_and_of_nothing_else(app: &TestApp) {
    asked(app).await;
    let access_token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.deliver_all().await;
    app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await.assert_status(401);
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    identity::accounts::close(&app.app, &administrator(), number.clone(), reason("neplačani računi"))
        .await
        .unwrap();
    identity::accounts::reopen(&app.app, &administrator(), number.clone(), None).await.unwrap();
    app.deliver_all().await;
    app.account(&access_token).await.assert_status(401);
    // These are more hidden events than a timeline has lines.
    app.advance(TimeDelta::minutes(1));
    let now = app.app.clock.now();
    let guesses = move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        (0..120).try_for_each(|_| {
            let guess =
                Entry::new(Event::LoginFail, &customer_context(), now).number(&number).detail("wrong password");
            guess.append(tx)
        })
    };
    app.app.database.write(guesses).await.unwrap();
    let diagnosis = diagnosis(app).await;
    let mut shown = events(&diagnosis);
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown, ["mail_handed_over", "reset_processed", "reset_requested", "user_closed", "user_reopened"]);
    assert!(["authn_login_success", "authn_login_fail", "user_created"].iter().all(|event| app.events(event) > 0));
    for moment in diagnosis["timeline"].as_array().unwrap() {
        let event = moment["event"].as_str().unwrap();
        assert!(!event.starts_with("user_") || moment["detail"].is_null(), "{moment}");
    }
    let processed = diagnosis["timeline"].as_array().unwrap().iter().find(|m| m["event"] == "reset_processed");
    assert_eq!(processed.unwrap()["detail"], "link_made");
}

async fn diagnosis_every_sentence_is_whole_in_every_language(app: &TestApp) {
    asked(app).await;
    told(app, DeliveryKind::BouncedHard, Some("550 5.1.1")).await;
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    let question = identity::support::Question { number, email: None };
    let diagnosis = identity::support::diagnose(&app.app, &administrator(), question).await.unwrap();
    let finding = diagnosis.findings.into_iter().next().unwrap();
    for &code in FindingCode::ALL {
        for &locale in Locale::ALL {
            let finding = identity::support::Finding { code, ..finding.clone() };
            for sentence in [finding.customer_sentence(locale), finding.next_step(locale)] {
                assert!(sentence.len() > 20 && !sentence.contains(['{', '}']), "{locale} {code:?}: {sentence}");
                assert!(!sentence.contains("finding-"), "{locale} {code:?}: {sentence}");
            }
        }
    }
}

async fn lo_03_a_diagnosis_shows_no_address_token_or_reason(app: &TestApp) {
    let token = asked(app).await;
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    identity::accounts::close(&app.app, &administrator(), number, reason("neplačani računi")).await.unwrap();
    app.deliver_all().await;
    let body = json!({ "customer_number": Customer::ANA.number, "email": Customer::ANA.email });
    let answer = ask(app, body).await;
    let message = answer.json()["findings"][0]["message"].as_str().unwrap().to_owned();
    assert!(!message.contains("računi"), "{message}");
    for secret in [Customer::ANA.email, token.as_str()] {
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
}

async fn ad_10_a_client_that_walks_through_the_numbers_is_stopped_and_alarms(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.limits.support_diagnosis = None;
        config.limits.support_numbers = Some(per(5, HOUR));
    })
    .await;
    let [walker, desk] = [token(&app).await, token(&app).await];
    let ask = async |token: &str, index: usize| {
        let body = json!({ "customer_number": number(index) });
        send(app.request(Method::POST, "/v1/support/diagnosis").bearer_auth(token).json(&body)).await
    };
    for index in 0..5 {
        ask(&walker, index).await.assert_status(200);
        ask(&walker, index).await.assert_status_with(200, "the same customer again is no walk");
    }
    for index in 5..12 {
        ask(&walker, index).await.assert_problem(429, "rate-limited");
    }
    ask(&walker, 2).await.assert_status_with(200, "a customer who was asked about before");
    ask(&desk, 7).await.assert_status_with(200, "another client");
    let noted = |app: &TestApp| {
        let lines = app.audit().into_iter().filter(|line| line.event == "excess_rate_limit_exceeded");
        lines.map(|line| (line.detail, line.actor)).collect::<Vec<_>>()
    };
    let [(detail, actor)] = &noted(&app)[..] else { panic!("one entry: {:?}", noted(&app)) };
    assert!(detail == "support_numbers" && actor.starts_with("client "), "{detail} {actor}");
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="walk"}"#), 1);
    assert_eq!(app.counted(r#"stakis_rate_limited_total{limit="support_numbers"}"#), 7);
    // The numbers leave the window after an hour, and the alarm may be raised again.
    app.advance(TimeDelta::minutes(61));
    let walker = {
        let again = token(&app).await;
        for index in 20..25 {
            ask(&again, index).await.assert_status(200);
        }
        again
    };
    ask(&walker, 25).await.assert_problem(429, "rate-limited");
    assert_eq!(noted(&app).len(), 2);
}

async fn ad_10_a_diagnosis_is_refused_before_its_body_is_read(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.limits.support_diagnosis = None).await;
    let path = "/v1/support/diagnosis";
    let good = token(&app).await;
    let with =
        |token: &str| app.request(Method::POST, path).bearer_auth(token).header("content-type", "text/plain");
    send(with("x.y.z").body("{")).await.assert_problem(401, "invalid-token");
    send(app.request(Method::POST, path).body("{")).await.assert_problem(401, "invalid-token");
    send(with(&good).body("{}")).await.assert_problem(415, "unsupported-media-type");
    let malformed = app.request(Method::POST, path).bearer_auth(&good).header("content-type", "application/json");
    send(malformed.body("{")).await.assert_problem(400, "malformed-request");
}
