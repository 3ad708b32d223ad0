//! Several writes as one statement of PostgreSQL (its manual, "Data-Modifying Statements in WITH"). Each of them alone
//! costs a round trip to the server.

use diesel::{
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

/// Writes that do not depend on each other's outcome, and a last statement whose rows come back. They all see the
/// tables as they were before the statement; foreign keys are checked at its end.
pub(in crate::store) struct CombinedStatement<'a, Last> {
    pub(in crate::store) writes: &'a [&'a dyn QueryFragment<Pg>],
    pub(in crate::store) last: Last,
}

impl<Last> QueryId for CombinedStatement<'_, Last> {
    // Diesel caches the statement by its text.
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Last: QueryFragment<Pg>> QueryFragment<Pg> for CombinedStatement<'_, Last> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (index, write) in self.writes.iter().enumerate() {
            out.push_sql(if index == 0 { "WITH " } else { ", " });
            out.push_identifier(&format!("write_{index}"))?;
            out.push_sql(" AS (");
            write.walk_ast(out.reborrow())?;
            out.push_sql(") ");
        }
        self.last.walk_ast(out)
    }
}

impl<Last: Query> Query for CombinedStatement<'_, Last> {
    type SqlType = Last::SqlType;
}

impl<Last> RunQueryDsl<PgConnection> for CombinedStatement<'_, Last> {}
