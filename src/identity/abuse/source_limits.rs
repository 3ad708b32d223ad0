//! How often one source may do something, and with how many different numbers (RL-01, RL-05).

use std::{net::IpAddr, sync::Arc};

use chrono::TimeDelta;
use ipnet::IpNet;

use crate::{
    app::App,
    config::Limit,
    identity::refusal::{IdentityError, Refusal},
    limits::RecentRefusals,
    metrics::Metrics,
    store::{
        StoreError, Transaction,
        audit_events::{self, Entry, Event},
        rate_limits, tried_numbers,
    },
    types::{CustomerNumber, RequestContext, UtcTime},
};

/// What is refused to one source is noted so often: a flood of refusals must not become one of notes.
const NOTED: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

/// How much of an address is one source. Behind one IPv4 address may be a workshop, and behind a /24 of a mobile
/// network thousands of strangers; one household or server has a /64, and whoever rents one easily a /56.
#[derive(Clone, Copy)]
enum Grain {
    /// /32 or /64.
    Address,
    /// /32 or /56.
    Site,
    /// /24 or /56.
    Network,
}

impl Grain {
    const fn prefixes(self) -> (u8, u8) {
        match self {
            Self::Address => (32, 64),
            Self::Site => (32, 56),
            Self::Network => (24, 56),
        }
    }

    fn of(self, address: IpAddr) -> String {
        let (four, six) = self.prefixes();
        let address = address.to_canonical();
        let prefix = if address.is_ipv4() { four } else { six };
        IpNet::new(address, prefix).map_or_else(|_| address.to_string(), |network| network.trunc().to_string())
    }
}

/// One limit, and the place that the caller's source has in it.
#[derive(Clone)]
struct SourceLimit {
    limit: Limit,
    key: String,
}

/// Refuses a source that was refused a moment ago, before anything that it sends is looked at.
pub fn check_source_of_reset(app: &App, context: &RequestContext) -> Result<(), IdentityError> {
    Ok(SourceLimits::of_resets(app, context).check_memory(app.clock.now())?)
}

/// As [`check_source_of_reset`], for whoever presents no device: whether that is a known one only the number tells.
pub fn check_source_of_sign_in(app: &App, context: &RequestContext) -> Result<(), IdentityError> {
    Ok(SourceLimits::of_sign_ins(app, context).check_memory(app.clock.now())?)
}

/// What the caller's source is held to.
#[derive(Clone)]
pub(in crate::identity) struct SourceLimits {
    what: &'static str,
    often: Vec<SourceLimit>,
    numbers: Option<SourceLimit>,
    recent_refusals: Arc<RecentRefusals>,
    metrics: Metrics,
}

impl SourceLimits {
    pub(in crate::identity) fn of_resets(app: &App, context: &RequestContext) -> Self {
        let limits = &app.limits;
        let often = [(limits.reset_source, Grain::Address), (limits.reset_network, Grain::Network)];
        Self::new(app, context, "reset", &often, limits.reset_numbers)
    }

    pub(in crate::identity) fn of_sign_ins(app: &App, context: &RequestContext) -> Self {
        let limits = &app.limits;
        Self::new(app, context, "sign_in", &[(limits.sign_in_source, Grain::Site)], limits.sign_in_numbers)
    }

    pub(in crate::identity) fn of_unknown_tokens(app: &App, context: &RequestContext) -> Self {
        Self::new(app, context, "unknown_token", &[(app.limits.unknown_tokens, Grain::Site)], None)
    }

    fn new(
        app: &App,
        context: &RequestContext,
        what: &'static str,
        often: &[(Option<Limit>, Grain)],
        numbers: Option<Limit>,
    ) -> Self {
        // On the command line nobody comes from anywhere.
        let place = |limit: Option<Limit>, grain: Grain| {
            let (limit, source) = (limit?, context.source?);
            let network = grain.of(source);
            // Each family has places of its own: addresses of IPv6 cost nothing, and must not fill those of IPv4.
            let family = if source.to_canonical().is_ipv4() { 4 } else { 6 };
            let place = app.keyring.source_place(&network);
            let prefix = network.rsplit('/').next().unwrap_or_default();
            Some(SourceLimit { limit, key: format!("{what}/{family}/{prefix}/{place:05x}") })
        };
        let often = often.iter().filter_map(|(limit, grain)| place(*limit, *grain)).collect();
        let numbers = place(numbers, Grain::Site);
        Self { what, often, numbers, recent_refusals: app.recent_refusals.clone(), metrics: app.metrics.clone() }
    }

