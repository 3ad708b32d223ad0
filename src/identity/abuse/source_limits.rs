//! How often one source may do something, and with how many different numbers (RL-01, RL-05).

use std::net::IpAddr;

use chrono::TimeDelta;
use ipnet::IpNet;

use crate::{
    app::App,
    config::Limit,
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    metrics::{Alarm, RefusingLimit},
    store::{Allowance, StoreError, Transaction, audit_events::Event, rate_limits, tried_numbers},
    types::{CustomerNumber, RequestContext},
};

/// How often a refusal of one source goes into the audit trail: a flood of refusals must not become a flood of rows.
const NOTED: Limit = Limit { count: 1, period: TimeDelta::hours(1) };
/// How often refusals of all sources by one limit go into the audit trail.
const NOTED_IN_ALL: Limit = Limit { count: 1000, period: TimeDelta::hours(1) };

/// How much of an address is one source. A whole workshop may share one IPv4 address, and thousands of strangers a /24
/// of a mobile network. One household or server has a /64 of IPv6, and a /56 is easily rented.
#[derive(Clone, Copy)]
pub(super) enum SourcePrefix {
    /// A /32 of IPv4 or a /64 of IPv6.
    Address,
    /// A /32 of IPv4 or a /56 of IPv6.
    Site,
    /// A /24 of IPv4 or a /56 of IPv6.
    Network,
}

impl SourcePrefix {
    const fn length_in_ipv4(self) -> u8 {
        match self {
            Self::Address | Self::Site => 32,
            Self::Network => 24,
        }
    }

    const fn length_in_ipv6(self) -> u8 {
        match self {
            Self::Address => 64,
            Self::Site | Self::Network => 56,
        }
    }

    /// The source that an address belongs to.
    pub(super) fn of(self, address: IpAddr) -> String {
        let [_, _, source] = self.blocks_of(address);
        source
    }

    /// The source that an address belongs to, behind the blocks of addresses that it lies in: what a provider gets, and
    /// what a company gets.
    fn blocks_of(self, address: IpAddr) -> [String; 3] {
        let address = address.to_canonical();
        let lengths =
            if address.is_ipv4() { [16, 24, self.length_in_ipv4()] } else { [32, 48, self.length_in_ipv6()] };
        lengths.map(|length| {
            IpNet::new(address, length).map_or_else(|_| address.to_string(), |network| network.trunc().to_string())
        })
    }
}

/// One limit, and the key under which it counts the caller's source.
#[derive(Clone)]
struct SourceLimit {
    limit: Limit,
    key: String,
}

/// The limits that apply to the source of a request.
#[derive(Clone)]
pub(in crate::identity) struct SourceLimits {
    limited: RefusingLimit,
    requests: Vec<SourceLimit>,
    numbers: Option<SourceLimit>,
    recent_refusal: Option<Refusal>,
    app: App,
}

impl SourceLimits {
    /// The limits of reset requests.
    pub(in crate::identity) fn of_resets(app: &App, context: &RequestContext) -> Self {
        let limits = &app.config.limits;
        let requests =
            [(limits.reset_source, SourcePrefix::Address), (limits.reset_network, SourcePrefix::Network)];
        Self::new(app, context, RefusingLimit::Reset, &requests, limits.reset_numbers)
    }

    /// The limits of sign-ins from devices that are not known.
    pub(in crate::identity) fn of_sign_ins(app: &App, context: &RequestContext) -> Self {
        let limits = &app.config.limits;
        let requests = [(limits.sign_in_source, SourcePrefix::Site)];
        Self::new(app, context, RefusingLimit::SignIn, &requests, limits.sign_in_numbers)
    }

    fn of_unknown_tokens(app: &App, context: &RequestContext) -> Self {
        let requests = [(app.config.limits.unknown_tokens, SourcePrefix::Site)];
        Self::new(app, context, RefusingLimit::UnknownToken, &requests, None)
    }

    /// The limits of calls that only claim to come from a mail API.
    pub(super) fn of_mail_events(app: &App, context: &RequestContext) -> Self {
        let requests = [(app.config.limits.mail_events, SourcePrefix::Site)];
        Self::new(app, context, RefusingLimit::MailEvents, &requests, None)
    }

