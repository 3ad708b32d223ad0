//! Attackers who know all million customer numbers, against the real service over loopback. The scenarios measure what
//! the attackers reach and what the owners notice. Each scenario prints a row, and `tests/proof attack` shows the
//! table.

use std::{collections::BTreeMap, time::Instant};

use chrono::TimeDelta;
use data_encoding::BASE64;
use futures_util::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    config::LimitsConfig,
    crypto::solve,
    identity::abuse::share_pressure,
    store::{
        StoreError, Transaction,
        accounts::{self, NewAccount},
    },
    types::{AccountId, CustomerNumber, EmailAddress, Locale, random_bytes},
};

use crate::support::{
    Answer, Customer, Engine, PUBLIC_URL, Serving, TestApp, TestDatabase, engine_tests, execute, length,
    limited::walk_alarms, resident_mib, send, text,
};

engine_tests![
    rl_05_a_walk_through_five_thousand_numbers_sends_ten_mails,
    rl_05_a_spray_over_20_000_numbers_is_stopped_after_a_twentieth,
    rl_04_a_lock_out_attempt_does_not_keep_the_owner_out,
    lg_03_ten_times_as_many_guesses_at_once_are_evaluated_no_more_often,
    rl_07_forged_addresses_change_nothing,
    rl_09_killed_in_the_middle_of_a_throttle_and_flooded_it_holds,
];

const WRONG: &str = "Ugibanje-26";

/// Prints one row of the table.
fn report(engine: Engine, scenario: &str, figures: &[(&str, String)]) {
    let figures: Vec<String> = figures.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    println!("| {scenario} | {} | {} |", engine.as_str(), figures.join("; "));
}

/// Starts an app with the standard limits, behind a proxy that names the client.
async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, |config| {
        config.limits = LimitsConfig::standard();
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await
}

/// The address of an attacker. Each address is in a network of its own.
fn attacker(index: usize) -> String {
    format!("198.{}.{}.7", 18 + index / 250, index % 250)
}

fn number(index: usize) -> String {
    format!("{index:06}")
}

async fn post_from(app: &TestApp, source: &str, path: &str, body: Value) -> Answer {
    send(app.request(Method::POST, path).header("x-forwarded-for", source).json(&body)).await
}

async fn ask_from(app: &TestApp, source: &str, number: &str) -> Answer {
    post_from(app, source, "/v1/password-resets", json!({ "customer_number": number })).await
}

async fn sign_in_from(app: &TestApp, source: &str, number: &str, password: &str) -> Answer {
    post_from(app, source, "/v1/sessions", json!({ "customer_number": number, "password": password })).await
}

async fn sign_in_on(app: &TestApp, source: &str, device: &str, customer: &Customer) -> Answer {
    let body = json!({ "customer_number": customer.number, "password": customer.password, "device_token": device });
    post_from(app, source, "/v1/sessions", body).await
}

/// Makes calls, sixteen at a time, and counts the statuses of their answers.
async fn count_statuses(calls: impl Iterator<Item = impl Future<Output = Answer>>) -> BTreeMap<u16, usize> {
    let statuses = stream::iter(calls).buffer_unordered(16).map(|answer| answer.status);
    statuses
        .fold(BTreeMap::new(), async |mut counts, status| {
            *counts.entry(status).or_default() += 1;
            counts
        })
        .await
}

/// Makes a customer with an address for each number.
async fn populate(app: &TestApp, numbers: std::ops::Range<usize>) {
    let now = app.app.clock.now();
    let make = move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        for index in numbers {
            let account = NewAccount {
                id: AccountId::mint(),
                customer_number: CustomerNumber::parse(&number(index)).unwrap(),
                email: Some(EmailAddress::parse(&format!("kupec{index}@example.si")).unwrap()),
                locale: Locale::Sl,
                password_hash: None,
                password_cost: None,
                password_changed_at: None,
                created_at: now,
                display_name: None,
                lasting_cost: None,
            };
            accounts::insert(tx, &account)?;
        }
        Ok(())
    };
    app.app.database.write(make).await.unwrap();
}

fn solved(challenge: &Value) -> String {
    let difficulty = u32::try_from(challenge["difficulty"].as_u64().unwrap()).unwrap();
    solve(text(challenge, "challenge"), difficulty)
}

/// The number of guesses whose password was verified.
fn evaluated(app: &TestApp) -> usize {
    app.audit().iter().filter(|line| line.event == "authn_login_fail" && line.detail == "credentials").count()
}

