//! The background jobs alone: more hands for a queue than the processes that answer requests have.

use tokio::sync::watch;
use url::Url;

use super::{
    CliError,
    common::assemble,
    service::{bind_operations, report, stop_signal},
};
use crate::{config::Config, http, jobs};

/// `worker`: until SIGTERM or Ctrl-C.
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
    let metrics = match operations {
        Some(listener) => {
            let server = http::start_operations(listener, app.clone())?;
            let handle = server.handle();
            tokio::spawn(async move { report(server.await) });
            Some(handle)
        }
        None => None,
    };
    let (stop_jobs, stopped) = watch::channel(false);
    let mut jobs = tokio::spawn(jobs::run(app, stopped));
    tracing::info!(%public_url, environment = ?config.environment, "working");
    tokio::select! {
        signal = stop_signal() => signal?,
        // A worker that does not work any more is better restarted.
        ended = &mut jobs => return ended.map_err(|error| format!("the jobs ended early: {error}").into()),
    }
    tracing::info!("stopping: jobs under way are finished");
    stop_jobs.send_replace(true);
    jobs.await?;
    if let Some(metrics) = metrics {
        metrics.stop(true).await;
    }
    Ok(())
}
