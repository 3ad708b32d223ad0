//! How a database would run a statement: which tables it reads from end to end.

use diesel::{
    Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _, sql_query,
};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use stakis_identity::config::DatabaseUrl;

use crate::support::TABLES;

/// A table of which a plan may read every row.
#[derive(Debug)]
pub(super) struct WholeRead {
    pub(super) table: String,
    /// How it is read, as the database names it.
    pub(super) how: String,
    /// Whether the plan ends after a given number of rows.
    pub(super) ends_early: bool,
}

pub(super) enum Explainer {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// The column of `EXPLAIN` has a space in its name, which no field can have.
const PLAN_OF: &str = "
    CREATE FUNCTION pg_temp.plan_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE plan json;
    BEGIN
        EXECUTE 'EXPLAIN (FORMAT JSON) ' || statement INTO plan;
        RETURN plan::text;
    END $$";

#[derive(diesel::QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

#[derive(diesel::QueryableByName)]
struct Plan {
    #[diesel(sql_type = diesel::sql_types::Text)]
    plan: String,
}

#[derive(diesel::QueryableByName)]
struct Parameters {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

impl Explainer {
    pub(super) fn of(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Sqlite(path) => Self::Sqlite(SqliteConnection::establish(path.to_str().unwrap()).unwrap()),
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(url.expose_secret()).unwrap();
                // As the connections of the service, and with one plan for all values.
                // The tables of the test are so small that merging two whole indexes may cost as little as looking up rows.
                let settings = "SET enable_seqscan = off; SET enable_mergejoin = off; SET enable_hashjoin = off;
                    SET jit = off; SET plan_cache_mode = force_generic_plan";
                connection.batch_execute(settings).unwrap();
                connection.batch_execute(PLAN_OF).unwrap();
                Self::Postgres(connection)
            }
        }
    }

    /// The tables of which the statement may read every row.
    pub(super) fn whole_reads(&mut self, statement: &str) -> Vec<WholeRead> {
        match self {
            Self::Sqlite(connection) => {
                let steps: Vec<Step> = sql_query(format!("EXPLAIN QUERY PLAN {statement}"))
                    .load(connection)
                    .unwrap_or_else(|error| panic!("{statement}: {error}"));
                let sorts = steps.iter().any(|step| step.detail.contains("TEMP B-TREE FOR ORDER BY"));
                let ends_early = statement.contains(" LIMIT ") && !sorts;
                steps.iter().filter_map(|step| read_of_step(statement, &step.detail, ends_early)).collect()
            }
            Self::Postgres(connection) => {
                let prepare = format!("PREPARE explained AS {statement}");
                connection.batch_execute(&prepare).unwrap_or_else(|error| panic!("{statement}: {error}"));
                let number = "SELECT coalesce(array_length(parameter_types, 1), 0)::bigint AS number
                    FROM pg_prepared_statements WHERE name = 'explained'";
                let Parameters { number } = sql_query(number).get_result(connection).unwrap();
                let values = vec!["NULL"; usize::try_from(number).unwrap()].join(", ");
                let values = if values.is_empty() { values } else { format!("({values})") };
                let explain = format!("SELECT pg_temp.plan_of('EXECUTE explained{values}') AS plan");
                let Plan { plan } = sql_query(explain)
                    .get_result(connection)
                    .unwrap_or_else(|error| panic!("{statement}: {error}"));
                connection.batch_execute("DEALLOCATE explained").unwrap();
                let plan: Value = serde_json::from_str(&plan).unwrap();
                let mut reads = Vec::new();
                collect(&plan[0]["Plan"], false, &mut reads);
                reads
            }
        }
    }

    /// Makes sure that what has no index is found.
    pub(super) fn finds_a_statement_without_an_index(&mut self) {
        let place = if matches!(self, Self::Sqlite(_)) { "?" } else { "$1" };
        let found = self.whole_reads(&format!("SELECT id FROM mails WHERE last_error = {place}"));
        assert!(found.iter().any(|read| read.table == "mails" && !read.ends_early), "{found:?}");
        let found = self.whole_reads("SELECT count(*) FROM accounts");
        assert!(found.iter().any(|read| read.table == "accounts"), "{found:?}");
    }
}

/// `SCAN accounts`, `SCAN accounts USING INDEX name`; a search has the word `SEARCH`. Other names are those of parts of
/// the statement.
fn read_of_step(statement: &str, detail: &str, ends_early: bool) -> Option<WholeRead> {
    let name = detail.strip_prefix("SCAN ")?.split(' ').next()?;
    let table = table_of(statement, name)?;
    Some(WholeRead { table: table.to_owned(), how: detail.to_owned(), ends_early })
}

/// The table that a name or an alias stands for.
fn table_of(statement: &str, name: &str) -> Option<&'static str> {
    let table = |name: &str| TABLES.iter().copied().find(|table| *table == name);
    let words: Vec<&str> =
        statement.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    table(name).or_else(|| {
        words.iter().enumerate().filter(|(_, word)| **word == name).find_map(|(index, _)| {
            let before = words[..index].iter().rev().find(|word| **word != "AS")?;
            table(before)
        })
    })
}

/// Goes through a plan of PostgreSQL. A limit counts where every step below it hands its rows on as it gets them.
fn collect(node: &Value, ends_early: bool, reads: &mut Vec<WholeRead>) {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let is_whole = match kind {
        "Seq Scan" => true,
        "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => node["Index Cond"].is_null(),
        _ => false,
    };
    let ends_early = match kind {
        "Limit" => true,
        "Sort" | "Aggregate" | "Hash" | "HashAggregate" | "WindowAgg" => false,
        _ => ends_early,
    };
    if is_whole {
        let table = node["Relation Name"].as_str().or(node["Index Name"].as_str()).unwrap_or_default().to_owned();
        let how = format!("{kind} {}", node["Index Name"].as_str().unwrap_or_default());
        reads.push(WholeRead { table, how, ends_early });
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        collect(child, ends_early, reads);
    }
}
