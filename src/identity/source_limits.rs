//! How often one source may do something, and with how many different numbers (RL-01, RL-05).

use std::net::IpAddr;

use chrono::TimeDelta;
use ipnet::IpNet;

use super::refusal::{IdentityError, Refusal};
use crate::{
    app::App,
    config::Limit,
    store::{
        AnyConnection, StoreError,
        audit_events::{self, Entry, Event},
        rate_limits, tried_numbers,
    },
    types::{CustomerNumber, RequestContext, UtcTime},
};

/// An alarm about one source is raised so often.
const ALARM: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

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
struct SourceLimit {
    limit: Limit,
    key: String,
}

/// What the caller's source is held to.
pub(super) struct SourceLimits {
    what: &'static str,
    often: Vec<SourceLimit>,
    numbers: Option<SourceLimit>,
}

/// Too often, or too many numbers.
pub(super) struct Exceeded {
    what: &'static str,
    key: String,
    wait: TimeDelta,
    /// Whether the source may still do the same with a number that it tried before.
    by_numbers: bool,
    /// Whether nobody has been told of it yet.
    first_alarm: bool,
}

impl SourceLimits {
    pub(super) fn of_resets(app: &App, context: &RequestContext) -> Self {
        let limits = &app.limits;
        let often = [(limits.reset_source, Grain::Address), (limits.reset_network, Grain::Network)];
        Self::new(app, context, "reset", &often, limits.reset_numbers)
    }

    pub(super) fn of_sign_ins(app: &App, context: &RequestContext) -> Self {
        let limits = &app.limits;
        Self::new(app, context, "sign_in", &[(limits.sign_in_source, Grain::Address)], limits.sign_in_numbers)
    }

    pub(super) fn of_unknown_tokens(app: &App, context: &RequestContext) -> Self {
        Self::new(app, context, "unknown_token", &[(app.limits.unknown_tokens, Grain::Address)], None)
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
            let (four, six) = grain.prefixes();
            let place = app.keyring.source_place(&grain.of(source));
            Some(SourceLimit { limit, key: format!("{what}/{four}-{six}/{place:05x}") })
        };
        let often = often.iter().filter_map(|(limit, grain)| place(*limit, *grain)).collect();
        Self { what, often, numbers: place(numbers, Grain::Site) }
    }

    /// Refuses who was refused a moment ago, without a look into the database.
    pub(super) fn check_memory(&self, app: &App, now: UtcTime) -> Result<(), Refusal> {
        let wait = self.often.iter().filter_map(|limit| app.turned_away.wait(&limit.key, now)).max();
        let Some(wait) = wait else { return Ok(()) };
        app.metrics.rate_limited(self.what);
        Err(Refusal::TooManyAttempts(wait))
    }

    /// Takes one of each, in the caller's transaction and before anything else in it: whoever comes from the same
    /// source at the same time waits for his turn. The refusal is a result and no error, since what was taken and
    /// noted must stay.
    pub(super) fn take(
        &self,
        connection: &mut AnyConnection,
        number: Option<&CustomerNumber>,
        alarm: &Entry,
        now: UtcTime,
    ) -> Result<Result<(), Exceeded>, StoreError> {
        for SourceLimit { limit, key } in &self.often {
            if let Err(wait) = rate_limits::take(connection, key, *limit, now)? {
                return Ok(Err(Exceeded {
                    what: self.what,
                    key: key.clone(),
                    wait,
                    by_numbers: false,
                    first_alarm: false,
                }));
            }
        }
        let (Some(SourceLimit { limit, key }), Some(number)) = (&self.numbers, number) else { return Ok(Ok(())) };
        let Err(wait) = tried_numbers::note(connection, key, number, *limit, now)? else { return Ok(Ok(())) };
        let first_alarm = rate_limits::take(connection, &format!("alarm/{key}"), ALARM, now)?.is_ok();
        if first_alarm {
            audit_events::append(connection, &alarm.clone().detail(self.what))?;
        }
        Ok(Err(Exceeded { what: self.what, key: key.clone(), wait, by_numbers: true, first_alarm }))
    }
}

impl Exceeded {
    /// The refusal, remembered where the source has nothing left that it may do.
    pub(super) fn refuse(self, app: &App, now: UtcTime) -> IdentityError {
        let Self { what, key, wait, by_numbers, first_alarm } = self;
        app.metrics.rate_limited(if by_numbers { "numbers" } else { what });
        if first_alarm {
            app.metrics.alarm("walk");
            tracing::error!(alarm = true, what, "one source goes through many customer numbers");
        }
        if !by_numbers {
            app.turned_away.remember(key, now + wait, now);
        }
        Refusal::TooManyAttempts(wait).into()
    }
}

/// The alarm that a source goes through the numbers.
pub(super) fn walk_alarm(context: &RequestContext, now: UtcTime) -> Entry {
    Entry::by_caller(context, Event::NumbersWalked, now)
}

/// Runs what takes a token that only its owner can know. One that never was any counts against the source that
/// presented it, never against an account.
pub(super) async fn counting_unknown_tokens<T>(
    app: &App,
    context: &RequestContext,
    use_case: impl Future<Output = Result<T, IdentityError>>,
) -> Result<T, IdentityError> {
    let limits = SourceLimits::of_unknown_tokens(app, context);
    limits.check_memory(app, app.clock.now())?;
    let outcome = use_case.await;
    let Err(IdentityError::Refused(refusal)) = &outcome else { return outcome };
    if limits.often.is_empty() || !refusal.is_of_unknown_token() {
        return outcome;
    }
    let now = app.clock.now();
    let alarm = walk_alarm(context, now);
    match app.database.write(move |connection| limits.take(connection, None, &alarm, now)).await? {
        Ok(()) => outcome,
        Err(exceeded) => Err(exceeded.refuse(app, now)),
    }
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
