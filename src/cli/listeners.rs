//! The listeners: binding them, and stopping the servers on them.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use actix_web::dev::{Server, ServerHandle};
use tokio::task::JoinHandle;

use super::CliError;
use crate::config::{Config, Environment, OperationsListen};

/// A server that answers in a task of its own.
pub(super) struct RunningServer {
    handle: ServerHandle,
    task: JoinHandle<()>,
}

impl RunningServer {
    pub(super) fn start(server: Server) -> Self {
        let handle = server.handle();
        let task = tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "a listener failed");
            }
        });
        Self { handle, task }
    }

    /// Accepts no new requests and waits for those that run.
    pub(super) async fn stop(self) {
        self.handle.stop(true).await;
        drop(self.task.await);
    }
}

pub(super) fn bind(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).map_err(|error| format!("cannot listen on {address}: {error}").into())
}

/// Binds a listener of development, at another port where its own is taken.
pub(super) fn bind_or_any_port(address: SocketAddr) -> Result<TcpListener, CliError> {
    match TcpListener::bind(address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => bind(SocketAddr::new(address.ip(), 0)),
        other => other.map_err(|error| format!("cannot listen on {address}: {error}").into()),
    }
}

/// The listener for metrics, if the settings ask for one. A taken default port does not end a process in development.
/// In production it does: otherwise the metrics on that port would be another process's without anyone noticing.
pub(super) fn bind_operations(config: &Config) -> Result<Option<TcpListener>, CliError> {
    let Some(OperationsListen { address, is_default }) = config.operations else { return Ok(None) };
    let may_go_without = is_default && config.environment == Environment::Development;
    match TcpListener::bind(address) {
        Err(error) if may_go_without && error.kind() == io::ErrorKind::AddrInUse => {
            tracing::warn!(%address, "the port is taken, so there are no metrics; set STAKIS_OPS_LISTEN");
            Ok(None)
        }
        Err(error) => Err(format!("cannot listen on {address} (STAKIS_OPS_LISTEN): {error}").into()),
        Ok(listener) => {
            let has_support_page = config.support_page.is_some();
            tracing::info!(address = %listener.local_addr()?, has_support_page, "metrics listener");
            Ok(Some(listener))
        }
    }
}
