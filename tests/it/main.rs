//! The whole suite, over real HTTP, on each database: SQLite always, PostgreSQL where
//! `STAKIS_TEST_DATABASE_URL` names a server on which databases may be made; where `STAKIS_TEST_TYPESCRIPT` names a
//! TypeScript compiler, the scripts under Node; where `STAKIS_TEST_PYTHON` names a folder with them, schemathesis and vacuum;
//! and the guides' code in the languages that are there.
//!
//! A test is written once, named in its file's `database_tests!`, and becomes one test a database. One that is
//! not named there is dead code, which the lints refuse.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected is to fail there"
)]

mod support;
mod support_diagnosis;

mod account;
mod account_notices;
mod architecture;
mod audit;
mod breached_passwords;
mod browser;
mod client_address;
mod command_line;
mod cors;
mod devices;
mod errors;
mod forged_tokens;
mod forgetting;
mod guides;
mod kill;
mod late_events;
mod limits;
mod mail_delivery;
mod mail_events;
mod mail_fallback;
mod mail_providers;
mod mailbox;
mod metrics;
mod neutrality;
mod oauth;
mod openapi;
mod openapi_rules;
mod outages;
mod pages;
mod password_change;
mod password_expiry;
mod password_policy;
mod password_reset_complete;
mod password_reset_request;
mod password_reset_verify;
mod production;
mod proof_of_work;
mod proof_of_work_script;
mod schemathesis;
mod secrets;
mod session_list;
mod session_refresh;
mod sessions;
mod several_instances;
mod signing_keys;
mod simulation;
mod suppression;
mod token_kinds;
mod typescript;
mod webhook_guide;
mod worker;

use libtest_mimic::{Arguments, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for test in inventory::iter::<support::PlainTest> {
        trials.push(Trial::test(test.name, || {
            (test.run)();
            Ok(())
        }));
    }
    for test in inventory::iter::<support::DatabaseTest> {
        for engine in support::Engine::available().filter(|_| (test.can_run)()) {
            trials.push(Trial::test(format!("{}::{}", test.name, engine.as_str()), move || {
                support::run((test.body)(engine));
                Ok(())
            }));
        }
    }
    for test in inventory::iter::<support::ScriptTest>.into_iter().filter(|test| (test.can_run)()) {
        trials.push(Trial::test(test.name, || {
            support::run((test.body)());
            Ok(())
        }));
    }
    if support::chromium().is_some() {
        for test in inventory::iter::<support::BrowserTest> {
            let engines = if test.on_each_database { usize::MAX } else { 1 };
            for engine in support::Engine::available().take(engines) {
                trials.push(Trial::test(format!("{}::{}", test.name, engine.as_str()), move || {
                    support::run((test.body)(engine));
                    Ok(())
                }));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}
