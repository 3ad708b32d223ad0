//! How the facts about a number's mails relate to each other and to the settings.

use chrono::TimeDelta;

use super::facts::MailFacts;
use crate::{
    config::Config,
    identity::{
        address::{cools_off_until, is_confirmation_due},
        reset::verdict::LIVE_LINKS,
    },
    store::{
        mails::MailStatus,
        reset_requests::{RequestOutcome, ResetRequest},
        suppressions::Suppression,
        swallowed_requests::SwallowedRequests,
    },
    types::{DeliveryKind, UtcTime},
};

/// A link that ended longer ago than this does not explain why the customer waits for a mail today.
const NEWS_FOR: TimeDelta = TimeDelta::hours(24);
/// A request that met an exhausted cap longer ago than this does not explain it either.
const CAP_IS_NEWS_FOR: TimeDelta = TimeDelta::hours(1);

/// The facts, and the settings that they are judged by.
pub(in crate::identity) struct Assessment<'a> {
    pub(in crate::identity) facts: &'a MailFacts,
    /// How long repeated requests are swallowed.
    cooldown: TimeDelta,
    /// Until when no link goes to a changed address; `None` where one may go there.
    pub(in crate::identity) cools_off_until: Option<UtcTime>,
    /// Whether the owner is to be asked whether the address still holds.
    pub(in crate::identity) is_confirmation_due: bool,
}

/// Requests that were swallowed and that the customer still waits for.
#[derive(Clone, Copy)]
pub(in crate::identity) struct Swallowed<'a> {
    pub(in crate::identity) requests: &'a SwallowedRequests,
    pub(in crate::identity) because: SwallowedBecause,
}

/// Why requests were swallowed.
#[derive(Clone, Copy)]
pub(in crate::identity) enum SwallowedBecause {
    /// An earlier mail answers them, and further ones until this time.
    MailBefore(UtcTime),
    /// A cap or the budget of mails is exhausted, and no link can be used.
    CapExhausted,
}

impl<'a> Assessment<'a> {
    pub(in crate::identity) fn new(facts: &'a MailFacts, config: &Config) -> Self {
        let account = facts.account.as_ref();
        Self {
            facts,
            cooldown: config.reset_cooldown,
            cools_off_until: account.and_then(|account| cools_off_until(config, account, facts.now)),
            is_confirmation_due: account
                .is_some_and(|account| account.email.is_some() && is_confirmation_due(config, account, facts.now)),
        }
    }

    /// The suppression that keeps the next mail from the address on file.
    pub(in crate::identity) fn pause(&self) -> Option<&'a Suppression> {
        let pauses = |suppression: &&Suppression| suppression.pauses(self.facts.now);
        self.facts.suppressions.iter().filter(pauses).find(|suppression| !self.is_being_tried(suppression))
    }

    /// Whether this mail is the one that tries the address again, without a result so far.
    fn is_being_tried(&self, suppression: &Suppression) -> bool {
        let ended = self.facts.link.as_ref().is_some_and(|link| link.ended_at.is_some());
        self.facts.mail.as_ref().filter(|_| !ended).is_some_and(|mail| {
            let is_under_way = match mail.status {
                MailStatus::Queued => true,
                MailStatus::HandedOver => matches!(mail.delivery, None | Some(DeliveryKind::Deferred)),
                _ => false,
            };
            is_under_way && mail.last_tried_at > Some(suppression.since)
        })
    }

    /// Whether the link ended, and the customer asks because of something later: another request, a pause of the
    /// address, or simply the next day.
    pub(in crate::identity) fn is_over(&self) -> bool {
        let Some(ended_at) = self.facts.link.as_ref().and_then(|link| link.ended_at) else { return false };
        self.facts.swallowed.first().is_some_and(|swallowed| swallowed.last_at > ended_at)
            || self.awaited().is_some_and(|pending| pending.requested_at > ended_at)
            || self.pause().is_some_and(|pause| pause.since > ended_at)
            || ended_at <= self.facts.now - NEWS_FOR
    }

    /// The request that the worker has yet to serve. A request that an earlier mail answers will be swallowed, so
    /// nobody waits for it.
    pub(in crate::identity) fn awaited(&self) -> Option<&'a ResetRequest> {
        let free_from = self.facts.history.cooldown_until(self.cooldown);
        self.facts.pending.as_ref().filter(|pending| Some(pending.requested_at) >= free_from)
    }

    /// The newest request, where it was swallowed and still explains why no mail arrives.
    pub(in crate::identity) fn swallowed_now(&self) -> Option<Swallowed<'a>> {
        let MailFacts { now, swallowed, request, .. } = self.facts;
        let served_at = request.as_ref().map(|request| request.requested_at);
        let requests = swallowed.first().filter(|swallowed| Some(swallowed.last_at) >= served_at)?;
        let because = match requests.outcome {
            RequestOutcome::EnoughLinks => SwallowedBecause::MailBefore(self.links_are_full_until()?),
            RequestOutcome::MailBudget if requests.last_at + CAP_IS_NEWS_FOR > *now => {
                self.link_lives_until().map_or(SwallowedBecause::CapExhausted, SwallowedBecause::MailBefore)
            }
            RequestOutcome::Cooldown if requests.last_at + self.cooldown > *now => {
                let until = self.facts.history.cooldown_until(self.cooldown)?;
                SwallowedBecause::MailBefore(until)
            }
            _ => return None,
        };
        Some(Swallowed { requests, because })
    }

    /// When the first of the live links expires, while there are as many as may be.
    fn links_are_full_until(&self) -> Option<UtcTime> {
        let expiries: Vec<UtcTime> = self.live_expiries().collect();
        expiries.iter().min().copied().filter(|_| expiries.len() >= LIVE_LINKS)
    }

    /// When the last of the live links expires.
    fn link_lives_until(&self) -> Option<UtcTime> {
        self.live_expiries().max()
    }

    fn live_expiries(&self) -> impl Iterator<Item = UtcTime> {
        self.facts.history.live_links(self.facts.now).filter_map(|link| link.expires_at)
    }
}
