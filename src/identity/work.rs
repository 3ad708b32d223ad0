//! Work that is queued for the worker.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::transaction::Tx;
use crate::{
    app::App,
    config::{Limit, LimitsConfig},
    store::{
        StoreError,
        accounts::Account,
        jobs,
        mails::{self, MailKind, MailStatus, NewMail},
        reset_requests,
    },
    types::{
        Actor, CustomerNumber, EmailAddress, Id, JobId, MailId, ResetRequestId, SessionId, UtcTime, random_below,
    },
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

/// The priority of reset requests, and of the mails that somebody waits for.
pub(super) const AT_ONCE: i32 = 0;
/// The priority of mails in bulk, which can wait (ML-10).
const CAN_WAIT: i32 = 10;

impl Work {
    /// Queues the work in the caller's transaction.
    pub(super) fn queue(&self, tx: &mut Tx<'_>, run_at: UtcTime, priority: i32) -> Result<(), StoreError> {
        let payload = serde_json::to_string(self).map_err(|error| StoreError::Unwritable(error.into()))?;
        let job = jobs::Job {
            id: JobId::mint(),
            payload,
            run_at,
            lease_until: None,
            attempts: 0,
            created_at: tx.now,
            priority,
        };
        jobs::insert(tx, &job)
    }
}

/// Puts a mail into the outbox with the job that hands it over. The job gets the place in the queue of `since`: a mail that
/// was asked for leaves before later requests are served, however many there are.
pub(super) fn queue_mail(tx: &mut Tx<'_>, mail: &NewMail, since: UtcTime) -> Result<(), StoreError> {
    mails::insert(tx, mail)?;
    let priority = if mail.kind == MailKind::ExpiryReminder { CAN_WAIT } else { AT_ONCE };
    Work::SendMail { mail_id: mail.id.clone() }.queue(tx, since, priority)
}

/// A mail that only tells the owner of an account something.
pub(super) struct Notice {
    pub(super) kind: MailKind,
    /// The session that the mail is about.
    pub(super) session_id: Option<SessionId>,
    /// Until when the mail is worth sending; `None` for one day.
    pub(super) serve_until: Option<UtcTime>,
}

impl Notice {
    /// A notice of this kind, worth sending for one day.
    pub(super) const fn new(kind: MailKind) -> Self {
        Self { kind, session_id: None, serve_until: None }
    }
}

/// How long a notice is worth sending, unless it says otherwise.
const NOTICE_SERVED_FOR: TimeDelta = TimeDelta::hours(24);

/// How many notices of a kind an account gets (ML-10). Strangers who know the password could otherwise bury the
/// notices that matter.
struct NoticeCap {
    limit: Limit,
    /// The kind that sums up what goes beyond the limit, once within its period.
    sums_up: Option<MailKind>,
}

impl NoticeCap {
    /// `None` for kinds without a cap: a change of the address is always told, as is what an administrator does.
    fn of(kind: MailKind, limits: &LimitsConfig) -> Option<Self> {
        let (limit, sums_up) = match kind {
            MailKind::NewDevice => (limits.new_device_mails, Some(MailKind::NewDevices)),
            MailKind::PasswordChanged => (limits.password_changed_mails, None),
            MailKind::ResetLink
            | MailKind::NewDevices
            | MailKind::ExpiryReminder
            | MailKind::AccessClosed
            | MailKind::AccessReopened
            | MailKind::AddressChanged => (None, None),
        };
        limit.map(|limit| Self { limit, sums_up })
    }
}

/// The kind of mail that tells the owner; `None` where the cap leaves the notice out. The account is locked.
fn find_kind_within_cap(
    tx: &mut Tx<'_>,
    kind: MailKind,
    account: &Account,
) -> Result<Option<MailKind>, StoreError> {
    let Some(cap) = NoticeCap::of(kind, &tx.app.config.limits) else { return Ok(Some(kind)) };
    let since = tx.now - cap.limit.period;
    if mails::count_of_kind(tx, &account.id, kind, since)? < i64::from(cap.limit.count) {
        return Ok(Some(kind));
    }
    match cap.sums_up {
        Some(sums_up) if mails::count_of_kind(tx, &account.id, sums_up, since)? == 0 => Ok(Some(sums_up)),
        _ => Ok(None),
    }
}

/// Queues a notice to the address on file, within the cap of its kind. Where there is no address, the mail becomes a
/// decoy.
pub(super) fn queue_notice(tx: &mut Tx<'_>, notice: Notice, account: &Account) -> Result<(), StoreError> {
    let Some(kind) = find_kind_within_cap(tx, notice.kind, account)? else { return Ok(()) };
    let mail = NewMail {
        id: MailId::mint(),
        kind,
        account_id: Some(account.id.clone()),
        reset_link_id: None,
        recipient: account.email.as_ref().map(EmailAddress::to_send_to),
        last_two_digits: account.customer_number.last_two_digits().to_owned(),
        locale: account.locale,
        status: MailStatus::Queued,
        created_at: tx.now,
        serve_until: notice.serve_until.unwrap_or(tx.now + NOTICE_SERVED_FOR),
        session_id: notice.session_id,
    };
    let now = tx.now;
    queue_mail(tx, &mail, now)
}

/// Stores a reset request with the job that serves it. The account is not looked up. `actor` asks for the reset: the
/// customer, or the service after a sign-in with an expired password.
pub(super) fn queue_reset(tx: &mut Tx<'_>, number: CustomerNumber, actor: &Actor) -> Result<(), StoreError> {
    let request = reset_requests::ResetRequest {
        id: ResetRequestId::mint(),
        customer_number: number,
        requested_at: tx.now,
        request_id: tx.context.request_id.clone().unwrap_or_else(|| Id::<Work>::mint().as_str().to_owned()),
        source: tx.context.shortened_source(),
        outcome: None,
        actor: actor.name(),
        source_hash: tx.context.exact_source().map(|source| tx.app.keyring.source_hash(&source)),
    };
    reset_requests::insert(tx, &request)?;
    let run_at = tx.now + jitter(&tx.app);
    Work::IssueResetLink { reset_request_id: request.id.clone() }.queue(tx, run_at, AT_ONCE)
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
