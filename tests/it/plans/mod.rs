//! The plans of the statements that ran: no request reads a table that grows from end to end, and none counts what
//! grows.
//!
//! `walk` calls every operation of the OpenAPI document and notes the statements of each, `filled` fills the tables as
//! years of use do, and `explained` asks the database how it would run the statements there.

mod explained;
mod filled;
mod walk;

use std::collections::BTreeMap;

use self::{explained::Explainer, filled::fill, walk::walk};
use crate::support::{Engine, engine_tests};

engine_tests![op_09_every_statement_of_every_request_finds_its_rows_by_an_index];

/// Tables that do not grow with customers or their use, and why.
const SMALL: &[(&str, &str)] = &[
    ("signing_keys", "the keys that sign or verify, of which the upkeep deletes retired ones"),
    ("event_positions", "one row for each of two streams"),
    ("pressure_reports", "one row for each instance"),
    ("webhook_endpoints", "at most ten for each machine client"),
    ("webhook_keys", "at most two for each endpoint"),
    ("__diesel_schema_migrations", "one row for each migration"),
];

/// Counts that stay small, by a part of their statement without quotes, and what bounds them.
const BOUNDED_COUNTS: &[(&str, &str)] = &[
    (
        "count(*) from accounts where (accounts.password_cost is not null)",
        "once for each instance, by an index alone",
    ),
    ("sum(refresh_tokens.reissues)", "the tokens of one session that were handed out again within a time"),
    ("count(*) from mails", "the mails of one kind to one account or address within a time, which are capped"),
    ("count(*) from email_changes", "the changes of one account within a time, which are capped"),
    (
        "count(*) from caller_codes",
        "the questions about one number, or of one client, within a time, which are capped",
    ),
    ("count(*) as count from sqlite_master", "the tables"),
    ("count(to_regclass(", "one table"),
    ("count(*) from mail_events", "the one row of an event, by its primary key"),
    ("count(*) from audit_erasures", "the entries of one batch"),
    ("count(*) as count, min(run_at)", "the jobs that the metrics count at most"),
    (
        "count(*) as count from (select 1 as one from webhook_deliveries limit",
        "the deliveries that the metrics count at most",
    ),
    ("count(*) from webhook_endpoints", "at most ten for each machine client"),
    ("count(*) from events", "the events of the span that a replay names; more than are kept it cannot be"),
];

/// Walks by an index that end after some rows, by a part of their statement without quotes, and what ends them.
const BOUNDED_WALKS: &[(&str, &str)] = &[
    ("order by events.position", "a page of the events, which are read in their order"),
    ("from events where (events.position is null)", "the index holds the events alone that are not published yet"),
    ("order by audit_unsealed.seq", "a batch of the entries that wait for their seal"),
    ("order by audit_batches.number", "the newest batch"),
    ("order by jobs.priority", "a claim of due jobs"),
    ("min(jobs.", "the next job"),
    ("select 1 as one from webhook_deliveries limit", "the deliveries that the metrics count at most"),
    ("select 1 from accounts limit 1", "one row of each table, which tells whether it can be read"),
];

/// Tables that a rare act of an administrator reads as a whole, for want of an index that nothing else needs.
const READ_BY_RARE_ACTS: &[(&str, &str)] = &[
    ("sessions", "an index has the sessions that go on alone"),
    ("jobs", "the jobs of what is erased are found by their payload, and the queue holds what waits"),
    ("tried_numbers", "found by the attacker's key elsewhere, and deleted within a day"),
];
/// The operations of these acts.
const RARE_ACTS: [&str; 2] = ["eraseAccount", "exportAccount"];

async fn op_09_every_statement_of_every_request_finds_its_rows_by_an_index(engine: Engine) {
    let (database, statements) = Box::pin(walk(engine)).await;
    let texts: usize = statements.len();
    assert!(texts > 100, "only {texts} statements were seen");
    fill(&database);
    let mut explainer = Explainer::of(&database.url);
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    // Lists of no elements become a condition that is never true, and nothing is read.
    for (statement, operations) in statements.iter().filter(|(statement, _)| !statement.contains("WHERE (1=0)")) {
        let places = || operations.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        for read in explainer.whole_reads(statement) {
            let is_small = SMALL.iter().any(|(table, _)| *table == read.table);
            let is_bounded = read.ends_early && is_listed(BOUNDED_WALKS, statement);
            let is_rare = READ_BY_RARE_ACTS.iter().any(|(table, _)| *table == read.table)
                && operations.iter().all(|operation| RARE_ACTS.contains(&operation.as_str()));
            let is_counted_once = is_listed(&BOUNDED_COUNTS[..1], statement);
            if !is_small && !is_bounded && !is_rare && !is_counted_once {
                found.insert(format!("{} of {}: {statement}", read.how, read.table), places());
            }
        }
        if counts(statement) && !is_listed(BOUNDED_COUNTS, statement) {
            found.insert(format!("a count: {statement}"), places());
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    explainer.finds_a_statement_without_an_index();
}

fn is_listed(listed: &[(&str, &str)], statement: &str) -> bool {
    let plain = statement.to_lowercase().replace(['`', '"'], "");
    listed.iter().any(|(part, _)| plain.contains(part))
}

fn counts(statement: &str) -> bool {
    let lower = statement.to_lowercase();
    ["count(", "sum("].iter().any(|function| lower.contains(function))
}
