//! How many reset mails there may be: to one number, to one address, and in all (RL-08).

use chrono::TimeDelta;

use crate::{
    app::App,
    config::Limit,
    metrics::Metrics,
    store::{
        StoreError, Transaction,
        audit_events::{self, Entry, Event},
        mails, rate_limits, reset_links,
    },
    types::{CustomerNumber, EmailAddress, UtcTime},
};

/// No link lives longer, whatever budget its mail exhausts.
const LONGEST_LIFE: TimeDelta = TimeDelta::hours(24);
/// The alarm that the budget of all is used up is raised so often.
const ALARM: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

/// A network may use up one of so many shares of the budget of all.
const SHARES: i32 = 20;
/// Two requests a cool-down apart may be served a little closer to each other.
const SLACK: TimeDelta = TimeDelta::seconds(5);

/// The limits.
pub(in crate::identity) struct MailBudget {
    each: [Option<Limit>; 2],
    total: Option<Limit>,
    cooldown: TimeDelta,
    metrics: Metrics,
}

/// Whom a mail would go to, and who asked for it.
pub(in crate::identity) struct Addressee<'a> {
    pub(in crate::identity) number: &'a CustomerNumber,
    /// `None` for a decoy, which takes the same statements.
    pub(in crate::identity) recipient: Option<&'a EmailAddress>,
    /// The network of whoever asked.
    pub(in crate::identity) source: Option<&'a str>,
}

/// A mail may go out.
pub(in crate::identity) struct Granted {
    /// Where this one is the last for a while: how long its link lives at least, so that strangers who use the
    /// budget up cannot switch the owner's reset off.
    pub(in crate::identity) lives_for: Option<TimeDelta>,
}

impl MailBudget {
    pub(in crate::identity) fn of(app: &App) -> Self {
        Self {
            each: app.limits.reset_mails,
            total: app.limits.reset_mails_total,
            cooldown: TimeDelta::from_std(app.reset_cooldown).unwrap_or(TimeDelta::MAX),
            metrics: app.metrics.clone(),
        }
    }

    /// Takes one mail, or `None` where there is none left. The number must be locked.
    pub(in crate::identity) fn take(
        &self,
        tx: &mut Transaction<'_>,
        to: &Addressee<'_>,
        now: UtcTime,
    ) -> Result<Option<Granted>, StoreError> {
        let limits = || self.each.into_iter().flatten();
        let Some(since) = limits().map(|limit| now - limit.period).min() else {
            return self.take_of_all(tx, to, now);
        };
        let most = limits().map(|limit| i64::from(limit.count)).max().unwrap_or(0);
        let recipient = to.recipient.map(EmailAddress::canonical);
        // Decoys have no mailbox to take turns on, but a turn they take.
        let turn = recipient.clone().unwrap_or_else(|| format!("decoy/{}", to.number.as_str()));
        mails::lock_recipient(tx, &turn)?;
        let of_number = reset_links::list_made_since(tx, to.number, recipient.is_none(), since, most)?;
        let of_address = mails::list_reset_mails_since(tx, recipient.as_deref(), since, most)?;
        // Where several numbers share an address, it has one cool-down.
        if of_address.first().is_some_and(|newest| *newest + self.cooldown - SLACK > now) {
            return Ok(None);
        }
        let mut lives_until = None;
        for (limit, made) in limits().flat_map(|limit| [(limit, &of_number), (limit, &of_address)]) {
            let frees_at = |taken: i32| {
                let last = usize::try_from(taken).ok()?.checked_sub(1)?;
                made.get(last).map(|made_at| *made_at + limit.period).filter(|frees_at| *frees_at > now)
            };
            if frees_at(limit.count).is_some() {
                return Ok(None);
            }
            // With this one there will be as many as there may be.
            let frees_at = if limit.count == 1 { Some(now + limit.period) } else { frees_at(limit.count - 1) };
            lives_until = lives_until.max(frees_at);
        }
        let granted = self.take_of_all(tx, to, now)?;
        let lives_for = lives_until.map(|until| (until - now).min(LONGEST_LIFE));
        Ok(granted.map(|_| Granted { lives_for }))
    }

    /// Each network has its share of the budget of all, and once that is used up a first mail from another of the same
    /// size: no attacker can use up what is there for the others, and all of them together no more than twice as much.
    fn take_of_all(
        &self,
        tx: &mut Transaction<'_>,
        to: &Addressee<'_>,
        now: UtcTime,
    ) -> Result<Option<Granted>, StoreError> {
        let granted = Ok(Some(Granted { lives_for: None }));
        let Some(total) = self.total else { return granted };
        let whose = if to.recipient.is_some() { "mails" } else { "decoys" };
        let source = to.source.unwrap_or_default();
        let share = Limit { count: (total.count / SHARES).max(1), period: total.period };
        if rate_limits::take(tx, &format!("{whose}/from/{source}"), share)?.is_err() {
            return Ok(None);
        }
        if rate_limits::take(tx, &format!("{whose}/all"), total)?.is_ok() {
            return granted;
        }
        if rate_limits::take(tx, &format!("alarm/{whose}"), ALARM)?.is_ok() {
            self.metrics.alarm("mail_budget");
            tracing::error!(alarm = true, whose, "the budget of reset mails is used up");
            audit_events::append(tx, &Entry::by_service(Event::MailBudgetExhausted, now).detail(whose))?;
        }
        let first = Limit { count: 1, period: total.period };
        let is_first = rate_limits::take(tx, &format!("{whose}/first/{source}"), first)?.is_ok();
        if is_first && rate_limits::take(tx, &format!("{whose}/reserve"), total)?.is_ok() {
            return granted;
        }
        Ok(None)
    }
}
