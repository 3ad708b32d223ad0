//! What the commands have in common.

use std::{process::ExitCode, sync::Arc};

use chrono::SecondsFormat;
use serde_json::Value;
use url::Url;

use super::CliError;
use crate::{
    app::App,
    config::{Config, Environment},
    identity::IdentityError,
    store::{Database, MigrationState},
    types::{SystemClock, UtcTime},
};

/// Who acts, in the audit trail.
pub(super) const ACTOR: &str = "command line";

/// These commands send no mail, so where the mail API would be does not matter.
pub(super) async fn build(config: &Config) -> Result<Arc<App>, CliError> {
    let local = Url::parse("http://127.0.0.1")?;
    let public_url = config.public_url.clone().unwrap_or_else(|| local.clone());
    assemble(config, &public_url, local).await
}

/// Checks or migrates the database and puts the parts together, for every command that works with them.
pub(super) async fn assemble(config: &Config, public_url: &Url, mail_api_url: Url) -> Result<Arc<App>, CliError> {
    prepare_database(config)?;
    let app = App::build(config, public_url, mail_api_url, Arc::new(SystemClock::default())).await?;
    Ok(Arc::new(app))
}

fn prepare_database(config: &Config) -> Result<(), CliError> {
    let database = Database::new(&config.database, Arc::new(SystemClock::default()));
    let may_migrate = config.environment == Environment::Development || config.auto_migrate;
    match database.migration_state()? {
        MigrationState::UpToDate => Ok(()),
        MigrationState::Behind(_) if may_migrate => Ok(database.migrate().map(drop)?),
        MigrationState::Behind(count) => Err(format!(
            "the database lacks {count} migrations; run `stakis-identity migrate`, or set STAKIS_AUTO_MIGRATE=on"
        )
        .into()),
    }
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
