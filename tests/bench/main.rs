//! The cost of sign-ins and mails, and whether response times reveal anything. `tests/benchmark` runs these
//! measurements.
//!
//! `sign-in` compares the sign-ins per second of the whole service with the argon2 hashes per second of a bare loop,
//! which take turns on the same machine. `timing` looks for a difference in time between the reasons for which a
//! sign-in fails. `mail` drains a queue of mails, and waits for single ones. `reset` compares reset requests with
//! limits and without, and `seal` sign-ins and reset requests with the sealed trail and without. `import` brings a million
//! customers in. `reminders` lets resets go out among 100,000 reminders. `upkeep` measures callers while millions of rows
//! are deleted. `webhooks` drains events to endpoints, one of which may be dead. `calls` measures every operation on a small
//! and on a large database. All run on SQLite, and on PostgreSQL
//! where `STAKIS_TEST_DATABASE_URL` names a server. The exit status tells
//! whether every bound was kept.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a measurement that meets the unexpected is to fail there; counts become rates"
)]

mod calls;
mod empty_database;
mod filling;
mod flood;
mod import;
mod mail;
mod process;
mod reminders;
mod reset;
mod seal;
mod service;
mod sign_in;
mod sink;
mod timing;
mod upkeep;
mod webhooks;

use std::{env, process::ExitCode};

use service::Engine;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = words.first().map_or("", String::as_str);
    // Further arguments select a part, such as `timing postgresql mixed`.
    let is_asked_for = |name: &str, all: &[&str]| {
        let name = name.to_lowercase();
        words.contains(&name) || !all.iter().any(|one| words.iter().any(|word| word == one))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut kept = true;
    for engine in Engine::available() {
        if !is_asked_for(engine.name(), &["sqlite", "postgresql"]) {
            continue;
        }
        kept &= match wanted {
            "timing" => runtime.block_on(async {
                let is_asked_for = |name: &str| {
                    is_asked_for(name, &["uniform", "mixed", "foreign", "devices", "requests", "flood"])
                };
                let kept = Box::pin(timing::run(&engine, is_asked_for)).await;
                kept & (!is_asked_for("flood") || flood::run(&engine).await)
            }),
            "seal" => runtime.block_on(seal::run(&engine)),
            "reset" => runtime.block_on(reset::run(&engine)),
            "import" => {
                let rows = words.iter().find_map(|word| word.parse().ok());
                import::run(&engine, rows.unwrap_or(import::ROWS))
            }
            "upkeep" => runtime.block_on(upkeep::run(&engine)),
            "calls" => {
                let customers = words.iter().find_map(|word| word.parse().ok());
                runtime.block_on(calls::run(&engine, customers.unwrap_or(calls::CUSTOMERS)))
            }
            "reminders" => runtime.block_on(reminders::run(&engine)),
            "mail" => runtime.block_on(mail::run(&engine)),
            "webhooks" => runtime.block_on(webhooks::run(&engine)),
            _ => runtime.block_on(sign_in::run(&engine)),
        };
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The value below which `part` of all values lie.
fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    let index = values.iter().enumerate().map(|(index, _)| index).find(|index| *index as f64 >= part * last as f64);
    values[index.unwrap_or(last)]
}

fn median(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

fn verdict(kept: bool) -> &'static str {
    if kept { "kept" } else { "NOT KEPT" }
}