    fn new(
        app: &App,
        context: &RequestContext,
        limited: RefusingLimit,
        requests: &[(Option<Limit>, SourcePrefix)],
        numbers: Option<Limit>,
    ) -> Self {
        // On the command line there is no source.
        let place = |limit: Option<Limit>, prefix: SourcePrefix| {
            let (limit, source) = (limit?, context.source?);
            let blocks = prefix.blocks_of(source);
            // Each address family has places of its own: IPv6 addresses cost nothing, and must not fill those of IPv4.
            let family = if source.to_canonical().is_ipv4() { 4 } else { 6 };
            let place = app.keyring.source_place(&blocks);
            let length = blocks.last().and_then(|network| network.rsplit('/').next()).unwrap_or_default();
            Some(SourceLimit { limit, key: format!("{}/{family}/{length}/{place:06x}", limited.as_str()) })
        };
        let requests: Vec<_> = requests.iter().filter_map(|(limit, prefix)| place(*limit, *prefix)).collect();
        let numbers = place(numbers, SourcePrefix::Site);
        let now = app.clock.now();
        let longest_wait = requests.iter().filter_map(|limit| app.recent_refusals.wait(&limit.key, now)).max();
        let recent_refusal = longest_wait.map(Refusal::TooManyAttempts);
        Self { limited, requests, numbers, recent_refusal, app: app.clone() }
    }

    /// Whether no limit applies to the source.
    pub(in crate::identity) fn are_none(&self) -> bool {
        self.requests.is_empty() && self.numbers.is_none()
    }

    /// The refusal of a source that was refused a moment ago and still has to wait. It comes from memory, before
    /// anything that the source sends is looked at. A use case that refuses because of it calls
    /// [`Self::count_refusal`].
    pub(in crate::identity) fn recent_refusal(&self) -> Option<&Refusal> {
        self.recent_refusal.as_ref()
    }

    /// Counts a refusal in the metrics.
    pub(in crate::identity) fn count_refusal(&self) {
        self.app.metrics.limits.refused(self.limited);
    }

    /// Takes one request from each limit. This comes first in the transaction, so simultaneous requests of one source
    /// wait for each other.
    pub(in crate::identity) fn take(
        &self,
        tx: &mut Tx<'_>,
        number: Option<&CustomerNumber>,
    ) -> Result<Decision<()>, StoreError> {
        for SourceLimit { limit, key } in &self.requests {
            // A request that waited for the transaction may follow one that has met the limit meanwhile.
            if let Some(wait) = self.app.recent_refusals.wait(key, tx.now) {
                tx.note_refusal(self.limited);
                return Ok(Decision::Refused(Refusal::TooManyAttempts(wait)));
            }
            if let Allowance::Exhausted(wait) = rate_limits::take_token(tx, key, *limit)? {
                self.app.recent_refusals.remember(key.clone(), tx.now + wait, tx.now);
                tx.note_refusal(self.limited);
                if self.note(tx, "noted", key)?.is_granted() {
                    tx.entry(Event::LimitExceeded).detail(self.limited.as_str()).append(tx)?;
                }
                return Ok(Decision::Refused(Refusal::TooManyAttempts(wait)));
            }
        }
        let (Some(numbers), Some(number)) = (&self.numbers, number) else { return Ok(Decision::Done(())) };
        self.take_number(tx, numbers, number)
    }

    /// Counts the number among those that the source tries. A refusal is not remembered: the source may go on with a
    /// number that it tried before.
    fn take_number(
        &self,
        tx: &mut Tx<'_>,
        numbers: &SourceLimit,
        number: &CustomerNumber,
    ) -> Result<Decision<()>, StoreError> {
        let SourceLimit { limit, key } = numbers;
        let Allowance::Exhausted(wait) = tried_numbers::admit(tx, key, number.as_str(), *limit)? else {
            return Ok(Decision::Done(()));
        };
        tx.note_refusal(RefusingLimit::Numbers);
        if self.note(tx, "alarm", key)?.is_granted() {
            let limited = self.limited.as_str();
            self.app.metrics.alarms.raise(Alarm::Walk);
            tracing::error!(alarm = true, limited, "one source goes through many customer numbers");
            tx.entry(Event::LimitExceeded).detail(&format!("{limited}: many numbers")).append(tx)?;
        }
        Ok(Decision::Refused(Refusal::TooManyAttempts(wait)))
    }

    /// Takes note of something about a source, unless the same was noted of it within the hour, or of very many sources.
    fn note(&self, tx: &mut Transaction<'_>, what: &str, key: &str) -> Result<Allowance, StoreError> {
        match rate_limits::take_token(tx, &format!("{what}/{key}"), NOTED)? {
            Allowance::Granted => {
                rate_limits::take_token(tx, &format!("{what}/all/{}", self.limited.as_str()), NOTED_IN_ALL)
            }
            exhausted @ Allowance::Exhausted(_) => Ok(exhausted),
        }
    }

    /// Does what [`Self::note`] does, for the source of the request.
    pub(super) fn note_of_source(&self, tx: &mut Transaction<'_>, what: &str) -> Result<Allowance, StoreError> {
        match self.requests.first() {
            Some(SourceLimit { key, .. }) => self.note(tx, what, key),
            None => Ok(Allowance::Exhausted(NOTED.period)),
        }
    }

