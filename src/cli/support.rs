//! `support diagnose | lift-suppression`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    CliError,
    common::{By, WhereMissing, build, describe, say, timestamp},
};
use crate::{
    app::App,
    config::Config,
    http::DiagnosisBody,
    identity::{
        self, Change,
        support::{Diagnosis, Question},
    },
    types::{CustomerNumber, EmailAddress, Id, Locale, RequestContext},
};

#[derive(Subcommand)]
pub(super) enum SupportCommand {
    /// Say why no mail arrived
    Diagnose(Diagnose),
    /// Write again to an address that bounced or complained
    LiftSuppression(Lift),
}

#[derive(Args)]
pub(super) struct Diagnose {
    /// The customer number, six digits
    #[arg(long, value_parser = |text: &str| CustomerNumber::parse(text))]
    customer_number: CustomerNumber,
    /// The address at which the customer expects the mail
    #[arg(long, value_parser = |text: &str| EmailAddress::parse(text))]
    email: Option<EmailAddress>,
    /// The language of the sentences: sl, de, en or hr
    #[arg(long, default_value = "sl", value_parser = |text: &str| Locale::parse(text))]
    locale: Locale,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Args)]
pub(super) struct Lift {
    /// The customer number, six digits
    #[arg(long, value_parser = |text: &str| CustomerNumber::parse(text))]
    customer_number: CustomerNumber,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    by: By,
}

pub(super) async fn run(command: SupportCommand, config: Config) -> Result<ExitCode, CliError> {
    let app = build(&config, WhereMissing::Fail).await?;
    match command {
        SupportCommand::Diagnose(diagnose) => answer(&app, diagnose).await,
        SupportCommand::LiftSuppression(lift) => lift_suppression(&app, lift).await,
    }
}

async fn lift_suppression(app: &App, lift: Lift) -> Result<ExitCode, CliError> {
    let Lift { customer_number, json, by } = lift;
    let number = customer_number.as_str();
    let change = identity::outbox::lift_suppression(app, &by.context(), customer_number.clone()).await;
    let (is_changed, predicate) = match change.map_err(describe)? {
        Change::NoSuchAccount => return Err(format!("customer number {number} has no account").into()),
        Change::Unchanged => (false, "was not suppressed"),
        Change::Changed => (true, "is written to again"),
    };
    let sentence = format!("The address of {number} {predicate}.");
    say(json, &json!({ "customer_number": number, "changed": is_changed }), &sentence)
}

async fn answer(app: &App, diagnose: Diagnose) -> Result<ExitCode, CliError> {
    let Diagnose { customer_number: number, email, locale, json, by } = diagnose;
    // Each question has an id of its own in the audit trail.
    let context = RequestContext { request_id: Some(Id::<Diagnosis>::mint().to_string()), ..by.context() };
    let question = Question { number, email };
    let diagnosis = identity::support::diagnose(app, &context, question).await.map_err(describe)?;
    let body = serde_json::to_value(DiagnosisBody::new(&diagnosis, locale))?;
    say(json, &body, &as_text(&diagnosis, locale))
}

fn as_text(diagnosis: &Diagnosis, locale: Locale) -> String {
    let mut lines = Vec::new();
    for finding in &diagnosis.findings {
        lines.push(format!("{} ({})", finding.code.as_str(), finding.severity.as_str()));
        if diagnosis.for_customer {
            lines.push(format!("  “{}”", finding.customer_sentence(locale)));
        }
        lines.push(format!("  → {}", finding.next_step(locale)));
    }
    lines.push(String::new());
    for entry in &diagnosis.timeline {
        let times = if entry.count > 1 { format!(" × {}", entry.count) } else { String::new() };
        let detail = entry.detail.as_deref().map(|detail| format!("  {detail}")).unwrap_or_default();
        lines.push(format!("{}  {}{times}{detail}", timestamp(entry.at), entry.event.as_str()));
    }
    lines.join("\n")
}
