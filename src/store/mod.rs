//! The tables: one set of queries over SQLite and PostgreSQL.
//!
//! Each table has a file, with `NewX` to insert, `X` as a row, and functions for the queries. Every function takes the
//! [`Transaction`] that it is part of, which [`Database::read`] or [`Database::write`] opened; [`Database::query`]
//! gives it a connection alone. `sign_ins` writes to several tables at once. `engine` has the pool, the transactions
//! and the migrations.
//!
//! Rows to insert carry `treat_none_as_default_value = false`. Without it diesel leaves out the columns that are
//! `None`, which gives a statement for each combination, and does not prepare them.

pub mod accounts;
mod allowance;
pub mod audit_check;
pub mod audit_cut;
pub mod audit_events;
pub mod audit_seals;
pub mod audit_trail;
pub mod caller_codes;
pub mod clients;
pub mod devices;
pub mod email_changes;
mod engine;
pub mod epoch;
pub mod erased_numbers;
pub mod erasure;
pub mod events;
pub mod expiry_reminders;
pub mod export;
pub mod failed_sign_ins;
pub mod former_devices;
pub mod given_up_mails;
pub mod hashes_to_wrap;
pub mod idempotency_keys;
pub mod imports;
pub mod inspection;
pub mod jobs;
pub mod lock_down_links;
pub mod mail_events;
pub mod mailbox_domains;
pub mod mails;
pub mod password_costs;
pub mod password_history;
pub mod pressure_reports;
pub mod rate_limits;
pub mod readiness;
pub mod refresh_tokens;
pub mod reset_links;
pub mod reset_mails;
pub mod reset_requests;
pub mod revoked_tokens;
mod schema;
pub mod sessions;
pub mod sign_in_failures;
pub mod sign_ins;
pub mod signing_keys;
pub mod spent_assertions;
pub mod spent_proofs;
pub mod support_sessions;
pub mod suppression_liftings;
pub mod suppressions;
pub mod swallowed_requests;
mod trail;
pub mod tried_numbers;
pub mod webhook_attempts;
pub mod webhook_deliveries;
pub mod webhook_endpoints;
pub mod webhook_keys;

pub use allowance::{Allowance, Quota};
pub use engine::{
    AnyConnection, Database, MigrationState, MigrationsError, OldRows, StoreError, Transaction, in_background,
    server_time,
};
