//! The addresses behind a name.

use std::{io, net::IpAddr};

use futures_util::future::BoxFuture;
use tokio::net::lookup_host;

/// Asks which addresses a name leads to.
pub(super) trait LookUp: Send + Sync {
    /// All addresses of a name.
    fn look_up(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The resolver of this machine.
pub(super) struct SystemLookUp;

impl LookUp for SystemLookUp {
    fn look_up(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) })
    }
}
