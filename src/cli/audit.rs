//! `audit verify | head`.

use std::{fs, path::Path, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    CliError,
    common::{WhereMissing, build, describe, say},
    output::line,
};
use crate::{
    app::App,
    config::Config,
    identity::audit::{self, Finding, LeftHead, Place, Report, SignedHead, Verdict},
};

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Verify the sealed trail: name every entry that was changed, removed, inserted or reordered; the exit status is 0 for
    /// a whole trail, 1 where it could not be verified, 2 where something wants a look, and 3 where the trail is broken
    Verify(Verify),
    /// Print the signed head of the trail, to be kept where nobody of this service can change it
    Head(Head),
}

#[derive(Args)]
pub(super) struct Verify {
    /// A head that has left this service: a file with one head a line, or a head itself, as `audit head --json` and the event
    /// audit.head have it, or BATCH:HASH; may be given several times
    #[arg(long, value_name = "FILE|VALUE")]
    head: Vec<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Head {
    /// Answer in JSON, on one line
    #[arg(long)]
    json: bool,
}

/// The status of a trail in which something wants a look.
const ATTENTION: u8 = 2;
/// The status of a broken trail.
const BROKEN: u8 = 3;

pub(super) async fn run(command: AuditCommand, config: Config) -> Result<ExitCode, CliError> {
    let app = build(&config, WhereMissing::Fail).await?;
    match command {
        AuditCommand::Verify(Verify { head, json }) => verify(&app, &head, json).await,
        AuditCommand::Head(Head { json }) => print_head(&app, json).await,
    }
}

async fn print_head(app: &App, as_json: bool) -> Result<ExitCode, CliError> {
    let Some(head) = audit::find_head(app).await.map_err(describe)? else {
        return Err("nothing is sealed yet; a running worker seals within a minute".into());
    };
    if as_json {
        line(serde_json::to_string(&head)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let SignedHead { batch, position, hash, key_id, public_key, signature, .. } = &head;
    let sealed_at = json!(head.sealed_at);
    let sealed_at = sealed_at.as_str().unwrap_or_default();
    line(format!(
        "{batch}:{hash}\n  position   {position}\n  sealed at  {sealed_at}\n  key        {key_id}\n  public key {public_key}\n  signature  {signature}"
    ))?;
    Ok(ExitCode::SUCCESS)
}

async fn verify(app: &App, given: &[String], as_json: bool) -> Result<ExitCode, CliError> {
    let mut heads = Vec::new();
    for value in given {
        for text in heads_in(value)? {
            let head = LeftHead::parse(&app.keyring, &text).map_err(|error| format!("--head {value}: {error}"))?;
            heads.push(head);
        }
    }
    let report = audit::verify(app, heads).await.map_err(describe)?;
    let verdict = report.verdict();
    let mut value = json!({ "verdict": verdict });
    if let (Value::Object(all), Value::Object(of_report)) = (&mut value, serde_json::to_value(&report)?) {
        all.extend(of_report);
    }
    say(as_json, &value, &as_text(&report))?;
    Ok(match verdict {
        Verdict::Whole => ExitCode::SUCCESS,
        Verdict::Attention => ExitCode::from(ATTENTION),
        Verdict::Broken => ExitCode::from(BROKEN),
    })
}

/// The heads in a file, or the value itself where there is no such file. A file has one head, or one a line.
fn heads_in(value: &str) -> Result<Vec<String>, CliError> {
    if value.trim_start().starts_with('{') || !Path::new(value).exists() {
        return Ok(vec![value.to_owned()]);
    }
    let text = fs::read_to_string(value).map_err(|error| format!("--head {value}: {error}"))?;
    if serde_json::from_str::<Value>(&text).is_ok() {
        return Ok(vec![text]);
    }
    Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
}

fn as_text(report: &Report) -> String {
    let mut lines: Vec<String> = report.findings.iter().map(finding_text).collect();
    let found: u64 = report.counts.values().sum();
    let unlisted = found.saturating_sub(u64::try_from(report.findings.len()).unwrap_or(found));
    if unlisted > 0 {
        lines.push(format!("and {unlisted} more findings"));
    }
    let Report { batches, entries, erased, waiting, deleted_up_to, head, .. } = report;
    lines.push(format!(
        "{entries} entries in {batches} batches, {erased} of them erased; {waiting} wait for their seal"
    ));
    if let Some(position) = deleted_up_to {
        lines.push(format!("the entries up to position {position} were deleted after their time"));
    }
    if let Some(SignedHead { batch, hash, .. }) = head {
        lines.push(format!("head {batch}:{hash}"));
    }
    lines.push(match report.verdict() {
        Verdict::Whole => "The trail is what was sealed.".to_owned(),
        Verdict::Attention => "The trail is what was sealed; what stands above wants a look.".to_owned(),
        Verdict::Broken => "THE TRAIL IS NOT WHAT WAS SEALED.".to_owned(),
    });
    lines.join("\n")
}

fn finding_text(Finding { kind, place, message }: &Finding) -> String {
    let Place { batch, position, last_position, event_id } = place;
    let positions = match (position, last_position) {
        (Some(first), Some(last)) if first != last => Some(format!("positions {first} to {last}")),
        (Some(position), _) => Some(format!("position {position}")),
        (None, _) => None,
    };
    let parts = [
        Some(kind.to_string()),
        batch.map(|batch| format!("batch {batch}")),
        positions,
        event_id.as_ref().map(|id| format!("entry {id}")),
    ];
    let place: Vec<String> = parts.into_iter().flatten().collect();
    format!("{}: {message}", place.join(", "))
}