    /// Takes the number out of those that the source has tried.
    pub(in crate::identity) fn forget_number(
        &self,
        tx: &mut Transaction<'_>,
        number: &CustomerNumber,
    ) -> Result<(), StoreError> {
        self.numbers.as_ref().map_or(Ok(()), |numbers| tried_numbers::forget(tx, &numbers.key, number.as_str()))
    }
}

/// Runs the look-up of a token that only its owner can know. A token that was never issued counts against the source
/// that presented it, never against an account (TK-11). A token that was issued is accepted whatever its source did
/// before.
pub(in crate::identity) async fn counting_unknown_tokens<T>(
    app: &App,
    context: &RequestContext,
    look_up: impl Future<Output = Result<T, IdentityError>>,
) -> Result<T, IdentityError> {
    let outcome = look_up.await;
    let Err(IdentityError::Refused(refusal)) = &outcome else { return outcome };
    let limits = SourceLimits::of_unknown_tokens(app, context);
    if limits.are_none() || !refusal.is_of_unknown_token() {
        return outcome;
    }
    if let Some(refusal) = limits.recent_refusal() {
        limits.count_refusal();
        return Err(refusal.clone().into());
    }
    app.decide(context, move |tx| Ok(limits.take(tx, None)?)).await?;
    outcome
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashSet,
        net::{Ipv4Addr, Ipv6Addr},
    };

    use data_encoding::BASE64;
    use secrecy::SecretString;

    use super::*;
    use crate::{config::SecretKeyBytes, crypto::Keyring};

    #[test]
    fn rl_01_each_limit_says_how_much_of_an_address_is_one_source() {
        let of = |prefix: SourcePrefix, address: &str| prefix.of(address.parse().unwrap());
        assert_eq!(of(SourcePrefix::Address, "192.0.2.77"), "192.0.2.77/32");
        assert_eq!(of(SourcePrefix::Address, "::ffff:192.0.2.77"), "192.0.2.77/32");
        assert_eq!(of(SourcePrefix::Network, "192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of(SourcePrefix::Address, "2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
        assert_eq!(of(SourcePrefix::Site, "2001:db8:1:2ff:3::4"), "2001:db8:1:200::/56");
        let blocks = SourcePrefix::Address.blocks_of("2001:db8:1:2:3::4".parse().unwrap());
        assert_eq!(blocks, ["2001:db8::/32", "2001:db8:1::/48", "2001:db8:1:2::/64"]);
        let blocks = SourcePrefix::Network.blocks_of("192.0.2.77".parse().unwrap());
        assert_eq!(blocks, ["192.0.0.0/16", "192.0.2.0/24", "192.0.2.0/24"]);
    }

    /// The places of a number of sources. `address` makes the address of each.
    fn places(prefix: SourcePrefix, count: u32, address: impl Fn(u32) -> IpAddr) -> Vec<u32> {
        let bytes: Vec<u8> = (1..33).collect();
        let key = SecretKeyBytes::parse(&SecretString::from(BASE64.encode(&bytes))).unwrap();
        let keyring = Keyring::new(&key, None).unwrap();
        (0..count).map(|index| keyring.source_place(&prefix.blocks_of(address(index)))).collect()
    }

    /// Every source of a block of IPv6 that a provider gets, or of IPv4 that a company owns, is spent: how many others
    /// are limited with them?
    #[test]
    fn rl_09_whoever_holds_a_whole_block_fills_its_own_places_alone() {
        let site_of_block =
            |index: u32| Ipv6Addr::from((0x2001_0db8_u128 << 96) | (u128::from(index) << 72)).into();
        let address_of_block = |index: u32| Ipv4Addr::from((0xc633_u32 << 16) | index).into();
        let others_in_ipv6 = |index: u32| Ipv6Addr::from((0x2a00_0000_u128 + u128::from(index)) << 96).into();
        let others_in_ipv4 = |index: u32| Ipv4Addr::from(0x0100_0000 + index * 65_536).into();
        let site = SourcePrefix::Site;
        for (spent, others) in [
            (places(site, 60_000, site_of_block), places(site, 10_000, others_in_ipv6)),
            (places(site, 60_000, address_of_block), places(site, 50_000, others_in_ipv4)),
        ] {
            let spent: HashSet<u32> = spent.into_iter().collect();
            assert!(spent.len() <= 1 << 14, "{}", spent.len());
            let limited = others.iter().filter(|place| spent.contains(place)).count();
            assert!(limited * 250 < others.len(), "{limited} of {}", others.len());
        }
        // A company's /48 fills its own share within the block of its provider.
        let site_of_company = |index: u32| site_of_block(index % 256);
        let neighbours = |index: u32| site_of_block((index + 1) * 256);
        let spent: HashSet<u32> = places(site, 256, site_of_company).into_iter().collect();
        let limited = places(site, 10_000, neighbours).iter().filter(|place| spent.contains(place)).count();
        assert!(limited < 200, "{limited} of 10000");
    }
}
