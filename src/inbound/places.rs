//! How many connections are open, of each source and in all.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;

use super::bounds::Bounds;
use crate::types::text_enum;

text_enum! {
    /// The bound that a connection has met.
    pub enum Bound {
        /// The source has as many connections as one source may have.
        Source = "source",
        /// There are as many connections as there may be.
        All = "all",
    }
}

/// What has happened to the connections of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// One more is open.
    Opened,
    /// One fewer is open.
    Closed,
    /// One was closed at once, because of this bound.
    Refused(Bound),
}

/// Hears of every change.
pub(super) type Observer = Arc<dyn Fn(Change) + Send + Sync>;

/// How much of an IPv6 address is one source: a /56, which a household or a server gets. Of IPv4 it is the whole address.
const SOURCE_LENGTH_IN_IPV6: u8 = 56;

/// The connections of one listener.
pub(super) struct Places {
    of_source: usize,
    in_all: usize,
    trusted_proxies: Vec<IpNet>,
    taken: Mutex<Taken>,
    observer: Observer,
}

#[derive(Default)]
struct Taken {
    in_all: usize,
    /// Sources without a connection are not listed, so the list is never longer than there are connections.
    by_source: HashMap<IpAddr, usize>,
}

/// The place of one open connection. Dropping it gives the place back.
pub(super) struct Place {
    places: Arc<Places>,
    /// The source that the connection counts for; `None` for a trusted proxy, whose connections are those of all of its
    /// clients.
    source: Option<IpAddr>,
}

impl Places {
    pub(super) fn new(bounds: &Bounds, trusted_proxies: Vec<IpNet>, observer: Observer) -> Self {
        let &Bounds { of_source, in_all, .. } = bounds;
        Self { of_source, in_all, trusted_proxies, taken: Mutex::default(), observer }
    }

    /// Takes a place for a connection of this peer, unless a bound is met.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let is_trusted = self.trusted_proxies.iter().any(|network| network.contains(&peer));
        let source = (!is_trusted).then(|| source_of(peer));
        let change = self.count(source).map_or(Change::Opened, Change::Refused);
        (self.observer)(change);
        (change == Change::Opened).then(|| Place { places: self.clone(), source })
    }

    /// Counts one more connection. Returns the bound that it would exceed, and then counts nothing.
    fn count(&self, source: Option<IpAddr>) -> Option<Bound> {
        let mut taken = self.taken();
        if taken.in_all >= self.in_all {
            return Some(Bound::All);
        }
        if let Some(source) = source {
            let of_source = taken.by_source.get(&source).copied().unwrap_or(0);
            if of_source >= self.of_source {
                return Some(Bound::Source);
            }
            taken.by_source.insert(source, of_source + 1);
        }
        taken.in_all += 1;
        None
    }

    fn give_back(&self, source: Option<IpAddr>) {
        let mut taken = self.taken();
        taken.in_all = taken.in_all.saturating_sub(1);
        let Some(source) = source else { return };
        match taken.by_source.get(&source).copied() {
            Some(others) if others > 1 => {
                taken.by_source.insert(source, others - 1);
            }
            _ => {
                taken.by_source.remove(&source);
            }
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Whether this connection has to be idle for a shorter time than usual, since more than half of all places are
    /// taken. A proxy keeps its time: it would take a connection that is closed early for a failure of the service.
    pub(super) fn is_crowded(&self) -> bool {
        self.source.is_some() && self.places.taken().in_all > self.places.in_all / 2
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.give_back(self.source);
        (self.places.observer)(Change::Closed);
    }
}

fn source_of(peer: IpAddr) -> IpAddr {
    if peer.is_ipv4() {
        return peer;
    }
    IpNet::new(peer, SOURCE_LENGTH_IN_IPV6).map_or(peer, |network| network.trunc().addr())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn places(of_source: usize, in_all: usize) -> (Arc<Places>, Arc<Mutex<Vec<Change>>>) {
        let second = Duration::from_secs(1);
        let bounds = Bounds {
            head: second,
            body: second,
            handling: second,
            answer: second,
            idle: second,
            idle_when_crowded: second,
            of_source,
            in_all,
        };
        let seen = Arc::new(Mutex::new(Vec::new()));
        let observer: Observer = {
            let seen = seen.clone();
            Arc::new(move |change| seen.lock().unwrap().push(change))
        };
        (Arc::new(Places::new(&bounds, vec!["192.0.2.0/28".parse().unwrap()], observer)), seen)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn ap_04_a_source_has_its_places_and_no_more_and_gives_them_back() {
        let (places, seen) = places(2, 100);
        let first = places.take(address("198.51.100.1")).unwrap();
        // The same address, written as one of IPv6.
        let second = places.take(address("::ffff:198.51.100.1")).unwrap();
        assert!(places.take(address("198.51.100.1")).is_none());
        assert!(places.take(address("198.51.100.2")).is_some(), "another source");
        drop(first);
        assert!(places.take(address("198.51.100.1")).is_some(), "a place that was given back");
        drop(second);
        assert!(places.taken().by_source.is_empty() && places.taken().in_all == 0);
        assert_eq!(
            seen.lock().unwrap().iter().filter(|change| **change == Change::Refused(Bound::Source)).count(),
            1
        );
    }

    #[test]
    fn ap_04_a_block_of_ipv6_is_one_source() {
        let (places, _) = places(1, 100);
        let _place = places.take(address("2001:db8:1:200::1")).unwrap();
        assert!(places.take(address("2001:db8:1:2ff:3::4")).is_none());
        assert!(places.take(address("2001:db8:1:300::1")).is_some());
    }

    #[test]
    fn ap_04_connections_in_all_are_bounded_and_a_proxy_is_no_source() {
        let (places, seen) = places(1, 4);
        let mut open: Vec<Place> = (0..2).map(|_| places.take(address("192.0.2.7")).unwrap()).collect();
        assert!(open.iter().all(|place| !place.is_crowded()));
        open.push(places.take(address("198.51.100.1")).unwrap());
        assert!(open[2].is_crowded(), "three of four places are taken");
        assert!(!open[0].is_crowded(), "a proxy keeps its time");
        open.push(places.take(address("192.0.2.7")).unwrap());
        assert!(places.take(address("198.51.100.2")).is_none());
        assert!(places.take(address("192.0.2.7")).is_none());
        assert_eq!(seen.lock().unwrap().last(), Some(&Change::Refused(Bound::All)));
        open.clear();
        assert!(places.take(address("198.51.100.2")).is_some());
    }
}
