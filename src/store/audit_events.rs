//! The audit trail: appended to in the same transaction as what it tells, never changed (LO-06).

use diesel::prelude::*;

use super::{
    accounts::Account,
    engine::{StoreError, Transaction},
    reset_requests::ResetRequest,
    schema::audit_events,
};
use crate::types::{
    AccountId, Actor, ActorName, AuditEventId, CustomerNumber, RequestContext, ResetRequestId, SessionId, UtcTime,
};

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
    /// The mail API tells what became of a mail; the detail says what, with the receiving server's code.
    MailDelivery,
    /// Support asked why no mail arrived; the detail is the decisive answer.
    SupportDiagnosis,
    /// An address that was not written to may be written to again.
    SuppressionLifted,
    /// A link was looked at for the first time, by its owner or by a mail scanner.
    ResetLookedAt,
    /// A link set a new password.
    ResetConsumed,
    /// A link was withdrawn.
    ResetWithdrawn,
    /// A password was set.
    PasswordChanged,
    /// A signed-in customer gave a wrong current password.
    PasswordChangeFail,
    /// A password has to be changed before its time; the detail says why.
    PasswordExpired,
    /// A reminder that the password expires was queued.
    ExpiryReminded,
    /// A sign-in succeeded.
    LoginSuccess,
    /// A sign-in was refused; the detail says why.
    LoginFail,
    /// Sign-ins are being turned away until some time has passed since the last failure.
    LoginFailMax,
    /// A session was ended by somebody; the detail says why.
    SessionEnded,
    /// A session's time was over.
    SessionExpired,
    /// A refresh token was presented a second time: its session has ended.
    TokenReuse,
    /// A machine client was made.
    ClientCreated,
    /// A machine client was revoked.
    ClientRevoked,
    /// A machine client got an access token.
    TokenCreated,
    /// A new signing key was made.
    SigningKeyMade,
    /// An account was made.
    UserCreated,
    /// An account was closed.
    UserClosed,
    /// An account was opened again.
    UserReopened,
    /// The address on file was changed.
    UserEmailChanged,
    /// An administrator has taken back what was counted against a number.
    UserUnlocked,
    /// One source has met a limit; the detail says which. Noted once an hour.
    LimitExceeded,
    /// The budget of reset mails is used up for now.
    MailBudgetExhausted,
    /// A proof of work is asked for, a harder one, or none any more; the detail says what was seen.
    ProofOfWork,
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
            Self::MailDelivery => "mail_delivery",
            Self::SupportDiagnosis => "support_diagnosis",
            Self::SuppressionLifted => "mail_suppression_lifted",
            Self::ResetLookedAt => "reset_verified",
            Self::ResetConsumed => "reset_consumed",
            Self::ResetWithdrawn => "reset_withdrawn",
            Self::PasswordChanged => "authn_password_change",
            Self::PasswordChangeFail => "authn_password_change_fail",
            Self::PasswordExpired => "authn_password_expired",
            Self::ExpiryReminded => "authn_password_expiry_reminded",
            Self::LoginSuccess => "authn_login_success",
            Self::LoginFail => "authn_login_fail",
            Self::LoginFailMax => "authn_login_fail_max",
            Self::SessionEnded => "authn_token_revoked",
            Self::SessionExpired => "session_expired",
            Self::TokenReuse => "authn_token_reuse",
            Self::ClientCreated => "client_created",
            Self::ClientRevoked => "client_revoked",
            Self::TokenCreated => "authn_token_created",
            Self::SigningKeyMade => "signing_key_made",
            Self::UserCreated => "user_created",
            Self::UserClosed => "user_closed",
            Self::UserReopened => "user_reopened",
            Self::UserEmailChanged => "user_email_changed",
            Self::UserUnlocked => "authn_login_unlocked",
            Self::LimitExceeded => "excess_rate_limit_exceeded",
            Self::MailBudgetExhausted => "mail_budget_exhausted",
            Self::ProofOfWork => "proof_of_work_level",
        }
    }
}

/// One line of the trail, filled step by step.
#[derive(Clone, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
#[must_use]
pub struct Entry {
    id: AuditEventId,
    occurred_at: UtcTime,
    event: &'static str,
    actor: ActorName,
    customer_number: Option<CustomerNumber>,
    account_id: Option<AccountId>,
    reset_request_id: Option<ResetRequestId>,
    source: Option<String>,
    request_id: Option<String>,
    detail: Option<String>,
    session_id: Option<SessionId>,
}

impl Entry {
    /// Something that happened because of this context, at the moment of the transaction that appends it.
    pub fn new(event: Event, context: &RequestContext, now: UtcTime) -> Self {
        Self {
            id: AuditEventId::mint(),
            occurred_at: now,
            event: event.as_str(),
            actor: context.actor.name(),
            customer_number: None,
            account_id: None,
            reset_request_id: None,
            source: context.shortened_source(),
            request_id: context.request_id.clone(),
            detail: None,
            session_id: None,
        }
    }

    /// A reset was asked for, at the moment and from the place that the request keeps.
    pub fn of_request(request: &ResetRequest) -> Self {
        let context = RequestContext::of(Actor::Customer);
        let mut entry = Self::new(Event::ResetRequested, &context, request.requested_at)
            .number(&request.customer_number)
            .reset_request(&request.id);
        entry.actor.clone_from(&request.actor);
        entry.source.clone_from(&request.source);
        entry.request_id = Some(request.request_id.clone());
        entry
    }

    /// The same, done by the service because of the request.
    pub fn by_service(self) -> Self {
        self.by(&Actor::Service)
    }

    /// The same, done by this actor.
    pub fn by(self, actor: &Actor) -> Self {
        Self { actor: actor.name(), ..self }
    }

    /// Whose account it is about.
    pub fn about(self, account: &Account) -> Self {
        self.number(&account.customer_number).account(Some(&account.id))
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

    /// About this session.
    pub fn session(mut self, id: &SessionId) -> Self {
        self.session_id = Some(id.clone());
        self
    }

    /// A word or two more: no secret, no address.
    pub fn detail(mut self, detail: &str) -> Self {
        self.detail = Some(detail.to_owned());
        self
    }
}

/// Appends one entry.
pub fn append(tx: &mut Transaction<'_>, entry: &Entry) -> Result<(), StoreError> {
    diesel::insert_into(audit_events::table).values(entry).execute(tx.connection)?;
    Ok(())
}

impl Entry {
    /// Appends the entry in the transaction of what it tells.
    pub fn append(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        append(tx, self)
    }
}

/// What support may see of an entry.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_events)]
pub struct Happened {
    /// When.
    pub occurred_at: UtcTime,
    /// What.
    pub event: String,
    /// A word or two more.
    pub detail: Option<String>,
}

/// What the trail tells of a number since then, of these events only, the newest first, at most `limit` entries.
pub fn list_of_number(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    events: &[Event],
    since: UtcTime,
    limit: i64,
) -> Result<Vec<Happened>, StoreError> {
    let events: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    Ok(audit_events::table
        .filter(audit_events::customer_number.eq(number))
        .filter(audit_events::event.eq_any(events))
        .filter(audit_events::occurred_at.ge(since))
        .order((audit_events::occurred_at.desc(), audit_events::id))
        .limit(limit)
        .select(Happened::as_select())
        .load(tx.connection)?)
}
