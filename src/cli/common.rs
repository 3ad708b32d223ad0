//! What the commands that do one thing and end have in common.

use std::{process::ExitCode, sync::Arc};

use chrono::SecondsFormat;
use serde_json::Value;
use url::Url;

use super::{CliError, service::prepare_database};
use crate::{
    app::App,
    config::Config,
    identity::IdentityError,
    types::{SystemClock, UtcTime},
};

/// Who acts, in the audit trail.
pub(super) const ACTOR: &str = "command line";

/// These commands send no mail, so where the mail API would be does not matter.
pub(super) async fn build(config: &Config) -> Result<App, CliError> {
    let local = Url::parse("http://127.0.0.1")?;
    let public_url = config.public_url.clone().unwrap_or_else(|| local.clone());
    prepare_database(config)?;
    Ok(App::build(config, &public_url, local, Arc::new(SystemClock::default())).await?)
}

/// RFC 3339 in UTC, to the second.
pub(super) fn timestamp(moment: UtcTime) -> String {
    moment.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// An error that the command has no words of its own for.
pub(super) fn describe(error: IdentityError) -> CliError {
    match error {
        IdentityError::Fault(fault) => fault.into(),
        IdentityError::Refused(refusal) => format!("refused: {refusal:?}").into(),
    }
}

/// The outcome, for people or for programs.
pub(super) fn say(as_json: bool, value: &Value, sentence: &str) -> Result<ExitCode, CliError> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(value)?);
    } else {
        println!("{sentence}");
    }
    Ok(ExitCode::SUCCESS)
}
