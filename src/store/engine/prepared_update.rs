//! Updates that are prepared once for each connection. Diesel prepares no `UPDATE`, since a changeset may leave columns
//! out, and has the server parse and plan it each time, which costs another round trip. The updates of this service
//! come in few wordings, so they can be cached by their text.

use diesel::{
    QuerySource,
    backend::Backend,
    prelude::*,
    query_builder::{AsChangeset, AstPass, IntoUpdateTarget, QueryFragment, QueryId},
};

/// Starts an update that returns no rows, in place of `diesel::update`.
pub(in crate::store) fn update<Target: IntoUpdateTarget>(
    target: Target,
) -> Update<Target::Table, Target::WhereClause>
where
    Target::Table: Table,
{
    let target = target.into_update_target();
    Update { table: target.table.from_clause(), filter: target.where_clause, changes: () }
}

/// An update, complete once it has changes.
pub(in crate::store) struct Update<Changed: Table, Where, Changes = ()> {
    table: Changed::FromClause,
    filter: Where,
    changes: Changes,
}

impl<Changed: Table, Where> Update<Changed, Where> {
    pub(in crate::store) fn set<Values>(self, values: Values) -> Update<Changed, Where, Values::Changeset>
    where
        Values: AsChangeset<Target = Changed>,
    {
        Update { table: self.table, filter: self.filter, changes: values.as_changeset() }
    }
}

impl<Changed: Table, Where, Changes> QueryId for Update<Changed, Where, Changes> {
    // Diesel caches the statement by its text.
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB, Changed, Where, Changes> QueryFragment<DB> for Update<Changed, Where, Changes>
where
    DB: Backend,
    Changed: Table,
    Changed::FromClause: QueryFragment<DB>,
    Where: QueryFragment<DB>,
    Changes: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.changes.walk_ast(out.reborrow())?;
        self.filter.walk_ast(out)
    }
}

impl<Changed: Table, Where, Changes, Connection> RunQueryDsl<Connection> for Update<Changed, Where, Changes> {}
