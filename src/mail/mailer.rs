//! The choice of a mail API: the first one, or the second while the first does not work.

use url::Url;

use super::{
    breaker::{AttemptClaim, Attempted, Breaker, History},
    client::ApiClient,
    hand_over::HandOver,
    outgoing::OutgoingMail,
};
use crate::{
    config::MailConfig,
    metrics::AlarmMetrics,
    types::{Fault, UtcTime},
};

/// The mail APIs of the settings, in order of preference.
pub struct Mailer {
    routes: Vec<Route>,
}

/// The route through one mail API.
pub struct Route {
    client: ApiClient,
    breaker: Breaker,
}

/// Where a mail goes now.
#[must_use]
pub enum RouteClaim<'a> {
    /// The mail may be handed over through this mail API.
    Through(&'a Route),
    /// No mail API works; the next attempt may be made at this time.
    NotBefore(UtcTime),
}

impl Mailer {
    /// `default_url` is the base address of a mail API for which the settings name none.
    pub fn new(
        first: &MailConfig,
        fallback: Option<&MailConfig>,
        default_url: &Url,
        alarms: &AlarmMetrics,
    ) -> Result<Self, Fault> {
        let route = |config| {
            let client = ApiClient::new(config, default_url)?;
            Ok(Route { client, breaker: Breaker::new(alarms.clone()) })
        };
        let routes = [Some(first), fallback].into_iter().flatten().map(route).collect::<Result<_, Fault>>()?;
        Ok(Self { routes })
    }

    /// The mail API of that name, if the settings have it.
    #[must_use]
    pub fn find_route(&self, name: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.name() == name)
    }

    /// Claims one attempt for a mail. `held_by` names the mail API that may have the mail since an attempt before:
    /// it alone gets the mail, working or not, since each attempt for the mail waits longer than the one before.
    /// Every other mail goes through the first mail API that works.
    pub fn claim_route(&self, held_by: Option<&str>, now: UtcTime) -> RouteClaim<'_> {
        if let Some(route) = held_by.and_then(|name| self.find_route(name)) {
            return RouteClaim::Through(route);
        }
        let mut earliest: Option<UtcTime> = None;
        for route in &self.routes {
            match route.breaker.claim_attempt(now) {
                AttemptClaim::Granted => return RouteClaim::Through(route),
                AttemptClaim::NotBefore(time) => earliest = Some(earliest.map_or(time, |before| before.min(time))),
            }
        }
        RouteClaim::NotBefore(earliest.unwrap_or(now))
    }

    /// Claims one attempt for a mail that one mail API has certainly not taken, through the next one that works.
    #[must_use]
    pub fn claim_next_route(&self, refused_by: &str, now: UtcTime) -> Option<&Route> {
        let mut later = self.routes.iter().skip_while(|route| route.name() != refused_by).skip(1);
        later.find(|route| matches!(route.breaker.claim_attempt(now), AttemptClaim::Granted))
    }
}

impl Route {
    /// The mail API's name, as in the settings.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.client.kind.as_str()
    }

    /// Makes one attempt. A failed call is an outcome like any other.
    pub async fn hand_over(&self, mail: &OutgoingMail, history: History, now: UtcTime) -> HandOver {
        let answer = self.client.hand_over(mail).await;
        self.breaker.record(self.name(), answer, &Attempted { recipient: &mail.to, history }, now)
    }
}
