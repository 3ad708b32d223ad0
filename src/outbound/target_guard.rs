//! Where calls may lead whose addresses other people choose: webhooks. Without a guard the owner of an endpoint could
//! have this service call what only its own machines reach (server-side request forgery, WH-07).
//!
//! An address is checked twice. [`TargetGuard::check`] refuses it when it is registered. What counts is the second check,
//! [`TargetGuard::resolve`]: it runs whenever a connection is opened, and the connection goes to the very addresses that
//! passed. A name that leads elsewhere by then (DNS rebinding) gains nothing.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use nix::ifaddrs::getifaddrs;
use thiserror::Error;
use tokio::{sync::Semaphore, time};
use url::{Host, Url};

use super::{
    look_up::{LookUp, SystemLookUp},
    special_networks::is_public,
};
use crate::types::AllowedTarget;

/// How long a look-up may take. A refusal after one takes this long whatever its reason, or the time would tell whether an
/// inner name exists.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many look-ups run at a time. Each holds a thread until the resolver of the machine gives up.
const LOOK_UPS: usize = 64;
/// How long the addresses of this service are remembered.
const OWN_KEPT_FOR: Duration = Duration::from_mins(1);

/// The address leads nowhere that may be called. The reason is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("address not allowed")]
pub(crate) struct TargetNotAllowed;

/// What may be called.
#[derive(Debug, Clone)]
pub(crate) struct TargetRules {
    /// The ports of public addresses.
    pub(crate) ports: Vec<u16>,
    /// Further addresses, which may be called by http too. Production has none.
    pub(crate) allow: Vec<AllowedTarget>,
    /// The host of this service, which is not to call itself.
    pub(crate) own_host: Option<String>,
}

/// The check of addresses that other people choose.
pub(crate) struct TargetGuard {
    rules: TargetRules,
    look_up: Box<dyn LookUp>,
    look_ups: Arc<Semaphore>,
    patience: Duration,
    own: Mutex<Option<(Instant, Vec<IpAddr>)>>,
}

/// What an address names, before any look-up.
enum Place<'a> {
    /// An address that is allowed by itself.
    Address,
    /// A name with the port; `is_plain` where public addresses may be called so.
    Name { name: &'a str, port: u16, is_plain: bool },
}

impl TargetGuard {
    /// The guard with the resolver of this machine.
    pub(crate) fn new(rules: TargetRules) -> Self {
        Self::with(rules, Box::new(SystemLookUp))
    }

    fn with(rules: TargetRules, look_up: Box<dyn LookUp>) -> Self {
        let look_ups = Arc::new(Semaphore::new(LOOK_UPS));
        Self { rules, look_up, look_ups, patience: PATIENCE, own: Mutex::new(None) }
    }

    /// Checks an address that is to be registered. It looks the name up, and every refusal after a look-up takes the same
    /// time. What the address alone forbids is refused at once: who has written it knows that.
    pub(crate) async fn check(&self, url: &Url) -> Result<(), TargetNotAllowed> {
        self.place(url)?;
        let refusal = time::sleep(self.patience);
        let checked = self.check_now(url).await;
        if checked.is_err() {
            refusal.await;
        }
        checked
    }

    /// Checks an address directly before a call. In production the name itself is checked by [`Self::resolve`].
    pub(super) async fn check_before_call(&self, url: &Url) -> Result<(), TargetNotAllowed> {
        if self.rules.allow.is_empty() { self.place(url).map(drop) } else { self.check_now(url).await }
    }

    /// The addresses behind a name that a connection may be opened to.
    pub(super) async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, TargetNotAllowed> {
        let mut addresses = self.look_up(name).await?;
        let own = self.own_addresses().await;
        addresses.retain(|ip| is_foreign(*ip, &own) || self.rules.allow.iter().any(|one| one.has(*ip)));
        if addresses.is_empty() { Err(TargetNotAllowed) } else { Ok(addresses) }
    }

    async fn check_now(&self, url: &Url) -> Result<(), TargetNotAllowed> {
        let Place::Name { name, port, is_plain } = self.place(url)? else { return Ok(()) };
        let addresses = self.look_up(name).await?;
        let own = self.own_addresses().await;
        let is_right =
            |ip: &IpAddr| is_plain && is_foreign(*ip, &own) || self.is_allowed(SocketAddr::new(*ip, port));
        addresses.iter().any(is_right).then_some(()).ok_or(TargetNotAllowed)
    }

