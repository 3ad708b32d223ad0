//! `support diagnose`.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{
    CliError,
    common::{By, WhereMissing, build, describe, say},
};
use crate::{
    app::App,
    config::Config,
    http::DiagnosisBody,
    identity::{
        self,
        support::{Diagnosis, Question},
    },
    texts::moment_text,
    types::{CustomerNumber, EmailAddress, Id, Locale, RequestContext},
};

#[derive(Subcommand)]
pub(super) enum SupportCommand {
    /// Say why no mail arrived
    Diagnose(Diagnose),
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

pub(super) async fn run(command: SupportCommand, config: Config) -> Result<ExitCode, CliError> {
    let SupportCommand::Diagnose(diagnose) = command;
    answer(&build(&config, WhereMissing::Fail).await?, diagnose).await
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
        lines.push(format!("{}  {}", moment_text(locale, entry.at), entry.words(locale)));
    }
    lines.join("\n")
}
