//! The start and the stop of the running service with all its parts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use url::Url;

use super::{
    CliError,
    background::BackgroundJobs,
    common::{assemble, wait_for_database},
    listeners::{RunningServer, bind, bind_operations, bind_or_any_port, start_operations},
};
use crate::{app::App, config::Config, http, inbound, mailbox, policy::PasswordPolicy};

/// The address of the development mailbox, unless the port is taken.
const MAILBOX_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8025);

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
pub(super) async fn serve(config: Config) -> Result<(), CliError> {
    let open_files = inbound::raise_limit_of_open_files();
    tracing::debug!(open_files, "limit of open files");
    let listener = bind(config.listen)?;
    let listen = listener.local_addr()?;
    let operations = bind_operations(&config)?;
    wait_for_database(&config).await?;
    let mut service = Service::start(&config, listener, operations).await?;
    service.log_addresses(&config, listen);
    warn_of_short_passwords(&config);
    service.jobs.run_until_signal().await?;
    tracing::info!("stopping: requests and jobs that run are finished");
    service.stop().await
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
    ) -> Result<Self, CliError> {
        let public_url = match &config.public_url {
            Some(url) => url.clone(),
            None => address_of(&listener)?,
        };
        let (mail_api_url, mailbox) = if let Some(url) = &config.mail.api_url {
            (url.clone(), None)
        } else {
            let mailbox = EmbeddedMailbox::start()?;
            (mailbox.url.clone(), Some(mailbox))
        };
        let app = assemble(config, &public_url, mail_api_url).await?;
        let operations = operations.map(|listener| start_operations(listener, &app)).transpose()?;
        let parts = http::Parts { pages: config.pages, docs: config.docs };
        let server = RunningServer::start(http::start(listener, app.clone(), parts)?);
        let jobs = BackgroundJobs::start(app.clone());
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

    /// Accepts no new requests and jobs, and waits for those that run.
    pub(super) async fn stop(self) -> Result<(), CliError> {
        self.server.stop().await;
        // The jobs finish before the mailbox stops, so that a mail under way still finds it.
        let finished = self.jobs.finish().await;
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

fn address_of(listener: &TcpListener) -> Result<Url, CliError> {
    Ok(Url::parse(&format!("http://{}", listener.local_addr()?))?)
}
