//! The queue of password hashes: owners are served before strangers, whatever those do.

use chrono::TimeDelta;
use futures_util::{future::join_all, join};
use serde_json::{Value, json};
use stakis_identity::config::LimitsConfig;

use crate::support::{Answer, Customer, Engine, TestApp, engine_tests, limited::number, send, text};

engine_tests![
    ch_10_an_account_that_repeats_refused_passwords_holds_nobody_up,
    ch_10_strangers_from_eighty_sources_hold_no_known_device_up,
    ch_10_made_up_tokens_and_one_s_own_account_give_no_place_before_owners,
];

const WRONG: &str = "Ugibanje-26";
/// How many hashes may begin between the arrival of an owner's and its own.
const MOST_BEFORE_OWNER: u64 = 10;
const OWNERS: usize = 13;

/// Hashes as expensive as in production, and a proxy that names the sources.
async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, |config| {
        config.argon2.memory_kib = 19_456;
        config.argon2.iterations = 2;
        config.limits = LimitsConfig { enforced: true, ..LimitsConfig::default() };
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await
}

/// An owner and the token of a known device.
struct Owner {
    customer: Customer,
    device_token: String,
}

async fn make_owner(app: &TestApp, index: usize) -> Owner {
    let (number, email) = (number(300 + index), format!("kupec{index}@example.si"));
    let customer = Customer { number: number.leak(), email: email.leak(), password: Customer::ANA.password };
    app.make(&customer).await;
    let device_token = text(&app.session(&customer).await, "device_token").to_owned();
    Owner { customer, device_token }
}

async fn make_owners(app: &TestApp) -> Vec<Owner> {
    let mut owners = Vec::new();
    for index in 0..OWNERS {
        owners.push(make_owner(app, index).await);
    }
    owners
}

async fn post_from(app: &TestApp, source: &str, path: &str, body: Value) -> Answer {
    send(app.client.post(app.url.join(path).unwrap()).header("X-Forwarded-For", source).json(&body)).await
}

/// Every owner signs in, one after the other, while the flood goes on.
async fn all_get_in(app: &TestApp, owners: &[Owner]) {
    for Owner { customer, device_token } in owners {
        app.sign_in_from(device_token, customer.number, customer.password).await.assert_status(201);
    }
    let most = app.app.hasher.reading().most_before_holder;
    assert!(most <= MOST_BEFORE_OWNER, "{most} hashes began before one of an owner");
}

async fn ch_10_an_account_that_repeats_refused_passwords_holds_nobody_up(engine: Engine) {
    let app = start(engine).await;
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(180));
    let expired = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
    let token = text(&expired, "change_token").to_owned();
    let owners = make_owners(&app).await;
    let same = json!({
        "new_password": Customer::ANA.password, "new_password_confirmation": Customer::ANA.password,
    });
    let flood = join_all((0..100).map(|_| async {
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(app.change(&token, same.clone()).await.status);
        }
        statuses
    }));
    let (statuses, ()) = join!(flood, all_get_in(&app, &owners));
    let statuses = statuses.concat();
    let count = |status: u16| statuses.iter().filter(|found| **found == status).count();
    // As many are looked at as one reset link allows. The others wait, or find too many before them.
    assert_eq!(count(422), 10, "{statuses:?}");
    assert_eq!(count(422) + count(429) + count(503), 300, "{statuses:?}");
    app.deliver_all().await;
}

async fn ch_10_strangers_from_eighty_sources_hold_no_known_device_up(engine: Engine) {
    let app = start(engine).await;
    let owners = make_owners(&app).await;
    let flood = join_all((0..80).map(|source| {
        let app = &app;
        async move {
            for index in 0..4 {
                let body = json!({ "customer_number": number(source * 10 + index + 1_000), "password": WRONG });
                let answer = post_from(app, &format!("198.51.{source}.7"), "/v1/sessions", body).await;
                assert!([401, 503].contains(&answer.status), "{answer}");
            }
        }
    }));
    join!(flood, all_get_in(&app, &owners));
    app.deliver_all().await;
}

/// The attacker has an account and many made-up device tokens.
async fn ch_10_made_up_tokens_and_one_s_own_account_give_no_place_before_owners(engine: Engine) {
    let app = start(engine).await;
    let owners = make_owners(&app).await;
    let attacker = make_owner(&app, 90).await;
    let flood = join_all((0..80).map(|source| {
        let (app, attacker) = (&app, &attacker);
        async move {
            let tokens =
                [attacker.device_token.clone(), "x".repeat(43), attacker.device_token.clone(), String::new()];
            for (index, token) in tokens.into_iter().enumerate() {
                let of_another = index % 2 == 0;
                let number = if of_another {
                    attacker.customer.number.to_owned()
                } else {
                    number(source * 10 + index + 1_000)
                };
                let body = json!({ "customer_number": number, "password": WRONG, "device_token": token });
                let answer = post_from(app, &format!("198.51.{source}.7"), "/v1/sessions", body).await;
                assert!([401, 429, 503].contains(&answer.status), "{answer}");
            }
        }
    }));
    join!(flood, all_get_in(&app, &owners));
    app.deliver_all().await;
}
