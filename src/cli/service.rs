//! The start and the stop of the running service with all its parts.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use tokio::time;
use url::Url;

use super::{
    CliError,
    background::{BackgroundJobs, StopSignals},
    common::assemble,
    listeners::{RunningServer, bind, bind_operations, bind_or_any_port},
    starting::{Started, wait_for_database},
};
use crate::{app::App, config::Config, http, inbound, jobs::Background, mailbox, policy::PasswordPolicy};

/// The address of the development mailbox, unless the port is taken.
const MAILBOX_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8025);

/// How long a stop takes at most. It is longer than any request, and with the time to drain shorter than the 30 s after
/// which Kubernetes kills a process.
pub(super) const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// A running service.
pub(super) struct Service {
    pub(super) app: App,
    pub(super) public_url: Url,
    server: RunningServer,
    operations: Option<RunningServer>,
    mailbox: Option<EmbeddedMailbox>,
    jobs: BackgroundJobs,
}

struct EmbeddedMailbox {
    url: Url,
    server: RunningServer,
}

/// Runs `serve` until SIGTERM or Ctrl-C.
pub(super) async fn serve(config: Config, background: Background) -> Result<(), CliError> {
    let mut signals = StopSignals::listen()?;
    let open_files = inbound::raise_limit_of_open_files();
    tracing::debug!(open_files, "limit of open files");
    let listener = bind(config.listen)?;
    let listen = listener.local_addr()?;
    let operations = bind_operations(&config)?;
    let public_url = public_url(&config, &listener)?;
    if let Started::Stopped = wait_for_database(&config, &public_url, Some(&listener), &mut signals).await? {
        return Ok(());
    }
    let mut service = Service::start(&config, listener, operations, background).await?;
    service.log_addresses(&config, listen);
    warn_of_short_passwords(&config);
    service.jobs.run_until_signal(&mut signals).await?;
    service.drain(&mut signals).await;
    service.end().await
}

fn warn_of_short_passwords(config: &Config) {
    if PasswordPolicy::new(&config.password).is_below_nist() {
        tracing::warn!(
            profile = config.password.profile.as_str(),
            "passwords may be shorter than the 15 characters that NIST SP 800-63B-4 asks for"
        );
    }
}

impl Service {
    /// Builds the parts on a database that is prepared, and opens the listeners.
    pub(super) async fn start(
        config: &Config,
        listener: TcpListener,
        operations: Option<TcpListener>,
        background: Background,
    ) -> Result<Self, CliError> {
        let public_url = public_url(config, &listener)?;
        let (mail_api_url, mailbox) = if let Some(url) = &config.mail.api_url {
            (url.clone(), None)
        } else {
            let mailbox = EmbeddedMailbox::start()?;
            (mailbox.url.clone(), Some(mailbox))
        };
        let app = assemble(config, &public_url, mail_api_url).await?;
        let operations = operations.map(|listener| http::start_operations(listener, app.clone())).transpose()?;
        let operations = operations.map(RunningServer::start);
        let parts = http::Parts { pages: config.pages, docs: config.docs };
        let server = RunningServer::start(http::start(listener, app.clone(), parts)?);
        let jobs = BackgroundJobs::start(app.clone(), background);
        Ok(Self { app, public_url, server, operations, mailbox, jobs })
    }

    fn log_addresses(&self, config: &Config, listen: SocketAddr) {
        tracing::info!(%listen, public_url = %self.public_url, environment = ?config.environment, "serving");
        if let Some(url) = self.mailbox_url() {
            tracing::info!(%url, "development mailbox");
        }
    }

    /// The address of the embedded mailbox, if there is one.
    pub(super) fn mailbox_url(&self) -> Option<&Url> {
        self.mailbox.as_ref().map(|mailbox| &mailbox.url)
    }

    /// Tells load balancers to send no more, and goes on serving until they have noticed. A second signal ends that.
    async fn drain(&self, signals: &mut StopSignals) {
        self.app.readiness.drain();
        let drain = self.app.config.drain.to_std().unwrap_or_default();
        if !drain.is_zero() {
            tracing::info!(seconds = drain.as_secs(), "draining: /readyz says 503, and calls are still served");
        }
        tokio::select! {
            () = time::sleep(drain) => {}
            () = signals.next() => {}
        }
    }

    /// Stops, and hands the last spans over.
    async fn end(self) -> Result<(), CliError> {
        tracing::info!("stopping: requests and jobs that run are finished");
        let tracer = self.app.tracer.clone();
        let stopped = self.stop().await;
        tracer.shut_down().await;
        stopped
    }

    /// Accepts no new requests and jobs, and waits for those that run, up to [`STOP_PATIENCE`].
    pub(super) async fn stop(self) -> Result<(), CliError> {
        let stopped = time::timeout(STOP_PATIENCE, self.finish()).await;
        stopped.unwrap_or_else(|_| Err("some requests or jobs did not end in time, and are given up".into()))
    }

    async fn finish(self) -> Result<(), CliError> {
        // The jobs finish before the mailbox stops, so that a mail under way still finds it.
        let (finished, ()) = tokio::join!(self.jobs.finish(), self.server.stop());
        if let Some(operations) = self.operations {
            operations.stop().await;
        }
        if let Some(mailbox) = self.mailbox {
            mailbox.server.stop().await;
        }
        Ok(finished?)
    }
}

impl EmbeddedMailbox {
    fn start() -> Result<Self, CliError> {
        let listener = bind_or_any_port(MAILBOX_ADDRESS)?;
        Ok(Self { url: address_of(&listener)?, server: RunningServer::start(mailbox::start(listener)?) })
    }
}

/// The address of the settings or, in development, that of the listener.
fn public_url(config: &Config, listener: &TcpListener) -> Result<Url, CliError> {
    config.public_url.as_ref().map_or_else(|| address_of(listener), |url| Ok(url.clone()))
}

fn address_of(listener: &TcpListener) -> Result<Url, CliError> {
    Ok(Url::parse(&format!("http://{}", listener.local_addr()?))?)
}
