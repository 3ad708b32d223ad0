//! The plans of the statements that ran: no request reads a table that grows from end to end, and none counts what
//! grows.
//!
//! `walk` calls every operation of the OpenAPI document and notes the statements of each, `filled` fills the tables as
//! years of use do, and `explained` asks the database how it would run the statements there. `exceptions` lists what is left
//! out, and why.

mod exceptions;
mod explained;
mod filled;
mod walk;

use std::collections::BTreeMap;

use self::{
    exceptions::{BOUNDED_COUNTS, BOUNDED_WALKS, COUNTED_ONCE, Exceptions, READ_BY_RARE_ACTS, SMALL},
    explained::Explainer,
    filled::fill,
    walk::walk,
};
use crate::support::{Engine, engine_tests};

engine_tests![op_09_every_statement_of_every_request_finds_its_rows_by_an_index];

/// The operations of administrators that may read a table as a whole.
const RARE_ACTS: [&str; 2] = ["eraseAccount", "exportAccount"];

async fn op_09_every_statement_of_every_request_finds_its_rows_by_an_index(engine: Engine) {
    let (database, statements) = Box::pin(walk(engine)).await;
    let texts: usize = statements.len();
    assert!(texts > 100, "only {texts} statements were seen");
    fill(&database);
    let mut explainer = Explainer::of(&database.url);
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let [mut small, mut walks, mut once, mut rare, mut counted] =
        [SMALL, BOUNDED_WALKS, COUNTED_ONCE, READ_BY_RARE_ACTS, BOUNDED_COUNTS].map(Exceptions::of);
    // Lists of no elements become a condition that is never true, and nothing is read.
    for (statement, operations) in statements.iter().filter(|(statement, _)| !statement.contains("WHERE (1=0)")) {
        let places = || operations.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let is_rare = operations.iter().all(|operation| RARE_ACTS.contains(&operation.as_str()));
        for read in explainer.whole_reads(statement) {
            let is_left_out = (read.ends_early && walks.has_part_of(statement))
                || small.has_table(&read.table)
                || (is_rare && rare.has_table(&read.table))
                || once.has_part_of(statement);
            if !is_left_out {
                found.insert(format!("{} of {}: {statement}", read.how, read.table), places());
            }
        }
        if counts(statement) && !once.has_part_of(statement) && !counted.has_part_of(statement) {
            found.insert(format!("a count: {statement}"), places());
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    let needless: Vec<String> =
        [small, walks, once, rare, counted].iter().flat_map(|listed| listed.needless(engine)).collect();
    assert!(needless.is_empty(), "no statement needs these exceptions: {needless:#?}");
    explainer.finds_a_statement_without_an_index();
}

fn counts(statement: &str) -> bool {
    let lower = statement.to_lowercase();
    ["count(", "sum("].iter().any(|function| lower.contains(function))
}
