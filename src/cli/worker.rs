//! `worker`: the background jobs alone, beside the processes that answer requests.

use url::Url;

use super::{
    CliError,
    background::BackgroundJobs,
    common::{assemble, wait_for_database},
    listeners::{RunningServer, bind_operations, start_operations},
};
use crate::config::Config;

/// Runs `worker` until SIGTERM or Ctrl-C.
pub(super) async fn run(config: Config) -> Result<(), CliError> {
    let mut worker = start(&config).await?;
    worker.jobs.run_until_signal().await?;
    tracing::info!("stopping: jobs under way are finished");
    worker.jobs.finish().await?;
    if let Some(operations) = worker.operations {
        operations.stop().await;
    }
    Ok(())
}

struct Worker {
    jobs: BackgroundJobs,
    operations: Option<RunningServer>,
}

async fn start(config: &Config) -> Result<Worker, CliError> {
    let Some(mail_api_url) = config.mail.api_url.clone() else {
        return Err(
            "STAKIS_MAIL_API_URL must be set for a worker: the embedded mailbox is part of `serve` and of \
                    no other process"
                .into(),
        );
    };
    // The links in its mails lead to where `serve` with the same settings listens.
    let public_url = match &config.public_url {
        Some(url) => url.clone(),
        None => Url::parse(&format!("http://{}", config.listen))?,
    };
    let operations = bind_operations(config)?;
    wait_for_database(config).await?;
    let app = assemble(config, &public_url, mail_api_url).await?;
    let operations = operations.map(|listener| start_operations(listener, &app)).transpose()?;
    let jobs = BackgroundJobs::start(app);
    tracing::info!(%public_url, environment = ?config.environment, "working");
    Ok(Worker { jobs, operations })
}
