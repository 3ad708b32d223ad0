//! The audit trail. An entry is appended in the transaction of the action that it records, and never changed
//! (LO-06), but for the erasure of a customer: [`super::audit_trail`]. `trail` appends it, with the event that other systems
//! are told.

use diesel::prelude::*;

use super::{
    accounts::Account,
    engine::{StoreError, Transaction},
    reset_requests::ResetRequest,
    schema::audit_events,
};
use crate::types::{
    AccountId, Actor, ActorName, AuditEventId, BounceCause, CustomerNumber, DeliveryKind, DeviceId, MailId,
    MailKind, RequestContext, ResetRequestId, SessionId, UtcTime, text_enum,
    told::{AccountField, EventActor, PasswordSetBy, ThrottledAttempt},
};

text_enum! {
    /// What happened, in the words of the OWASP Logging Vocabulary where it has them (LO-01).
    pub enum Event {
        /// A password reset was asked for.
        ResetRequested = "reset_requested",
        /// Support has asked for the reset mail in place of the customer. The detail says whether one can go out.
        ResetForOwner = "reset_for_owner",
        /// The worker has dealt with a reset request. The detail says how.
        ResetProcessed = "reset_processed",
        /// The mail API took a mail.
        MailHandedOver = "mail_handed_over",
        /// An attempt to hand a mail over failed. The mail will be tried again.
        MailDeferred = "mail_deferred",
        /// A mail will not go out. The detail says why.
        MailGivenUp = "mail_given_up",
        /// The mail API told what became of a mail. The detail says what, with the receiving server's code.
        MailDelivery = "mail_delivery",
        /// Support asked why no mail arrived. The detail is the decisive finding.
        SupportDiagnosis = "support_diagnosis",
        /// The pause of mail to an address was lifted.
        SuppressionLifted = "mail_suppression_lifted",
        /// A reset link was opened for the first time, by its owner or by a mail scanner.
        ResetLookedAt = "reset_verified",
        /// A reset link set a new password.
        ResetConsumed = "reset_consumed",
        /// A reset link was withdrawn.
        ResetWithdrawn = "reset_withdrawn",
        /// A password was set or changed.
        PasswordChanged = "authn_password_change",
        /// A signed-in customer gave a wrong current password.
        PasswordChangeFail = "authn_password_change_fail",
        /// A password must be changed before its time. The detail says why.
        PasswordExpired = "authn_password_expired",
        /// A reminder that the password expires was queued.
        ExpiryReminded = "authn_password_expiry_reminded",
        /// A sign-in succeeded.
        LoginSuccess = "authn_login_success",
        /// A sign-in was refused. The detail says why.
        LoginFail = "authn_login_fail",
        /// Attempts are refused until enough time has passed since the last failure.
        LoginFailMax = "authn_login_fail_max",
        /// A session was ended before its time. The detail says why.
        SessionEnded = "authn_token_revoked",
        /// A customer gave the device of a session a name, or took it away.
        SessionRenamed = "session_renamed",
        /// The lifetime of a session was over.
        SessionExpired = "session_expired",
        /// A refresh token was presented a second time, which ended its session. The detail says what spoke for a
        /// theft.
        TokenReuse = "authn_token_reuse",
        /// The answer to a refresh was fetched again: the same successor was handed out another time.
        TokenReissued = "authn_token_reissued",
        /// A machine client was made.
        ClientCreated = "client_created",
        /// A machine client was revoked.
        ClientRevoked = "client_revoked",
        /// A machine client got another secret. The one before is still accepted.
        ClientSecretMade = "client_secret_created",
        /// The previous secret of a machine client was ended.
        ClientSecretEnded = "client_secret_ended",
        /// The public keys of a machine client were replaced.
        ClientKeysChanged = "client_keys_changed",
        /// A machine client revoked one of its access tokens.
        ClientTokenRevoked = "client_token_revoked",
        /// A machine client got an access token.
        TokenCreated = "authn_token_created",
        /// A machine client has set up an endpoint of webhooks. The detail is its id.
        WebhookCreated = "webhook_endpoint_created",
        /// A machine client has changed an endpoint of webhooks. The detail is its id.
        WebhookChanged = "webhook_endpoint_changed",
        /// An endpoint of webhooks was deleted, by its client or with it. The detail is its id.
        WebhookDeleted = "webhook_endpoint_deleted",
        /// An endpoint of webhooks got another secret. The one before signs for another day.
        WebhookSecretMade = "webhook_secret_created",
        /// An endpoint of webhooks has answered a test event, and gets events from now on.
        WebhookActivated = "webhook_endpoint_activated",
        /// An endpoint of webhooks gets no more events. The detail says why.
        WebhookDisabled = "webhook_endpoint_disabled",
        /// A machine client has events sent again. The detail is the id of the endpoint, and how many there are.
        WebhookReplayed = "webhook_replayed",
        /// An operator ended everything that was handed out, after a backup was restored or a key had leaked. The detail
        /// says how much there was.
        NewEpoch = "new_epoch",
        /// A new key that signs access tokens was made.
        SigningKeyMade = "signing_key_made",
        /// An account was made.
        UserCreated = "user_created",
        /// An administrator changed the language or the name of a customer. The detail says what it was before.
        UserUpdated = "user_updated",
        /// An account was erased with all that was held about its customer.
        UserErased = "user_deleted",
        /// A machine client or an administrator has read what is held about customers. The detail says what.
        SensitiveRead = "sensitive_read",
        /// Accounts were imported. The detail says how many.
        AccountsImported = "accounts_imported",
        /// Access to an account was closed.
        UserClosed = "user_closed",
        /// Access to an account was opened again.
        UserReopened = "user_reopened",
        /// The address on file was changed.
        UserEmailChanged = "user_email_changed",
        /// The owner has asked for another address on file.
        EmailChangeRequested = "user_email_change_requested",
        /// A change of the address that waited for its confirmation was withdrawn. The detail says why.
        EmailChangeWithdrawn = "user_email_change_withdrawn",
        /// The owner has said that the address on file still holds.
        EmailConfirmed = "user_email_confirmed",
        /// Support has decided which address is the owner's, after a contested change.
        EmailDecided = "user_email_decided",
        /// Support has asked who is calling. The detail says by which way the code goes, or that it was asked too often.
        CallerCodeAsked = "caller_code_asked",
        /// The account page has shown a caller code to the customer.
        CallerCodeShown = "caller_code_shown",
        /// Support has checked a caller code, and it was right. The detail says by which way it was read.
        CallerCodeVerified = "caller_code_verified",
        /// Support has checked a caller code that was wrong, or no longer live.
        CallerCodeRefused = "caller_code_refused",
        /// The access was locked down. The detail says by whom, and whether it is contested.
        UserLockedDown = "user_locked_down",
        /// An administrator cleared the failures that were counted on a customer number.
        UserUnlocked = "authn_login_unlocked",
        /// A source met a limit. The detail says which. There is at most one entry an hour.
        LimitExceeded = "excess_rate_limit_exceeded",
        /// The budget of reset mails is used up for the present period.
        MailBudgetExhausted = "mail_budget_exhausted",
        /// Entries of the audit trail were deleted after their time, in whole sealed batches. The detail says up to which.
        TrailCut = "audit_trail_cut",
        /// The level of the proof of work rose, or fell to none. The detail says what was seen.
        ProofOfWork = "proof_of_work_level",
    }
}

