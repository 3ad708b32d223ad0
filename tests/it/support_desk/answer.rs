//! What a diagnosis shows, to which caller, and in which language.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    identity::{self, support::FindingCode},
    store::{
        StoreError, Transaction,
        audit_events::{self, Entry, Event},
    },
    types::{CustomerNumber, DeliveryKind, Locale},
};

use crate::support::{
    Customer, TestApp, administrator, customer_context, database_tests,
    diagnosis::{ask, asked, diagnosis, events, token, told},
    send,
};

database_tests![
    ad_10_the_customer_s_sentence_only_for_the_address_on_file,
    ad_10_a_diagnosis_is_audited_and_limited,
    ad_10_the_timeline_tells_of_mails_and_of_nothing_else,
    diagnosis_every_sentence_is_whole_in_every_language,
    lo_03_a_diagnosis_shows_no_address_token_or_reason,
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
    identity::accounts::close(&app.app, &administrator(), number.clone(), Some("neplačani računi".into()))
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
            audit_events::append(tx, &guess)
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
    identity::accounts::close(&app.app, &administrator(), number, Some("neplačani računi".into())).await.unwrap();
    app.deliver_all().await;
    let body = json!({ "customer_number": Customer::ANA.number, "email": Customer::ANA.email });
    let answer = ask(app, body).await;
    let message = answer.json()["findings"][0]["message"].as_str().unwrap().to_owned();
    assert!(!message.contains("računi"), "{message}");
    for secret in [Customer::ANA.email, token.as_str()] {
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
}
