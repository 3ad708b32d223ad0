//! A connection to the database that does not go through the service.

use diesel::{
    Connection as _, PgConnection, QueryResult, QueryableByName, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _, pg::Pg, sql_query, sqlite::Sqlite,
};
use secrecy::ExposeSecret as _;
use stakis_identity::config::DatabaseUrl;

/// A connection of the test's own. On SQLite it waits for the one who writes.
pub(crate) enum DirectConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct OneText {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

impl DirectConnection {
    pub(crate) fn open(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
                Self::Sqlite(connection)
            }
            DatabaseUrl::Postgres(url) => Self::Postgres(PgConnection::establish(url.expose_secret()).unwrap()),
        }
    }

    /// Runs SQL statements.
    pub(crate) fn execute(&mut self, statements: &str) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => connection.batch_execute(statements),
            Self::Postgres(connection) => connection.batch_execute(statements),
        }
    }

    /// The rows of a query.
    #[track_caller]
    pub(crate) fn rows<T: QueryableByName<Sqlite> + QueryableByName<Pg> + 'static>(
        &mut self,
        query: &str,
    ) -> Vec<T> {
        let rows = match self {
            Self::Sqlite(connection) => sql_query(query).load(connection),
            Self::Postgres(connection) => sql_query(query).load(connection),
        };
        rows.unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// The values of the one column of a query, which is named `text`.
    #[track_caller]
    pub(crate) fn texts(&mut self, query: &str) -> Vec<String> {
        self.rows(query).into_iter().map(|OneText { text }| text).collect()
    }
}