    /// Reads an address, and refuses what needs no look-up. An address without a name is none of anybody on the internet:
    /// no certificate vouches for it.
    fn place<'a>(&self, url: &'a Url) -> Result<Place<'a>, TargetNotAllowed> {
        let port = url.port_or_known_default().ok_or(TargetNotAllowed)?;
        let name = match url.host().ok_or(TargetNotAllowed)? {
            Host::Domain(name) => name,
            Host::Ipv4(ip) => return self.literal(SocketAddr::new(ip.into(), port)),
            Host::Ipv6(ip) => return self.literal(SocketAddr::new(ip.into(), port)),
        };
        let has_dot = name.trim_end_matches('.').contains('.');
        let is_own = self.rules.own_host.as_deref() == Some(name.trim_end_matches('.'));
        let is_plain = url.scheme() == "https" && self.rules.ports.contains(&port) && has_dot && !is_own;
        if is_plain || !self.rules.allow.is_empty() {
            Ok(Place::Name { name, port, is_plain })
        } else {
            Err(TargetNotAllowed)
        }
    }

    fn literal<'a>(&self, target: SocketAddr) -> Result<Place<'a>, TargetNotAllowed> {
        if self.is_allowed(target) { Ok(Place::Address) } else { Err(TargetNotAllowed) }
    }

    fn is_allowed(&self, target: SocketAddr) -> bool {
        self.rules.allow.iter().any(|one| one.contains(target))
    }

    /// Looks a name up, in a task that keeps its permit until the resolver is done.
    async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, TargetNotAllowed> {
        let asked = async {
            let permit = self.look_ups.clone().acquire_owned().await.map_err(|_| TargetNotAllowed)?;
            let look_up = self.look_up.look_up(name.to_owned());
            let task = tokio::spawn(async move {
                let found = look_up.await;
                drop(permit);
                found
            });
            task.await.map_err(|_| TargetNotAllowed)?.map_err(|_| TargetNotAllowed)
        };
        time::timeout(self.patience, asked).await.map_err(|_| TargetNotAllowed)?
    }

    /// The addresses of this machine, and those that the address of this service leads to.
    async fn own_addresses(&self) -> Vec<IpAddr> {
        let kept = self.own.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, own)) = kept.filter(|(since, _)| since.elapsed() < OWN_KEPT_FOR) {
            return own;
        }
        let mut own = addresses_of_machine();
        if let Some(host) = &self.rules.own_host {
            own.extend(self.look_up(host).await.unwrap_or_default());
        }
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), own.clone()));
        own
    }
}

/// Whether the address is a public one of somebody else.
fn is_foreign(ip: IpAddr, own: &[IpAddr]) -> bool {
    is_public(ip) && !own.contains(&ip)
}

