//! The words of `doctor`, and the order of its checks.

use std::{net::SocketAddr, process::ExitCode};

use clap::Args;
use serde_json::{Value, json};

use super::{
    argon2::{self, Wanted},
    database, dns,
    finding::{Finding, Severity},
    keys, mail_api, mail_events, settings, webhooks,
};
use crate::{
    cli::{CliError, output::line},
    config::{Config, ConfigProblems},
    outbound::NameServers,
};

#[derive(Args)]
pub(in crate::cli) struct Doctor {
    /// Ask no mail API and no name server
    #[arg(long)]
    offline: bool,
    /// Ask this name server instead of those of the system
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "offline")]
    resolver: Option<SocketAddr>,
    /// The DKIM selector of the mail provider, where it is not the usual one; may be repeated
    #[arg(long, value_name = "NAME")]
    dkim_selector: Vec<String>,
    /// The time in milliseconds that a password hash should take
    #[arg(long, value_name = "MS", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    target_ms: u32,
    /// The sign-ins a second that this machine has to bear
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Runs every check. The status is that of the worst finding: 0, 1 for a warning, 2 for an error.
pub(in crate::cli) async fn run(
    doctor: Doctor,
    config: Result<Config, ConfigProblems>,
) -> Result<ExitCode, CliError> {
    let mut findings = settings::check(config.as_ref());
    match &config {
        Ok(config) => findings.extend(check_all(&doctor, config).await),
        Err(_) => findings.extend(
            ["database", "keys", "webhooks.secrets", "mail_api", "mail_events", "dns", "argon2"]
                .map(|check| Finding::skipped(check, "the settings cannot be read")),
        ),
    }
    let worst = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Ok);
    if doctor.json {
        let all: Vec<Value> = findings.iter().map(Finding::value).collect();
        line(serde_json::to_string_pretty(&json!({ "worst": worst, "findings": all }))?)?;
    } else {
        for finding in &findings {
            line(finding.text())?;
        }
    }
    Ok(worst.exit_code())
}

async fn check_all(doctor: &Doctor, config: &Config) -> Vec<Finding> {
    let Doctor { offline, resolver, dkim_selector, target_ms, rate, .. } = doctor;
    let database::Checked { mut findings, usable } = database::check(config).await;
    findings.extend(keys::check(config, usable.as_ref()).await);
    findings.push(Box::pin(webhooks::check(config, usable.as_ref())).await);
    if *offline {
        findings.extend(["mail_api", "dns"].map(|check| Finding::skipped(check, "--offline")));
    } else {
        findings.extend(mail_api::check(config).await);
        let servers = resolver.map_or_else(NameServers::of_system, NameServers::only);
        findings.extend(dns::check(config, &servers, dkim_selector).await);
    }
    findings.extend(mail_events::check(config));
    findings.push(argon2::check(&config.argon2, Wanted { milliseconds: *target_ms, rate: *rate }).await);
    findings
}
