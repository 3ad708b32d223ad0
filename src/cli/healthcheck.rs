//! `healthcheck`: whether a process with the same settings is alive on this machine.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use reqwest::StatusCode;
use url::Url;

use super::CliError;
use crate::{
    config::Config,
    outbound::{ExchangeLimits, OutboundClient},
};

/// How long the process may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks `/livez` on the public listener, and where nobody answers on the operations listener, which a worker has alone.
pub(super) async fn run(config: &Config) -> Result<ExitCode, CliError> {
    let addresses = [Some(config.listen), config.operations.map(|operations| operations.address)];
    for address in addresses.into_iter().flatten() {
        if is_alive(reachable(address)).await? {
            return Ok(ExitCode::SUCCESS);
        }
    }
    Err("no process with these settings answers".into())
}

async fn is_alive(address: SocketAddr) -> Result<bool, CliError> {
    let base = Url::parse(&format!("http://{address}/"))?;
    let limits = ExchangeLimits { timeout: PATIENCE, longest_answer: 1024 };
    let answered = OutboundClient::for_service(&base, limits)?.get("livez").send().await;
    Ok(answered.is_ok_and(|answer| answer.status == StatusCode::NO_CONTENT))
}

/// The address by which this machine reaches a listener of its own.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
