//! The whole suite, over real HTTP, on each database.
//!
//! Plain `cargo test` runs the tests that need SQLite alone. Further tests run where a variable names what they need:
//! `STAKIS_TEST_DATABASE_URL` a PostgreSQL server on which databases may be made, `STAKIS_TEST_TYPESCRIPT` a TypeScript
//! compiler for the scripts under Node, `STAKIS_TEST_CHROMIUM` the browser, `STAKIS_TEST_PYTHON` a folder with
//! schemathesis and vacuum. The code of the guides runs in the languages whose tools are on the path. Tests without
//! what they need are reported as ignored.
//!
//! A test is written once, named in the `database_tests!` of its file or a similar macro, and becomes one test for each
//! database. A test that is not named there is dead code, which does not compile.

#![deny(dead_code)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected is to fail there"
)]
#![expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "a test tells one story from its start to its end, and each assertion counts as a branch"
)]

mod support;

mod abuse;
mod accounts;
mod administration;
mod architecture;
mod call_histories;
mod clients;
mod crashes;
mod documents;
mod events;
mod faults;
mod fuzzing;
mod http;
mod import;
mod mail;
mod model;
mod operations;
mod own_hands;
mod pages;
mod passwords;
mod plans;
mod reset;
mod retention;
mod sessions;
mod store;
mod suite;
mod support_desk;
mod tokens;
mod trail;
mod webhooks;

use libtest_mimic::Arguments;

fn main() {
    // As the service does before its first connection: tests connect by themselves too.
    openssl_sys::init();
    let arguments = Arguments::from_args();
    support::record();
    let (trials, left_out) = support::trials();
    // nextest asks for one exact test at a time, and counts the ignored ones by itself.
    if !arguments.list && !arguments.exact {
        for (need, count) in left_out {
            eprintln!("{count} tests are ignored: they need {need}");
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}
