//! The words of `restore-epoch`, and its way through the parts.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::{Value, json};

use super::{events_file, report::SinceBackup};
use crate::{
    app::App,
    cli::{
        CliError,
        common::{By, WhereMissing, build, describe, say},
    },
    config::Config,
    identity::{
        restore::{self, Changes, LostError, Verdict},
        upkeep::{NewEpoch, begin_new_epoch},
    },
    store::epoch::Passwords,
    types::RequestContext,
};

#[derive(Args)]
pub(in crate::cli) struct RestoreEpoch {
    /// Expire every password too: the next sign-in sends the reset mail instead
    #[arg(long)]
    expire_passwords: bool,
    /// What happened since the backup: events of `GET /v1/events` or entries of `GET /v1/audit-events`, one a line or in
    /// their pages; `-` is standard input. Closings, erasures, lock-downs and the end of passwords are repeated
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Write nothing, and say what would be repeated
    #[arg(long, requires = "events")]
    dry_run: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by: By,
}

pub(in crate::cli) async fn run(command: RestoreEpoch, config: Config) -> Result<ExitCode, CliError> {
    let RestoreEpoch { expire_passwords, events, dry_run, json, by } = command;
    // Before anything is written: a file that cannot be believed changes nothing.
    let records = events.as_deref().map(events_file::read).transpose()?;
    let app = build(&config, WhereMissing::Fail).await?;
    let context = by.context();
    let since = match records {
        None => None,
        Some(records) => Some(catch_up(&app, &context, records, dry_run).await?),
    };
    if dry_run {
        let text = since.as_ref().map(SinceBackup::text).unwrap_or_default();
        let text =
            format!("{text}\nNothing was written. Without --dry-run every session, link, device and token ends.");
        return say(json, &json!({ "dry_run": true, "events": since.as_ref().map(SinceBackup::value) }), &text);
    }
    let passwords = if expire_passwords { Passwords::Expired } else { Passwords::Kept };
    let ended = begin_new_epoch(&app, &context, passwords).await.map_err(describe)?;
    let mut text = sentence(&ended);
    if let Some(since) = &since {
        text = format!("{}\n{text}", since.text());
    }
    say(json, &value(&ended, since.as_ref()), &text)
}

/// Repeats what has happened since the backup, or says what would be repeated. What was repeated before an interruption is
/// found in place by the next call.
async fn catch_up(
    app: &App,
    context: &RequestContext,
    records: Vec<restore::Record>,
    dry_run: bool,
) -> Result<SinceBackup, CliError> {
    let lost = restore::find_lost(app, records).await.map_err(refusal)?;
    let sums = Changes::of(&lost.records);
    let mut changes = restore::assess(app, &sums).await?;
    if !dry_run {
        for change in &mut changes {
            if matches!(change.verdict, Verdict::Due | Verdict::ByHand) {
                change.verdict = restore::repeat(app, context, change).await.map_err(describe)?;
            }
        }
    }
    changes.sort_by_key(|change| change.at);
    Ok(SinceBackup { told: lost.told, lost: lost.records.len(), changes, other: sums.other })
}

fn refusal(error: LostError) -> CliError {
    match error {
        LostError::Mistake(mistake) => format!("{mistake}. Nothing was written").into(),
        LostError::Failed(error) => describe(error),
    }
}

fn value(ended: &NewEpoch, since: Option<&SinceBackup>) -> Value {
    let NewEpoch { sessions, links, devices, accounts, passwords, kid } = ended;
    json!({
        "sessions_ended": sessions,
        "links_withdrawn": links,
        "devices_forgotten": devices,
        "accounts_advanced": accounts,
        "passwords_expired": passwords,
        "signing_key": kid,
        "events": since.map(SinceBackup::value),
    })
}

fn sentence(ended: &NewEpoch) -> String {
    let NewEpoch { sessions, links, devices, accounts, passwords, kid } = ended;
    format!(
        "Ended {sessions} sessions, withdrew {links} reset links and forgot {devices} devices. The change tokens of \
         {accounts} accounts are void, {passwords} passwords have expired, and access tokens are signed by the new key \
         {kid}: a running instance reads it within a minute.",
    )
}
