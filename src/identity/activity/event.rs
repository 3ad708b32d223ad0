//! The events that the owner of an access sees.

use crate::{store::audit_events::Event, types::text_enum};

text_enum! {
    /// What happened to an access.
    pub enum ActivityEvent {
        /// Somebody signed in.
        SignIn = "sign_in",
        /// Sign-ins failed within one hour: with a device of the account, or with none that it knows.
        SignInFailed = "sign_in_failed",
        /// A password reset was asked for, by the customer or by somebody who knows the number.
        PasswordResetRequested = "password_reset_requested",
        /// A reset link set a new password.
        PasswordResetUsed = "password_reset_used",
        /// A reset link was withdrawn.
        PasswordResetWithdrawn = "password_reset_withdrawn",
        /// A password was set or changed.
        PasswordChanged = "password_changed",
        /// A signed-in customer gave a wrong current password.
        PasswordChangeFailed = "password_change_failed",
        /// The password must be replaced before its time.
        PasswordExpired = "password_expired",
        /// A change of the address was asked for. It waits for its confirmation.
        EmailChangeRequested = "email_change_requested",
        /// A change of the address was withdrawn before it was confirmed.
        EmailChangeWithdrawn = "email_change_withdrawn",
        /// The address on file was changed.
        EmailChanged = "email_changed",
        /// The customer confirmed that the address on file still holds.
        EmailConfirmed = "email_confirmed",
        /// Support decided which address holds, after it was contested.
        EmailDecided = "email_decided",
        /// A session was ended, or its lifetime was over.
        SessionEnded = "session_ended",
        /// A refresh token was presented a second time, which ended its session: somebody may have copied it.
        SessionReuseDetected = "session_reuse_detected",
        /// The device of a session got a name, or lost it.
        SessionRenamed = "session_renamed",
        /// Support asked who is calling, for a code that goes to this customer.
        CallerCodeAsked = "caller_code_asked",
        /// The account page showed the code for support.
        CallerCodeShown = "caller_code_shown",
        /// Support was told the right code.
        CallerCodeVerified = "caller_code_verified",
        /// Access was closed.
        AccessClosed = "access_closed",
        /// Access was opened again.
        AccessReopened = "access_reopened",
        /// Everything was locked down: sessions, devices and links ended, and the password expired.
        LockedDown = "locked_down",
    }
}

impl ActivityEvent {
    /// What the owner sees of an event of the audit trail; `None` for what concerns the service or support alone, and for
    /// failed sign-ins, which are summed.
    #[expect(clippy::too_many_lines, reason = "an exhaustive match with a line for each event")]
    pub(super) const fn of(event: Event) -> Option<Self> {
        match event {
            Event::LoginSuccess => Some(Self::SignIn),
            Event::ResetRequested => Some(Self::PasswordResetRequested),
            Event::ResetConsumed => Some(Self::PasswordResetUsed),
            Event::ResetWithdrawn => Some(Self::PasswordResetWithdrawn),
            Event::PasswordChanged => Some(Self::PasswordChanged),
            Event::PasswordChangeFail => Some(Self::PasswordChangeFailed),
            Event::PasswordExpired => Some(Self::PasswordExpired),
            Event::UserEmailChanged => Some(Self::EmailChanged),
            Event::EmailChangeRequested => Some(Self::EmailChangeRequested),
            Event::EmailChangeWithdrawn => Some(Self::EmailChangeWithdrawn),
            Event::EmailConfirmed => Some(Self::EmailConfirmed),
            Event::EmailDecided => Some(Self::EmailDecided),
            Event::UserLockedDown => Some(Self::LockedDown),
            Event::SessionEnded | Event::SessionExpired => Some(Self::SessionEnded),
            Event::TokenReuse => Some(Self::SessionReuseDetected),
            Event::SessionRenamed => Some(Self::SessionRenamed),
            Event::CallerCodeAsked => Some(Self::CallerCodeAsked),
            Event::CallerCodeShown => Some(Self::CallerCodeShown),
            Event::CallerCodeVerified => Some(Self::CallerCodeVerified),
            Event::UserClosed => Some(Self::AccessClosed),
            Event::UserReopened => Some(Self::AccessReopened),
            Event::ResetForOwner
            | Event::ResetProcessed
            | Event::ResetLookedAt
            | Event::MailHandedOver
            | Event::MailDeferred
            | Event::MailGivenUp
            | Event::MailDelivery
            | Event::SupportDiagnosis
            | Event::SuppressionLifted
            | Event::CallerCodeRefused
            | Event::ExpiryReminded
            | Event::LoginFail
            | Event::LoginFailMax
            | Event::ClientCreated
            | Event::ClientRevoked
            | Event::ClientSecretMade
            | Event::ClientSecretEnded
            | Event::ClientKeysChanged
            | Event::WebhookCreated
            | Event::WebhookChanged
            | Event::WebhookDeleted
            | Event::WebhookSecretMade
            | Event::WebhookActivated
            | Event::WebhookDisabled
            | Event::WebhookReplayed
            | Event::ClientTokenRevoked
            | Event::TokenCreated
            | Event::TokenReissued
            | Event::NewEpoch
            | Event::SigningKeyMade
            | Event::UserCreated
            | Event::UserUpdated
            | Event::UserErased
            | Event::SensitiveRead
            | Event::AccountsImported
            | Event::UserUnlocked
            | Event::LimitExceeded
            | Event::MailBudgetExhausted
            | Event::TrailCut
            | Event::ProofOfWork => None,
        }
    }

    /// The events of the audit trail that the owner sees.
    pub(super) fn audited() -> Vec<Event> {
        Event::ALL.iter().copied().filter(|event| Self::of(*event).is_some()).collect()
    }

    /// Whether the owner is told which client of support has done it.
    pub(super) const fn names_support(self) -> bool {
        matches!(self, Self::CallerCodeAsked | Self::CallerCodeVerified)
    }

    /// Whether the event is about a device other than the one that caused it.
    pub(super) const fn is_about_its_session(self) -> bool {
        matches!(self, Self::SessionEnded | Self::SessionReuseDetected | Self::SessionRenamed)
    }
}
