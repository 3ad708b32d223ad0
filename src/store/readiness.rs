//! Whether the database can serve every request: it has the tables of this version, and takes writes.

use chrono::TimeDelta;
use diesel::{RunQueryDsl as _, sql_query};

use super::{
    engine::{AnyConnection, StoreError, Transaction, check_migrations},
    rate_limits,
};
use crate::config::Limit;

/// Every table that requests or jobs use.
pub const TABLES: &[&str] = &[
    "accounts",
    "audit_batches",
    "audit_erasures",
    "audit_events",
    "audit_seals",
    "audit_unsealed",
    "caller_codes",
    "clients",
    "devices",
    "email_changes",
    "erased_numbers",
    "event_positions",
    "events",
    "failed_sign_ins",
    "former_devices",
    "hashes_to_wrap",
    "idempotency_keys",
    "imports",
    "jobs",
    "lock_down_links",
    "mail_events",
    "mails",
    "password_history",
    "pressure_reports",
    "rate_limits",
    "refresh_tokens",
    "reset_links",
    "reset_requests",
    "revoked_tokens",
    "sessions",
    "sign_in_failures",
    "signing_keys",
    "spent_assertions",
    "spent_proofs",
    "support_sessions",
    "suppressions",
    "swallowed_requests",
    "tried_numbers",
    "webhook_attempts",
    "webhook_deliveries",
    "webhook_endpoints",
    "webhook_keys",
];
/// The key of a row that is there to be written.
const WRITTEN: &str = "readiness";
/// No limit: far more than anybody asks.
const NEVER_EXHAUSTED: Limit = Limit { count: 1_000_000, period: TimeDelta::seconds(1) };

/// Confirms that the tables are those of this version, or of a later one that this version bears, and that each can be
/// read. It reads a row of each table at most.
pub fn check_tables(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    check_migrations(tx)?;
    let looks: Vec<String> = TABLES.iter().map(|table| format!("(SELECT 1 FROM {table} LIMIT 1)")).collect();
    let look = sql_query(format!("SELECT {}", looks.join(", ")));
    match tx.connection {
        AnyConnection::Sqlite(connection) => look.execute(connection)?,
        AnyConnection::Postgres(connection) => look.execute(connection)?,
    };
    Ok(())
}

/// Writes a row, as nearly every request does. Once the transaction is committed, the database takes writes.
pub fn write(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    rate_limits::take_token(tx, WRITTEN, NEVER_EXHAUSTED).map(drop)
}
