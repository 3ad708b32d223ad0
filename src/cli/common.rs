//! What the commands share.

use std::{process::ExitCode, sync::Arc};

use chrono::SecondsFormat;
use clap::Args;
use nix::unistd::{Uid, User};
use serde_json::Value;
use url::Url;

use super::{CliError, output::line};
use crate::{
    app::App,
    config::{Config, Environment},
    identity::{IdentityError, Refusal},
    store::{Database, MigrationState},
    types::{Actor, RequestContext, SystemClock, UtcTime},
};

/// Who acts on the command line.
#[derive(Args)]
pub(super) struct By {
    /// Your name for the audit trail; without it, the name of your account on this machine
    #[arg(long, value_name = "NAME", value_parser = operator)]
    by: Option<String>,
}

const LONGEST_OPERATOR: usize = 60;

fn operator(text: &str) -> Result<String, String> {
    let length = text.trim().chars().count();
    if length == 0 || length > LONGEST_OPERATOR || text.chars().any(char::is_control) {
        return Err(format!("a name has 1 to {LONGEST_OPERATOR} characters and no line ends"));
    }
    Ok(text.trim().to_owned())
}

impl By {
    /// The context of what this administrator does.
    pub(super) fn context(&self) -> RequestContext {
        let account = || User::from_uid(Uid::current()).ok().flatten().map(|user| user.name);
        let name = self.by.clone().or_else(account);
        RequestContext::of(name.map_or(Actor::CommandLine, Actor::Operator))
    }
}

/// What to do where there is no database yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhereMissing {
    /// Make it. A command that brings something new does so.
    Make,
    /// Fail. A command that asks or changes would answer from an empty database, which was not meant.
    Fail,
}

/// Puts the parts together for a command that sends no mail, so the address of the mail API does not matter.
pub(super) async fn build(config: &Config, where_missing: WhereMissing) -> Result<App, CliError> {
    let local = Url::parse("http://127.0.0.1")?;
    let public_url = config.public_url.clone().unwrap_or_else(|| local.clone());
    prepare_database(config, where_missing)?;
    assemble(config, &public_url, local).await
}

/// Builds the parts of the service on a database that is prepared.
pub(super) async fn assemble(config: &Config, public_url: &Url, mail_api_url: Url) -> Result<App, CliError> {
    Ok(App::build(config, public_url, mail_api_url, Arc::new(SystemClock::default())).await?)
}

/// Checks the tables of the database, and migrates them where that is allowed. It blocks.
pub(super) fn prepare_database(config: &Config, where_missing: WhereMissing) -> Result<(), CliError> {
    let database = Database::new(&config.database, Arc::new(SystemClock::default()));
    let may_migrate = config.environment == Environment::Development || config.auto_migrate;
    match database.migration_state()? {
        MigrationState::UpToDate => Ok(()),
        MigrationState::Missing if where_missing == WhereMissing::Fail => Err(format!(
            "there is no database at {}; `serve`, `migrate` or `account create` makes one",
            config.database.url
        )
        .into()),
        MigrationState::Missing | MigrationState::Behind(_) if may_migrate => Ok(database.migrate().map(drop)?),
        MigrationState::Missing => Err(format!(
            "there are no tables at {}; run `stakis-identity migrate`, or set STAKIS_AUTO_MIGRATE=on",
            config.database.url
        )
        .into()),
        MigrationState::Behind(count) => Err(format!(
            "the database lacks {count} migrations; run `stakis-identity migrate`, or set STAKIS_AUTO_MIGRATE=on"
        )
        .into()),
    }
}

/// A time by RFC 3339 in UTC, to the second.
pub(super) fn timestamp(moment: UtcTime) -> String {
    moment.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// An error for which the command has no sentence of its own.
pub(super) fn describe(error: IdentityError) -> CliError {
    match error {
        IdentityError::Fault(fault) => fault.into(),
        IdentityError::Refused(refusal) => sentence(&refusal).into(),
    }
}

fn sentence(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Invalid(errors) => {
            let fields: Vec<String> =
                errors.iter().map(|error| format!("{} ({})", error.field.as_str(), error.code)).collect();
            format!("these fields are missing or wrong: {}", fields.join(", "))
        }
        Refusal::LinkUnusable(reason) => format!("the reset link cannot be used: it is {}", reason.as_str()),
        Refusal::EmailChangeUnusable(reason) => {
            format!("the link of the address change cannot be used: it is {}", reason.as_str())
        }
        Refusal::InvalidCredentials => "the customer number or the password is wrong".to_owned(),
        Refusal::AccountClosed => "the access of this account is closed".to_owned(),
        Refusal::PasswordExpired(expiry) => format!("the password has to be changed: {}", expiry.reason()),
        Refusal::TooManyAttempts(wait) => {
            format!("too many attempts; the next one is allowed in {} seconds", wait.num_seconds().max(1))
        }
        Refusal::ChallengeRequired(_) => "a proof of work is required".to_owned(),
        Refusal::NoEmailOnFile => "the account has no address on file".to_owned(),
        Refusal::NoSelfService => "customers do not change their address themselves".to_owned(),
        Refusal::NoSuchSession => "the account has no such session".to_owned(),
        Refusal::NoSuchCallerCode => "no caller code was asked for under this id".to_owned(),
        Refusal::NoCallerCode => "support has not asked for a caller code".to_owned(),
        Refusal::InvalidToken => "the token is not valid, or not valid any more".to_owned(),
        Refusal::InsufficientScope(scope) => format!("the client lacks the scope {scope}"),
        Refusal::CustomerNumberTaken => "the customer number has an account already".to_owned(),
        Refusal::NoSuchAccount => "no account has this id".to_owned(),
        Refusal::NoSuchWebhookEndpoint => "the client has no webhook endpoint with this id".to_owned(),
        Refusal::NoSuchWebhookDelivery => "the endpoint has no delivery with this id".to_owned(),
        Refusal::WebhookUrlTaken => "the client has a webhook endpoint with this address".to_owned(),
        Refusal::TooManyWebhookEndpoints => "the client has ten webhook endpoints".to_owned(),
        Refusal::WebhookEndpointInactive => "the webhook endpoint gets no events".to_owned(),
        Refusal::ReplayUnderWay => "events are being sent to the endpoint again".to_owned(),
        Refusal::InFlight => "the same call is being answered".to_owned(),
        Refusal::VersionPassed => "the account has changed in the meantime".to_owned(),
    }
}

/// Prints the outcome as JSON, or as a sentence.
pub(super) fn say(as_json: bool, value: &Value, sentence: &str) -> Result<ExitCode, CliError> {
    if as_json {
        line(serde_json::to_string_pretty(value)?)?;
    } else {
        line(sentence)?;
    }
    Ok(ExitCode::SUCCESS)
}
