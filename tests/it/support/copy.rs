//! Copying the rows of a database into one of an earlier version.

use std::collections::BTreeMap;

use stakis_identity::config::DatabaseUrl;

use super::{
    columns::columns_of,
    rows::{TABLES, execute, rows_in},
};

/// Copies the rows of every table that the other database has, as far as it has their columns. Returns the number of
/// rows that each table got.
pub(crate) fn copy_rows(from: &DatabaseUrl, to: &DatabaseUrl, left_out: &[&str]) -> BTreeMap<&'static str, usize> {
    let (here, there) = (columns_of(from), columns_of(to));
    let mut copied = BTreeMap::new();
    // Parents come before the rows that refer to them.
    for &table in TABLES.iter().filter(|table| there.contains_key(**table) && !left_out.contains(table)) {
        let known = |name: &str| there[table].iter().any(|column| column.name == name);
        let names: Vec<&str> =
            here[table].iter().map(|column| column.name.as_str()).filter(|name| known(name)).collect();
        let literals: Vec<String> = names.iter().map(|name| literal(from, name)).collect();
        let rows = rows_in(from, table, &literals.iter().map(String::as_str).collect::<Vec<_>>());
        for some in rows.chunks(500) {
            let values: Vec<String> = some.iter().map(|row| format!("({})", row.join(", "))).collect();
            let (names, values) = (names.join(", "), values.join(",\n"));
            execute(to, &format!("INSERT INTO {table} ({names}) VALUES {values}")).unwrap();
        }
        // PostgreSQL would count from the beginning.
        if matches!(to, DatabaseUrl::Postgres(_)) && known("seq") {
            let sequence = format!("pg_get_serial_sequence('{table}', 'seq')");
            execute(to, &format!("SELECT setval({sequence}, (SELECT max(seq) FROM {table}))")).unwrap();
        }
        copied.insert(table, rows.len());
    }
    copied
}

/// An SQL expression that gives a column's value as a literal.
fn literal(url: &DatabaseUrl, name: &str) -> String {
    match url {
        DatabaseUrl::Sqlite(_) => format!("quote({name})"),
        DatabaseUrl::Postgres(_) => format!("quote_nullable({name}::text)"),
    }
}