/// What other systems are told of an act beyond the columns of its entry (`trail` says which acts need it).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fact {
    /// Nothing more.
    #[default]
    None,
    /// What has set the password.
    PasswordSetBy(PasswordSetBy),
    /// Whether support has to decide which address is the owner's.
    Contested(bool),
    /// The fields that were changed.
    Changed(Vec<AccountField>),
    /// The kind of attempt that is refused, and the account of the number that was named, where it has one.
    Throttled(ThrottledAttempt, Option<AccountId>),
    /// What the mail API told of a mail.
    MailReported {
        /// The mail.
        mail_id: MailId,
        /// What it is about.
        mail: MailKind,
        /// What became of it.
        delivery: DeliveryKind,
        /// Why it came back, as far as that is known.
        cause: Option<BounceCause>,
    },
}

/// An entry to append, built step by step.
#[derive(Clone, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
#[must_use]
pub struct Entry {
    id: AuditEventId,
    pub(super) occurred_at: UtcTime,
    pub(super) event: Event,
    actor: ActorName,
    pub(super) customer_number: Option<CustomerNumber>,
    pub(super) account_id: Option<AccountId>,
    reset_request_id: Option<ResetRequestId>,
    source: Option<String>,
    request_id: Option<String>,
    detail: Option<String>,
    pub(super) session_id: Option<SessionId>,
    device_id: Option<DeviceId>,
    #[diesel(skip_insertion)]
    pub(super) by: EventActor,
    #[diesel(skip_insertion)]
    pub(super) fact: Fact,
}

