//! `docs/data.md` says of every table what the code does.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use stakis_identity::{
    config::{self, Config},
    identity::{sessions::ENDING_EXPIRED, upkeep::FORGETTING},
};

use crate::support::{TABLES, plain_tests};

plain_tests![
    dp_01_every_table_has_a_level_a_period_and_a_reason,
    dp_02_the_document_has_the_period_of_every_task,
    dp_02_the_document_names_no_task_and_no_column_that_is_not_there,
    the_words_of_a_period_are_those_of_the_document,
];

const DOCUMENT: &str = include_str!("../../../docs/data.md");

/// Tasks of the upkeep that delete by something else than an age.
const BY_STATE: [&str; 2] = ["fast_hashes", "signing_keys"];

/// A row of the table of tables.
pub(super) struct TableRow<'a> {
    pub(super) table: &'a str,
    level: &'a str,
    pub(super) kept: &'a str,
    since: &'a str,
    by: &'a str,
    reason: &'a str,
}

impl TableRow<'_> {
    /// Whether no time ends it: it stays as long as what it belongs to.
    pub(super) fn is_lasting(&self) -> bool {
        ["while ", "for ever", "as long as its endpoint", "until its last token"]
            .iter()
            .any(|start| self.kept.starts_with(start))
    }
}

/// The lines of the table below a heading, as cells.
fn cells(heading: &str) -> Vec<Vec<&'static str>> {
    let section = DOCUMENT.split(&format!("\n{heading}\n")).nth(1).unwrap();
    let lines = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let rows = lines.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The text between back-ticks.
fn in_ticks(cell: &str) -> &str {
    cell.split('`').nth(1).unwrap_or("")
}

pub(super) fn table_rows() -> Vec<TableRow<'static>> {
    let rows = cells("## Tables");
    rows.into_iter()
        .map(|row| {
            let [table, content, level, kept, since, by, reason] = row[..] else { panic!("{row:?}") };
            assert!(content.len() > 5, "{row:?}");
            TableRow { table: in_ticks(table), level, kept, since: in_ticks(since), by, reason }
        })
        .collect()
}

pub(super) fn standard_config() -> Config {
    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=";
    config::read([("STAKIS_SECRET_KEY".to_owned(), KEY.to_owned())]).unwrap()
}

/// A period as the document writes it.
fn words(period: Option<TimeDelta>) -> String {
    let Some(period) = period else { return "for ever".to_owned() };
    let hours = period.num_hours();
    assert_eq!(TimeDelta::hours(hours), period, "the document knows hours and days alone");
    match hours {
        0 => "until then".to_owned(),
        1 => "1 hour".to_owned(),
        hours if hours % 24 == 0 && hours >= 72 => format!("{} days", hours / 24),
        hours => format!("{hours} hours"),
    }
}

fn the_words_of_a_period_are_those_of_the_document() {
    let hours = [0, 1, 8, 24, 72, 128, 24 * 180].map(|hours| words(Some(TimeDelta::hours(hours))));
    assert_eq!(hours, ["until then", "1 hour", "8 hours", "24 hours", "3 days", "128 hours", "180 days"]);
    assert_eq!(words(None), "for ever");
}

fn dp_01_every_table_has_a_level_a_period_and_a_reason() {
    let levels: BTreeSet<&str> = cells("## Levels").iter().map(|row| row[0]).collect();
    assert_eq!(levels, BTreeSet::from(["internal", "personal", "pseudonym", "secret"]));
    assert!(cells("## Levels").iter().all(|row| row.len() == 4 && row.iter().all(|cell| !cell.is_empty())));
    let rows = table_rows();
    let documented: BTreeSet<&str> = rows.iter().map(|row| row.table).collect();
    assert_eq!(documented, TABLES.iter().copied().collect());
    for row in &rows {
        assert!(levels.contains(row.level), "{}: {}", row.table, row.level);
        assert!(!row.kept.is_empty() && !row.by.is_empty() && row.reason.len() > 7, "{}", row.table);
    }
}

fn dp_02_the_document_has_the_period_of_every_task() {
    let (rows, config) = (table_rows(), standard_config());
    for task in FORGETTING {
        let retention = task.retention.unwrap_or_else(|| panic!("{} has no period", task.name));
        let its: Vec<_> = rows.iter().filter(|row| in_ticks(row.by) == task.name).collect();
        let [row] = its[..] else { panic!("{} stands in {} rows", task.name, its.len()) };
        let words = words((retention.kept_for)(&config));
        let rest = row.kept.strip_prefix(&words);
        assert!(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(',')), "{}: {words}", task.name);
        assert_eq!(row.since, retention.rows.since(), "{}", task.name);
        // Entries go with the batch that seals them.
        let table = if task.name == "audit_events" { "audit_batches" } else { row.table };
        assert_eq!(table, retention.rows.table(), "{}", task.name);
    }
}

fn dp_02_the_document_names_no_task_and_no_column_that_is_not_there() {
    let tasks: BTreeSet<&str> = FORGETTING.iter().map(|task| task.name).chain(BY_STATE).collect();
    let named: BTreeSet<&str> =
        table_rows().iter().map(|row| in_ticks(row.by)).filter(|name| !name.is_empty()).collect();
    assert_eq!(named, tasks);
    assert_eq!(FORGETTING.len() + BY_STATE.len(), tasks.len(), "two tasks have one name");
    for row in table_rows() {
        let is_by_age = FORGETTING.iter().any(|task| task.name == in_ticks(row.by));
        assert_eq!(is_by_age, !row.since.is_empty(), "{}: {}", row.table, row.since);
    }
    assert!(DOCUMENT.contains(&format!("`{}`", ENDING_EXPIRED.name)));
}
