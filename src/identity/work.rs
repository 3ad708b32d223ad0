//! Work that is queued for the worker.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::transaction::Tx;
use crate::{
    app::App,
    store::{
        StoreError, jobs,
        mails::{self, MailKind, NewMail},
        reset_requests::{self, ResetCause},
    },
    types::{Actor, CustomerNumber, Id, JobId, MailId, ResetRequestId, UtcTime, random_below},
};

/// What a job does. It holds ids, never secrets or texts (ML-02). The names are versioned, so that during a rolling
/// upgrade no instance misunderstands a job of another version (OP-05).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", deny_unknown_fields)]
pub enum Work {
    /// Looks the number of a request up and makes its link.
    #[serde(rename = "issue_reset_link/1")]
    IssueResetLink {
        /// The id of the reset request.
        reset_request_id: ResetRequestId,
    },
    /// Hands a mail over to the mail API.
    #[serde(rename = "send_mail/1")]
    SendMail {
        /// The id of the mail to hand over.
        mail_id: MailId,
    },
}

/// How a job ended, for its line in the log and its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobOutcome {
    /// The outcome, as the metrics and the tables name it.
    pub outcome: &'static str,
    /// What the mail is about, where one was attempted.
    pub mail_kind: Option<MailKind>,
    /// The mail API that was called last, where one was.
    pub mail_provider: Option<&'static str>,
}

impl JobOutcome {
    /// Another worker has done the job, or its object is gone.
    pub(super) const NOTHING_TO_DO: Self = Self::of("nothing_to_do");

    pub(super) const fn of(outcome: &'static str) -> Self {
        Self { outcome, mail_kind: None, mail_provider: None }
    }
}

impl Work {
    /// The kind of the work without its version, for logs and spans.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::IssueResetLink { .. } => "issue_reset_link",
            Self::SendMail { .. } => "send_mail",
        }
    }

    /// The mail that the work is about.
    #[must_use]
    pub const fn mail_id(&self) -> Option<&MailId> {
        match self {
            Self::IssueResetLink { .. } => None,
            Self::SendMail { mail_id } => Some(mail_id),
        }
    }

    /// The work as the table of jobs has it.
    fn payload(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|error| StoreError::Unwritable(error.into()))
    }

    /// Deletes the jobs of reset requests and mails that are about to be deleted.
    pub(super) fn delete_jobs_of(
        tx: &mut Tx<'_>,
        requests: &[ResetRequestId],
        mails: &[MailId],
    ) -> Result<(), StoreError> {
        let requests = requests.iter().map(|id| Self::IssueResetLink { reset_request_id: id.clone() });
        let mails = mails.iter().map(|id| Self::SendMail { mail_id: id.clone() });
        let payloads: Result<Vec<String>, StoreError> = requests.chain(mails).map(|work| work.payload()).collect();
        jobs::delete_with(tx, &payloads?)
    }

    /// Queues the work in the caller's transaction.
    pub(super) fn queue(&self, tx: &mut Tx<'_>, run_at: UtcTime, priority: i32) -> Result<(), StoreError> {
        let payload = self.payload()?;
        let job = jobs::Job {
            id: JobId::mint(),
            payload,
            run_at,
            lease_until: None,
            attempts: 0,
            created_at: tx.now,
            priority,
            request_id: tx.context.request_id.clone(),
            traceparent: tx.context.trace.map(|span| span.traceparent()),
        };
        jobs::insert(tx, &job)
    }
}

/// Puts a mail into the outbox with the job that hands it over. The job gets the place in the queue of `since`: a mail that
/// was asked for leaves before later requests are served, however many there are.
pub(super) fn queue_mail(tx: &mut Tx<'_>, mail: &NewMail, since: UtcTime) -> Result<(), StoreError> {
    queue_mail_because(tx, mail, since, None)
}

/// Does what [`queue_mail`] does, for a mail that follows something.
pub(super) fn queue_mail_because(
    tx: &mut Tx<'_>,
    mail: &NewMail,
    since: UtcTime,
    cause: Option<ResetCause>,
) -> Result<(), StoreError> {
    mails::insert(tx, mail)?;
    let is_reminder = mail.kind == MailKind::ExpiryReminder;
    let priority = if is_reminder { jobs::CAN_WAIT } else { priority_of_reset(cause) };
    Work::SendMail { mail_id: mail.id.clone() }.queue(tx, since, priority)
}

