//! The processor time of a reset request from its acceptance to its mail.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::{sleep, sleep_until};

use super::{
    IS_TRIAL, bars,
    customers::number,
    figure::Figure,
    history,
    load::{CONNECTIONS, Meter},
};
use crate::{
    filling::only_customer,
    service::{Engine, Service},
    sink::Sink,
};

/// The requests that come at once.
const BURST: u32 = if IS_TRIAL { 200 } else { 8000 };
/// The requests that come at a steady rate.
const STEADY: u32 = if IS_TRIAL { 100 } else { 3000 };
const STEADY_PER_SECOND: f64 = 300.0;
const PATIENCE: Duration = Duration::from_mins(5);

/// Measures with limits off, so that every request leads to a mail.
pub(super) async fn measure(engine: &Engine) -> Vec<Figure> {
    let sink = Sink::start();
    let settings =
        [("STAKIS_MAIL_API_URL", sink.url.as_str()), ("STAKIS_LIMITS", "off"), ("STAKIS_OPS_LISTEN", "off")];
    let mut statements = vec![history::accounts(engine, BURST + STEADY, None)];
    statements.extend(history::tidy(engine));
    let service = Service::start_filled(engine, vec![only_customer()], 0, &settings, &statements).await;
    let burst = ask(&service, &sink, 1, BURST, None).await;
    let early =
        Figure::new("mails that left before the last request of the burst was accepted", burst.early, "mails");
    let steady = ask(&service, &sink, BURST + 1, STEADY, Some(STEADY_PER_SECOND)).await;
    vec![
        burst.figure("CPU from a reset request to its mail, burst of 8,000").at_most(bars::MOST_IN_BURST),
        early,
        steady
            .figure("CPU from a reset request to its mail, 300 a second")
            .at_most(bars::most_at_a_steady_rate(engine)),
    ]
}

struct Cost {
    milliseconds: f64,
    used: super::load::Used,
    /// How many mails had left when the last request was accepted.
    early: f64,
}

impl Cost {
    fn figure(&self, name: &str) -> Figure {
        Figure::new(name, self.milliseconds, "ms").using(self.used)
    }
}

/// Asks for resets, each for another customer, and waits until the last mail has left and is noted.
async fn ask(service: &Service, sink: &Sink, first: u32, count: u32, per_second: Option<f64>) -> Cost {
    let (before, next) = (sink.count(), Cell::new(0));
    let (meter, started) = (Meter::start(service), tokio::time::Instant::now());
    join_all((0..CONNECTIONS).map(|_| async {
        while next.get() < count {
            let index = next.get();
            next.set(index + 1);
            if let Some(rate) = per_second {
                sleep_until(started + Duration::from_secs_f64(f64::from(index) / rate)).await;
            }
            let body = json!({ "customer_number": number(first + index) });
            assert_eq!(service.post("/v1/password-resets", &body).await, 202);
        }
    }))
    .await;
    let early = sink.count() - before;
    let patience = Instant::now();
    let all = before + usize::try_from(count).unwrap();
    while sink.count() < all {
        assert!(patience.elapsed() < PATIENCE, "only {} of {count} mails came", sink.count() - before);
        sleep(Duration::from_millis(20)).await;
    }
    while service.rows("mails WHERE status = 'queued'") > 0 {
        assert!(patience.elapsed() < PATIENCE, "the service does not note that its mails have left");
        sleep(Duration::from_millis(50)).await;
    }
    let used = meter.read();
    assert_eq!(sink.count(), all, "no mail comes twice");
    println!("  {count} reset mails have left");
    Cost { milliseconds: 1000.0 * (used.service + used.database) / f64::from(count), used, early: early as f64 }
}
