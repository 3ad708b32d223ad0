//! Step 3 of the customer guide: asking for a new password.

use crate::{
    app::App,
    identity::{
        abuse::{gate::Gate, source_limits::SourceLimits},
        field_error::FieldError,
        refusal::{IdentityError, Refusal},
        transaction::Decision,
        work::queue_reset,
    },
    types::{Actor, RequestContext},
};

/// The form "Pozabljeno geslo" (forgotten password), as sent.
pub struct ResetForm {
    /// The field "Uporabniško ime": the customer number; `None` where it is missing.
    pub customer_number: Option<String>,
    /// The proof of work, where one was asked for.
    pub proof: Option<String>,
}

/// Stores a reset request and leaves everything else to the worker, its entry in the audit trail included. The account
/// is *not* looked up: what is written, and how long that takes, is the same for every number (RQ-01, RQ-02, RQ-07).
///
/// A limit of the source refuses. A limit of the number does not: the request is stored all the same, and the worker
/// swallows it.
///
/// # Errors
/// [`Refusal::TooManyAttempts`] for the source; [`Refusal::Invalid`] where the number is missing or no customer number;
/// [`Refusal::ChallengeRequired`] while a proof of work is asked for.
pub async fn request(app: &App, context: &RequestContext, form: ResetForm) -> Result<(), IdentityError> {
    let source = SourceLimits::of_resets(app, context);
    if let Some(refusal) = source.recent_refusal() {
        source.count_refusal();
        return Err(refusal.clone().into());
    }
    let number = FieldError::check_customer_number(form.customer_number.as_deref())
        .map_err(|error| Refusal::Invalid(vec![error]))?;
    let gate = Gate::of_reset(app, source, &number, form.proof.as_deref());
    if let Some(refusal) = gate.early_refusal() {
        gate.count_early_refusal();
        return Err(refusal.into());
    }
    app.decide(context, move |tx| {
        if let Decision::Refused(refusal) = gate.pass(tx)? {
            return Ok(Decision::Refused(refusal));
        }
        queue_reset(tx, number, &Actor::Customer)?;
        Ok(Decision::Done(()))
    })
    .await?;
    app.job_queued.notify_one();
    Ok(())
}