/// Lets a mail that waits among those in bulk leave as early as those that somebody waits for. `next_try_at` is the time
/// at which its job runs.
pub(super) fn bring_mail_forward(tx: &mut Tx<'_>, id: &MailId, next_try_at: UtcTime) -> Result<(), StoreError> {
    let payload = Work::SendMail { mail_id: id.clone() }.payload()?;
    jobs::bring_forward(tx, &payload, next_try_at)
}

/// The priority of a reset. Accounts are made by the thousand when another system hands its customers over, and nobody
/// waits for the mail to each of them as somebody does who has asked for a reset.
const fn priority_of_reset(cause: Option<ResetCause>) -> i32 {
    match cause {
        Some(ResetCause::Activation) => jobs::CAN_WAIT,
        Some(ResetCause::LockDown) | None => jobs::AT_ONCE,
    }
}

/// Stores a reset request with the job that serves it. The account is not looked up. `actor` asks for the reset: the
/// customer, or the service after a sign-in with an expired password.
pub(super) fn queue_reset(tx: &mut Tx<'_>, number: CustomerNumber, actor: &Actor) -> Result<(), StoreError> {
    queue_reset_because(tx, number, actor, None)
}

/// Stores the request for the mail by which the owner of a new account sets the first password. It is served from `due_at`
/// on, as if it came then: while the address cools off, no link goes there (AD-05).
pub(super) fn queue_activation(
    tx: &mut Tx<'_>,
    number: CustomerNumber,
    actor: &Actor,
    due_at: UtcTime,
) -> Result<(), StoreError> {
    queue_reset_at(tx, number, actor, Some(ResetCause::Activation), due_at)
}

/// Does what [`queue_reset`] does, for a reset that follows something.
pub(super) fn queue_reset_because(
    tx: &mut Tx<'_>,
    number: CustomerNumber,
    actor: &Actor,
    cause: Option<ResetCause>,
) -> Result<(), StoreError> {
    let now = tx.now;
    queue_reset_at(tx, number, actor, cause, now)
}

fn queue_reset_at(
    tx: &mut Tx<'_>,
    number: CustomerNumber,
    actor: &Actor,
    cause: Option<ResetCause>,
    requested_at: UtcTime,
) -> Result<(), StoreError> {
    let request = reset_requests::ResetRequest {
        id: ResetRequestId::mint(),
        customer_number: number,
        requested_at,
        request_id: tx.context.request_id.clone().unwrap_or_else(|| Id::<Work>::mint().as_str().to_owned()),
        source: tx.context.shortened_source(),
        outcome: None,
        actor: actor.name(),
        source_hash: tx.context.exact_source().map(|source| tx.app.keyring.source_hash(&source)),
        cause,
    };
    reset_requests::insert(tx, &request)?;
    let run_at = requested_at + jitter(&tx.app);
    Work::IssueResetLink { reset_request_id: request.id.clone() }.queue(tx, run_at, priority_of_reset(cause))
}

/// When work that a machine client has asked for begins, after a random delay: the time of its next answer must not tell
/// what the work is about (RQ-02).
pub(super) fn soon(tx: &Tx<'_>) -> UtcTime {
    tx.now + jitter(&tx.app)
}

/// The random delay before a reset request is served, so that the time of the next answer does not reveal what the job
/// does (RQ-02).
fn jitter(app: &App) -> TimeDelta {
    let most = app.config.job_jitter.num_microseconds().unwrap_or(0).unsigned_abs();
    TimeDelta::microseconds(i64::try_from(random_below(most)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn op_05_the_stored_form_of_work_never_changes() {
        let works = [
            Work::IssueResetLink { reset_request_id: ResetRequestId::from_text("r1".into()) },
            Work::SendMail { mail_id: MailId::from_text("m1".into()) },
        ];
        let stored = [
            r#"{"kind":"issue_reset_link/1","reset_request_id":"r1"}"#,
            r#"{"kind":"send_mail/1","mail_id":"m1"}"#,
        ];
        for (work, text) in works.iter().zip(stored) {
            assert_eq!(serde_json::to_string(work).unwrap(), text);
            assert_eq!(serde_json::from_str::<Work>(text).unwrap(), *work);
        }
    }
}
