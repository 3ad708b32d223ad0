//! How often support asks who is calling. What goes beyond is swallowed: the answer is the same, and nothing is sent.

use chrono::TimeDelta;

use crate::{
    config::Limit,
    identity::transaction::Tx,
    metrics::{Alarm, RefusingLimit},
    store::{
        StoreError,
        audit_events::Event,
        caller_codes::{self, SwallowedBy},
        rate_limits,
    },
    types::{ClientId, CustomerNumber},
};

/// The most questions about a number, and the time in which they are counted: a mailbox is not flooded, and a customer is
/// not worn down.
const OF_NUMBER: [(i64, TimeDelta); 2] = [(3, TimeDelta::hours(1)), (6, TimeDelta::days(1))];
/// The most questions of a client, and the time in which they are counted. A desk takes fewer calls; a thief of its secret
/// would write to every customer.
const OF_CLIENT: (i64, TimeDelta) = (60, TimeDelta::hours(1));
/// How often a client beyond its limit goes into the audit trail.
const NOTED: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

/// The limit that swallows one more question; `None` where none does. The questions of both are locked.
pub(super) fn find_exhausted(
    tx: &mut Tx<'_>,
    client: &ClientId,
    number: &CustomerNumber,
) -> Result<Option<SwallowedBy>, StoreError> {
    if !tx.app.config.limits.enforced {
        return Ok(None);
    }
    let (most, period) = OF_CLIENT;
    let since = tx.now - period;
    if caller_codes::count_of_client(tx, client, since)? >= most {
        return Ok(Some(SwallowedBy::Client));
    }
    for (most, period) in OF_NUMBER {
        let since = tx.now - period;
        if caller_codes::count_of_number(tx, number, since)? >= most {
            return Ok(Some(SwallowedBy::Number));
        }
    }
    Ok(None)
}

/// Counts a question that is swallowed. A client beyond its own limit raises an alarm and gets one entry an hour: a
/// thief of its secret must not be able to fill the trail.
pub(super) fn note(tx: &mut Tx<'_>, client: &ClientId, by: SwallowedBy) -> Result<(), StoreError> {
    tx.note_refusal(RefusingLimit::CallerCodes);
    if by == SwallowedBy::Client
        && rate_limits::take_token(tx, &format!("caller-codes/{client}"), NOTED)?.is_granted()
    {
        let limited = RefusingLimit::CallerCodes.as_str();
        tx.app.metrics.alarms.raise(Alarm::Walk);
        tracing::error!(alarm = true, limited, "one client asks for very many caller codes");
        tx.entry(Event::LimitExceeded).detail(limited).append(tx)?;
    }
    Ok(())
}
