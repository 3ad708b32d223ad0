//! The budget of all mails together that customers ask for (RL-08).
//!
//! Every request takes from it, whether or not its number exists and whether or not a mail comes of it: otherwise,
//! whether one's own mail arrives would tell whether another number exists (RQ-01).

use chrono::TimeDelta;

use crate::{
    config::Limit,
    identity::transaction::Tx,
    metrics::Alarm,
    store::{StoreError, audit_events::Event, rate_limits},
    types::UtcTime,
};

/// The number of shares of the budget. One network may use one share.
const SHARES: i32 = 20;
/// The part of its network's share, one in this many, that a single source leaves to the others.
const LEFT_TO_OTHERS: i32 = 3;
/// How often the alarm about an exhausted budget is raised.
const ALARM: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

/// Whether the budget lets a request lead to a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity) enum Budget {
    Granted,
    /// Only a number without a live link may get a mail, with a link that lives as long as links may. So no number of
    /// networks can switch the owners' resets off, and each number gets one such mail a day at most.
    LastResort,
    Exhausted,
}

/// Who asks for a mail, and when.
#[derive(Clone, Copy)]
pub(in crate::identity) struct Asker<'a> {
    /// The network of the caller.
    pub(in crate::identity) network: Option<&'a str>,
    /// A keyed hash of the address of the caller.
    pub(in crate::identity) source_hash: Option<&'a str>,
    /// When the request came.
    pub(in crate::identity) at: UtcTime,
}

/// Takes one request from the budget, as of the time at which it came: requests that waited for a worker must not
/// meet the limits together.
pub(in crate::identity) fn take(tx: &mut Tx<'_>, asker: Asker<'_>) -> Result<Budget, StoreError> {
    let Some(total) = tx.app.config.limits.reset_mails_total else { return Ok(Budget::Granted) };
    let network = tx.app.keyring.source_hash(asker.network.unwrap_or_default());
    let share = Limit { count: (total.count / SHARES).max(1), ..total };
    let own_part = Limit { count: share.count - share.count / LEFT_TO_OTHERS, ..total };
    let first = Limit { count: 1, ..total };
    let take = |tx: &mut Tx<'_>, key: &str, limit| {
        let taken = rate_limits::take_token_at(tx, key, limit, asker.at)?;
        Ok::<bool, StoreError>(taken.is_granted())
    };
    if let Some(source) = asker.source_hash
        && !take(tx, &format!("mails/of/{source}"), own_part)?
    {
        return Ok(Budget::Exhausted);
    }
    if !take(tx, &format!("mails/from/{network}"), share)? {
        return Ok(Budget::Exhausted);
    }
    if take(tx, "mails/all", total)? {
        return Ok(Budget::Granted);
    }
    alarm(tx, "all")?;
    if !take(tx, &format!("mails/first/{network}"), first)? {
        return Ok(Budget::Exhausted);
    }
    if take(tx, "mails/reserve", total)? {
        return Ok(Budget::Granted);
    }
    alarm(tx, "reserve")?;
    Ok(Budget::LastResort)
}

fn alarm(tx: &mut Tx<'_>, what: &str) -> Result<(), StoreError> {
    if rate_limits::take_token(tx, &format!("alarm/mails/{what}"), ALARM)?.is_granted() {
        tx.app.metrics.alarms.raise(Alarm::MailBudget);
        tracing::error!(alarm = true, what, "the budget of reset mails is used up");
        tx.entry(Event::MailBudgetExhausted).detail(what).append(tx)?;
    }
    Ok(())
}
