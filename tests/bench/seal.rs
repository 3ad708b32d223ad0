//! The cost of the sealed audit trail: sign-ins and reset requests with the seal and without it, in turns on the same machine.

use std::{
    cell::Cell,
    process::Command,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    filling::Customer,
    median, quantile,
    reset::source,
    service::{DEFAULT_COST, Engine, PASSWORD, Service},
    verdict,
};

const PAIRS: usize = 17;
const CONNECTIONS: usize = 16;
const CUSTOMERS: u32 = 1000;
/// Longer than the interval at which entries are sealed, so that each turn pays for its seals. Shorter than the time after which
/// PostgreSQL ends the transactions of a service that stands still.
const LOADED: Duration = Duration::from_secs(8);
/// The least rate with the seal, as a part of the rate without it.
const LEAST_RATIO: f64 = 0.95;

const SETTINGS: [(&str, &str); 4] = [
    ("STAKIS_TRUSTED_PROXIES", "127.0.0.1/32"),
    ("STAKIS_OPS_LISTEN", "off"),
    ("STAKIS_LIMITS", "off"),
    ("STAKIS_JOB_JITTER_MS", "0"),
];

/// Measures two services that take turns; the other one is stopped meanwhile. In one of them no entry waits for a seal: its
/// trigger is gone, so neither the writers nor the worker do anything for it.
pub(super) async fn run(engine: &Engine) -> bool {
    let hash = DEFAULT_COST.hash().await;
    let sealed = Service::start(engine, customers(&hash), 0, &SETTINGS).await;
    let unsealed = Service::start(engine, customers(&hash), 0, &SETTINGS).await;
    unsealed.execute(match engine {
        Engine::Sqlite => "DROP TRIGGER audit_events_wait_for_their_seal; DELETE FROM audit_unsealed;",
        Engine::Postgres(_) => {
            "DROP TRIGGER audit_events_wait_for_their_seal ON audit_events; DELETE FROM audit_unsealed;"
        }
    });
    println!("\n{}, {CONNECTIONS} connections, {PAIRS} pairs of {} s each", engine.name(), LOADED.as_secs());
    let mut kept = true;
    let sign_in =
        |index: u32| json!({ "customer_number": format!("{:06}", 1 + index % CUSTOMERS), "password": PASSWORD });
    let ask = |index: u32| json!({ "customer_number": format!("{:06}", index % 1_000_000) });
    kept &= compare([&sealed, &unsealed], "sign-ins", "/v1/sessions", 201, &sign_in).await;
    kept &= compare([&sealed, &unsealed], "reset requests", "/v1/password-resets", 202, &ask).await;
    signal(&sealed, "CONT");
    let (entries, seals) = (sealed.rows("audit_events"), sealed.rows("audit_seals"));
    println!("  {entries} entries, {seals} of them sealed; without the seal {}", unsealed.rows("audit_events"));
    kept && seals > 0 && unsealed.rows("audit_seals") < seals
}

fn customers(hash: &str) -> Vec<Customer> {
    (1..=CUSTOMERS)
        .map(|number| Customer {
            number: format!("{number:06}"),
            password_hash: Some(hash.to_owned()),
            closed: false,
            lasting_cost: None,
        })
        .collect()
}

/// Stops a service, or lets it go on.
fn signal(service: &Service, name: &str) {
    assert!(Command::new("kill").args([format!("-{name}"), service.pid.to_string()]).status().unwrap().success());
}

async fn compare(
    services: [&Service; 2],
    what: &str,
    path: &str,
    status: u16,
    body: &impl Fn(u32) -> Value,
) -> bool {
    let next = Cell::new(0);
    let mut ratios = Vec::new();
    for pair in 1..=PAIRS {
        let mut rates = [0.0; 2];
        // Each begins every other pair.
        for turn in [pair % 2, (pair + 1) % 2] {
            signal(services[1 - turn], "STOP");
            signal(services[turn], "CONT");
            rates[turn] = calls_per_second(services[turn], &next, path, status, body).await;
        }
        println!("  {what}, pair {pair}: {:.0}/s with the seal, {:.0}/s without", rates[0], rates[1]);
        ratios.push(rates[0] / rates[1]);
    }
    let [low, ratio, high] = [quantile(&mut ratios, 0.25), median(&mut ratios), quantile(&mut ratios, 0.75)];
    let kept = ratio >= LEAST_RATIO;
    println!(
        "  {what} with the seal ÷ without: {ratio:.3}, half of the pairs between {low:.3} and {high:.3} (at least {LEAST_RATIO}: {})",
        verdict(kept)
    );
    kept
}

async fn calls_per_second(
    service: &Service,
    next: &Cell<u32>,
    path: &str,
    status: u16,
    body: &impl Fn(u32) -> Value,
) -> f64 {
    let started = Instant::now();
    let count = Cell::new(0_u32);
    join_all((0..CONNECTIONS).map(|_| async {
        while started.elapsed() < LOADED {
            let index = next.get();
            next.set(index + 1);
            assert_eq!(service.post_from(&source(index), path, &body(index)).await, status);
            count.set(count.get() + 1);
        }
    }))
    .await;
    f64::from(count.get()) / started.elapsed().as_secs_f64()
}
