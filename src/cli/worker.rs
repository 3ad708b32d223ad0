//! `worker`: the background jobs alone, beside the processes that answer requests.

use tokio::time;
use url::Url;

use super::{
    CliError,
    background::{BackgroundJobs, StopSignals},
    common::assemble,
    listeners::{RunningServer, bind_operations},
    service::STOP_PATIENCE,
    starting::{Started, wait_for_database},
};
use crate::{app::App, config::Config, http, jobs::Background};

/// Runs `worker` until SIGTERM or Ctrl-C.
pub(super) async fn run(config: Config) -> Result<(), CliError> {
    let mut signals = StopSignals::listen()?;
    let Some(mail_api_url) = config.mail.api_url.clone() else {
        return Err(
            "STAKIS_MAIL_API_URL must be set for a worker: the embedded mailbox is part of `serve` and of \
                    no other process"
                .into(),
        );
    };
    let public_url = public_url(&config)?;
    let operations = bind_operations(&config)?;
    if let Started::Stopped = wait_for_database(&config, &public_url, operations.as_ref(), &mut signals).await? {
        return Ok(());
    }
    let app = assemble(&config, &public_url, mail_api_url).await?;
    let start = |listener| http::start_operations_with_probes(listener, app.clone()).map(RunningServer::start);
    let operations = operations.map(start).transpose()?;
    let mut jobs = BackgroundJobs::start(app.clone(), Background::Everything);
    tracing::info!(%public_url, environment = ?config.environment, "working");
    jobs.run_until_signal(&mut signals).await?;
    end(&app, jobs).await?;
    if let Some(operations) = operations {
        operations.stop().await;
    }
    Ok(())
}

/// Finishes the jobs under way, and hands the last spans over.
async fn end(app: &App, jobs: BackgroundJobs) -> Result<(), CliError> {
    app.readiness.drain();
    tracing::info!("stopping: jobs under way are finished");
    let finished = time::timeout(STOP_PATIENCE, jobs.finish()).await;
    app.tracer.shut_down().await;
    Ok(finished.map_err(|_| "some jobs did not end in time")??)
}

/// The links in its mails lead to where `serve` with the same settings listens.
fn public_url(config: &Config) -> Result<Url, CliError> {
    match &config.public_url {
        Some(url) => Ok(url.clone()),
        None => Ok(Url::parse(&format!("http://{}", config.listen))?),
    }
}
