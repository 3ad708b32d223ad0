//! What callers notice of the upkeep, while it deletes millions of rows.

use std::{
    cell::{Cell, RefCell},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::json;

use super::{
    filling::Customer,
    quantile,
    reset::source,
    service::{Engine, Service},
    verdict,
};

const CONNECTIONS: u32 = 4;
/// How long callers are measured without any upkeep.
const WITHOUT: Duration = Duration::from_secs(40);
/// How long it takes at most until every row is deleted.
const PATIENCE: Duration = Duration::from_mins(20);
/// The rows of the largest table, and of each of the others.
const LARGEST: u32 = 2_000_000;
const OTHERS: u32 = 200_000;
/// What is left of the largest table, beside the rows of the callers.
const FILLED: &str = "rate_limits WHERE key LIKE 'filled/%'";
/// The greatest 99th percentile during the upkeep, as a multiple of that without.
const MOST: f64 = 2.0;

const SETTINGS: [(&str, &str); 4] = [
    ("STAKIS_TRUSTED_PROXIES", "127.0.0.1/32"),
    ("STAKIS_OPS_LISTEN", "off"),
    ("STAKIS_JOB_JITTER_MS", "60000"),
    ("STAKIS_LIMIT_RESET_SURGE", "off"),
];

pub(super) async fn run(engine: &Engine) -> bool {
    println!("\n{}, {LARGEST} due rows of one table and {OTHERS} each of seven others", engine.name());
    let customer = Customer { number: "000001".to_owned(), password_hash: None, closed: false, lasting_cost: None };
    let service = Service::start(engine, vec![customer], 0, &SETTINGS).await;
    let next = Cell::new(0);
    let mut without = call_until(&service, &next, async { tokio::time::sleep(WITHOUT).await }).await;
    fill(&service, engine);
    let started = Instant::now();
    let left = RefCell::new(service.rows(FILLED));
    let over = async {
        while *left.borrow() > 0 {
            assert!(started.elapsed() < PATIENCE, "{} rows are left", left.borrow());
            tokio::time::sleep(Duration::from_secs(2)).await;
            left.replace(service.rows(FILLED));
        }
    };
    let mut during = call_until(&service, &next, over).await;
    let [quiet, busy] = [&mut without, &mut during].map(|times| quantile(times, 0.99));
    println!(
        "  median {:.2} ms without, {:.2} ms during the upkeep; 99th percentile {quiet:.2} ms, {busy:.2} ms; {} s",
        quantile(&mut without, 0.5),
        quantile(&mut during, 0.5),
        started.elapsed().as_secs()
    );
    let kept = busy <= MOST * quiet;
    println!("  during ÷ without: {:.2} (at most {MOST}: {})", busy / quiet, verdict(kept));
    kept
}

/// Asks for resets until `over`, each for another number and from another source. Returns the times in milliseconds.
async fn call_until(service: &Service, next: &Cell<u32>, over: impl Future<Output = ()>) -> Vec<f64> {
    let times = RefCell::new(Vec::new());
    let calling = join_all((0..CONNECTIONS).map(|_| async {
        loop {
            let index = next.get();
            next.set(index + 1);
            let body = json!({ "customer_number": format!("{:06}", 100_000 + index % 900_000) });
            let started = Instant::now();
            let status = service.post_from(&source(index), "/v1/password-resets", &body).await;
            times.borrow_mut().push(started.elapsed().as_secs_f64() * 1000.0);
            assert_eq!(status, 202);
            // Callers come at a rate that leaves the processor room, as in a service that is not overloaded.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }));
    tokio::select! {
        _ = calling => {}
        () = over => {}
    }
    times.into_inner()
}

/// Adds rows that have served their time.
fn fill(service: &Service, engine: &Engine) {
    let old = "'2020-01-01 00:00:00'";
    let account = "(SELECT id FROM accounts LIMIT 1)";
    let rows = |table: &str, columns: &str, values: &str, count: u32| match engine {
        Engine::Sqlite => format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
             INSERT INTO {table} ({columns}) SELECT {values} FROM n;"
        ),
        Engine::Postgres(_) => format!(
            "INSERT INTO {table} ({columns}) SELECT {values} FROM (SELECT generate_series(1, {count}) AS i) n;"
        ),
    };
    let number = "substr('00000' || (i % 1000000), -6)".to_owned();
    let number =
        if matches!(engine, Engine::Postgres(_)) { "lpad((i % 1000000)::text, 6, '0')".to_owned() } else { number };
    let statements = [
        rows("mail_events", "provider, event_id, received_at", &format!("'resend', 'e' || i, {old}"), OTHERS),
        rows("spent_proofs", "id, expires_at", &format!("'p' || i, {old}"), OTHERS),
        rows("tried_numbers", "key, customer_number, tried_at", &format!("'k' || i, {number}, {old}"), OTHERS),
        rows(
            "sign_in_failures",
            "subject, failures, last_failed_at, refusal_noted",
            &format!("'s' || i, 1, {old}, FALSE"),
            OTHERS,
        ),
        rows(
            "swallowed_requests",
            "customer_number, hour, outcome, requests, first_at, last_at",
            &format!("{number}, {old}, 'cooldown', 1, {old}, {old}"),
            OTHERS,
        ),
        rows(
            "devices",
            "id, account_id, secret_key_id, token_hash, created_at, last_used_at",
            &format!("'d' || i, {account}, 'key', 't' || i, {old}, {old}"),
            OTHERS,
        ),
        rows(
            "sessions",
            "id, account_id, session_epoch, created_at, last_used_at, ended_at, ended_because",
            &format!("'x' || i, {account}, 0, {old}, {old}, {old}, 'idle'"),
            OTHERS,
        ),
        rows("rate_limits", "key, empty_at", "'filled/' || i, 1", LARGEST),
    ];
    service.execute(&statements.concat());
}
