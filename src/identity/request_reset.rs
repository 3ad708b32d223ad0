//! Step 3 of the guide: asking for a new password.

use super::{
    gate::Gate,
    refusal::IdentityError,
    work::{AT_ONCE, Work, jitter},
};
use crate::{
    app::App,
    store::{AnyConnection, StoreError, reset_requests},
    types::{CustomerNumber, RequestContext, ResetRequestId, UtcTime},
};

/// Writes the request down and leaves everything else to the worker, the trail too, which counts what is swallowed.
/// The account is *not* looked up: what is written, and how long that takes, is the same for every number (RQ-01,
/// RQ-02, RQ-07).
///
/// What is limited by source is refused; what is limited by number is written down all the same, and swallowed by the
/// worker.
pub async fn request_reset(
    app: &App,
    context: &RequestContext,
    number: CustomerNumber,
    proof: Option<&str>,
) -> Result<(), IdentityError> {
    let now = app.clock.now();
    let gate = Gate::of_reset(app, context, &number, proof, now);
    gate.check_early()?;
    let run_at = now + jitter(app);
    let context = context.clone();
    app.database
        .write(move |connection| -> Result<_, StoreError> {
            let passed = gate.pass(connection)?;
            if passed.is_ok() {
                queue_reset(connection, &context, number, ASKED_BY_CUSTOMER, now, run_at)?;
            }
            Ok(passed)
        })
        .await??;
    app.job_bell.notify_one();
    Ok(())
}

/// Who asked, in the trail.
const ASKED_BY_CUSTOMER: &str = "customer";
/// The service itself, because a password serves no more.
pub(super) const ASKED_BY_SERVICE: &str = "service";

/// Writes a request down together with the job that serves it.
pub(super) fn queue_reset(
    connection: &mut AnyConnection,
    context: &RequestContext,
    number: CustomerNumber,
    actor: &str,
    now: UtcTime,
    run_at: UtcTime,
) -> Result<(), StoreError> {
    let request = reset_requests::ResetRequest {
        id: ResetRequestId::mint(),
        customer_number: number,
        requested_at: now,
        request_id: context.request_id.clone(),
        source: context.shortened_source(),
        outcome: None,
        actor: actor.to_owned(),
    };
    reset_requests::insert(connection, &request)?;
    Work::IssueResetLink { reset_request_id: request.id.clone() }.queue(connection, now, run_at, AT_ONCE)
}
