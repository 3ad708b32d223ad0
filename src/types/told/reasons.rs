//! The vocabularies in the `data` of events.

use crate::types::text_enum;

text_enum! {
    /// Whose act an event tells.
    pub enum EventActor {
        /// The owner of the account; where a password reset is asked for, anybody who names the customer number.
        Owner = "owner",
        /// An administrator, support, or a system with access to accounts.
        Administrator = "administrator",
        /// An import of customers from another system.
        Import = "import",
        /// The service itself.
        Service = "service",
    }
}

text_enum! {
    /// A field of an account that was changed.
    pub enum AccountField {
        /// The language of mails.
        Locale = "locale",
        /// The name by which the customer is shown.
        DisplayName = "display_name",
    }
}

text_enum! {
    /// What has set a password.
    pub enum PasswordSetBy {
        /// The link of a reset mail.
        Reset = "reset",
        /// A change, by the signed-in owner or after the password had expired.
        Change = "change",
    }
}

text_enum! {
    /// Why a password must be changed before its time.
    pub enum PasswordExpiryReason {
        /// An administrator has expired it.
        Administrative = "administrative",
        /// It was found among leaked passwords.
        Breached = "breached",
        /// The access was locked down.
        LockedDown = "locked_down",
    }
}

text_enum! {
    /// Why a session ended.
    pub enum SessionEndReason {
        /// The owner ended it: signed out, or ended it from another session.
        SignedOut = "signed_out",
        /// It was not used for its idle lifetime.
        Idle = "idle",
        /// It reached its greatest age.
        TooOld = "too_old",
        /// The owner began more sessions than an account may have at once.
        TooMany = "too_many",
        /// The password was set through a reset link.
        PasswordReset = "password_reset",
        /// The password was changed.
        PasswordChanged = "password_changed",
        /// The password expired, by its age or by an administrator.
        PasswordExpired = "password_expired",
        /// The access was locked down.
        LockedDown = "locked_down",
        /// The access was closed.
        AccountClosed = "account_closed",
        /// Support ended it for the owner.
        BySupport = "by_support",
        /// The account was erased.
        AccountErased = "account_erased",
        /// An operator ended everything that was handed out.
        NewEpoch = "new_epoch",
        /// A refresh token of it was presented a second time.
        TokenReused = "token_reused",
    }
}

text_enum! {
    /// What kind of attempt on a password is refused.
    pub enum ThrottledAttempt {
        /// A sign-in.
        SignIn = "sign_in",
        /// The present password of a signed-in owner, who must give it for a change.
        CurrentPassword = "current_password",
        /// A new password of the owner, after several that rules have refused.
        NewPassword = "new_password",
    }
}
