//! The audit trail: appended to in the same transaction as what it tells, never changed (LO-06).

use diesel::prelude::*;

use super::{AnyConnection, StoreError, schema::audit_events};
use crate::types::{AccountId, AuditEventId, CustomerNumber, RequestContext, ResetRequestId, UtcTime};

/// What happened, in the words of the OWASP Logging Vocabulary where it has them (LO-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A reset was asked for.
    ResetRequested,
    /// The worker has dealt with the request; the detail says how.
    ResetProcessed,
    /// The mail API took a mail.
    MailHandedOver,
    /// An attempt to hand a mail over failed; it will be tried again.
    MailDeferred,
    /// A mail will not go out; the detail says why.
    MailGivenUp,
    /// A link set a new password.
    ResetConsumed,
    /// A link was withdrawn.
    ResetWithdrawn,
    /// A password was set.
    PasswordChanged,
    /// A sign-in succeeded.
    LoginSuccess,
    /// A sign-in was refused.
    LoginFail,
    /// An account was made.
    UserCreated,
    /// An account was closed.
    UserClosed,
    /// An account was opened again.
    UserReopened,
}

impl Event {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResetRequested => "reset_requested",
            Self::ResetProcessed => "reset_processed",
            Self::MailHandedOver => "mail_handed_over",
            Self::MailDeferred => "mail_deferred",
            Self::MailGivenUp => "mail_given_up",
            Self::ResetConsumed => "reset_consumed",
            Self::ResetWithdrawn => "reset_withdrawn",
            Self::PasswordChanged => "authn_password_change",
            Self::LoginSuccess => "authn_login_success",
            Self::LoginFail => "authn_login_fail",
            Self::UserCreated => "user_created",
            Self::UserClosed => "user_closed",
            Self::UserReopened => "user_reopened",
        }
    }
}

/// One line of the trail, filled step by step.
#[derive(Insertable)]
#[diesel(table_name = audit_events)]
#[must_use]
pub struct Entry {
    id: AuditEventId,
    occurred_at: UtcTime,
    event: &'static str,
    actor: String,
    customer_number: Option<CustomerNumber>,
    account_id: Option<AccountId>,
    reset_request_id: Option<ResetRequestId>,
    source: Option<String>,
    request_id: Option<String>,
    detail: Option<String>,
}

impl Entry {
    /// Something the service did by itself.
    pub fn by_service(event: Event, now: UtcTime) -> Self {
        Self::by("service", event, now)
    }

    /// Something somebody named did, such as an administrator.
    pub fn by(actor: &str, event: Event, now: UtcTime) -> Self {
        Self {
            id: AuditEventId::mint(),
            occurred_at: now,
            event: event.as_str(),
            actor: actor.to_owned(),
            customer_number: None,
            account_id: None,
            reset_request_id: None,
            source: None,
            request_id: None,
            detail: None,
        }
    }

    /// Something a caller did who has not proved who he is.
    pub fn by_caller(context: &RequestContext, event: Event, now: UtcTime) -> Self {
        let mut entry = Self::by("customer", event, now);
        entry.source = context.shortened_source();
        entry.request_id = Some(context.request_id.clone());
        entry
    }

    /// About this number, as submitted.
    pub fn number(mut self, number: &CustomerNumber) -> Self {
        self.customer_number = Some(number.clone());
        self
    }

    /// About this account.
    pub fn account(mut self, id: Option<&AccountId>) -> Self {
        self.account_id = id.cloned();
        self
    }

    /// Part of this request's story.
    pub fn reset_request(mut self, id: &ResetRequestId) -> Self {
        self.reset_request_id = Some(id.clone());
        self
    }

    /// A word or two more: no secret, no address.
    pub fn detail(mut self, detail: &str) -> Self {
        self.detail = Some(detail.to_owned());
        self
    }
}

/// Appends one entry.
pub fn append(connection: &mut AnyConnection, entry: &Entry) -> Result<(), StoreError> {
    diesel::insert_into(audit_events::table).values(entry).execute(connection)?;
    Ok(())
}
