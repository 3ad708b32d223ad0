//! What an import says of the rows, while it runs and at its end.

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::progress::Progress;
use crate::{
    cli::{
        CliError,
        output::{line, tell},
    },
    identity::{
        Field,
        import::{ImportOptions, ImportReport, Rejection, Watcher, WhatToDo},
    },
};

/// How many rows of one kind are listed where nothing has to be done about each.
const LISTED: u64 = 20;

/// Prints what happens.
pub(super) struct Report {
    as_json: bool,
    is_dry_run: bool,
    columns: Vec<(Field, usize)>,
    progress: Progress,
    passed_over: u64,
    unlikely: u64,
}

impl Report {
    pub(super) const fn new(
        as_json: bool,
        is_dry_run: bool,
        columns: Vec<(Field, usize)>,
        progress: Progress,
    ) -> Self {
        Self { as_json, is_dry_run, columns, progress, passed_over: 0, unlikely: 0 }
    }

    /// Prints what to know before the rows.
    pub(super) fn notices(&self, notices: &[String]) {
        for notice in notices {
            self.print(&json!({ "kind": "notice", "message": notice }), notice);
        }
    }

    fn print(&self, value: &Value, words: &str) {
        self.progress.aside(|| if self.as_json { tell(value) } else { tell(words) });
    }

    fn about(&self, kind: &str, row: u64, message: &str) {
        self.print(&json!({ "kind": kind, "line": row, "message": message }), &format!("line {row}: {message}"));
    }
}

impl Watcher for Report {
    fn rejected(&mut self, rejection: &Rejection) {
        let Rejection { line, field, column, code, sentence } = rejection;
        let known = field.and_then(|field| self.columns.iter().find(|(known, _)| *known == field));
        let column = column.or(known.map(|(_, number)| *number));
        let value = json!({
            "kind": "rejected", "line": line, "column": column, "field": field, "code": code, "message": sentence,
        });
        let column = column.map_or_else(String::new, |column| format!(", column {column}"));
        let field = field.map_or_else(String::new, |field| format!(" ({field})"));
        self.print(&value, &format!("line {line}{column}{field}: {sentence}"));
    }

    fn passed_over(&mut self, line: u64, why: &'static str) {
        self.passed_over += 1;
        if self.passed_over <= LISTED {
            self.about("passed_over", line, why);
        }
    }

    fn unlikely_address(&mut self, line: u64) {
        self.unlikely += 1;
        if self.unlikely <= LISTED {
            self.about("unlikely_address", line, "no mail can arrive at this address");
        }
    }

    fn changed(&mut self, line: u64, what: &str) {
        if self.is_dry_run {
            self.about("would_change", line, &format!("would change {what}"));
        }
    }

    fn progress(&mut self, report: &ImportReport) {
        self.progress.show(report.rows);
    }
}

/// Prints the numbers. The command fails where rejected rows have kept the others out, or would.
pub(super) fn final_report(
    as_json: bool,
    options: ImportOptions,
    report: &ImportReport,
) -> Result<ExitCode, CliError> {
    if as_json {
        line(value_of(options, report))?;
    } else {
        for (name, number) in lines_of(options, report) {
            line(format_args!("{name:<44} {number:>9}"))?;
        }
        line(conclusion(options, report))?;
    }
    let keeps_out = options.on_rejection == crate::identity::import::OnRejection::KeepOut;
    Ok(if keeps_out && report.rejected > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn lines_of(options: ImportOptions, report: &ImportReport) -> Vec<(String, u64)> {
    let mut lines = vec![("rows".to_owned(), report.rows)];
    let mut add = |name: &str, number: u64| {
        if number > 0 {
            lines.push((name.to_owned(), number));
        }
    };
    add("  of these, dealt with before", report.resumed);
    add("rejected rows", report.rejected);
    add("  of these, with the number of an earlier row", report.duplicates);
    add("numbers that have an account already", report.existing);
    add("numbers without account", report.missing);
    add("addresses at which no mail can arrive", report.unlikely_addresses);
    if options.what == WhatToDo::Create {
        for (scheme, rows) in &report.schemes {
            add(&format!("rows with a hash by {scheme}"), *rows);
        }
        add("rows without a hash", report.without_hash);
    } else {
        add("accounts that are as the row says", report.unchanged);
    }
    lines
}

fn conclusion(options: ImportOptions, report: &ImportReport) -> String {
    let ImportReport { created, changed, kept_out, .. } = report;
    match (options.dry_run, options.what) {
        (true, WhatToDo::Create) => format!("{created} accounts would be made. Nothing was written."),
        (true, WhatToDo::Update) => format!("{changed} accounts would be changed. Nothing was written."),
        (false, _) if *kept_out => {
            "Nothing was imported, since rows are rejected. Correct them, or import the others with --continue."
                .to_owned()
        }
        (false, WhatToDo::Create) => format!("{created} accounts were made."),
        (false, WhatToDo::Update) => format!("{changed} accounts were changed."),
    }
}

fn value_of(options: ImportOptions, report: &ImportReport) -> Value {
    let schemes: Map<String, Value> =
        report.schemes.iter().map(|(scheme, rows)| (scheme.as_str().to_owned(), json!(rows))).collect();
    json!({
        "kind": "report",
        "dry_run": options.dry_run,
        "rows": report.rows,
        "resumed": report.resumed,
        "created": report.created,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "existing": report.existing,
        "missing": report.missing,
        "rejected": report.rejected,
        "duplicates": report.duplicates,
        "unlikely_addresses": report.unlikely_addresses,
        "schemes": schemes,
        "without_hash": report.without_hash,
        "kept_out": report.kept_out,
    })
}
