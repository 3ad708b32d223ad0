//! Whether the time of an answer, or of the next answer after it, reveals which group a number belongs to (LG-02,
//! PW-13, RQ-02).

use std::{fmt::Write as _, time::Instant};

use serde_json::{Value, json};
use stakis_identity::types::{DeviceTokenHash, random_below};

use super::{
    filling::{Customer, cost_of},
    median,
    reset::source,
    service::{Cost, DEFAULT_COST, Engine, PASSWORD, Service},
    sink::Sink,
    verdict,
    webhooks::{SealingKey, register},
};

/// The number of calls of each group. The groups take turns in random order.
const CALLS: usize = 1000;
/// The greatest AUC of a classifier that sees one response time. Guessing has 0.5.
const MOST_AUC: f64 = 0.55;
/// The cost of other stored hashes, as a table holds them after the settings were raised or lowered.
const OTHER_COST: Cost = Cost { memory_kib: 32_768, iterations: 2 };

const SIGN_INS: [&str; 4] = ["known, wrong password", "unknown", "closed", "without password"];
const FOREIGN_SIGN_INS: [&str; 5] = ["imported", "unknown", "closed", "without password", "renewed"];
/// The hashes of one password by other systems, as an import brings them: fast ones, and one that is dearer than
/// argon2.
const FOREIGN: [&str; 4] = [
    "$2b$10$OHyO2cdXU6BPKijcRmNo6OWfUTTsRdUBYnvbVLHizeUg4kqszHHj6",
    "pbkdf2_sha256$30000$Vx3kq9TgZs0LmWb7hYcRd2$EW6iKX8NYYfzF+dwSyp6/Qe8b+EPGq4x/1YV9ZflCpQ=",
    "{SSHA}/iraHHDaZ/0EI87FdL12MpX9p6yudU4J",
    "$scrypt$ln=13,r=8,p=2$GRfpWhQsEYcSVYIZ/hAHvQ$+cBsmA5Qd4oc3qrYxAKL/nrBd66dMztH0JRpoEGCeZA",
];
/// Each presents a device token; only the first is that of a device which a new password has ended.
const DEVICES: [&str; 3] = ["former device", "unknown device", "unknown number"];
const REQUESTS: [&str; 3] = ["known", "unknown", "closed"];

/// All limits are on, and each caller has its own source. The limits over all numbers are off, since they would require
/// a proof of work.
pub(super) const SETTINGS: [(&str, &str); 5] = [
    ("STAKIS_TRUSTED_PROXIES", "127.0.0.1/32"),
    ("STAKIS_OPS_LISTEN", "off"),
    ("STAKIS_LIMIT_SPRAY", "off"),
    ("STAKIS_LIMIT_RESET_SURGE", "off"),
    // The delay is that of production.
    ("STAKIS_JOB_JITTER_MS", "1000"),
];

/// The times that a stranger measures for one group, in milliseconds.
#[derive(Default)]
pub(super) struct Times {
    pub(super) answer: Vec<f64>,
    /// The time in which the same caller's next call is answered, which verifies an unknown link.
    pub(super) next: Vec<f64>,
}

