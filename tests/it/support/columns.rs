//! The columns that a database has.

use std::collections::BTreeMap;

use diesel::sql_types::{Bool, Text};
use stakis_identity::config::DatabaseUrl;

use super::DirectConnection;

/// A column, with its type as the database names it.
#[derive(Debug, Clone, diesel::QueryableByName)]
pub(crate) struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    #[diesel(sql_type = Text)]
    pub(crate) type_name: String,
    #[diesel(sql_type = Bool)]
    pub(crate) is_nullable: bool,
    /// Whether the column belongs to the primary key.
    #[diesel(sql_type = Bool)]
    pub(crate) is_key: bool,
}

const OF_SQLITE: &str = r#"
    SELECT t.name AS table_name, c.name, c.type AS type_name, c."notnull" = 0 AS is_nullable, c.pk > 0 AS is_key
    FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"#;

const OF_POSTGRES: &str = "
    SELECT c.table_name::text, c.column_name::text AS name, c.data_type::text AS type_name,
        c.is_nullable = 'YES' AS is_nullable,
        EXISTS (
            SELECT FROM information_schema.table_constraints k
            JOIN information_schema.key_column_usage u USING (constraint_schema, constraint_name)
            WHERE k.constraint_type = 'PRIMARY KEY' AND k.table_schema = 'public'
                AND u.table_name = c.table_name AND u.column_name = c.column_name
        ) AS is_key
    FROM information_schema.columns c
    WHERE c.table_schema = 'public'";

/// The columns of every table except the list of migrations.
pub(crate) fn columns_of(url: &DatabaseUrl) -> BTreeMap<String, Vec<Column>> {
    let query = match url {
        DatabaseUrl::Postgres(_) => OF_POSTGRES,
        DatabaseUrl::Sqlite(_) => OF_SQLITE,
    };
    let columns: Vec<Column> = DirectConnection::open(url).rows(query);
    let mut tables: BTreeMap<String, Vec<Column>> = BTreeMap::new();
    for column in columns {
        tables.entry(column.table_name.clone()).or_default().push(column);
    }
    for of_migrations in ["__diesel_schema_migrations", "migration_bearers"] {
        tables.remove(of_migrations);
    }
    tables
}