async fn rl_05_a_walk_through_five_thousand_numbers_sends_ten_mails(engine: Engine) {
    let app = start(engine).await;
    populate(&app, 100_000..105_000).await;
    app.make(&Customer::ANA).await;
    let walk = count_statuses((100_000..105_000).map(|index| {
        let app = &app;
        async move { ask_from(app, "198.18.0.7", &number(index)).await }
    }))
    .await;
    ask_from(&app, "203.0.113.9", Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    let to_customer = mails.iter().filter(|mail| mail.to() == Customer::ANA.email).count();
    let to_others = mails.len() - to_customer;
    report(
        engine,
        "walk: 5,000 consecutive numbers from one source",
        &[("mails sent", to_others.to_string()), ("a customer elsewhere got", to_customer.to_string())],
    );
    assert_eq!((to_others, to_customer), (10, 1));
    assert_eq!(walk[&202], 10);
    assert_eq!(walk_alarms(&app), 1);
}

async fn rl_05_a_spray_over_20_000_numbers_is_stopped_after_a_twentieth(engine: Engine) {
    const GUESSES: usize = 20_000;
    let app = start(engine).await;
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    let (ana, bojan) = (Customer::ANA, Customer::BOJAN);
    let signed_in = sign_in_from(&app, "203.0.113.9", ana.number, ana.password).await.json();
    let device = text(&signed_in, "device_token");
    let spray = async |guesses: std::ops::Range<usize>| {
        count_statuses(guesses.map(|index| {
            let app = &app;
            async move { sign_in_from(app, &attacker(index % 200), &number(200_000 + index), WRONG).await }
        }))
        .await
    };
    let first = spray(0..GUESSES / 2).await;
    // In the middle of the attack known devices sign in.
    for _ in 0..20 {
        sign_in_on(&app, "203.0.113.9", device, &ana).await.assert_status(201);
    }
    let asked = sign_in_from(&app, "203.0.113.77", bojan.number, bojan.password).await;
    asked.assert_problem(403, "challenge-required");
    let challenge = asked.json();
    let begun = Instant::now();
    let proof = solved(&challenge);
    let solved_in = begun.elapsed();
    let body = json!({ "customer_number": bojan.number, "password": bojan.password, "proof": proof });
    post_from(&app, "203.0.113.77", "/v1/sessions", body).await.assert_status(201);
    let second = spray(GUESSES / 2..GUESSES).await;
    share_pressure(&app.app).await.unwrap();
    let evaluated = evaluated(&app);
    report(
        engine,
        "spray: one password over 20,000 numbers from 200 sources",
        &[
            ("guesses evaluated", format!("{evaluated} of {GUESSES}")),
            ("known devices kept out", "0 of 20".to_owned()),
            ("a new customer's challenge took", format!("{} ms", solved_in.as_millis())),
            ("answers", format!("{first:?} and {second:?}")),
        ],
    );
    assert!(evaluated * 20 <= GUESSES, "{evaluated} guesses were evaluated");
    assert!(!second.contains_key(&401), "{second:?}");
    assert_eq!(app.events("proof_of_work_level"), 1);
    app.deliver_all().await;
}

/// Makes ten thousand guesses at one number while its owner signs in now and then. Returns the attacker's answers in
/// groups of fifty.
async fn lock_out(app: &TestApp, owner: Option<&Customer>, target: &str) -> Vec<BTreeMap<u16, usize>> {
    let mut answers = Vec::new();
    let mut device = None;
    for round in 0..200 {
        let guesses = (0..50).map(|guess| async move {
            sign_in_from(app, &attacker((round * 50 + guess) % 100), target, WRONG).await
        });
        answers.push(count_statuses(guesses).await);
        app.advance(TimeDelta::seconds(20));
        let Some(owner) = owner else { continue };
        if round == 60 {
            // The owner resets the password, which makes a new device known.
            ask_from(app, "203.0.113.9", owner.number).await.assert_status(202);
            app.deliver_all().await;
            let token = app.mail_api.mails().await.last().unwrap().token();
            let done = app.complete(&token, owner.number, "Zimske-gume-27").await;
            done.assert_status(200);
            device = Some(text(&done.json(), "device_token").to_owned());
        }
        if let Some(device) = device.as_deref().filter(|_| round % 10 == 1) {
            let renewed = Customer { number: owner.number, email: owner.email, password: "Zimske-gume-27" };
            sign_in_on(app, "203.0.113.9", device, &renewed).await.assert_status(201);
        }
    }
    answers
}

async fn rl_04_a_lock_out_attempt_does_not_keep_the_owner_out(engine: Engine) {
    let app = start(engine).await;
    app.make(&Customer::ANA).await;
    let known = sign_in_from(&app, "203.0.113.9", Customer::ANA.number, Customer::ANA.password).await.json();
    let with_owner = lock_out(&app, Some(&Customer::ANA), Customer::ANA.number).await;
    app.deliver_all().await;
    let alone = start(engine).await;
    let without_owner = lock_out(&alone, None, "999999").await;
    let looked_at = with_owner.iter().filter_map(|answers| answers.get(&401)).sum::<usize>();
    report(
        engine,
        "lock-out: 10,000 wrong passwords on one number",
        &[
            ("guesses evaluated", looked_at.to_string()),
            ("the owner's sign-ins refused", "0".to_owned()),
            ("the attacker's answers told of the owner", (with_owner != without_owner).to_string()),
        ],
    );
    assert_eq!(with_owner, without_owner);
    assert!(looked_at < 40, "{looked_at}");
    assert!(known["device_token"].is_string());
}

async fn lg_03_ten_times_as_many_guesses_at_once_are_evaluated_no_more_often(engine: Engine) {
    const FREE: usize = 5;
    let app = start(engine).await;
    app.make(&Customer::ANA).await;
    let (second, _) = app.second_instance().await;
    let all = (0..10 * FREE).map(|index| {
        let url = if index % 2 == 0 { &app.url } else { &second };
        let body = json!({ "customer_number": Customer::ANA.number, "password": WRONG });
        let request = app.client.post(url.join("/v1/sessions").unwrap()).header("x-forwarded-for", attacker(index));
        send(request.json(&body))
    });
    let answers = futures_util::future::join_all(all).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    report(engine, "50 guesses at once over two instances", &[("evaluated", looked_at.to_string())]);
    assert_eq!((looked_at, evaluated(&app)), (FREE, FREE));
}

async fn rl_07_forged_addresses_change_nothing(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.limits = LimitsConfig::standard()).await;
    let walk = count_statuses((0..60).map(|index| {
        let forged = attacker(index);
        let request = app
            .request(Method::POST, "/v1/password-resets")
            .header("x-forwarded-for", &forged)
            .header("x-real-ip", &forged)
            .header("forwarded", format!("for={forged}"))
            .header("cf-connecting-ip", &forged)
            .header("true-client-ip", &forged);
        send(request.json(&json!({ "customer_number": number(index) })))
    }))
    .await;
    report(engine, "60 numbers under 60 forged addresses", &[("let through", walk[&202].to_string())]);
    assert_eq!(walk[&202], 10);
    app.deliver_all().await;
}