pub(super) async fn run(engine: &Engine, is_asked_for: impl Fn(&str) -> bool) -> bool {
    let mut kept = true;
    for (name, costs) in [("uniform", [DEFAULT_COST; 2]), ("mixed", [DEFAULT_COST, OTHER_COST])] {
        if is_asked_for(name) {
            println!("\n{}, {name} argon2 parameters, {CALLS} sign-ins each", engine.name());
            let (first, second) = (costs[0].hash().await, costs[1].hash().await);
            // Three of five hashes have the first cost.
            let hashes = [first.clone(), first.clone(), first, second.clone(), second];
            kept &= compare(&SIGN_INS, measure_sign_ins(engine, &hashes, SIGN_INS.len()).await);
        }
    }
    if is_asked_for("foreign") {
        println!("\n{}, hashes of other systems, {CALLS} sign-ins each", engine.name());
        let present = DEFAULT_COST.hash().await;
        let hashes: Vec<String> = FOREIGN.map(str::to_owned).into_iter().chain([present]).collect();
        kept &= compare(&FOREIGN_SIGN_INS, measure_sign_ins(engine, &hashes, FOREIGN_SIGN_INS.len()).await);
    }
    if is_asked_for("devices") {
        println!("\n{}, {CALLS} sign-ins with a device token each", engine.name());
        kept &= compare(&DEVICES, measure_devices(engine).await);
    }
    if is_asked_for("requests") {
        println!("\n{}, {CALLS} reset requests each", engine.name());
        kept &= compare(&REQUESTS, Box::pin(measure_requests(engine)).await);
    }
    kept
}

pub(super) fn compare(groups: &[&str], mut times: Vec<Times>) -> bool {
    for (group, times) in groups.iter().zip(&mut times) {
        let (answer, next) = (median(&mut times.answer), median(&mut times.next));
        println!("  {group:<22} median {answer:.3} ms, of the next answer {next:.3} ms");
    }
    let mut worst: f64 = 0.5;
    for (first, one) in times.iter().enumerate() {
        for (second, other) in times.iter().enumerate().skip(first + 1) {
            let either_way = |one: &[f64], other: &[f64]| {
                let auc = area_under_curve(one, other);
                auc.max(1.0 - auc)
            };
            let (answer, next) = (either_way(&one.answer, &other.answer), either_way(&one.next, &other.next));
            worst = worst.max(answer).max(next);
            println!("  max(AUC, 1 - AUC) {answer:.3}, next {next:.3}  {} / {}", groups[first], groups[second]);
        }
    }
    println!("  worst: {worst:.3} (at most {MOST_AUC}: {})", verdict(worst <= MOST_AUC));
    worst <= MOST_AUC
}

/// The number of the n-th call of a group. Each number is used once.
fn number(group: usize, index: usize) -> String {
    format!("{:06}", group * 100_000 + index + 1)
}

/// The hashes take turns in every group that has any. The fifth group has what a sign-in leaves of them: a present
/// hash, and the cost of the one before.
async fn measure_sign_ins(engine: &Engine, hashes: &[String], groups: usize) -> Vec<Times> {
    let present = DEFAULT_COST.hash().await;
    let present_cost = cost_of(&present);
    let customer = |group: usize, index: usize| {
        let hash = &hashes[index % hashes.len()];
        let is_renewed = group == 4;
        Customer {
            number: number(group, index),
            password_hash: (group != 3).then(|| if is_renewed { present.clone() } else { hash.clone() }),
            closed: group == 2,
            lasting_cost: cost_of(hash).filter(|cost| is_renewed && present_cost.as_ref() != Some(cost)),
        }
    };
    let with_account = (0..groups).filter(|group| *group != 1);
    let customers = (0..CALLS).flat_map(|index| with_account.clone().map(move |group| (group, index)));
    let customers = customers.map(|(group, index)| customer(group, index)).collect();
    let service = Service::start(engine, customers, 0, &SETTINGS).await;
    let body = |number: &str, password: &str| json!({ "customer_number": number, "password": password });
    // The first calls fill caches and connections.
    for index in 0..50 {
        let number = format!("{:06}", 900_000 + index);
        service.post_from(&source(index), "/v1/sessions", &body(&number, PASSWORD)).await;
    }
    take_turns(&service, groups, "/v1/sessions", 401, |number| body(number, "Napacno-geslo-1")).await
}

