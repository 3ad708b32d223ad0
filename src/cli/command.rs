//! The command line and what each of its commands starts.

use std::{env, ffi::OsStr, process::ExitCode, sync::Arc, time::Duration};

use clap::{Parser, Subcommand};

use super::{
    CliError, account, audit, client, demo, epoch,
    error::{chain, fail},
    healthcheck, key, logging, mail,
    output::{is_closed_pipe, line},
    service, support, worker,
};
use crate::{
    config::{self, Config, ConfigProblems, Environment},
    http,
    jobs::Background,
    store::Database,
    types::SystemClock,
};

/// Accounts, passwords and the reset mail of the STAkis parts catalogue.
///
/// Settings come from the environment (STAKIS_…); docs/configuration.md lists them. `demo`, `openapi` and `mail` need
/// none.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service until SIGTERM or Ctrl-C
    Serve {
        /// Answer requests alone: `worker` beside this process runs the jobs and the upkeep
        #[arg(long)]
        no_worker: bool,
    },
    /// Run the background jobs alone, beside `serve`, until SIGTERM or Ctrl-C
    Worker,
    /// Migrate the tables of the database to this version
    Migrate,
    /// Say by the exit status whether `serve` or `worker` with the same settings is alive on this machine
    Healthcheck,
    /// Walk through a forgotten password on a throw-away database, then stay up to be tried by hand
    Demo {
        /// End after the walk, with status 0 if every step succeeded
        #[arg(long)]
        exit: bool,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Make, import, show, change, close, export and erase accounts, and make their passwords expire
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Make, list and revoke machine clients, and replace their secrets and keys
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Say why no mail arrived
    #[command(subcommand)]
    Support(support::SupportCommand),
    /// Change the key that signs access tokens
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Verify the sealed audit trail, and print its signed head
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// End every session, reset link, device and token, after a backup was restored or a key has leaked
    RestoreEpoch(epoch::RestoreEpoch),
    /// Look at the mails
    #[command(subcommand)]
    Mail(mail::MailCommand),
}

/// Runs the command line and returns the exit status of the process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let code = match runtime.block_on(run(arguments.command)) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    };
    // A thread that waits for a hung database cannot be woken, and must not keep the process.
    runtime.shutdown_timeout(LONGEST_END);
    code
}

/// How long threads that block may keep a process that has ended.
const LONGEST_END: Duration = Duration::from_secs(1);

async fn run(command: Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Serve { no_worker } => {
            let background = if no_worker { Background::OwnState } else { Background::Everything };
            return Ok(stay_up(async |config| service::serve(config, background).await).await);
        }
        Command::Worker => return Ok(stay_up(worker::run).await),
        Command::Healthcheck => return healthcheck::run(&read_config()?).await,
        Command::Migrate => {
            let config = read_config()?;
            let count = Database::new(&config.database, Arc::new(SystemClock::default())).migrate()?;
            line(format_args!("{count} migrations run; the database is up to date."))?;
        }
        Command::Demo { exit } => return demo::run(exit).await,
        Command::Openapi => line(openapi_text()?)?,
        Command::Account(command) => return account::run(command, read_config()?).await,
        Command::Client(command) => return client::run(command, read_config()?).await,
        Command::Support(command) => return support::run(command, read_config()?).await,
        Command::Key(command) => return key::run(command, read_config()?).await,
        Command::Audit(command) => return audit::run(command, read_config()?).await,
        Command::RestoreEpoch(command) => return epoch::run(command, read_config()?).await,
        Command::Mail(command) => return mail::run(command, &config::read_brand(variables())?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a process that writes logs. In production whatever ends it is a line of its log.
async fn stay_up(run: impl AsyncFnOnce(Config) -> Result<(), CliError>) -> ExitCode {
    let config = read_config();
    let environment = environment(config.as_ref().ok());
    logging::start(environment, &rust_log());
    let ended = match config {
        Ok(config) => {
            for warning in &config.warnings {
                tracing::warn!("{warning}");
            }
            run(config).await
        }
        Err(problems) => Err(problems.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if environment == Environment::Production => {
            tracing::error!(error = chain(&error), "ended by an error");
            ExitCode::FAILURE
        }
        Err(error) => fail(&error),
    }
}

/// The environment of the settings. Where other settings are wrong, the variable alone decides how the log is written.
fn environment(config: Option<&Config>) -> Environment {
    let given = || text_of(&env::var_os("STAKIS_ENVIRONMENT").unwrap_or_default());
    match config {
        Some(config) => config.environment,
        None if given().trim() == Environment::Production.as_str() => Environment::Production,
        None => Environment::Development,
    }
}

/// The document in the form that is committed, which gives readable differences.
fn openapi_text() -> Result<String, CliError> {
    Ok(serde_json::to_string_pretty(http::document())?)
}

fn read_config() -> Result<Config, ConfigProblems> {
    config::read(variables())
}

fn variables() -> impl Iterator<Item = (String, String)> {
    env::vars_os().map(|(name, value)| (text_of(&name), text_of(&value)))
}

/// A name or value of the environment. One that is not UTF-8 is converted to one that is refused, rather than ignored.
fn text_of(os: &OsStr) -> String {
    os.to_string_lossy().into_owned()
}

#[expect(clippy::disallowed_methods, reason = "RUST_LOG is the one setting that is not ours")]
fn rust_log() -> String {
    env::var("RUST_LOG").unwrap_or_default()
}
