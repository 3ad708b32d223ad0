//! How many reset mails there may be: to one number, to one address, and in all (RL-08).

use chrono::TimeDelta;

use crate::{
    config::Limit,
    identity::transaction::Tx,
    metrics::Alarm,
    store::{StoreError, audit_events::Event, mails, rate_limits, reset_links},
    types::{CustomerNumber, EmailAddress, UtcTime},
};

/// The longest life of a link, even where its mail exhausts the budget (TK-03).
const LONGEST_LIFE: TimeDelta = TimeDelta::hours(24);
/// How often the alarm about an exhausted budget for all mails is raised.
const ALARM: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

/// The number of shares of the budget for all mails. One network may use one share.
const SHARES: i32 = 20;
/// How much closer to each other than one cool-down two mails may be, since the worker serves requests after a random
/// delay.
const SLACK: TimeDelta = TimeDelta::seconds(5);

/// Whom a mail would go to, and where the request came from.
pub(in crate::identity) struct Addressee<'a> {
    pub(in crate::identity) number: &'a CustomerNumber,
    /// `None` for a decoy, which takes the same statements.
    pub(in crate::identity) recipient: Option<&'a EmailAddress>,
    /// The network that the request came from.
    pub(in crate::identity) source: Option<&'a str>,
}

/// A mail that the budget allows.
pub(in crate::identity) struct GrantedMail {
    /// How long the link lives at least, where its mail is the last one for a while: strangers who exhaust the budget
    /// must not be able to switch the owner's reset off.
    pub(in crate::identity) link_lives_for: Option<TimeDelta>,
}

/// Takes one mail from the budget; `None` where it is exhausted. The number must be locked.
pub(in crate::identity) fn take_mail(
    tx: &mut Tx<'_>,
    to: &Addressee<'_>,
) -> Result<Option<GrantedMail>, StoreError> {
    let limits: Vec<Limit> = tx.app.config.limits.reset_mails.into_iter().flatten().collect();
    let link_lives_for = match find_room(tx, to, &limits)? {
        Room::Exhausted => return Ok(None),
        Room::ForOneMore => None,
        Room::ForTheLast { frees_at } => Some((frees_at - tx.now).min(LONGEST_LIFE)),
    };
    let is_granted = take_of_all(tx, to)?;
    Ok(is_granted.then_some(GrantedMail { link_lives_for }))
}

/// Whether the limits of the number and of the address allow one more mail.
enum Room {
    Exhausted,
    ForOneMore,
    /// With this mail a limit is exhausted until `frees_at`.
    ForTheLast {
        frees_at: UtcTime,
    },
}

fn find_room(tx: &mut Tx<'_>, to: &Addressee<'_>, limits: &[Limit]) -> Result<Room, StoreError> {
    let Some(since) = limits.iter().map(|limit| tx.now - limit.period).min() else { return Ok(Room::ForOneMore) };
    let most = limits.iter().map(|limit| i64::from(limit.count)).max().unwrap_or(0);
    let recipient = to.recipient.map(EmailAddress::canonical);
    // A decoy has no mailbox to lock. It locks a name of its own, so that it costs the same.
    let turn = recipient.clone().unwrap_or_else(|| format!("decoy/{}", to.number.as_str()));
    mails::lock_recipient(tx, &turn)?;
    let of_number = reset_links::list_made_since(tx, to.number, recipient.is_none(), since, most)?;
    let of_address = mails::list_reset_mails_since(tx, recipient.as_deref(), since, most)?;
    let cooldown = tx.app.config.reset_cooldown;
    // Numbers that share an address share its cool-down.
    if of_address.first().is_some_and(|newest| *newest + cooldown - SLACK > tx.now) {
        return Ok(Room::Exhausted);
    }
    let mut frees_at = None;
    for (limit, made) in limits.iter().flat_map(|limit| [(limit, &of_number), (limit, &of_address)]) {
        if full_until(*limit, limit.count, made, tx.now).is_some() {
            return Ok(Room::Exhausted);
        }
        // With this mail there will be one more.
        let with_this = match limit.count {
            1 => Some(tx.now + limit.period),
            count => full_until(*limit, count - 1, made, tx.now),
        };
        frees_at = frees_at.max(with_this);
    }
    Ok(frees_at.map_or(Room::ForOneMore, |frees_at| Room::ForTheLast { frees_at }))
}

/// Until when `count` mails fall into the limit's period; `None` where fewer do. `made` lists the newest mail first.
fn full_until(limit: Limit, count: i32, made: &[UtcTime], now: UtcTime) -> Option<UtcTime> {
    let last = usize::try_from(count).ok()?.checked_sub(1)?;
    made.get(last).map(|made_at| *made_at + limit.period).filter(|frees_at| *frees_at > now)
}

/// Takes one from the budget for all mails; returns `false` where it is exhausted. Each network has its share of the
/// budget and, once the budget is exhausted, one first mail from a reserve of the same size: no attacker can use up
/// what belongs to the others, and all attackers together get at most twice the budget.
fn take_of_all(tx: &mut Tx<'_>, to: &Addressee<'_>) -> Result<bool, StoreError> {
    let Some(total) = tx.app.config.limits.reset_mails_total else { return Ok(true) };
    let kind = if to.recipient.is_some() { "mails" } else { "decoys" };
    let source = to.source.unwrap_or_default();
    let share = Limit { count: (total.count / SHARES).max(1), period: total.period };
    if !rate_limits::take_token(tx, &format!("{kind}/from/{source}"), share)?.is_granted() {
        return Ok(false);
    }
    if rate_limits::take_token(tx, &format!("{kind}/all"), total)?.is_granted() {
        return Ok(true);
    }
    if rate_limits::take_token(tx, &format!("alarm/{kind}"), ALARM)?.is_granted() {
        tx.app.metrics.alarm(Alarm::MailBudget);
        tracing::error!(alarm = true, whose = kind, "the budget of reset mails is used up");
        tx.entry(Event::MailBudgetExhausted).detail(kind).append(tx)?;
    }
    let first = Limit { count: 1, period: total.period };
    let is_first = rate_limits::take_token(tx, &format!("{kind}/first/{source}"), first)?.is_granted();
    Ok(is_first && rate_limits::take_token(tx, &format!("{kind}/reserve"), total)?.is_granted())
}
