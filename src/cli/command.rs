//! The command line and what each of its commands starts.

use std::{env, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};

use super::{
    CliError, account, client, demo,
    error::fail,
    key, logging, mail,
    output::{is_closed_pipe, line},
    service, support, worker,
};
use crate::{
    config::{self, Config, ConfigProblems},
    http,
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
    Serve,
    /// Run the background jobs alone, beside `serve`, until SIGTERM or Ctrl-C
    Worker,
    /// Migrate the tables of the database to this version
    Migrate,
    /// Walk through a forgotten password on a throw-away database, then stay up to be tried by hand
    Demo {
        /// End after the walk, with status 0 if every step succeeded
        #[arg(long)]
        exit: bool,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Make, show, change, close and reopen accounts, and make their passwords expire
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Make and revoke machine clients
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Say why no mail arrived
    #[command(subcommand)]
    Support(support::SupportCommand),
    /// Change the key that signs access tokens
    #[command(subcommand)]
    Key(key::KeyCommand),
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
    match runtime.block_on(run(arguments.command)) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn run(command: Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Serve => {
            let config = read_config()?;
            logging::start(config.environment, &rust_log());
            service::serve(config).await?;
        }
        Command::Worker => {
            let config = read_config()?;
            logging::start(config.environment, &rust_log());
            worker::run(config).await?;
        }
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
        Command::Mail(command) => return mail::run(command),
    }
    Ok(ExitCode::SUCCESS)
}

/// The document in the form that is committed, which gives readable differences.
fn openapi_text() -> Result<String, CliError> {
    Ok(serde_json::to_string_pretty(http::document())?)
}

fn read_config() -> Result<Config, ConfigProblems> {
    // A name or value that is not UTF-8 is converted to one that is refused, rather than ignored.
    let text = |os: std::ffi::OsString| os.to_string_lossy().into_owned();
    config::read(env::vars_os().map(|(name, value)| (text(name), text(value))))
}

#[expect(clippy::disallowed_methods, reason = "RUST_LOG is the one setting that is not ours")]
fn rust_log() -> String {
    env::var("RUST_LOG").unwrap_or_default()
}
