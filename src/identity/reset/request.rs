//! Step 3 of the guide: asking for a new password.

use crate::{
    app::App,
    identity::{
        abuse::gate::Gate,
        refusal::IdentityError,
        work::{ASKED_BY_CUSTOMER, jitter, queue_reset},
    },
    store::StoreError,
    types::{CustomerNumber, RequestContext},
};

/// Writes the request down and leaves everything else to the worker, the trail too, which counts what is swallowed.
/// The account is *not* looked up: what is written, and how long that takes, is the same for every number (RQ-01,
/// RQ-02, RQ-07).
///
/// What is limited by source is refused; what is limited by number is written down all the same, and swallowed by the
/// worker.
pub async fn request(
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
        .write(move |tx| -> Result<_, StoreError> {
            let passed = gate.pass(tx)?;
            if passed.is_ok() {
                queue_reset(tx, &context, number, ASKED_BY_CUSTOMER, now, run_at)?;
            }
            Ok(passed)
        })
        .await??;
    app.job_bell.notify_one();
    Ok(())
}
