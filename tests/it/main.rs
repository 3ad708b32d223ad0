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

mod abuse;
mod accounts;
mod architecture;
mod clients;
mod documents;
mod http;
mod mail;
mod operations;
mod pages;
mod passwords;
mod reset;
mod sessions;
mod support_desk;
mod tokens;

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
