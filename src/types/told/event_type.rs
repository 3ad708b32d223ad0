//! The types of the events that other systems are told.

use crate::types::text_enum;

text_enum! {
    /// What an event tells. Its `data` has the form that belongs to the type.
    pub enum EventType {
        /// An account was made.
        AccountCreated = "account.created",
        /// Fields of an account were changed. `changed` names them. The address on file has an event of its own.
        AccountUpdated = "account.updated",
        /// Access to an account was closed.
        AccountClosed = "account.closed",
        /// Access to an account was opened again.
        AccountReopened = "account.reopened",
        /// An account was erased, with all that was held about its customer.
        AccountErased = "account.erased",
        /// The access was locked down: every session, device, link and token has ended, and the password must be
        /// replaced.
        AccountLockedDown = "account.locked_down",
        /// A password reset was asked for. Requests that only repeat an earlier one tell nothing.
        PasswordResetRequested = "password.reset_requested",
        /// A password was set or changed.
        PasswordChanged = "password.changed",
        /// A password must be changed before its time; `reason` says why. That a password reaches its greatest age is told
        /// by no event, since nothing happens then.
        PasswordExpired = "password.expired",
        /// A session began.
        SessionStarted = "session.started",
        /// A session ended. `reason` says why.
        SessionEnded = "session.ended",
        /// A refresh token was presented a second time, which ended its session.
        SessionReuseDetected = "session.reuse_detected",
        /// Attempts on the password of an account are refused until enough time has passed since the last failure.
        SignInThrottled = "sign_in.throttled",
        /// A mail to the owner of an account came back.
        MailBounced = "mail.bounced",
        /// A mail to the owner of an account was delivered.
        MailDelivered = "mail.delivered",
        /// The address on file was changed. `by` says whose act that was.
        EmailChanged = "email.changed",
        /// A batch of the audit trail was sealed. Who keeps the heads of the chain elsewhere finds out that rows were cut
        /// off.
        AuditHead = "audit.head",
        /// An endpoint of webhooks is tried out. It goes to that endpoint alone, whatever types it asks for, and does not stand
        /// in `GET /v1/events`.
        WebhookTest = "webhook.test",
    }
}
