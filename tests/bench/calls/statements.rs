//! The statements on which PostgreSQL spends the most time, as `pg_stat_statements` counts them.

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl as _,
    connection::SimpleConnection as _,
    sql_query,
    sql_types::{BigInt, Double, Text},
};
use serde::{Deserialize, Serialize};

use crate::service::Service;

/// How much of a statement is shown, in characters.
const SHOWN: usize = 160;

/// One of the dearest statements of an operation.
#[derive(Clone, QueryableByName, Serialize, Deserialize)]
pub(super) struct Statement {
    #[diesel(sql_type = Text)]
    pub(super) query: String,
    #[diesel(sql_type = BigInt)]
    pub(super) calls: i64,
    #[diesel(sql_type = Double)]
    pub(super) milliseconds: f64,
}

/// The counter of one database. It counts nothing on SQLite, and where the server does not load the library.
pub(super) struct Statements(Option<PgConnection>);

impl Statements {
    pub(super) fn watch(service: &Service) -> Self {
        let counting = service.postgres().and_then(|mut connection| {
            let began = connection.batch_execute(
                "SET client_min_messages = error; CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
                 SELECT pg_stat_statements_reset()",
            );
            match began {
                Ok(()) => Some(connection),
                Err(error) => {
                    println!("  The statements of the service are not counted: {error}");
                    None
                }
            }
        });
        Self(counting)
    }

    /// Starts again from nothing.
    pub(super) fn forget(&mut self) {
        if let Some(connection) = &mut self.0 {
            connection.batch_execute("SELECT pg_stat_statements_reset()").unwrap();
        }
    }

    /// The three dearest since then, the dearest first.
    pub(super) fn dearest(&mut self) -> Vec<Statement> {
        let Some(connection) = &mut self.0 else { return Vec::new() };
        let found: Vec<Statement> = sql_query(
            "SELECT query, calls, total_exec_time AS milliseconds FROM pg_stat_statements
             WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND query NOT LIKE '%pg_stat_statements%'
             ORDER BY total_exec_time DESC LIMIT 3",
        )
        .load(connection)
        .unwrap();
        let in_one_line = |query: String| query.split_whitespace().collect::<Vec<_>>().join(" ");
        found
            .into_iter()
            .map(|found| Statement { query: in_one_line(found.query).chars().take(SHOWN).collect(), ..found })
            .collect()
    }
}