impl Entry {
    /// Starts an entry about an event that the context has caused. `now` is the moment of the transaction that appends
    /// it.
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
            device_id: None,
            by: context.actor.kind(),
            fact: Fact::None,
        }
    }

    /// The id of the entry.
    #[must_use]
    pub const fn id(&self) -> &AuditEventId {
        &self.id
    }

    /// Starts the entry about a stored reset request, with the time, the actor and the network that the request keeps.
    pub fn of_request(request: &ResetRequest) -> Self {
        let context = RequestContext::of(Actor::Customer);
        let mut entry = Self::new(Event::ResetRequested, &context, request.requested_at)
            .number(&request.customer_number)
            .reset_request(&request.id);
        entry.actor.clone_from(&request.actor);
        entry.by = request.actor.kind();
        entry.source.clone_from(&request.source);
        entry.request_id = Some(request.request_id.clone());
        entry
    }

    /// Names the service as the actor, for what the request has only caused.
    pub fn by_service(self) -> Self {
        self.by(&Actor::Service)
    }

    /// Names another actor than that of the context.
    pub fn by(self, actor: &Actor) -> Self {
        Self { actor: actor.name(), by: actor.kind(), ..self }
    }

    /// Names the account that the entry is about, with its customer number.
    pub fn about(self, account: &Account) -> Self {
        self.number(&account.customer_number).account(Some(&account.id))
    }

    /// Names the customer number that the entry is about, as submitted.
    pub fn number(mut self, number: &CustomerNumber) -> Self {
        self.customer_number = Some(number.clone());
        self
    }

    /// Names the account that the entry is about.
    pub fn account(mut self, id: Option<&AccountId>) -> Self {
        self.account_id = id.cloned();
        self
    }

    /// Names the reset request that the entry belongs to.
    pub fn reset_request(mut self, id: &ResetRequestId) -> Self {
        self.reset_request_id = Some(id.clone());
        self
    }

    /// Names the session that the entry is about.
    pub fn session(mut self, id: &SessionId) -> Self {
        self.session_id = Some(id.clone());
        self
    }

    /// Names the device that signed in.
    pub fn device(mut self, id: &DeviceId) -> Self {
        self.device_id = Some(id.clone());
        self
    }

    /// Says that the act is part of an import from another system.
    pub fn of_import(self) -> Self {
        Self { by: EventActor::Import, ..self }
    }

    /// Adds what other systems are told beyond the columns.
    pub fn fact(self, fact: Fact) -> Self {
        Self { fact, ..self }
    }

    /// Adds a short detail. It holds no secret and no address.
    pub fn detail(mut self, detail: &str) -> Self {
        self.detail = Some(detail.to_owned());
        self
    }
}

/// The part of an entry that support may see.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_events)]
pub struct Happened {
    /// When it happened.
    pub occurred_at: UtcTime,
    /// What happened.
    pub event: Event,
    /// The detail of the entry.
    pub detail: Option<String>,
    /// The account that the entry is about.
    pub account_id: Option<AccountId>,
}

/// Lists at most `limit` entries about a number since a time, of these events alone, the newest first.
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

/// The part of an entry that the owner of the account may see.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_events)]
pub struct OwnEvent {
    /// The id of the entry.
    pub id: AuditEventId,
    /// When it happened.
    pub occurred_at: UtcTime,
    /// What happened.
    pub event: Event,
    /// The actor of the event.
    pub actor: ActorName,
    /// The network of the actor.
    pub source: Option<String>,
    /// The detail of the entry.
    pub detail: Option<String>,
    /// The session that the entry is about.
    pub session_id: Option<SessionId>,
    /// The device that signed in.
    pub device_id: Option<DeviceId>,
}

/// The place of an entry among the others of its account, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailPlace {
    /// When it happened.
    pub occurred_at: UtcTime,
    /// The id of the entry. An empty one stands before every other of the same moment.
    pub id: String,
}

/// Which entries of an account are read.
pub struct TrailPage<'a> {
    /// Of these events alone.
    pub events: &'a [Event],
    /// Since this time.
    pub since: UtcTime,
    /// Those that stand behind this place.
    pub place: &'a TrailPlace,
    /// At most as many.
    pub limit: i64,
}

/// Lists a page of entries about an account, the newest first.
pub fn list_of_account(
    tx: &mut Transaction<'_>,
    account_id: &AccountId,
    page: &TrailPage<'_>,
) -> Result<Vec<OwnEvent>, StoreError> {
    let TrailPage { events, since, place: TrailPlace { occurred_at, id }, limit } = *page;
    let same_moment = audit_events::occurred_at.eq(occurred_at).and(audit_events::id.lt(id));
    Ok(audit_events::table
        .filter(audit_events::account_id.eq(account_id))
        .filter(audit_events::occurred_at.ge(since).and(audit_events::occurred_at.le(occurred_at)))
        .filter(audit_events::occurred_at.lt(occurred_at).or(same_moment))
        .filter(audit_events::event.eq_any(events))
        .order((audit_events::occurred_at.desc(), audit_events::id.desc()))
        .limit(limit)
        .select(OwnEvent::as_select())
        .load(tx.connection)?)
}
