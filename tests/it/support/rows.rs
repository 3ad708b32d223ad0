//! Reads and changes tables directly, without the service.

use std::collections::BTreeMap;

use stakis_identity::config::DatabaseUrl;

use super::DirectConnection;

/// Parents come before the rows that refer to them.
pub(crate) const TABLES: &[&str] = &[
    "accounts",
    "reset_requests",
    "swallowed_requests",
    "reset_links",
    "mails",
    "mail_events",
    "suppressions",
    "suppression_liftings",
    "rate_limits",
    "tried_numbers",
    "revoked_tokens",
    "spent_assertions",
    "spent_proofs",
    "pressure_reports",
    "jobs",
    "sessions",
    "refresh_tokens",
    "devices",
    "former_devices",
    "password_history",
    "sign_in_failures",
    "failed_sign_ins",
    "signing_keys",
    "clients",
    "imports",
    "hashes_to_wrap",
    "support_sessions",
    "email_changes",
    "lock_down_links",
    "caller_codes",
    "erased_numbers",
    "idempotency_keys",
    "audit_events",
    "audit_unsealed",
    "audit_seals",
    "audit_batches",
    "audit_erasures",
    "events",
    "event_positions",
    "webhook_endpoints",
    "webhook_keys",
    "webhook_deliveries",
    "webhook_attempts",
];

/// Every row of every table, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dump(BTreeMap<&'static str, Vec<String>>);

impl Dump {
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, usize> {
        self.0.iter().map(|(table, rows)| (*table, rows.len())).collect()
    }

    /// The rows of a table.
    pub(crate) fn rows(&self, table: &str) -> &[String] {
        &self.0[table]
    }

    /// A dump of a single table.
    pub(crate) fn only(mut self, table: &str) -> Self {
        self.0.retain(|name, _| *name == table);
        self
    }

    /// Every table but one.
    pub(crate) fn without(&self, table: &str) -> Self {
        Self(self.0.iter().filter(|(name, _)| **name != table).map(|(name, rows)| (*name, rows.clone())).collect())
    }

    pub(crate) fn text(&self) -> String {
        self.0.values().flatten().cloned().collect::<Vec<_>>().join("\n")
    }
}

/// A dump of the whole database.
pub(crate) fn dump(url: &DatabaseUrl) -> Dump {
    let mut connection = DirectConnection::open(url);
    let mut rows = |table: &'static str| match url {
        DatabaseUrl::Postgres(_) => connection.texts(&format!("SELECT t::text AS text FROM {table} t")),
        DatabaseUrl::Sqlite(_) => {
            let names = connection.texts(&format!("SELECT name AS text FROM pragma_table_info('{table}')"));
            let all: Vec<String> = names.iter().map(|name| format!("coalesce({name}, '')")).collect();
            connection.texts(&format!("SELECT {} AS text FROM {table}", all.join(" || '|' || ")))
        }
    };
    Dump(TABLES.iter().map(|table| (*table, rows(table))).collect())
}

/// Runs SQL statements directly on the database.
pub(crate) fn execute(url: &DatabaseUrl, statements: &str) -> diesel::QueryResult<()> {
    DirectConnection::open(url).execute(statements)
}

/// Some columns of a table as text, the oldest row first. An empty text stands for NULL.
#[track_caller]
pub(crate) fn rows_in(url: &DatabaseUrl, table: &str, columns: &[&str]) -> Vec<Vec<String>> {
    const SEPARATOR: &str = "\u{1f}";
    let all: Vec<String> = columns.iter().map(|column| format!("coalesce(cast({column} as text), '')")).collect();
    let all = all.join(&format!(" || '{SEPARATOR}' || "));
    let age = match url {
        // The physical order of rows is the order in which they were written.
        DatabaseUrl::Postgres(_) => "ctid",
        DatabaseUrl::Sqlite(_) => "rowid",
    };
    let rows = DirectConnection::open(url).texts(&format!("SELECT {all} AS text FROM {table} ORDER BY {age}"));
    rows.into_iter().map(|row| row.split(SEPARATOR).map(str::to_owned).collect()).collect()
}
