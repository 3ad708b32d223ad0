//! Which mail API a mail goes through: the first, or the second while the first one does not work.

use url::Url;

use super::{
    breaker::{Breaker, History},
    hand_over::HandOver,
    provider::{OutgoingMail, Provider},
};
use crate::{
    config::MailConfig,
    metrics::Metrics,
    types::{Fault, UtcTime},
};

/// The mail APIs, in the order in which they are preferred.
pub struct Mailer {
    routes: Vec<Route>,
}

/// The way through one mail API.
pub struct Route {
    provider: Provider,
    breaker: Breaker,
}

impl Mailer {
    /// Prepares the clients; `api_url` is the one to use where the settings name none.
    pub fn new(
        first: &MailConfig,
        fallback: Option<&MailConfig>,
        api_url: &Url,
        metrics: &Metrics,
    ) -> Result<Self, Fault> {
        let route = |config| {
            let provider = Provider::new(config, api_url)?;
            Ok(Route { provider, breaker: Breaker::new(metrics.clone()) })
        };
        let routes = [Some(first), fallback].into_iter().flatten().map(route).collect::<Result<_, Fault>>()?;
        Ok(Self { routes })
    }

    /// The way for a mail: through the mail API that has it already, perhaps, and otherwise through the first that
    /// works. Where none does, when to ask again.
    pub fn route(&self, held_by: Option<&str>, now: UtcTime) -> Result<&Route, UtcTime> {
        if let Some(route) = self.routes.iter().find(|route| Some(route.name()) == held_by) {
            // It keeps its own pace: each mail that is held waits longer after each failure.
            return Ok(route);
        }
        let mut earliest: Option<UtcTime> = None;
        for route in &self.routes {
            match route.breaker.may_try(now) {
                Ok(()) => return Ok(route),
                Err(until) => earliest = Some(earliest.map_or(until, |before| before.min(until))),
            }
        }
        Err(earliest.unwrap_or(now))
    }

    /// The way for a mail that one mail API has surely not taken: through the next one that works.
    #[must_use]
    pub fn route_after(&self, refused_by: &str, now: UtcTime) -> Option<&Route> {
        let mut later = self.routes.iter().skip_while(|route| route.name() != refused_by).skip(1);
        later.find(|route| route.breaker.may_try(now).is_ok())
    }
}

impl Route {
    /// The mail API's name, as in the settings.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.provider.kind.as_str()
    }

    /// One attempt. Never fails: what went wrong is an answer too.
    pub async fn hand_over(&self, mail: &OutgoingMail, history: History, now: UtcTime) -> HandOver {
        let answer = self.provider.hand_over(mail).await;
        self.breaker.note(self.name(), answer, history, now)
    }
}
