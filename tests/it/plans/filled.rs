//! Fills the tables with the rows of years, each like one that is there.

use std::collections::BTreeMap;

use stakis_identity::config::DatabaseUrl;

use crate::support::{Column, TestDatabase, columns_of, execute};

/// The rows that each table gets for each that it has.
const ROWS: usize = 20_000;
/// Tables to which use adds no rows.
const NOT_FILLED: [&str; 6] = [
    "signing_keys",
    "event_positions",
    "pressure_reports",
    "webhook_endpoints",
    "webhook_keys",
    "__diesel_schema_migrations",
];

/// Multiplies the first row of each table. Texts and numbers that tell rows apart get other values, and times lie apart.
pub(super) fn fill(database: &TestDatabase) {
    let url = &database.url;
    let begin = match url {
        DatabaseUrl::Postgres(_) => "SET session_replication_role = replica;",
        DatabaseUrl::Sqlite(_) => "PRAGMA foreign_keys = OFF;",
    };
    let mut statements = vec![begin.to_owned()];
    let tables: BTreeMap<String, Vec<Column>> = columns_of(url);
    for (table, columns) in &tables {
        if NOT_FILLED.contains(&table.as_str()) {
            continue;
        }
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let values: Vec<String> = columns.iter().map(|column| value(url, column)).collect();
        let (names, values) = (names.join(", "), values.join(", "));
        // Most events are published.
        let like = if table == "events" { "events WHERE position IS NOT NULL" } else { table };
        statements.push(match url {
            DatabaseUrl::Postgres(_) => format!(
                "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE
                 SELECT {values} FROM (SELECT * FROM {like} LIMIT 1) one, generate_series(1, {ROWS}) AS n
                 ON CONFLICT DO NOTHING;"
            ),
            DatabaseUrl::Sqlite(_) => format!(
                "WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {ROWS})
                 INSERT OR IGNORE INTO {table} ({names})
                 SELECT {values} FROM (SELECT * FROM {like} LIMIT 1) one, counted;"
            ),
        });
    }
    statements.push("ANALYZE;".to_owned());
    execute(url, &statements.concat()).unwrap();
}

/// An SQL expression of the column's value in the row of number `n`.
fn value(url: &DatabaseUrl, column: &Column) -> String {
    let name = column.name.as_str();
    let kind = column.type_name.to_lowercase();
    let is_postgres = matches!(url, DatabaseUrl::Postgres(_));
    if kind.contains("timestamp") {
        return if is_postgres {
            format!("{name} - n * interval '1 minute'")
        } else {
            format!("datetime({name}, '-' || n || ' minutes')")
        };
    }
    let tells_apart = column.is_key
        || name == "id"
        || ["_id", "number", "hash", "email", "address", "recipient", "subject", "key", "position", "jti"]
            .iter()
            .any(|part| name.contains(part));
    if !tells_apart {
        return name.to_owned();
    }
    match kind.as_str() {
        "text" if name == "customer_number" && is_postgres => "lpad((n + 100000)::text, 6, '0')".to_owned(),
        "text" if name == "customer_number" => "printf('%06d', n + 100000)".to_owned(),
        "text" => format!("{name} || n"),
        "bigint" | "integer" => format!("{name} + n"),
        _ => name.to_owned(),
    }
}
