//! The rate at which the queue of mails drains, and the time in which a mail leaves an idle service.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use super::{
    filling::Customer,
    median, quantile,
    service::{Engine, Service},
    sink::Sink,
    verdict,
};

const MAILS: usize = 10_000;
const LEAST_A_SECOND: f64 = 500.0;
const REQUESTS: usize = 50;
const MOST_MILLISECONDS: f64 = 100.0;
const PATIENCE: Duration = Duration::from_mins(3);

/// All requests come from this machine, so the limits are off.
fn settings(mail_api_url: &str) -> [(&str, &str); 2] {
    [("STAKIS_MAIL_API_URL", mail_api_url), ("STAKIS_LIMITS", "off")]
}

pub(super) async fn run(engine: &Engine) -> bool {
    println!("\n{}", engine.name());
    let kept = [drain(engine).await, idle(engine).await];
    kept.iter().all(|kept| *kept)
}

fn customers(count: usize) -> Vec<Customer> {
    (1..=count)
        .map(|number| Customer {
            number: format!("{number:06}"),
            password_hash: None,
            closed: false,
            lasting_cost: None,
        })
        .collect()
}

/// Measures from the first mail to the last. The database and the sink take their share of the machine.
async fn drain(engine: &Engine) -> bool {
    let sink = Sink::start();
    let service = Service::start(engine, customers(MAILS), MAILS, &settings(&sink.url)).await;
    let started = Instant::now();
    while sink.taken().len() < MAILS {
        assert!(started.elapsed() < PATIENCE, "only {} of {MAILS} mails came", sink.taken().len());
        sleep(Duration::from_millis(20)).await;
    }
    drop(service);
    let taken = sink.taken();
    assert_eq!(taken.len(), MAILS, "no mail comes twice");
    let elapsed = taken[MAILS - 1] - taken[0];
    let rate = (MAILS - 1) as f64 / elapsed.as_secs_f64();
    let kept = rate >= LEAST_A_SECOND;
    println!(
        "  {MAILS} reset mails drained to a local sink: {rate:.0} mails/s (at least {LEAST_A_SECOND}: {})",
        verdict(kept)
    );
    kept
}

/// Makes one request after the other, and waits for each until the sink has its mail.
async fn idle(engine: &Engine) -> bool {
    let sink = Sink::start();
    let service = Service::start(engine, customers(REQUESTS), 0, &settings(&sink.url)).await;
    let mut milliseconds = Vec::new();
    for number in 1..=REQUESTS {
        // The pause lets the worker finish everything and sleep.
        sleep(Duration::from_millis(200)).await;
        let asked = Instant::now();
        let body = json!({ "customer_number": format!("{number:06}") });
        assert_eq!(service.post("/v1/password-resets", &body).await, 202);
        while sink.taken().len() < number {
            assert!(asked.elapsed() < PATIENCE, "the mail does not come");
            sleep(Duration::from_millis(1)).await;
        }
        milliseconds.push((sink.taken()[number - 1] - asked).as_secs_f64() * 1000.0);
    }
    let most = quantile(&mut milliseconds, 1.0);
    let median = median(&mut milliseconds);
    let kept = median <= MOST_MILLISECONDS;
    println!(
        "  from a request to its hand-over on an idle service: median {median:.1} ms, most {most:.1} ms (median at most {MOST_MILLISECONDS}: {})",
        verdict(kept)
    );
    kept
}
