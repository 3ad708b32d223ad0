//! `support diagnose | lift-suppression`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    CliError,
    common::{ACTOR, build, describe, say, timestamp},
};
use crate::{
    app::App,
    config::Config,
    http::DiagnosisBody,
    identity::{
        self,
        support::{Asker, Diagnosis, Question},
    },
    types::{CustomerNumber, EmailAddress, Id, Locale, RequestContext},
};

#[derive(Subcommand)]
pub(super) enum SupportCommand {
    /// Say why no mail arrived
    Diagnose(Diagnose),
    /// Write to an address again that bounced or complained
    LiftSuppression(Lift),
}

#[derive(Args)]
pub(super) struct Diagnose {
    /// Six digits
    #[arg(long, value_parser = |text: &str| CustomerNumber::parse(text))]
    customer_number: CustomerNumber,
    /// The address at which the customer waits
    #[arg(long, value_parser = |text: &str| EmailAddress::parse(text))]
    email: Option<EmailAddress>,
    /// The language of the sentences: sl, de, en or hr
    #[arg(long, default_value = "sl", value_parser = |text: &str| Locale::parse(text))]
    locale: Locale,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Lift {
    /// Six digits
    #[arg(long, value_parser = |text: &str| CustomerNumber::parse(text))]
    customer_number: CustomerNumber,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: SupportCommand, config: Config) -> Result<ExitCode, CliError> {
    let app = build(&config).await?;
    match command {
        SupportCommand::Diagnose(diagnose) => answer(&app, diagnose).await,
        SupportCommand::LiftSuppression(lift) => {
            let number = lift.customer_number.clone();
            let lifted = identity::outbox::lift_suppression(&app, number, ACTOR).await.map_err(describe)?;
            let number = lift.customer_number.as_str();
            let Some(lifted) = lifted else {
                return Err(format!("customer number {number} has no account").into());
            };
            let state = if lifted { "is written to again" } else { "was not suppressed" };
            let sentence = format!("The address of {number} {state}.");
            say(lift.json, &json!({ "customer_number": number, "changed": lifted }), &sentence)
        }
    }
}

async fn answer(app: &App, diagnose: Diagnose) -> Result<ExitCode, CliError> {
    let Diagnose { customer_number: number, email, locale, json } = diagnose;
    let context =
        RequestContext { request_id: Id::<Diagnosis>::mint().to_string(), source: None, user_agent: None };
    let asker = Asker { name: ACTOR.to_owned(), counted_as: None };
    let diagnosis =
        identity::support::diagnose(app, &context, Question { number, email }, asker).await.map_err(describe)?;
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
    for moment in &diagnosis.timeline {
        let times = if moment.count > 1 { format!(" × {}", moment.count) } else { String::new() };
        let detail = moment.detail.as_deref().map(|detail| format!("  {detail}")).unwrap_or_default();
        lines.push(format!("{}  {}{times}{detail}", timestamp(moment.at), moment.event));
    }
    lines.join("\n")
}
