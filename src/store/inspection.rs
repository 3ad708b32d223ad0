//! What a database says of itself and of the rights of its user, for `doctor`.

use diesel::{
    RunQueryDsl as _, sql_query,
    sql_types::{BigInt, Bool, Text},
};

use super::{
    engine::{AnyConnection, StoreError, Transaction},
    readiness::TABLES,
};

/// What a database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The version of the server, or of the library with SQLite built in.
    pub version: String,
    /// What only a server has.
    pub server: Option<ServerInspection>,
}

/// What a PostgreSQL server says of this connection and its user.
#[derive(Debug, Clone, PartialEq, Eq, diesel::QueryableByName)]
pub struct ServerInspection {
    /// Whether the connection is encrypted.
    #[diesel(sql_type = Bool)]
    pub encrypted: bool,
    /// Whether the user may do everything.
    #[diesel(sql_type = Bool)]
    pub superuser: bool,
    /// Whether the user may make tables, or owns those that there are.
    #[diesel(sql_type = Bool)]
    pub may_change_tables: bool,
    /// The most connections of the server.
    #[diesel(sql_type = BigInt)]
    pub most_connections: i64,
    /// The tables that the user cannot read and write, with commas between them; empty where there is none.
    #[diesel(sql_type = Text)]
    pub closed_tables: String,
}

#[derive(diesel::QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Makes a round trip to the database.
pub fn ping(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    version(tx).map(drop)
}

fn version(tx: &mut Transaction<'_>) -> Result<String, StoreError> {
    let Version { version } = match tx.connection {
        AnyConnection::Sqlite(connection) => {
            sql_query("SELECT sqlite_version() AS version").get_result(connection)?
        }
        AnyConnection::Postgres(connection) => {
            sql_query("SELECT current_setting('server_version') AS version").get_result(connection)?
        }
    };
    Ok(version)
}

/// Asks the database. Its tables have to be those of this version.
pub fn inspect(tx: &mut Transaction<'_>) -> Result<Inspection, StoreError> {
    let version = version(tx)?;
    let AnyConnection::Postgres(connection) = tx.connection else {
        return Ok(Inspection { version, server: None });
    };
    let tables = TABLES.join("', '");
    let server = sql_query(format!(
        "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
                coalesce((SELECT rolsuper FROM pg_roles WHERE rolname = current_user), false) AS superuser,
                has_schema_privilege(current_schema(), 'CREATE') OR EXISTS (
                    SELECT 1 FROM pg_tables
                    WHERE schemaname = current_schema() AND pg_has_role(current_user, tableowner, 'USAGE')
                ) AS may_change_tables,
                current_setting('max_connections')::bigint AS most_connections,
                coalesce((
                    SELECT string_agg(name, ', ' ORDER BY name) FROM unnest(ARRAY['{tables}']) AS name
                    WHERE NOT (
                        has_table_privilege(name, 'SELECT') AND has_table_privilege(name, 'INSERT')
                        AND has_table_privilege(name, 'UPDATE')
                        -- Nobody deletes from the trail.
                        AND (name = 'audit_events' OR has_table_privilege(name, 'DELETE'))
                    )
                ), '') AS closed_tables",
    ))
    .get_result(connection)?;
    Ok(Inspection { version, server: Some(server) })
}
