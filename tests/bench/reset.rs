//! The cost of the limits: reset requests with them and without them, in turns on the same machine.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::json;

use super::{
    filling::Customer,
    median,
    service::{Engine, Service},
    verdict,
};

const ROUNDS: usize = 7;
const CONNECTIONS: usize = 16;
const LOADED: Duration = Duration::from_secs(4);
/// The least rate with limits, as a part of the rate without them.
const LEAST_RATIO: f64 = 0.7;

/// Every request has its own source and number, so that all of them pass the limits and do the full work. The limit
/// over all numbers would require a proof of work, so it is off.
const SETTINGS: [(&str, &str); 5] = [
    ("STAKIS_TRUSTED_PROXIES", "127.0.0.1/32"),
    ("STAKIS_OPS_LISTEN", "off"),
    ("STAKIS_LIMIT_RESET_SURGE", "off"),
    // The worker would share the processor with the measurement, so its jobs start later.
    ("STAKIS_JOB_JITTER_MS", "60000"),
    ("STAKIS_LIMITS", "on"),
];

pub(super) async fn run(engine: &Engine) -> bool {
    let mut off = SETTINGS;
    off[4].1 = "off";
    let with = Service::start(engine, vec![customer()], 0, &SETTINGS).await;
    let without = Service::start(engine, vec![customer()], 0, &off).await;
    println!("\n{}, {CONNECTIONS} connections, {ROUNDS} rounds of {} s each", engine.name(), LOADED.as_secs());
    let next = Cell::new(0);
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let (limited, free) = (requests_per_second(&with, &next).await, requests_per_second(&without, &next).await);
        println!("  round {round}: {limited:.0} reset requests/s with limits, {free:.0} without");
        ratios.push(limited / free);
    }
    let ratio = median(&mut ratios);
    let kept = ratio >= LEAST_RATIO;
    println!("  with limits ÷ without: {ratio:.3} (at least {LEAST_RATIO}: {})", verdict(kept));
    kept
}

fn customer() -> Customer {
    Customer { number: "000001".to_owned(), password_hash: None, closed: false, lasting_cost: None }
}

async fn requests_per_second(service: &Service, next: &Cell<u32>) -> f64 {
    let started = Instant::now();
    let count = Cell::new(0_u32);
    join_all((0..CONNECTIONS).map(|_| async {
        while started.elapsed() < LOADED {
            let index = next.get();
            next.set(index + 1);
            let body = json!({ "customer_number": format!("{:06}", index % 1_000_000) });
            let status = service.post_from(&source(index), "/v1/password-resets", &body).await;
            assert_eq!(status, 202);
            count.set(count.get() + 1);
        }
    }))
    .await;
    f64::from(count.get()) / started.elapsed().as_secs_f64()
}

/// The address of one source. Each source is in a network of its own.
pub(super) fn source(index: u32) -> String {
    format!("{}.{}.{}.7", 11 + (index >> 16) % 100, (index >> 8) & 255, index & 255)
}
