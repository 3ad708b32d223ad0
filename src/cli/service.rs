//! Starting and stopping everything that makes up the running service.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use actix_web::dev::ServerHandle;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};
use url::Url;

use super::{CliError, common::assemble};
use crate::{
    app::App,
    config::{Config, Environment, OperationsListen},
    http, jobs, mailbox,
    policy::PasswordPolicy,
};

/// Where the development mailbox listens, unless the port is taken.
const MAILBOX_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8025);

/// A service that answers and works.
pub(super) struct Service {
    pub(super) app: App,
    pub(super) public_url: Url,
    /// The embedded mailbox, where there is one.
    pub(super) mailbox_url: Option<Url>,
    servers: Vec<ServerHandle>,
    stop_jobs: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    jobs: JoinHandle<()>,
}

/// `serve`: until SIGTERM or Ctrl-C.
pub(super) async fn serve(config: Config) -> Result<(), CliError> {
    let listener = bind(config.listen)?;
    let listen = listener.local_addr()?;
    let operations = bind_operations(&config)?;
    let mut service = Service::start(&config, listener, operations).await?;
    tracing::info!(%listen, public_url = %service.public_url, environment = ?config.environment, "serving");
    if let Some(url) = &service.mailbox_url {
        tracing::info!(%url, "development mailbox");
    }
    if PasswordPolicy::new(&config.password).is_below_nist() {
        tracing::warn!(
            profile = config.password.profile.as_str(),
            "passwords may be shorter than the 15 characters that NIST SP 800-63B-4 asks for"
        );
    }
    tokio::select! {
        signal = stop_signal() => signal?,
        // Without them no mail goes out: better restarted.
        ended = &mut service.jobs => return ended.map_err(|error| format!("the jobs ended early: {error}").into()),
    }
    tracing::info!("stopping: requests and jobs under way are finished");
    service.stop().await;
    Ok(())
}

impl Service {
    /// Checks or migrates the database, builds the parts, opens the doors.
    pub(super) async fn start(
        config: &Config,
        listener: TcpListener,
        operations: Option<TcpListener>,
    ) -> Result<Self, CliError> {
        let public_url = match &config.public_url {
            Some(url) => url.clone(),
            None => Url::parse(&format!("http://{}", listener.local_addr()?))?,
        };
        let mut servers = Vec::new();
        let mut tasks = Vec::new();
        let mut mailbox_url = None;
        let mail_api_url = if let Some(url) = &config.mail.api_url {
            url.clone()
        } else {
            let listener = bind_or_any_port(MAILBOX_ADDRESS)?;
            let url = Url::parse(&format!("http://{}", listener.local_addr()?))?;
            let server = mailbox::start(listener)?;
            servers.push(server.handle());
            tasks.push(tokio::spawn(async move { report(server.await) }));
            mailbox_url = Some(url.clone());
            url
        };
        let app = assemble(config, &public_url, mail_api_url).await?;
        if let Some(listener) = operations {
            let server = http::start_operations(listener, app.clone())?;
            servers.push(server.handle());
            tasks.push(tokio::spawn(async move { report(server.await) }));
        }
        let parts = http::Parts { pages: config.pages, docs: config.docs };
        let server = http::start(listener, app.clone(), parts, |_| {})?;
        servers.push(server.handle());
        tasks.push(tokio::spawn(async move { report(server.await) }));
        let (stop_jobs, stopped) = watch::channel(false);
        let jobs = tokio::spawn(jobs::run(app.clone(), stopped));
        Ok(Self { app, public_url, mailbox_url, servers, stop_jobs, tasks, jobs })
    }

    /// Takes no new requests and jobs, and waits for those under way.
    pub(super) async fn stop(self) {
        // The service before its mailbox: a mail under way still finds it.
        for server in self.servers.into_iter().rev() {
            server.stop(true).await;
            self.stop_jobs.send_replace(true);
        }
        for task in self.tasks.into_iter().chain([self.jobs]) {
            drop(task.await);
        }
    }
}

pub(super) fn report(outcome: io::Result<()>) {
    if let Err(error) = outcome {
        tracing::error!(%error, "a listener failed");
    }
}

pub(super) fn bind(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).map_err(|error| format!("cannot listen on {address}: {error}").into())
}

/// The operations listener, where there is to be one. That nobody asked for it and its port is taken is no reason to
/// stop in development; in production nobody would notice that the metrics are another process's.
pub(super) fn bind_operations(config: &Config) -> Result<Option<TcpListener>, CliError> {
    let Some(OperationsListen { address, is_default }) = config.operations else { return Ok(None) };
    match TcpListener::bind(address) {
        Err(error)
            if is_default
                && config.environment == Environment::Development
                && error.kind() == io::ErrorKind::AddrInUse =>
        {
            tracing::warn!(%address, "the port is taken, so metrics are told nowhere; set STAKIS_OPS_LISTEN");
            Ok(None)
        }
        Err(error) => Err(format!("cannot listen on {address} (STAKIS_OPS_LISTEN): {error}").into()),
        Ok(listener) => {
            tracing::info!(address = %listener.local_addr()?, "metrics listener");
            Ok(Some(listener))
        }
    }
}

/// A taken port is no reason to stop in development.
pub(super) fn bind_or_any_port(address: SocketAddr) -> Result<TcpListener, CliError> {
    match TcpListener::bind(address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => bind(SocketAddr::new(address.ip(), 0)),
        other => other.map_err(|error| format!("cannot listen on {address}: {error}").into()),
    }
}

pub(super) async fn stop_signal() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
