//! What a password hash costs on this machine.

use std::time::Duration;

use super::finding::Finding;
use crate::{config::Argon2Config, crypto::time_of_hash};

/// How often a hash is computed.
const HASHES: usize = 5;

/// What an operator wants of a hash.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The time that it should take.
    pub(super) milliseconds: u32,
    /// The sign-ins a second that the machine has to bear.
    pub(super) rate: Option<u32>,
}

pub(super) async fn check(config: &Argon2Config, wanted: Wanted) -> Finding {
    let config = *config;
    let measured = tokio::task::spawn_blocking(move || measure(&config)).await;
    match measured {
        Ok(Some(time)) => of_time(&config, time, wanted),
        _ => {
            Finding::error("argon2", "no hash could be computed", "Look at STAKIS_ARGON2_* and at the free memory.")
        }
    }
}

/// The median of a few hashes, after one that gets the memory.
fn measure(config: &Argon2Config) -> Option<Duration> {
    time_of_hash(config)?;
    let mut times: Vec<Duration> = (0..HASHES).filter_map(|_| time_of_hash(config)).collect();
    times.sort_unstable();
    times.get(HASHES / 2).copied()
}

fn of_time(config: &Argon2Config, time: Duration, wanted: Wanted) -> Finding {
    let Argon2Config { memory_kib, iterations, concurrency, .. } = config;
    let milliseconds = time.as_secs_f64() * 1000.0;
    let slots = u32::try_from(*concurrency).unwrap_or(u32::MAX);
    let rate = f64::from(slots) / time.as_secs_f64().max(f64::MIN_POSITIVE);
    let seen = format!(
        "{memory_kib} KiB and {iterations} iterations take {milliseconds:.0} ms; {slots} at a time, about {rate:.0} sign-ins a second"
    );
    let advice = recommend(*iterations, milliseconds, wanted);
    match wanted.rate {
        Some(wanted) if rate < f64::from(wanted) => Finding::warning(
            "argon2",
            seen,
            format!(
                "{wanted} sign-ins a second take {:.0} cores as fast as these, in this instance or in several. A lower cost would \
                 let thieves of the table guess faster.",
                (f64::from(wanted) * time.as_secs_f64()).ceil()
            ),
        ),
        _ => Finding::ok("argon2", seen).with_advice(advice),
    }
}

/// The iterations that come nearest to the time from below. One hash is as long as it has iterations.
fn recommend(iterations: u32, milliseconds: f64, wanted: Wanted) -> String {
    let one = milliseconds / f64::from(iterations.max(1));
    let target = f64::from(wanted.milliseconds);
    let nearest = (1..=1000).take_while(|count| f64::from(*count) * one <= target).last().unwrap_or(1);
    if nearest <= iterations {
        return format!(
            "For {target:.0} ms a hash, the cost stays as it is: it must not fall below OWASP's floor."
        );
    }
    format!(
        "For {target:.0} ms a hash, set STAKIS_ARGON2_ITERATIONS={nearest}. The next sign-in of each customer renews the hash."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::finding::Severity;

    fn config(iterations: u32) -> Argon2Config {
        Argon2Config { memory_kib: 19_456, iterations, parallelism: 1, concurrency: 2 }
    }

    #[test]
    fn op_11_the_recommended_cost_comes_nearest_to_the_time() {
        let wanted = Wanted { milliseconds: 50, rate: None };
        let found = of_time(&config(2), Duration::from_millis(14), wanted);
        assert_eq!(found.severity, Severity::Ok);
        assert!(found.seen.ends_with("take 14 ms; 2 at a time, about 143 sign-ins a second"), "{}", found.seen);
        assert!(found.advice.unwrap().contains("STAKIS_ARGON2_ITERATIONS=7."));
        let slow = of_time(&config(2), Duration::from_millis(90), wanted);
        assert!(slow.advice.unwrap().contains("stays as it is"));
    }

    #[test]
    fn op_11_a_machine_that_is_too_slow_for_the_rate_is_told() {
        let wanted = Wanted { milliseconds: 50, rate: Some(500) };
        let found = of_time(&config(2), Duration::from_millis(14), wanted);
        assert_eq!(found.severity, Severity::Warning);
        assert!(found.advice.unwrap().starts_with("500 sign-ins a second take 7 cores"));
        assert_eq!(of_time(&config(2), Duration::from_millis(3), wanted).severity, Severity::Ok);
    }
}
