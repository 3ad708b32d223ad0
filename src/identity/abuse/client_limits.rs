//! What one machine client may do within a period (RL-13, AD-06, AD-10).

use chrono::TimeDelta;

use crate::{
    app::App,
    config::Limit,
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    metrics::{Alarm, RefusingLimit},
    store::{Allowance, Quota, StoreError, audit_events::Event, rate_limits, tried_numbers},
    types::{Actor, ClientId, RequestContext, UtcTime},
};

/// How often a refusal of one client by one limit goes into the audit trail.
const NOTED: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

/// An alarm that the refusal of a client raises, with its sentence in the log.
pub(in crate::identity) type ClientAlarm = (Alarm, &'static str);

/// What counting a call has come to.
pub(in crate::identity) struct CallCount {
    /// Whether the call may go on.
    pub(in crate::identity) decision: Decision<()>,
    /// What is left to the client; `None` where nothing limits it.
    pub(in crate::identity) quota: Option<Quota>,
}

/// Counts one call of a client, in one statement while it has calls left (RL-13).
pub(in crate::identity) fn count_call(tx: &mut Tx<'_>, client: &ClientId) -> Result<CallCount, StoreError> {
    let Some(limit) = tx.app.config.limits.client else {
        return Ok(CallCount { decision: Decision::Done(()), quota: None });
    };
    let key = format!("client/{client}");
    let (allowance, quota) = rate_limits::take_quota(tx, &key, limit)?;
    let decision = match allowance {
        Allowance::Granted => Decision::Done(()),
        Allowance::Exhausted(wait) => {
            tx.app.recent_refusals.remember(key.clone(), tx.now + wait, tx.now);
            refuse_client(tx, &key, RefusingLimit::Client, wait, None)?
        }
    };
    Ok(CallCount { decision, quota: Some(quota) })
}

/// What is left to a client that was refused a moment ago and has to wait, from memory: a flood of its calls does not load
/// the database.
pub(in crate::identity) fn find_recent_refusal(app: &App, client: &ClientId, now: UtcTime) -> Option<Quota> {
    let limit = app.config.limits.client?;
    let wait = app.recent_refusals.wait(&format!("client/{client}"), now)?;
    app.metrics.limits.refused(RefusingLimit::Client);
    Some(Quota::exhausted(limit, wait))
}

/// Counts a token that was never issued, which a client introspects (RFC 7662 §4).
pub(in crate::identity) fn count_unknown_token(
    tx: &mut Tx<'_>,
    client: &ClientId,
) -> Result<Decision<()>, StoreError> {
    let Some(limit) = tx.app.config.limits.introspection else { return Ok(Decision::Done(())) };
    let key = format!("introspection/{client}");
    match rate_limits::take_token(tx, &key, limit)? {
        Allowance::Granted => Ok(Decision::Done(())),
        Allowance::Exhausted(wait) => refuse_client(tx, &key, RefusingLimit::Introspection, wait, None),
    }
}

/// Counts one act that a thief of a client's secret would do to many customers: a change of an address, an erasure, or a
/// link that is mailed (AD-06). The count belongs to the transaction that acts, so an act that fails counts nothing, and
/// the refusal is committed with its alarm.
pub(in crate::identity) fn count_administration(
    tx: &mut Tx<'_>,
    client: &ClientId,
) -> Result<Decision<()>, StoreError> {
    let Some(limit) = tx.app.config.limits.administration else { return Ok(Decision::Done(())) };
    let key = format!("administration/{client}");
    let Allowance::Exhausted(wait) = rate_limits::take_token(tx, &key, limit)? else {
        return Ok(Decision::Done(()));
    };
    let alarm = (Alarm::Administration, "one client changes, erases or mails to many accounts");
    refuse_client(tx, &key, RefusingLimit::Administration, wait, Some(alarm))
}

/// Counts such an act where a machine client makes it. An administrator on the command line is not limited.
pub(in crate::identity) fn count_act(tx: &mut Tx<'_>) -> Result<Decision<()>, StoreError> {
    match tx.context.actor.clone() {
        Actor::Client(client) => count_administration(tx, &client),
        _ => Ok(Decision::Done(())),
    }
}

/// Counts a question about a customer, where a machine client asks it. A client that goes through the customer numbers
/// raises an alarm, as a source does (RL-05): a thief of its secret would learn which numbers are customers. `asked` is the
/// number, or a hash of what is asked about in its place.
///
/// The count has a transaction of its own: the answer waits for its entry in the audit trail to be stored, and the next
/// question of the client would wait with it.
pub(in crate::identity) async fn count_question(
    app: &App,
    context: &RequestContext,
    asked: String,
) -> Result<(), IdentityError> {
    let (limit, numbers) = (app.config.limits.support_diagnosis, app.config.limits.support_numbers);
    let Actor::Client(client) = &context.actor else { return Ok(()) };
    if limit.is_none() && numbers.is_none() {
        return Ok(());
    }
    let key = format!("support/{client}");
    let counted = app.count(context, move |tx| {
        if let Some(limit) = limit
            && let Allowance::Exhausted(wait) = rate_limits::take_token(tx, &key, limit)?
        {
            return Ok(refuse_client(tx, &key, RefusingLimit::SupportDiagnosis, wait, None)?);
        }
        if let Some(limit) = numbers
            && let Allowance::Exhausted(wait) = tried_numbers::admit(tx, &key, &asked, limit)?
        {
            let alarm = (Alarm::Walk, "one client goes through many customer numbers");
            return Ok(refuse_client(tx, &key, RefusingLimit::SupportNumbers, wait, Some(alarm))?);
        }
        Ok(Decision::Done(()))
    });
    counted.await?.into_result()
}

/// Refuses a client, and notes it once an hour for each key of a limit.
pub(in crate::identity) fn refuse_client(
    tx: &mut Tx<'_>,
    key: &str,
    limit: RefusingLimit,
    wait: TimeDelta,
    alarm: Option<ClientAlarm>,
) -> Result<Decision<()>, StoreError> {
    tx.note_refusal(limit);
    let limit_name = limit.as_str();
    if rate_limits::take_token(tx, &format!("noted/{limit_name}/{key}"), NOTED)?.is_granted() {
        if let Some((alarm, sentence)) = alarm {
            tx.app.metrics.alarms.raise(alarm);
            tracing::error!(alarm = true, limited = limit_name, "{sentence}");
        }
        tx.entry(Event::LimitExceeded).detail(limit_name).append(tx)?;
    }
    Ok(Decision::Refused(Refusal::TooManyAttempts(wait)))
}
