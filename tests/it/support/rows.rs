//! Reads and changes tables directly, without the service.

use std::collections::BTreeMap;

use diesel::{
    Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _, sql_query,
};
use secrecy::ExposeSecret as _;
use stakis_identity::config::DatabaseUrl;

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

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Text)]
    row_text: String,
}

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

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
    let rows = |table: &'static str| -> Vec<String> {
        let rows: Vec<Row> = match url {
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url.expose_secret()).unwrap();
                sql_query(format!("SELECT t::text AS row_text FROM {table} t")).load(&mut connection).unwrap()
            }
            DatabaseUrl::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
                let columns: Vec<Column> = sql_query(format!("SELECT name FROM pragma_table_info('{table}')"))
                    .load(&mut connection)
                    .unwrap();
                let all: Vec<String> =
                    columns.iter().map(|column| format!("coalesce({}, '')", column.name)).collect();
                sql_query(format!("SELECT {} AS row_text FROM {table}", all.join(" || '|' || ")))
                    .load(&mut connection)
                    .unwrap()
            }
        };
        rows.into_iter().map(|row| row.row_text).collect()
    };
    Dump(TABLES.iter().map(|table| (*table, rows(table))).collect())
}

/// Runs SQL statements directly on the database.
pub(crate) fn execute(url: &DatabaseUrl, statements: &str) -> diesel::QueryResult<()> {
    match url {
        DatabaseUrl::Postgres(url) => {
            PgConnection::establish(url.expose_secret()).unwrap().batch_execute(statements)
        }
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            connection.batch_execute("PRAGMA busy_timeout = 5000")?;
            connection.batch_execute(statements)
        }
    }
}

/// Some columns of a table as text, the oldest row first. An empty text stands for NULL.
pub(crate) fn rows_in(url: &DatabaseUrl, table: &str, columns: &[&str]) -> Vec<Vec<String>> {
    const SEPARATOR: &str = "\u{1f}";
    let all: Vec<String> = columns.iter().map(|column| format!("coalesce(cast({column} as text), '')")).collect();
    let all = all.join(&format!(" || '{SEPARATOR}' || "));
    let rows: Vec<Row> = match url {
        DatabaseUrl::Postgres(url) => {
            let mut connection = PgConnection::establish(url.expose_secret()).unwrap();
            // The physical order of rows is the order in which they were written.
            sql_query(format!("SELECT {all} AS row_text FROM {table} ORDER BY ctid")).load(&mut connection).unwrap()
        }
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
            sql_query(format!("SELECT {all} AS row_text FROM {table} ORDER BY rowid"))
                .load(&mut connection)
                .unwrap()
        }
    };
    rows.into_iter().map(|row| row.row_text.split(SEPARATOR).map(str::to_owned).collect()).collect()
}
