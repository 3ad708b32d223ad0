//! What becomes of attempts: the log, the deliveries, and the endpoint itself.

use std::time::Duration;

use super::{
    schedule::{TRIED_FOR, after_failure, wait_after},
    send::Attempted,
};
use crate::{
    app::App,
    identity::{refusal::IdentityError, transaction::Tx},
    metrics::Alarm,
    store::{
        StoreError,
        audit_events::Event,
        webhook_attempts::{self, WebhookAttempt},
        webhook_deliveries,
        webhook_endpoints::{self, Condition, WebhookEndpoint},
    },
    types::{
        Actor, RequestContext, WebhookAttemptId, WebhookCause, WebhookDisabledReason, WebhookOutcome, WebhookState,
    },
};

/// What attempts have made of their endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aftermath {
    /// What is due next may be sent.
    GoesOn,
    /// The endpoint pauses, or was changed or disabled meanwhile.
    Pauses,
}

/// Stores what has become of the attempts at an endpoint, which were made to the address that it had then.
pub(super) async fn record(
    app: &App,
    tried: WebhookEndpoint,
    attempts: Vec<Attempted>,
) -> Result<Aftermath, IdentityError> {
    for attempt in &attempts {
        app.metrics.webhooks.attempted(attempt.outcome);
    }
    let recorded =
        app.transact(&RequestContext::of(Actor::Service), move |tx| Ok(store(tx, &tried, &attempts)?)).await?;
    if let Recorded::Disabled(WebhookDisabledReason::Failing, id) = &recorded {
        app.metrics.alarms.raise(Alarm::Webhooks);
        tracing::error!(alarm = true, endpoint.id = %id, "a webhook endpoint has failed for three days and is disabled");
    }
    Ok(if matches!(recorded, Recorded::Served) { Aftermath::GoesOn } else { Aftermath::Pauses })
}

enum Recorded {
    /// At least one attempt has succeeded.
    Served,
    Failed,
    /// The endpoint is not the one any more that was tried.
    Changed,
    Disabled(WebhookDisabledReason, String),
}

fn store(tx: &mut Tx<'_>, tried: &WebhookEndpoint, attempts: &[Attempted]) -> Result<Recorded, StoreError> {
    let Some(endpoint) = webhook_endpoints::lock(tx, &tried.id)? else { return Ok(Recorded::Changed) };
    for attempt in attempts {
        if store_delivery(tx, attempt)? {
            webhook_attempts::insert(tx, &log_entry(attempt))?;
        }
    }
    // An owner who moved the endpoint meanwhile learns nothing of the new address by the old one.
    if endpoint.url != tried.url {
        return Ok(Recorded::Changed);
    }
    judge(tx, &endpoint, attempts)
}

/// Stores what becomes of a delivery. Returns `false` where another worker has tried it meanwhile.
fn store_delivery(tx: &mut Tx<'_>, attempt: &Attempted) -> Result<bool, StoreError> {
    let delivery = &attempt.delivery;
    let is_over = attempt.outcome == WebhookOutcome::Delivered || delivery.cause == WebhookCause::Test;
    let next_try_at = tx.now + wait_after(delivery.attempts.saturating_add(1), attempt.retry_after);
    if is_over || next_try_at >= delivery.created_at + TRIED_FOR {
        return webhook_deliveries::finish(tx, delivery);
    }
    webhook_deliveries::reschedule(tx, delivery, next_try_at)
}

fn log_entry(attempt: &Attempted) -> WebhookAttempt {
    let milliseconds = |duration: Duration| i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
    WebhookAttempt {
        id: WebhookAttemptId::mint(),
        endpoint_id: attempt.delivery.endpoint_id.clone(),
        event_id: attempt.delivery.event_id.clone(),
        event_type: attempt.delivery.event_type,
        attempt: attempt.delivery.attempts.saturating_add(1),
        outcome: attempt.outcome,
        status: attempt.status.map(|status| i32::from(status.as_u16())),
        duration_ms: attempt.duration.map(milliseconds),
        attempted_at: attempt.begun_at,
    }
}

/// Decides whether the endpoint gets further events, and when.
fn judge(tx: &mut Tx<'_>, endpoint: &WebhookEndpoint, attempts: &[Attempted]) -> Result<Recorded, StoreError> {
    let has = |outcome| attempts.iter().any(|attempt| attempt.outcome == outcome);
    if has(WebhookOutcome::Gone) {
        return disable(tx, endpoint, WebhookDisabledReason::Gone);
    }
    if has(WebhookOutcome::Delivered) {
        return served(tx, endpoint, attempts);
    }
    let retry_after = attempts.iter().filter_map(|attempt| attempt.retry_after).max();
    // A test event that fails changes nothing: its owner has asked for it, and sees it.
    if attempts.iter().all(|attempt| attempt.delivery.cause == WebhookCause::Test) {
        return Ok(Recorded::Failed);
    }
    let condition = after_failure(endpoint.failing_since, endpoint.failures, retry_after, tx.now);
    webhook_endpoints::set_condition(tx, &endpoint.id, condition)?;
    match condition.failing_since {
        Some(since) if since + TRIED_FOR <= tx.now => disable(tx, endpoint, WebhookDisabledReason::Failing),
        _ => Ok(Recorded::Failed),
    }
}

fn served(tx: &mut Tx<'_>, endpoint: &WebhookEndpoint, attempts: &[Attempted]) -> Result<Recorded, StoreError> {
    if endpoint.failing_since.is_some() || endpoint.failures > 0 {
        webhook_endpoints::set_condition(tx, &endpoint.id, Condition::GOOD)?;
    }
    let is_tested = attempts.iter().any(|attempt| {
        attempt.delivery.cause == WebhookCause::Test && attempt.outcome == WebhookOutcome::Delivered
    });
    if is_tested && endpoint.state != WebhookState::Active {
        webhook_endpoints::set_state(tx, &endpoint.id, WebhookState::Active, None)?;
        tx.entry(Event::WebhookActivated).detail(endpoint.id.as_str()).append(tx)?;
    }
    Ok(Recorded::Served)
}

fn disable(
    tx: &mut Tx<'_>,
    endpoint: &WebhookEndpoint,
    reason: WebhookDisabledReason,
) -> Result<Recorded, StoreError> {
    webhook_endpoints::set_state(tx, &endpoint.id, WebhookState::Disabled, Some(reason))?;
    webhook_endpoints::set_condition(tx, &endpoint.id, Condition::GOOD)?;
    if endpoint.state != WebhookState::Disabled {
        tx.entry(Event::WebhookDisabled).detail(&format!("{}: {reason}", endpoint.id)).append(tx)?;
    }
    Ok(Recorded::Disabled(reason, endpoint.id.as_str().to_owned()))
}
