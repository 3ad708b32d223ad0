//! Everything that is known of a number's mails.

use chrono::TimeDelta;

use super::question::{LOOKED_BACK, Question};
use crate::{
    app::App,
    identity::{
        abuse::throttle::{failures_of_strangers, strangers_wait},
        reset::issue_link::LIVE_LINKS,
    },
    store::{
        StoreError, Transaction,
        accounts::{self, Account},
        mails::{self, Mail, MailStatus},
        reset_links::{self, ResetLink},
        reset_requests::{self, RequestOutcome, ResetRequest},
        suppressions::{self, Suppression, SuppressionReason},
        swallowed_requests::{self, SwallowedRequests},
    },
    types::{DeliveryKind, EmailAddress, UtcTime},
};

/// A link that ended before that is no news to whoever waits for a mail today.
const NEWS_FOR: TimeDelta = TimeDelta::hours(24);

/// What the settings say.
#[derive(Clone, Copy)]
pub(in crate::identity) struct Periods {
    pub(in crate::identity) cooldown: TimeDelta,
    pub(in crate::identity) cooling_off: TimeDelta,
}

impl Periods {
    pub(in crate::identity) fn of(app: &App) -> Self {
        Self {
            cooldown: TimeDelta::from_std(app.reset_cooldown).unwrap_or(TimeDelta::MAX),
            cooling_off: TimeDelta::from_std(app.email_cooling_off).unwrap_or(TimeDelta::MAX),
        }
    }
}

pub(in crate::identity) struct Facts {
    pub(in crate::identity) asked_email: Option<EmailAddress>,
    pub(in crate::identity) account: Option<Account>,
    pub(in crate::identity) suppressions: Vec<Suppression>,
    /// The newest that the worker has looked at.
    pub(in crate::identity) request: Option<ResetRequest>,
    /// The newest that it has not.
    pub(in crate::identity) pending: Option<ResetRequest>,
    /// The newest first.
    pub(in crate::identity) swallowed: Vec<SwallowedRequests>,
    /// When the links that are live expire.
    pub(in crate::identity) live_links: Vec<Option<UtcTime>>,
    /// The request's.
    pub(in crate::identity) link: Option<ResetLink>,
    /// The link's.
    pub(in crate::identity) mail: Option<Mail>,
    /// Whether any mail went out since this one, which waits, was tried.
    pub(in crate::identity) others_went_out: bool,
    pub(in crate::identity) throttled_for: TimeDelta,
    pub(in crate::identity) failures: i32,
    pub(in crate::identity) periods: Periods,
}

impl Facts {
    pub(in crate::identity) fn gather(
        tx: &mut Transaction<'_>,
        question: &Question,
        periods: Periods,
        now: UtcTime,
    ) -> Result<Self, StoreError> {
        let number = &question.number;
        let since = now - LOOKED_BACK;
        let account = accounts::find_by_customer_number(tx, number)?;
        let email = account.as_ref().and_then(|account| account.email.as_ref());
        let suppressions = suppressions::list_of(tx, email)?;
        let request = reset_requests::find_newest_processed(tx, number, since)?;
        let link = match &request {
            Some(request) => reset_links::find_of_request(tx, &request.id)?,
            None => None,
        };
        let mail = match &link {
            Some(link) => mails::find_of_link(tx, &link.id)?,
            None => None,
        };
        let others_went_out = match mail.as_ref().filter(|mail| mail.status == MailStatus::Queued) {
            Some(mail) => mails::any_handed_over_since(tx, mail.last_tried_at.unwrap_or(mail.created_at))?,
            None => false,
        };
        Ok(Self {
            asked_email: question.email.clone(),
            suppressions,
            pending: reset_requests::find_newest_pending(tx, number, since)?,
            swallowed: swallowed_requests::list_since(tx, number, since)?,
            live_links: reset_links::list_expiries_of_live(tx, number)?,
            throttled_for: strangers_wait(tx, number, now)?,
            failures: failures_of_strangers(tx, number, now)?,
            account,
            request,
            link,
            mail,
            others_went_out,
            periods,
        })
    }

    pub(in crate::identity) fn email_is_on_file(&self) -> bool {
        let on_file = self.account.as_ref().and_then(|account| account.email.as_ref());
        match (on_file, &self.asked_email) {
            (Some(on_file), Some(asked)) => on_file.canonical() == asked.canonical(),
            _ => false,
        }
    }

    /// What keeps the next mail from the address on file.
    pub(in crate::identity) fn pause(&self, now: UtcTime) -> Option<&Suppression> {
        self.suppressions.iter().find(|suppression| {
            suppression.reason == SuppressionReason::HardBounce
                && suppression.retry_at.is_none_or(|retry_at| retry_at > now)
                && !self.is_being_tried(suppression)
        })
    }

    /// Whether this mail is the one that tries the address again: what becomes of it is not known yet.
    fn is_being_tried(&self, suppression: &Suppression) -> bool {
        let ended = self.link.as_ref().is_some_and(|link| link.ended_at.is_some());
        self.mail.as_ref().filter(|_| !ended).is_some_and(|mail| {
            let is_under_way = match mail.status {
                MailStatus::Queued => true,
                MailStatus::HandedOver => matches!(mail.delivery, None | Some(DeliveryKind::Deferred)),
                _ => false,
            };
            is_under_way && mail.last_tried_at > Some(suppression.since)
        })
    }

    /// Whether the link ended, and something came since that the customer calls for rather: he asked once more, mail to
    /// the address was paused, or a day went by.
    pub(in crate::identity) fn is_over(&self, now: UtcTime) -> bool {
        let Some(ended_at) = self.link.as_ref().and_then(|link| link.ended_at) else { return false };
        self.swallowed.first().is_some_and(|swallowed| swallowed.last_at > ended_at)
            || self.awaited().is_some_and(|pending| pending.requested_at > ended_at)
            || self.pause(now).is_some_and(|pause| pause.since > ended_at)
            || ended_at <= now - NEWS_FOR
    }

    /// The request that the worker has yet to serve. One that came soon after another will be swallowed, and nobody need
    /// wait for it.
    pub(in crate::identity) fn awaited(&self) -> Option<&ResetRequest> {
        let served = self.request.as_ref().filter(|request| request.outcome != Some(RequestOutcome::Stale));
        let free_from = served.map(|served| served.requested_at + self.periods.cooldown);
        self.pending.as_ref().filter(|pending| Some(pending.requested_at) >= free_from)
    }

    /// The newest request, where it was swallowed and that is the story still; and until when others will be.
    pub(in crate::identity) fn swallowed_now(&self, now: UtcTime) -> Option<(&SwallowedRequests, Option<UtcTime>)> {
        let served_at = self.request.as_ref().map(|request| request.requested_at);
        let newest = self.swallowed.first().filter(|swallowed| Some(swallowed.last_at) >= served_at)?;
        if newest.outcome == RequestOutcome::EnoughLinks {
            let earliest = self.live_links.iter().flatten().copied().filter(|expires_at| *expires_at > now).min();
            // Where none has been tried yet, the mail is given up then at the latest.
            let until = earliest.or(self.mail.as_ref().map(|mail| mail.serve_until));
            let is_full = i64::try_from(self.live_links.len()).is_ok_and(|live| live >= LIVE_LINKS);
            return is_full.then_some((newest, until));
        }
        let until = Some(served_at.unwrap_or(newest.last_at) + self.periods.cooldown);
        (newest.last_at + self.periods.cooldown > now).then_some((newest, until))
    }
}
