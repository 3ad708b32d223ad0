//! What a mail is about.

use chrono::TimeDelta;

use crate::types::MailKind;

/// What a mail is about, with all that its text needs.
#[derive(Clone, Copy)]
pub(crate) enum Topic<'a> {
    /// "Sprememba gesla": the link to set a new password.
    ResetLink {
        link: &'a str,
        /// The page that withdraws the link ("This was not me"), where there is one.
        withdraw_link: Option<&'a str>,
        lifetime: Lifetime,
    },
    /// "Geslo je bilo zamenjano" (CH-07): a notice without token or password.
    PasswordChanged {
        /// The page for an owner who did not change the password, where there is one.
        not_me_page: Option<&'a str>,
    },
    /// A sign-in from a device that the account has not used before.
    NewDevice {
        /// A name made by this service, such as `Firefox, Windows` (ML-05).
        device: Option<&'a str>,
        /// The page for an owner who did not sign in, where there is one.
        not_me_page: Option<&'a str>,
    },
    /// Further sign-ins from devices that the account has not used before, which get no mail of their own.
    NewDevices {
        /// The page with the sessions of the account, where there is one.
        account_page: Option<&'a str>,
        /// The page for an owner who did not sign in, where there is one.
        not_me_page: Option<&'a str>,
    },
    /// The password expires soon. The time that the letter tells is that of the expiry.
    ExpiryReminder {
        /// Whether the password has expired by now: no mail API took the mail in time.
        has_expired: bool,
        /// The page to request a new password, where there is one.
        request_page: Option<&'a str>,
    },
    /// Access was closed. The mail does not say why.
    AccessClosed,
    /// Access was opened again.
    AccessReopened,
    /// The address on file was changed (AD-05). The mail holds no link: a reset would go to the new address.
    AddressChanged,
}

impl Topic<'_> {
    pub(super) const fn subject_key(&self) -> &'static str {
        match self {
            Self::ResetLink { .. } => "mail-reset-subject",
            Self::PasswordChanged { .. } => "mail-changed-subject",
            Self::NewDevice { .. } => "mail-device-subject",
            Self::NewDevices { .. } => "mail-devices-subject",
            Self::ExpiryReminder { has_expired: false, .. } => "mail-expiry-subject",
            Self::ExpiryReminder { has_expired: true, .. } => "mail-expired-subject",
            Self::AccessClosed => "mail-closed-subject",
            Self::AccessReopened => "mail-reopened-subject",
            Self::AddressChanged => "mail-address-subject",
        }
    }

    /// Whether the mail reminds of something that has not happened yet, and is no notice for the security of an account.
    pub(super) const fn is_reminder(&self) -> bool {
        match self.kind() {
            MailKind::ExpiryReminder => true,
            MailKind::ResetLink
            | MailKind::PasswordChanged
            | MailKind::NewDevice
            | MailKind::NewDevices
            | MailKind::AccessClosed
            | MailKind::AccessReopened
            | MailKind::AddressChanged => false,
        }
    }

    pub(super) const fn kind(&self) -> MailKind {
        match self {
            Self::ResetLink { .. } => MailKind::ResetLink,
            Self::PasswordChanged { .. } => MailKind::PasswordChanged,
            Self::NewDevice { .. } => MailKind::NewDevice,
            Self::NewDevices { .. } => MailKind::NewDevices,
            Self::ExpiryReminder { .. } => MailKind::ExpiryReminder,
            Self::AccessClosed => MailKind::AccessClosed,
            Self::AccessReopened => MailKind::AccessReopened,
            Self::AddressChanged => MailKind::AddressChanged,
        }
    }
}

/// A link's lifetime, in the unit in which people say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// Two hours and more.
    Hours(u64),
    /// One minute up to two hours.
    Minutes(u64),
    /// Less than a minute.
    Seconds(u64),
}

impl From<TimeDelta> for Lifetime {
    fn from(duration: TimeDelta) -> Self {
        match duration.num_seconds().unsigned_abs() {
            seconds @ 0..60 => Self::Seconds(seconds),
            seconds @ 60..7200 => Self::Minutes(seconds / 60),
            seconds => Self::Hours(seconds / 3600),
        }
    }
}