/// The addresses of the network interfaces.
fn addresses_of_machine() -> Vec<IpAddr> {
    let Ok(interfaces) = getifaddrs() else { return Vec::new() };
    let of_v4 = |address: &nix::sys::socket::SockaddrStorage| Some(IpAddr::V4(address.as_sockaddr_in()?.ip()));
    let of_v6 = |address: &nix::sys::socket::SockaddrStorage| Some(IpAddr::V6(address.as_sockaddr_in6()?.ip()));
    let addresses = interfaces.filter_map(|interface| interface.address);
    addresses.filter_map(|address| of_v4(&address).or_else(|| of_v6(&address))).collect()
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        io,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use futures_util::future::BoxFuture;

    use super::*;

    /// Names that lead to fixed addresses, one after the other where there are several sets.
    struct Names {
        known: HashMap<&'static str, Vec<Vec<IpAddr>>>,
        asked: AtomicUsize,
    }

    impl LookUp for Names {
        fn look_up(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            let asked = self.asked.fetch_add(1, Ordering::Relaxed);
            let sets = self.known.get(name.as_str()).cloned();
            Box::pin(async move {
                let sets = sets.ok_or(io::ErrorKind::NotFound)?;
                Ok(sets[asked.min(sets.len() - 1)].clone())
            })
        }
    }

    fn guard(allow: &[&str], names: &[(&'static str, &[&[&str]])]) -> TargetGuard {
        let parse = |set: &&[&str]| set.iter().map(|ip| ip.parse().unwrap()).collect();
        let known = names.iter().map(|(name, sets)| (*name, sets.iter().map(parse).collect())).collect();
        let allow = allow.iter().map(|text| AllowedTarget::parse(text).unwrap()).collect();
        let rules = TargetRules { ports: vec![443, 8443], allow, own_host: Some("identity.example".to_owned()) };
        TargetGuard::with(rules, Box::new(Names { known, asked: AtomicUsize::new(0) }))
    }

    const PUBLIC: &str = "93.184.216.34";
    const NAMES: &[(&str, &[&[&str]])] = &[
        ("hooks.example", &[&[PUBLIC]]),
        ("six.example", &[&["2606:4700::1111"]]),
        ("inner.example", &[&["10.0.0.7"]]),
        ("loop.example", &[&["127.0.0.1", "::1"]]),
        ("mixed.example", &[&["10.0.0.7", PUBLIC]]),
        ("identity.example", &[&["8.8.4.4"]]),
        ("balancer.example", &[&["8.8.4.4"]]),
        ("mapped.example", &[&["::ffff:10.0.0.7"]]),
        ("localhost", &[&["127.0.0.1"]]),
    ];

    async fn is_allowed(guard: &TargetGuard, url: &str) -> bool {
        guard.check_now(&url.parse().unwrap()).await.is_ok()
    }

    #[tokio::test]
    async fn wh_07_only_names_of_public_addresses_are_allowed() {
        let guard = guard(&[], NAMES);
        for url in [
            "https://hooks.example/a",
            "https://six.example",
            "https://hooks.example:8443",
            "https://mixed.example",
        ] {
            assert!(is_allowed(&guard, url).await, "{url}");
        }
        for url in [
            "http://hooks.example/",
            "https://hooks.example:8080/",
            "https://hooks.example:22/",
            "https://inner.example/",
            "https://loop.example/",
            "https://mapped.example/",
            "https://unknown.example/",
            "https://localhost/",
            "https://93.184.216.34/",
            "https://127.0.0.1/",
            "https://[2606:4700::1111]/",
            "https://[::1]/",
            "https://identity.example/",
            "https://identity.example./",
            "https://balancer.example/",
        ] {
            assert!(!is_allowed(&guard, url).await, "{url}");
        }
    }

    #[tokio::test]
    async fn wh_07_a_connection_goes_to_public_addresses_alone() {
        let guard = guard(&[], NAMES);
        assert_eq!(guard.resolve("mixed.example").await, Ok(vec![PUBLIC.parse().unwrap()]));
        for name in ["inner.example", "loop.example", "mapped.example", "unknown.example", "balancer.example"] {
            assert_eq!(guard.resolve(name).await, Err(TargetNotAllowed), "{name}");
        }
        let machine = addresses_of_machine();
        assert!(machine.iter().any(IpAddr::is_loopback), "{machine:?}");
    }

    /// The name leads to a public address when it is registered, and to this machine when it is called.
    #[tokio::test]
    async fn wh_07_a_name_that_changes_is_checked_at_each_connection() {
        let guard = guard(&[], &[("rebinding.example", &[&[PUBLIC], &["127.0.0.1"]])]);
        *guard.own.lock().unwrap() = Some((Instant::now(), Vec::new()));
        assert!(is_allowed(&guard, "https://rebinding.example/").await);
        assert_eq!(guard.resolve("rebinding.example").await, Err(TargetNotAllowed));
    }

    #[tokio::test]
    async fn wh_07_development_may_allow_networks_and_ports() {
        let guard = guard(&["127.0.0.0/8:9999", "10.0.0.7:*"], NAMES);
        for url in [
            "http://127.0.0.1:9999/",
            "http://localhost:9999/",
            "http://inner.example:81/",
            "https://hooks.example/",
        ] {
            assert!(is_allowed(&guard, url).await, "{url}");
        }
        for url in
            ["http://127.0.0.1:9998/", "http://localhost/", "http://hooks.example/", "https://hooks.example:22/"]
        {
            assert!(!is_allowed(&guard, url).await, "{url}");
        }
    }

    /// Neither whether a name exists nor where it leads shows in the time.
    #[tokio::test]
    async fn wh_07_every_refusal_of_a_name_takes_the_same_time() {
        let patience = Duration::from_millis(300);
        let guard = TargetGuard { patience, ..guard(&[], NAMES) };
        for url in ["https://inner.example/", "https://unknown.example/", "https://loop.example/"] {
            let begun = Instant::now();
            assert_eq!(guard.check(&url.parse().unwrap()).await, Err(TargetNotAllowed));
            assert!(begun.elapsed() >= patience, "{url}");
        }
        assert_eq!(guard.check(&"https://hooks.example/".parse().unwrap()).await, Ok(()));
    }
}