    pub(in crate::identity) fn are_none(&self) -> bool {
        self.often.is_empty() && self.numbers.is_none()
    }

    /// Refuses who was refused a moment ago, without a look into the database.
    pub(in crate::identity) fn check_memory(&self, now: UtcTime) -> Result<(), Refusal> {
        let wait = self.often.iter().filter_map(|limit| self.recent_refusals.wait(&limit.key, now)).max();
        let Some(wait) = wait else { return Ok(()) };
        self.metrics.rate_limited(self.what);
        Err(Refusal::TooManyAttempts(wait))
    }

    /// Takes one of each, in the caller's transaction and before anything else in it: whoever comes from the same
    /// source at the same time waits for his turn. The refusal is a result and no error, since what was taken and
    /// noted must stay.
    pub(in crate::identity) fn take(
        &self,
        tx: &mut Transaction<'_>,
        number: Option<&CustomerNumber>,
        note: &Entry,
        now: UtcTime,
    ) -> Result<Result<(), Refusal>, StoreError> {
        for SourceLimit { limit, key } in &self.often {
            if let Err(wait) = rate_limits::take(tx, key, *limit)? {
                self.recent_refusals.remember(key.clone(), now + wait, now);
                self.metrics.rate_limited(self.what);
                if rate_limits::take(tx, &format!("noted/{key}"), NOTED)?.is_ok() {
                    audit_events::append(tx, &note.clone().detail(self.what))?;
                }
                return Ok(Err(Refusal::TooManyAttempts(wait)));
            }
        }
        let (Some(SourceLimit { limit, key }), Some(number)) = (&self.numbers, number) else { return Ok(Ok(())) };
        // Not remembered: with a number that it tried before the source may go on.
        let Err(wait) = tried_numbers::note(tx, key, number, *limit)? else { return Ok(Ok(())) };
        self.metrics.rate_limited("numbers");
        if rate_limits::take(tx, &format!("alarm/{key}"), NOTED)?.is_ok() {
            self.metrics.alarm("walk");
            tracing::error!(alarm = true, self.what, "one source goes through many customer numbers");
            audit_events::append(tx, &note.clone().detail(&format!("{}: many numbers", self.what)))?;
        }
        Ok(Err(Refusal::TooManyAttempts(wait)))
    }

    /// The source need not be held to the number any more.
    pub(in crate::identity) fn forget_number(
        &self,
        tx: &mut Transaction<'_>,
        number: &CustomerNumber,
    ) -> Result<(), StoreError> {
        self.numbers.as_ref().map_or(Ok(()), |numbers| tried_numbers::forget(tx, &numbers.key, number))
    }
}

/// What is noted where a source meets one of its limits.
pub(in crate::identity) fn note_of_limit(context: &RequestContext, now: UtcTime) -> Entry {
    Entry::by_caller(context, Event::LimitExceeded, now)
}

/// Runs what looks a token up that only its owner can know. One that never was any counts against the source that
/// presented it, never against an account; one that is serves whatever its source did.
pub(in crate::identity) async fn counting_unknown_tokens<T>(
    app: &App,
    context: &RequestContext,
    look_up: impl Future<Output = Result<T, IdentityError>>,
) -> Result<T, IdentityError> {
    let outcome = look_up.await;
    let Err(IdentityError::Refused(refusal)) = &outcome else { return outcome };
    let limits = SourceLimits::of_unknown_tokens(app, context);
    if limits.often.is_empty() || !refusal.is_of_unknown_token() {
        return outcome;
    }
    let now = app.clock.now();
    limits.check_memory(now)?;
    let note = note_of_limit(context, now);
    app.database.write(move |tx| limits.take(tx, None, &note, now)).await??;
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rl_01_each_limit_says_how_much_of_an_address_is_one_source() {
        let of = |grain: Grain, address: &str| grain.of(address.parse().unwrap());
        assert_eq!(of(Grain::Address, "192.0.2.77"), "192.0.2.77/32");
        assert_eq!(of(Grain::Address, "::ffff:192.0.2.77"), "192.0.2.77/32");
        assert_eq!(of(Grain::Network, "192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of(Grain::Address, "2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
        assert_eq!(of(Grain::Site, "2001:db8:1:2ff:3::4"), "2001:db8:1:200::/56");
    }
}
