//! What every test stands on.

mod browser;
mod clock;
mod engine;
mod mail_api;
mod plant;
mod process;
mod rows;
mod script;
mod test_app;

use std::{future::Future, pin::Pin};

pub(crate) use browser::{BrowserTest, browse, browser_tests, chromium, compiled_example, words};
pub(crate) use clock::ManualClock;
pub(crate) use engine::{Engine, TestDatabase};
pub(crate) use mail_api::MailApi;
pub(crate) use plant::Plant;
pub(crate) use process::{Running, Serving, run_command};
pub(crate) use rows::{Dump, dump, execute, rows_in, rows_of};
pub(crate) use script::{has_program, node, python_program, run_module, run_program, typescript_compiler};
pub(crate) use test_app::{
    Answer, Customer, PUBLIC_URL, TestApp, administrator, base_config, customer_context, issue_link_only, send,
    text,
};

/// A test that needs no database.
pub(crate) struct PlainTest {
    pub(crate) name: &'static str,
    pub(crate) run: fn(),
}

inventory::collect!(PlainTest);

type Course = Pin<Box<dyn Future<Output = ()>>>;

/// A test that runs on each database.
pub(crate) struct DatabaseTest {
    pub(crate) name: &'static str,
    /// Whether the programs that it needs are there.
    pub(crate) can_run: fn() -> bool,
    pub(crate) body: fn(Engine) -> Course,
}

inventory::collect!(DatabaseTest);

/// A test of code in other languages, which needs their programs.
pub(crate) struct ScriptTest {
    pub(crate) name: &'static str,
    /// Whether they are there.
    pub(crate) can_run: fn() -> bool,
    pub(crate) body: fn() -> Course,
}

inventory::collect!(ScriptTest);

/// Runs a test to its end.
pub(crate) fn run(test: Course) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test);
}

/// Makes tests of functions over a running service: each gets an app of its own, and fails if it leaves jobs
/// behind.
macro_rules! database_tests {
    [$($name:ident),+ $(,)?] => {
        $(
            inventory::submit! {
                crate::support::DatabaseTest {
                    name: concat!(module_path!(), "::", stringify!($name)),
                    can_run: || true,
                    body: |engine| Box::pin(async move {
                        let app = crate::support::TestApp::start(engine).await;
                        $name(&app).await;
                        app.finish().await;
                    }),
                }
            }
        )+
    };
}

/// Makes tests of functions that start what they need by themselves.
macro_rules! engine_tests {
    [$($name:ident),+ $(,)?] => {
        $(
            inventory::submit! {
                crate::support::DatabaseTest {
                    name: concat!(module_path!(), "::", stringify!($name)),
                    can_run: || true,
                    body: |engine| Box::pin($name(engine)),
                }
            }
        )+
    };
    // Where a program of `STAKIS_TEST_PYTHON` is there.
    [with $program:literal: $($name:ident),+ $(,)?] => {
        $(
            inventory::submit! {
                crate::support::DatabaseTest {
                    name: concat!(module_path!(), "::", stringify!($name)),
                    can_run: || crate::support::python_program($program).is_some(),
                    body: |engine| Box::pin($name(engine)),
                }
            }
        )+
    };
}

/// Makes tests of functions without a database.
macro_rules! plain_tests {
    [$($name:ident),+ $(,)?] => {
        $(
            inventory::submit! {
                crate::support::PlainTest {
                    name: concat!(module_path!(), "::", stringify!($name)),
                    run: $name,
                }
            }
        )+
    };
}

/// Makes tests of functions that need Node and a TypeScript compiler.
macro_rules! script_tests {
    [$($name:ident),+ $(,)?] => {
        $(
            inventory::submit! {
                crate::support::ScriptTest {
                    name: concat!(module_path!(), "::", stringify!($name)),
                    can_run: || crate::support::typescript_compiler().is_some(),
                    body: || Box::pin($name()),
                }
            }
        )+
    };
}

/// Makes tests of functions that need a program each, on the path or among those of `STAKIS_TEST_PYTHON`.
macro_rules! program_tests {
    [$($program:literal: $name:ident),+ $(,)?] => {
        $(
            inventory::submit! {
                crate::support::ScriptTest {
                    name: concat!(module_path!(), "::", stringify!($name)),
                    can_run: || crate::support::has_program($program),
                    body: || Box::pin($name()),
                }
            }
        )+
    };
}

pub(crate) use {database_tests, engine_tests, plain_tests, program_tests, script_tests};
