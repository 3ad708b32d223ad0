//! Posting events to an endpoint, with no transaction open.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::StatusCode;

use super::prepare::{Batch, Message};
use crate::{
    app::App,
    crypto::WebhookMessage,
    outbound::{CallFailure, WebhookAnswer},
    store::webhook_deliveries::WebhookDelivery,
    types::{UtcTime, WebhookOutcome},
};

/// An attempt that has ended.
pub(super) struct Attempted {
    pub(super) delivery: WebhookDelivery,
    pub(super) begun_at: UtcTime,
    pub(super) outcome: WebhookOutcome,
    /// The status of the answer; `None` where there was none.
    pub(super) status: Option<StatusCode>,
    /// How long the attempt took; `None` where the time would tell of addresses that are not allowed.
    pub(super) duration: Option<Duration>,
    /// The wait that the answer asks for.
    pub(super) retry_after: Option<Duration>,
}

/// Sends the events of a batch at the same time.
pub(super) async fn send(app: &App, batch: &Batch) -> Vec<Attempted> {
    join_all(batch.messages.iter().map(|message| post(app, batch, message))).await
}

async fn post(app: &App, batch: &Batch, Message { delivery, body }: &Message) -> Attempted {
    let begun_at = app.clock.now();
    let timestamp = begun_at.and_utc().timestamp();
    let message = WebhookMessage { id: &delivery.event_id, timestamp, body: body.as_bytes() };
    let headers = message.headers(&batch.keys.secrets, &batch.keys.key_pairs);
    let begun = Instant::now();
    let answer = app.webhooks.post(batch.endpoint.url.url(), &headers, body.clone().into_bytes()).await;
    let outcome = outcome_of(&answer);
    Attempted {
        delivery: delivery.clone(),
        begun_at,
        outcome,
        status: answer.as_ref().ok().map(|answer| answer.status),
        duration: (outcome != WebhookOutcome::NotAllowed).then(|| begun.elapsed()),
        retry_after: answer.ok().and_then(asked_wait),
    }
}

fn outcome_of(answer: &Result<WebhookAnswer, CallFailure>) -> WebhookOutcome {
    match answer {
        Ok(answer) if answer.status.is_success() => WebhookOutcome::Delivered,
        Ok(answer) if answer.status == StatusCode::GONE => WebhookOutcome::Gone,
        Ok(answer) if answer.status.is_redirection() => WebhookOutcome::Redirected,
        Ok(_) => WebhookOutcome::Refused,
        // A name that does not exist is told as one that leads to an inner address.
        Err(CallFailure::NotAllowed | CallFailure::NameNotFound) => WebhookOutcome::NotAllowed,
        Err(CallFailure::Timeout | CallFailure::ConnectTimeout) => WebhookOutcome::TimedOut,
        Err(
            CallFailure::Unwritable
            | CallFailure::Refused
            | CallFailure::Tls
            | CallFailure::Connect
            | CallFailure::TooLong
            | CallFailure::Transport,
        ) => WebhookOutcome::Unreachable,
    }
}

/// The wait that an answer may ask for.
fn asked_wait(answer: WebhookAnswer) -> Option<Duration> {
    let may_ask = matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    answer.retry_after.filter(|_| may_ask)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> WebhookAnswer {
        let status = StatusCode::from_u16(status).unwrap();
        WebhookAnswer { status, retry_after: Some(Duration::from_secs(9)) }
    }

    #[test]
    fn wh_08_the_status_decides_what_becomes_of_an_event() {
        for (status, outcome) in [
            (200, WebhookOutcome::Delivered),
            (299, WebhookOutcome::Delivered),
            (304, WebhookOutcome::Redirected),
            (308, WebhookOutcome::Redirected),
            (400, WebhookOutcome::Refused),
            (410, WebhookOutcome::Gone),
            (429, WebhookOutcome::Refused),
            (500, WebhookOutcome::Refused),
        ] {
            assert_eq!(outcome_of(&Ok(answer(status))), outcome, "{status}");
        }
        assert_eq!(outcome_of(&Err(CallFailure::NameNotFound)), WebhookOutcome::NotAllowed);
        for (status, waits) in [(429, true), (503, true), (500, false), (410, false)] {
            assert_eq!(asked_wait(answer(status)).is_some(), waits, "{status}");
        }
    }
}
