//! Webhook calls that only claim to come from a mail API. Like unknown tokens they count against the source that sends
//! them. Authentic calls are never counted.

use super::source_limits::SourceLimits;
use crate::{
    app::App,
    identity::{refusal::IdentityError, transaction::Decision},
    metrics::Alarm,
    store::audit_events::Event,
    types::{Actor, RequestContext},
};

/// Refuses a call before its body is read, where the source was refused a moment ago. Nothing is written.
///
/// # Errors
/// [`Refusal::TooManyAttempts`](crate::identity::Refusal::TooManyAttempts).
pub fn admit_events(app: &App, context: &RequestContext) -> Result<(), IdentityError> {
    let limits = SourceLimits::of_mail_events(app, context);
    let Some(refusal) = limits.recent_refusal() else { return Ok(()) };
    limits.count_refusal();
    Err(refusal.clone().into())
}

/// Counts a call that is not authentic. Once an hour it stands in the audit trail, and so does a source that has sent
/// too many, which also raises an alarm: where the secret of the settings is wrong, every event of the mail API is lost.
///
/// # Errors
/// [`Refusal::TooManyAttempts`](crate::identity::Refusal::TooManyAttempts) where the source has sent too many.
pub async fn count_forged_events(
    app: &App,
    context: &RequestContext,
    provider: &'static str,
) -> Result<(), IdentityError> {
    admit_events(app, context)?;
    let limits = SourceLimits::of_mail_events(app, context);
    if limits.are_none() {
        return Ok(());
    }
    let context = RequestContext { actor: Actor::MailApi, ..context.clone() };
    app.decide(&context, move |tx| {
        let decision = limits.take(tx, None)?;
        match &decision {
            Decision::Done(()) => {
                if limits.note_of_source(tx, "failed")?.is_granted() {
                    tx.entry(Event::LoginFail).detail(&format!("mail events: {provider}")).append(tx)?;
                }
            }
            Decision::Refused(_) => {
                if limits.note_of_source(tx, "alarm")?.is_granted() {
                    tx.app.metrics.alarms.raise(Alarm::MailEvents);
                    tracing::error!(alarm = true, provider, "one source sends events that are not authentic");
                }
            }
        }
        Ok(decision)
    })
    .await
}
