//! How often one machine client may ask, and about how many customers (AD-10).

use chrono::TimeDelta;

use crate::{
    app::App,
    config::Limit,
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    metrics::{Alarm, RefusingLimit},
    store::{Allowance, StoreError, audit_events::Event, rate_limits, tried_numbers},
    types::{ClientId, CustomerNumber, RequestContext},
};

/// How often a refusal of one client by one limit goes into the audit trail.
const NOTED: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

/// Counts a question of a client. A client that goes through the customer numbers raises an alarm, as a source does
/// (RL-05): a thief of its secret would learn which numbers are customers.
pub(super) async fn count_question(
    app: &App,
    context: &RequestContext,
    client: &ClientId,
    number: &CustomerNumber,
) -> Result<(), IdentityError> {
    let limits = &app.config.limits;
    let (questions, numbers) = (limits.support_diagnosis, limits.support_numbers);
    if questions.is_none() && numbers.is_none() {
        return Ok(());
    }
    let (key, number) = (format!("support/{client}"), number.clone());
    app.decide(context, move |tx| {
        if let Some(limit) = questions
            && let Allowance::Exhausted(wait) = rate_limits::take_token(tx, &key, limit)?
        {
            return Ok(refuse(tx, &key, RefusingLimit::SupportDiagnosis, wait)?);
        }
        if let Some(limit) = numbers
            && let Allowance::Exhausted(wait) = tried_numbers::admit(tx, &key, &number, limit)?
        {
            return Ok(refuse(tx, &key, RefusingLimit::SupportNumbers, wait)?);
        }
        Ok(Decision::Done(()))
    })
    .await
}

/// Refuses, and notes it once an hour.
fn refuse(tx: &mut Tx<'_>, key: &str, limit: RefusingLimit, wait: TimeDelta) -> Result<Decision<()>, StoreError> {
    tx.note_refusal(limit);
    let limit_name = limit.as_str();
    if rate_limits::take_token(tx, &format!("noted/{limit_name}/{key}"), NOTED)?.is_granted() {
        if limit == RefusingLimit::SupportNumbers {
            tx.app.metrics.alarm(Alarm::Walk);
            tracing::error!(alarm = true, limited = limit_name, "one client goes through many customer numbers");
        }
        tx.entry(Event::LimitExceeded).detail(limit_name).append(tx)?;
    }
    Ok(Decision::Refused(Refusal::TooManyAttempts(wait)))
}