async fn measure_devices(engine: &Engine) -> Vec<Times> {
    let hash = DEFAULT_COST.hash().await;
    let customers = (0..CALLS)
        .flat_map(|index| [0, 1].map(|group| (group, index)))
        .map(|(group, index)| Customer {
            number: number(group, index),
            password_hash: Some(hash.clone()),
            closed: false,
            lasting_cost: None,
        })
        .collect();
    let service = Service::start(engine, customers, 0, &SETTINGS).await;
    let token = |number: &str| format!("{number:A>43}");
    let mut former = String::new();
    for index in 0..CALLS {
        let number = number(0, index);
        let hash = DeviceTokenHash::of_presented(&token(&number));
        let hash = hash.as_str();
        write!(
            former,
            "INSERT INTO former_devices (id, account_id, token_hash, ended_at) SELECT 'former-{number}', id, \
             '{hash}', CURRENT_TIMESTAMP FROM accounts WHERE customer_number = '{number}';"
        )
        .unwrap();
    }
    service.execute(&former);
    let body = |number: &str| json!({ "customer_number": number, "password": "Napacno-geslo-1", "device_token": token(number) });
    for index in 0..50 {
        let number = format!("{:06}", 900_000 + index);
        service.post_from(&source(index), "/v1/sessions", &body(&number)).await;
    }
    take_turns(&service, DEVICES.len(), "/v1/sessions", 401, body).await
}

async fn measure_requests(engine: &Engine) -> Vec<Times> {
    let customers = (0..CALLS)
        .flat_map(|index| [0, 2].map(|group| (group, index)))
        .map(|(group, index)| Customer {
            number: number(group, index),
            password_hash: None,
            closed: group == 2,
            lasting_cost: None,
        })
        .collect();
    let (sink, hooks, key) = (Sink::start(), Sink::start(), SealingKey::make());
    let settings: Vec<(&str, &str)> =
        SETTINGS.into_iter().chain([("STAKIS_MAIL_API_URL", sink.url.as_str())]).chain(key.settings()).collect();
    let service = Service::start(engine, customers, 0, &settings).await;
    // What a request for a known number causes is told to ten endpoints.
    register(&service, &key, (0..10).map(|index| format!("{}/{index}", hooks.url)).collect()).await;
    let body = |number: &str| json!({ "customer_number": number });
    for index in 0..50 {
        let number = format!("{:06}", 900_000 + index);
        service.post_from(&source(index), "/v1/password-resets", &body(&number)).await;
    }
    take_turns(&service, REQUESTS.len(), "/v1/password-resets", 202, body).await
}

async fn take_turns(
    service: &Service,
    groups: usize,
    path: &str,
    expected: u16,
    body: impl Fn(&str) -> Value,
) -> Vec<Times> {
    let mut times: Vec<Times> = (0..groups).map(|_| Times::default()).collect();
    let no_link = json!({ "token": "x".repeat(43) });
    for index in 0..CALLS {
        let mut turn: Vec<usize> = (0..groups).collect();
        for place in (1..turn.len()).rev() {
            turn.swap(place, usize::try_from(random_below(place as u64 + 1)).unwrap());
        }
        for group in turn {
            let caller = source(u32::try_from(1000 + index * groups + group).unwrap());
            let body = body(&number(group, index));
            let started = Instant::now();
            let status = service.post_from(&caller, path, &body).await;
            times[group].answer.push(started.elapsed().as_secs_f64() * 1000.0);
            assert_eq!(status, expected);
            let started = Instant::now();
            let status = service.post_from(&caller, "/v1/password-resets/verify", &no_link).await;
            times[group].next.push(started.elapsed().as_secs_f64() * 1000.0);
            assert_eq!(status, 410);
        }
    }
    times
}

/// The probability that a time of `one` is longer than one of `other` (Mann–Whitney); a tie counts half.
fn area_under_curve(one: &[f64], other: &[f64]) -> f64 {
    let mut sum = 0.0;
    for a in one {
        for b in other {
            sum += if a > b { 1.0 } else { f64::from(u8::from((a - b).abs() < f64::EPSILON)) / 2.0 };
        }
    }
    sum / (one.len() * other.len()) as f64
}
