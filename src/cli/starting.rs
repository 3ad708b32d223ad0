//! The start of a process that stays up, while its database cannot be reached.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use tokio::{task::spawn_blocking, time};
use url::Url;

use super::{
    CliError,
    background::StopSignals,
    common::{WhereMissing, prepare_database},
    listeners::RunningServer,
};
use crate::{
    app::Links,
    brand::Brand,
    config::{Config, DatabaseUrl},
    http,
    inbound::Bounds,
    store::MigrationsError,
};

/// The pauses between two attempts to reach the database.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// What a start leads to.
pub(super) enum Started {
    /// The database is prepared.
    Ready,
    /// A signal to stop came first.
    Stopped,
}

/// Prepares the database as [`prepare`] does, until a signal to stop.
pub(super) async fn wait_for_database(
    config: &Config,
    public_url: &Url,
    listener: Option<&TcpListener>,
    signals: &mut StopSignals,
) -> Result<Started, CliError> {
    tokio::select! {
        prepared = prepare(config, public_url, listener) => prepared.map(|()| Started::Ready),
        () = signals.next() => Ok(Started::Stopped),
    }
}

/// Prepares the database. While its server cannot be reached, it is tried again for as long as the settings say, and the
/// listener answers that the process is alive and not ready.
async fn prepare(config: &Config, public_url: &Url, listener: Option<&TcpListener>) -> Result<(), CliError> {
    let until = Instant::now() + config.database.wait.to_std().unwrap_or_default();
    let mut pause = FIRST_PAUSE;
    let mut waiting = None;
    loop {
        let own = config.clone();
        let prepared = spawn_blocking(move || prepare_database(&own, WhereMissing::Make)).await?;
        let may_be_tried_again = prepared.as_ref().is_err_and(|error| may_pass(config, error));
        if !may_be_tried_again || Instant::now() + pause > until {
            if let Some(server) = waiting {
                RunningServer::stop(server).await;
            }
            return prepared;
        }
        if let Err(error) = prepared {
            tracing::warn!(%error, seconds = pause.as_secs(), "the database cannot be reached; trying again");
        }
        if let (None, Some(listener)) = (&waiting, listener) {
            waiting = Some(start_waiting(config, public_url, listener)?);
        }
        time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn may_pass(config: &Config, error: &CliError) -> bool {
    matches!(error.downcast_ref(), Some(MigrationsError::Open(..)))
        && matches!(config.database.url, DatabaseUrl::Postgres(_))
}

/// Answers on the listener while the process waits.
fn start_waiting(config: &Config, public_url: &Url, listener: &TcpListener) -> Result<RunningServer, CliError> {
    let (links, bounds) = (Links::new(config, public_url), Bounds::of_this_process(config.database.pool_size));
    Ok(RunningServer::start(http::start_waiting(
        listener.try_clone()?,
        links,
        Brand::clone(&config.brand),
        &bounds,
    )?))
}
