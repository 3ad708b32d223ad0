//! `worker`: the background jobs alone, beside the processes that answer requests.

use url::Url;

use super::{
    CliError,
    background::BackgroundJobs,
    common::assemble,
    listeners::{bind_operations, start_operations},
};
use crate::config::Config;

/// Runs `worker` until SIGTERM or Ctrl-C.
pub(super) async fn run(config: Config) -> Result<(), CliError> {
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
    let operations = bind_operations(&config)?;
    let app = assemble(&config, &public_url, mail_api_url).await?;
    let operations = operations.map(|listener| start_operations(listener, &app)).transpose()?;
    let mut jobs = BackgroundJobs::start(app);
    tracing::info!(%public_url, environment = ?config.environment, "working");
    jobs.run_until_signal().await?;
    tracing::info!("stopping: jobs under way are finished");
    jobs.finish().await?;
    if let Some(operations) = operations {
        operations.stop().await;
    }
    Ok(())
}