/// The number of customer numbers in the flood, at most all of them.
fn flood_size() -> usize {
    (20_000 * length()).min(1_000_000)
}

async fn rl_09_killed_in_the_middle_of_a_throttle_and_flooded_it_holds(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let variables = BTreeMap::from([
        ("STAKIS_TRUSTED_PROXIES", "127.0.0.0/8".to_owned()),
        ("STAKIS_PUBLIC_URL", PUBLIC_URL.to_owned()),
        ("STAKIS_SECRET_KEY", BASE64.encode(&random_bytes::<32>())),
    ]);
    let client = reqwest::Client::new();
    let guess = async |url: &url::Url, source: &str, number: &str| {
        let request = client.post(url.join("/v1/sessions").unwrap()).header("x-forwarded-for", source);
        send(request.json(&json!({ "customer_number": number, "password": WRONG }))).await
    };
    let serving = Serving::start(&database, &variables);
    for _ in 0..6 {
        guess(&serving.url, "203.0.113.9", "004217").await;
    }
    // The wait after twenty failures is longer than the test.
    execute(&database.url, "UPDATE sign_in_failures SET failures = 20").unwrap();
    let throttled = guess(&serving.url, "203.0.113.9", "004217").await;
    assert_eq!(throttled.header("retry-after"), "900");
    serving.signal("KILL");
    drop(serving);
    let serving = Serving::start(&database, &variables);
    guess(&serving.url, "203.0.113.10", "004217").await.assert_problem(429, "rate-limited");
    // The first calls allocate what every use allocates: connections, threads, the memory of a hasher.
    let flood = async |numbers: std::ops::Range<usize>| {
        let all = numbers.map(|index| {
            let (url, source) = (&serving.url, attacker(index % 10_000));
            let guess = &guess;
            async move { guess(url, &source, &number(index)).await }
        });
        count_statuses(all).await
    };
    let warm = flood(990_000..992_000).await;
    let before = resident_mib(serving.process.child.id());
    let answers = flood(0..flood_size()).await;
    let grown = resident_mib(serving.process.child.id()) - before;
    // The flood has raised the level of the proof of work. A proof does not bypass the throttle.
    let challenge = guess(&serving.url, "203.0.113.11", "004217").await;
    challenge.assert_problem(403, "challenge-required");
    let proof = solved(&challenge.json());
    let body = json!({ "customer_number": "004217", "password": WRONG, "proof": proof });
    let request = client.post(serving.url.join("/v1/sessions").unwrap()).header("x-forwarded-for", "203.0.113.11");
    let throttled = send(request.json(&body)).await;
    report(
        engine,
        &format!("SIGKILL in a throttle, then {} different numbers", flood_size()),
        &[
            ("still throttled", (throttled.status == 429).to_string()),
            ("resident memory grew by", format!("{grown:.1} MiB")),
            ("answers", format!("{warm:?} and {answers:?}")),
        ],
    );
    assert!(grown <= 20.0, "{grown} MiB");
    throttled.assert_problem(429, "rate-limited");
}
