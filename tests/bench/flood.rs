//! Sign-ins while strangers flood the service: how long an owner waits, and whether the time that a stranger waits tells
//! of an owner (CH-10, RL-04, LG-02).

use std::{cell::Cell, time::Instant};

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::{
    filling::Customer,
    median, quantile,
    reset::source,
    service::{DEFAULT_COST, Engine, PASSWORD, Service},
    timing::{SETTINGS, Times, compare},
};

/// The number of calls of each group. Each uses a customer of its own.
const CALLS: u32 = 600;
/// The strangers who try passwords all the time.
const STRANGERS: u32 = 16;
const GROUPS: [&str; 2] = ["with a known device", "unknown"];

pub(super) async fn run(engine: &Engine) -> bool {
    println!("\n{}, {STRANGERS} strangers flood, {CALLS} sign-ins each", engine.name());
    let hash = DEFAULT_COST.hash().await;
    let customers = (1..=CALLS)
        .map(|index| Customer {
            number: number(index),
            password_hash: Some(hash.clone()),
            closed: false,
            lasting_cost: None,
        })
        .collect();
    let service = Service::start(engine, customers, 0, &SETTINGS).await;
    let next = Cell::new(0);
    let devices = remember_devices(&service, &next).await;
    let over = Cell::new(false);
    let flood = join_all((0..STRANGERS).map(|_| async {
        while !over.get() {
            let number = number(500_000 + next.get() % 400_000);
            sign_in(&service, &next, &json!({ "customer_number": number, "password": "Napacno-geslo-1" })).await;
        }
    }));
    let measuring = async {
        let measured = measure(&service, &next, &devices).await;
        over.set(true);
        measured
    };
    let (_, (mut owners, strangers)) = join(flood, measuring).await;
    println!(
        "  an owner's known device  median {:.1} ms, 99th percentile {:.1} ms",
        median(&mut owners),
        quantile(&mut owners, 0.99)
    );
    compare(&GROUPS, strangers)
}

fn number(index: u32) -> String {
    format!("{index:06}")
}

/// Makes one sign-in from a source of its own.
async fn sign_in(service: &Service, next: &Cell<u32>, body: &Value) -> Value {
    next.set(next.get() + 1);
    service.post_json_from(&source(next.get()), "/v1/sessions", body).await
}

async fn remember_devices(service: &Service, next: &Cell<u32>) -> Vec<String> {
    let mut devices = Vec::new();
    for index in 1..=CALLS {
        let body = json!({ "customer_number": number(index), "password": PASSWORD });
        let signed_in = sign_in(service, next, &body).await;
        devices.push(signed_in["device_token"].as_str().unwrap().to_owned());
    }
    devices
}

/// The times of owners, and those of strangers at the numbers of these owners and at unknown numbers.
async fn measure(service: &Service, next: &Cell<u32>, devices: &[String]) -> (Vec<f64>, Vec<Times>) {
    let mut owners = Vec::new();
    let mut strangers: Vec<Times> = GROUPS.iter().map(|_| Times::default()).collect();
    let no_link = json!({ "token": "x".repeat(43) });
    for (index, device) in (1..=CALLS).zip(devices) {
        let body = json!({ "customer_number": number(index), "password": PASSWORD, "device_token": device });
        let started = Instant::now();
        let signed_in = sign_in(service, next, &body).await;
        owners.push(started.elapsed().as_secs_f64() * 1000.0);
        assert!(signed_in["access_token"].is_string(), "{signed_in}");
        let mut turns = [(0, number(index)), (1, number(400_000 + index))];
        if index % 2 == 0 {
            turns.reverse();
        }
        for (group, number) in turns {
            let body = json!({ "customer_number": number, "password": "Napacno-geslo-1" });
            let started = Instant::now();
            let refused = sign_in(service, next, &body).await;
            strangers[group].answer.push(started.elapsed().as_secs_f64() * 1000.0);
            assert_eq!(refused["code"], "invalid-credentials", "{refused}");
            let started = Instant::now();
            service.post_from(&source(next.get()), "/v1/password-resets/verify", &no_link).await;
            strangers[group].next.push(started.elapsed().as_secs_f64() * 1000.0);
        }
    }
    (owners, strangers)
}
