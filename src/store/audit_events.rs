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
    text_enum,
};

text_enum! {
    /// What happened, in the words of the OWASP Logging Vocabulary where it has them (LO-01).
    pub enum Event {
        /// A reset was asked for.
        ResetRequested = "reset_requested",
        /// The worker has dealt with the request; the detail says how.
        ResetProcessed = "reset_processed",
        /// The mail API took a mail.
        MailHandedOver = "mail_handed_over",
        /// An attempt to hand a mail over failed; it will be tried again.
        MailDeferred = "mail_deferred",
        /// A mail will not go out; the detail says why.
        MailGivenUp = "mail_given_up",
        /// The mail API tells what became of a mail; the detail says what, with the receiving server's code.
        MailDelivery = "mail_delivery",
        /// Support asked why no mail arrived; the detail is the decisive answer.
        SupportDiagnosis = "support_diagnosis",
        /// An address that was not written to may be written to again.
        SuppressionLifted = "mail_suppression_lifted",
        /// A link was looked at for the first time, by its owner or by a mail scanner.
        ResetLookedAt = "reset_verified",
        /// A link set a new password.
        ResetConsumed = "reset_consumed",
        /// A link was withdrawn.
        ResetWithdrawn = "reset_withdrawn",
        /// A password was set.
        PasswordChanged = "authn_password_change",
        /// A signed-in customer gave a wrong current password.
        PasswordChangeFail = "authn_password_change_fail",
        /// A password has to be changed before its time; the detail says why.
        PasswordExpired = "authn_password_expired",
        /// A reminder that the password expires was queued.
        ExpiryReminded = "authn_password_expiry_reminded",
        /// A sign-in succeeded.
        LoginSuccess = "authn_login_success",
        /// A sign-in was refused; the detail says why.
        LoginFail = "authn_login_fail",
        /// Sign-ins are being turned away until some time has passed since the last failure.
        LoginFailMax = "authn_login_fail_max",
        /// A session was ended by somebody; the detail says why.
        SessionEnded = "authn_token_revoked",
        /// A session's time was over.
        SessionExpired = "session_expired",
        /// A refresh token was presented a second time: its session has ended.
        TokenReuse = "authn_token_reuse",
        /// A machine client was made.
        ClientCreated = "client_created",
        /// A machine client was revoked.
        ClientRevoked = "client_revoked",
        /// A machine client got an access token.
        TokenCreated = "authn_token_created",
        /// A new signing key was made.
        SigningKeyMade = "signing_key_made",
        /// An account was made.
        UserCreated = "user_created",
        /// An account was closed.
        UserClosed = "user_closed",
        /// An account was opened again.
        UserReopened = "user_reopened",
        /// The address on file was changed.
        UserEmailChanged = "user_email_changed",
        /// An administrator has taken back what was counted against a number.
        UserUnlocked = "authn_login_unlocked",
        /// One source has met a limit; the detail says which. Noted once an hour.
        LimitExceeded = "excess_rate_limit_exceeded",
        /// The budget of reset mails is used up for now.
        MailBudgetExhausted = "mail_budget_exhausted",
        /// A proof of work is asked for, a harder one, or none any more; the detail says what was seen.
        ProofOfWork = "proof_of_work_level",
    }
}

/// One line of the trail, filled step by step.
#[derive(Clone, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
#[must_use]
pub struct Entry {
    id: AuditEventId,
    occurred_at: UtcTime,
    event: Event,
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
            event,
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
    pub event: Event,
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
    Ok(audit_events::table
        .filter(audit_events::customer_number.eq(number))
        .filter(audit_events::event.eq_any(events))
        .filter(audit_events::occurred_at.ge(since))
        .order((audit_events::occurred_at.desc(), audit_events::id))
        .limit(limit)
        .select(Happened::as_select())
        .load(tx.connection)?)
}
