//! How the facts about a number's mails relate to each other and to the settings.

use chrono::TimeDelta;

use super::facts::MailFacts;
use crate::{
    config::Config,
    identity::reset::issue_link::LIVE_LINKS,
    store::{
        mails::MailStatus,
        reset_requests::{RequestOutcome, ResetRequest},
        suppressions::{Suppression, SuppressionReason},
        swallowed_requests::SwallowedRequests,
    },
    types::{DeliveryKind, UtcTime},
};

/// A link that ended longer ago than this does not explain why the customer waits for a mail today.
const NEWS_FOR: TimeDelta = TimeDelta::hours(24);

/// The facts, and the settings that they are judged by.
pub(in crate::identity) struct Assessment<'a> {
    pub(in crate::identity) facts: &'a MailFacts,
    /// How long repeated requests are swallowed.
    cooldown: TimeDelta,
    /// How long no link goes to a changed address.
    pub(in crate::identity) cooling_off: TimeDelta,
}

/// Requests that were swallowed and that the customer still waits for.
#[derive(Clone, Copy)]
pub(in crate::identity) struct Swallowed<'a> {
    pub(in crate::identity) requests: &'a SwallowedRequests,
    /// Until when further requests are swallowed too.
    pub(in crate::identity) until: Option<UtcTime>,
}

impl<'a> Assessment<'a> {
    pub(in crate::identity) fn new(facts: &'a MailFacts, config: &Config) -> Self {
        Self { facts, cooldown: config.reset_cooldown, cooling_off: config.email_cooling_off }
    }

    /// The suppression that keeps the next mail from the address on file.
    pub(in crate::identity) fn pause(&self) -> Option<&'a Suppression> {
        self.facts.suppressions.iter().find(|suppression| {
            suppression.reason == SuppressionReason::HardBounce
                && suppression.retry_at.is_none_or(|retry_at| retry_at > self.facts.now)
                && !self.is_being_tried(suppression)
        })
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

    /// The request that the worker has yet to serve. A request that came soon after another will be swallowed, so
    /// nobody waits for it.
    pub(in crate::identity) fn awaited(&self) -> Option<&'a ResetRequest> {
        let request = self.facts.request.as_ref();
        let served = request.filter(|request| request.outcome != Some(RequestOutcome::Stale));
        let free_from = served.map(|served| served.requested_at + self.cooldown);
        self.facts.pending.as_ref().filter(|pending| Some(pending.requested_at) >= free_from)
    }

    /// The newest request, where it was swallowed and still explains why no mail arrives.
    pub(in crate::identity) fn swallowed_now(&self) -> Option<Swallowed<'a>> {
        let MailFacts { now, swallowed, request, live_links, mail, .. } = self.facts;
        let served_at = request.as_ref().map(|request| request.requested_at);
        let newest = swallowed.first().filter(|swallowed| Some(swallowed.last_at) >= served_at)?;
        if newest.outcome == RequestOutcome::EnoughLinks {
            let earliest = live_links.iter().flatten().copied().filter(|expires_at| expires_at > now).min();
            // Where no link has been tried yet, its mail is given up then at the latest.
            let until = earliest.or(mail.as_ref().map(|mail| mail.serve_until));
            let is_full = i64::try_from(live_links.len()).is_ok_and(|live| live >= LIVE_LINKS);
            return is_full.then_some(Swallowed { requests: newest, until });
        }
        let until = Some(served_at.unwrap_or(newest.last_at) + self.cooldown);
        (newest.last_at + self.cooldown > *now).then_some(Swallowed { requests: newest, until })
    }
}
