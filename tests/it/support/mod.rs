//! The tools that all tests share.

mod answer;
mod backup;
pub(crate) mod balancer;
mod browser;
pub(crate) mod calling;
mod clock;
mod clock_ahead;
mod collector;
mod columns;
mod copy;
mod crash;
pub(crate) mod delivery_events;
pub(crate) mod desk;
pub(crate) mod diagnosis;
mod direct_connection;
mod engine;
pub(crate) mod guides;
mod instances;
mod leftovers;
mod length;
pub(crate) mod limited;
mod listening;
pub(crate) mod machine;
mod mail_api;
mod name_server;
pub(crate) mod partner;
mod plant;
mod postgres_server;
mod process;
mod records;
mod registry;
mod relay;
mod rows;
mod script;
mod settings;
pub(crate) mod signing;
mod statements;
mod test_app;
mod tokens;
pub(crate) mod webhook_receivers;

pub(crate) use answer::{Answer, send, text};
pub(crate) use backup::back_up;
pub(crate) use browser::{browse, chromium, compiled_example, words};
pub(crate) use clock::ManualClock;
pub(crate) use clock_ahead::ClockAhead;
pub(crate) use collector::{ReceivedSpan, TraceCollector};
pub(crate) use columns::{Column, columns_of};
pub(crate) use copy::copy_rows;
pub(crate) use crash::{Life, forget};
pub(crate) use direct_connection::DirectConnection;
pub(crate) use engine::{Engine, TestDatabase, open_store};
pub(crate) use instances::Instances;
pub(crate) use length::length;
pub(crate) use listening::Listening;
pub(crate) use mail_api::{MailApi, ReceivedMail, refusal};
pub(crate) use name_server::name_server;
pub(crate) use plant::{Plant, make_customers};
pub(crate) use postgres_server::PostgresServer;
pub(crate) use process::{Running, Serving, command, resident_mib, run_command};
pub(crate) use records::{AuditLine, JobRow, MailRow, ResetRequestRow, SwallowedRequests, column};
pub(crate) use registry::{
    Body, Need, Test, browser_tests, database_tests, engine_tests, plain_tests, postgres_tests, program_tests, run,
    script_tests, test, tests_on, trials,
};
pub(crate) use relay::{Relay, Way};
pub(crate) use rows::{Dump, TABLES, dump, execute, rows_in};
pub(crate) use script::{
    has_program, node, npm_modules, python_program, run_module, run_program, typescript_compiler,
};
pub(crate) use settings::{Variables, app_with, process_settings};
pub(crate) use statements::{Capture, record, watch_statements};
pub(crate) use test_app::{
    Customer, PUBLIC_URL, TestApp, administrator, base_config, customer_context, issue_link_only, reason,
};
pub(crate) use tokens::{own_key, part, sign};
