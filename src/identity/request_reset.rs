//! Step 3 of the guide: asking for a new password.

use super::work::{Work, jitter};
use crate::{
    app::App,
    store::{
        AnyConnection, StoreError,
        audit_events::{self, Entry, Event},
        reset_requests,
    },
    types::{CustomerNumber, Fault, RequestContext, ResetRequestId, UtcTime},
};

/// Writes the request down and leaves everything else to the worker. The account is *not* looked up: what
/// is written, and how long that takes, is the same for every number (RQ-01, RQ-02, RQ-07).
///
/// Limits by source take their tokens in this transaction, before the first insert.
pub async fn request_reset(app: &App, context: &RequestContext, number: CustomerNumber) -> Result<(), Fault> {
    let now = app.clock.now();
    let run_at = now + jitter(app);
    let context = context.clone();
    app.database
        .write(move |connection| -> Result<(), StoreError> {
            let entry = Entry::by_caller(&context, Event::ResetRequested, now);
            queue_reset(connection, &context, number, entry, now, run_at)
        })
        .await?;
    app.job_bell.notify_one();
    Ok(())
}

/// Writes a request down together with the job that serves it.
pub(super) fn queue_reset(
    connection: &mut AnyConnection,
    context: &RequestContext,
    number: CustomerNumber,
    entry: Entry,
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
    };
    reset_requests::insert(connection, &request)?;
    Work::IssueResetLink { reset_request_id: request.id.clone() }.queue(connection, now, run_at)?;
    audit_events::append(connection, &entry.number(&request.customer_number).reset_request(&request.id))
}
