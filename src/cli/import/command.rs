//! The words of `account import`, and its way through the parts.

use std::{path::PathBuf, process::ExitCode};

use chrono::TimeDelta;
use clap::Args;

use super::{
    columns::Mapping,
    format::Format,
    opened::Opened,
    progress::Progress,
    report::{Report, final_report},
    text::Encoding,
};
use crate::{
    app::App,
    cli::{CliError, common::By},
    identity::import::{FileSource, ImportOptions, OnRejection, WhatToDo, import_file},
};

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(in crate::cli) struct ImportFile {
    /// The file; `-` is standard input
    file: PathBuf,
    /// Write nothing, and say what would be
    #[arg(long)]
    dry_run: bool,
    /// The form of the file; without it, its name and its first character tell
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Commit rows in batches, and pass over those that are rejected; after an interruption the same command goes on
    #[arg(long)]
    r#continue: bool,
    /// Let passwords whose age is not known, or that expire within these days, expire spread over them
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    spread_expiry: Option<u32>,
    /// Take a field from a column of another name; may be repeated
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = |text: &str| Mapping::parse(text))]
    map: Vec<Mapping>,
    /// Change the address, language, name and closing of accounts that exist, and make none
    #[arg(long)]
    update: bool,
    /// The encoding of the file
    #[arg(long, value_enum, default_value_t = Encoding::Utf8)]
    encoding: Encoding,
    /// Print a JSON object on each line: one for each rejected row, and the report last
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by: By,
}

impl ImportFile {
    /// Everything that decides how the rows are read, without the file itself.
    fn reading(&self) -> String {
        let Self { format, spread_expiry, map, update, encoding, .. } = self;
        format!("{format:?} {spread_expiry:?} {map:?} {update} {encoding:?}")
    }

    /// Whether the command goes on where an earlier one stopped.
    const fn may_go_on(&self) -> bool {
        self.r#continue && !self.dry_run
    }
}

pub(in crate::cli) async fn run(app: &App, command: ImportFile) -> Result<ExitCode, CliError> {
    let greatest = app.policy.max_age_days();
    if let (Some(days), Some(greatest)) = (command.spread_expiry, greatest)
        && days > greatest
    {
        return Err(format!("--spread-expiry has at most {greatest} days, the greatest age of a password").into());
    }
    let mut opened = Opened::open(&command.file, command.format, command.encoding)?;
    let identity = if command.may_go_on() { opened.digest()? } else { None };
    let identity = identity.map(|digest| format!("{digest} {}", command.reading()));
    let progress = Progress::new(opened.bytes_read(), opened.length());
    let rows = opened.rows(&command.map)?;
    let report = Report::new(command.json, command.dry_run, rows.column_numbers(), progress);
    report.notices(&rows.notices());
    let options = ImportOptions {
        what: if command.update { WhatToDo::Update } else { WhatToDo::Create },
        on_rejection: if command.r#continue { OnRejection::GoOn } else { OnRejection::KeepOut },
        dry_run: command.dry_run,
        spread: command.spread_expiry.map(|days| TimeDelta::days(i64::from(days))),
    };
    let source = FileSource { rows, identity };
    let imported = import_file(app, &command.by.context(), source, options, report).await?;
    final_report(command.json, options, &imported)
}
