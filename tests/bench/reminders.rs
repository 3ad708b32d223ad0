//! Many reminders that are due at once, and the resets that customers ask for meanwhile.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::types::{Clock as _, SystemClock};
use tokio::time::sleep;

use super::{
    filling::Customer,
    median, quantile,
    service::{Engine, Service},
    sink::Sink,
    verdict,
};

const REMINDERS: usize = 100_000;
/// Customers whose passwords are new, and who ask for a reset while the reminders go out.
const ASKING: usize = 2_000;
/// Between two of their requests.
const PAUSE: Duration = Duration::from_millis(500);
/// A reset is handed over within this time.
const MOST_SECONDS: f64 = 5.0;
const PATIENCE: Duration = Duration::from_hours(1);
/// The hash of some password. Nobody signs in.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRmb3JhbGw$aGFzaG9mc29tZXBhc3N3b3JkdGhhdG5vYm9keXVzZXM";

pub(super) async fn run(engine: &Engine) -> bool {
    println!("\n{}, {REMINDERS} reminders at once", engine.name());
    let customers = (1..=REMINDERS + ASKING).map(|number| Customer {
        number: format!("{number:06}"),
        password_hash: (number > ASKING).then(|| HASH.to_owned()),
        closed: false,
        lasting_cost: None,
    });
    let sink = Sink::start();
    let settings = [("STAKIS_MAIL_API_URL", sink.url.as_str()), ("STAKIS_LIMITS", "off")];
    let service = Service::start(engine, customers.collect(), 0, &settings).await;
    // A password expires after 180 days, and its owner hears of it two weeks before.
    let changed_at = SystemClock::default().now() - TimeDelta::days(170);
    let changed_at = changed_at.format("%Y-%m-%d %H:%M:%S");
    let started = Instant::now();
    service.execute(&format!(
        "UPDATE accounts SET password_changed_at = '{changed_at}' WHERE password_hash IS NOT NULL"
    ));
    let mut seconds = Vec::new();
    while sink.count() - sink.resets() < REMINDERS {
        assert!(started.elapsed() < PATIENCE, "only {} mails came", sink.count());
        if seconds.len() < ASKING && sink.count() > sink.resets() {
            seconds.push(reset(&service, &sink, seconds.len() + 1).await);
        }
        sleep(PAUSE).await;
    }
    let taken = sink.taken();
    let elapsed = (taken[taken.len() - 1] - taken[0]).as_secs_f64();
    let most = quantile(&mut seconds, 1.0);
    let kept = most <= MOST_SECONDS;
    println!(
        "  {REMINDERS} reminders in {elapsed:.0} s; meanwhile {} resets, handed over after {:.0} ms at the median, {:.0} ms \
         at most (at most {MOST_SECONDS} s: {})",
        seconds.len(),
        median(&mut seconds) * 1000.0,
        most * 1000.0,
        verdict(kept)
    );
    kept
}

/// Asks for a reset, and returns how many seconds it takes until its mail is handed over.
async fn reset(service: &Service, sink: &Sink, number: usize) -> f64 {
    let asked = Instant::now();
    let body = json!({ "customer_number": format!("{number:06}") });
    assert_eq!(service.post("/v1/password-resets", &body).await, 202);
    while sink.resets() < number {
        assert!(asked.elapsed() < PATIENCE, "the mail does not come");
        sleep(Duration::from_millis(1)).await;
    }
    asked.elapsed().as_secs_f64()
}
