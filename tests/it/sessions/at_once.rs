//! Sign-ins of several people at the same moment.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use stakis_identity::config::LimitsConfig;

use crate::support::{
    Customer, Engine, TestApp, engine_tests,
    limited::{HOUR, number, per},
    send,
};

engine_tests![
    lg_03_colleagues_who_sign_in_at_once_all_get_in,
    lg_03_colleagues_at_instances_whose_clocks_differ_all_get_in,
    lg_03_sign_ins_of_one_number_and_source_at_once_wait_for_no_other,
];

/// Hashes that take long enough for the next sign-in to arrive.
async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, |config| config.argon2.memory_kib = 4_096).await
}

async fn lg_03_colleagues_who_sign_in_at_once_all_get_in(engine: Engine) {
    let app = start(engine).await;
    for together in [2, 3, 5] {
        for round in 0..40 {
            let (number, email) = (number(together * 1_000 + round), format!("kupec{together}{round}@example.si"));
            let customer =
                Customer { number: number.leak(), email: email.leak(), password: Customer::ANA.password };
            app.make(&customer).await;
            let answers = join_all((0..together).map(|_| app.sign_in(customer.number, customer.password))).await;
            for answer in answers {
                answer.assert_status_with(201, format!("{together} at once, round {round}"));
            }
        }
    }
    assert_eq!(app.events("authn_login_fail_max"), 0);
    app.deliver_all().await;
}

async fn lg_03_colleagues_at_instances_whose_clocks_differ_all_get_in(engine: Engine) {
    let app = start(engine).await;
    let ahead = app.instance_ahead(TimeDelta::milliseconds(500)).await;
    for round in 0..10 {
        let (number, email) = (number(round), format!("kupec{round}@example.si"));
        let customer = Customer { number: number.leak(), email: email.leak(), password: Customer::ANA.password };
        app.make(&customer).await;
        let body = json!({ "customer_number": customer.number, "password": customer.password });
        let answers = join_all((0..4).map(|index| {
            let url = if index % 2 == 0 { &ahead } else { &app.url };
            send(app.client.post(url.join("/v1/sessions").unwrap()).json(&body))
        }))
        .await;
        for answer in answers {
            answer.assert_status_with(201, format!("round {round}"));
        }
    }
    assert_eq!(app.events("authn_login_fail_max"), 0);
    app.deliver_all().await;
}

/// Counting an attempt and taking it back lock the same rows in the same order: in another order PostgreSQL would find
/// deadlocks and end one of the transactions.
async fn lg_03_sign_ins_of_one_number_and_source_at_once_wait_for_no_other(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.limits = LimitsConfig {
            enforced: true,
            sign_in_source: Some(per(10_000, HOUR)),
            sign_in_numbers: Some(per(3, HOUR)),
            ..LimitsConfig::default()
        };
    })
    .await;
    app.make(&Customer::ANA).await;
    for round in 0..30 {
        let answers = join_all((0..5).map(|_| app.sign_in(Customer::ANA.number, Customer::ANA.password))).await;
        for answer in answers {
            answer.assert_status_with(201, format!("round {round}"));
        }
    }
    app.deliver_all().await;
}
