//! What a mail is about.

use chrono::TimeDelta;

use crate::types::{MailKind, UtcTime};

/// What a mail is about, with all that its text needs.
#[derive(Clone, Copy)]
pub(crate) enum Topic<'a> {
    /// "Sprememba gesla": the link to set a new password.
    ResetLink {
        /// What the link is for.
        purpose: LinkPurpose,
        link: &'a str,
        /// The page that withdraws the link ("This was not me"), where there is one.
        withdraw_link: Option<&'a str>,
        lifetime: Lifetime,
    },
    /// "Geslo je bilo zamenjano" (CH-07): a notice without token or password.
    PasswordChanged {
        /// What an owner can do who did not change the password.
        not_me: NotMe<'a>,
    },
    /// A sign-in from a device that the account has not used before.
    NewDevice {
        /// The device in words made by this service, such as `Firefox, Windows`, after the name that people gave to it
        /// before. The HTML part escapes it (ML-05).
        device: Option<&'a str>,
        /// What an owner can do who did not sign in.
        not_me: NotMe<'a>,
    },
    /// Further sign-ins from devices that the account has not used before, which get no mail of their own.
    NewDevices {
        /// The page with the sessions of the account, where there is one.
        account_page: Option<&'a str>,
        /// What an owner can do who did not sign in.
        not_me: NotMe<'a>,
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
    /// The account was erased. No link can bring it back.
    AccountErased,
    /// The address on file was changed (AD-05). The mail goes to the address before, and no link puts that back.
    AddressChanged {
        /// The link that locks the access down, where there is one.
        lock_down_link: Option<&'a str>,
    },
    /// The owner asks for this address to be on file (OW-01).
    EmailChangeLink {
        /// The link that confirms the address.
        link: &'a str,
        /// Until when the link serves.
        serves_until: UtcTime,
    },
    /// The owner asks for another address to be on file (OW-02).
    EmailChangeAsked {
        /// The link that withdraws the change.
        withdraw_link: &'a str,
        /// The new address, masked.
        new_email: &'a str,
    },
    /// The access was locked down soon after a change of the address, and support decides (OW-06).
    AccessContested,
    /// Support asks who is calling (OW-11).
    CallerCode {
        /// The digits to read out, in groups.
        code: &'a str,
        /// The person or the program of support who asks. The HTML part escapes it (ML-05).
        asked_by: &'a str,
        /// Until when the code serves.
        serves_until: UtcTime,
    },
}

/// What a link to set a password is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkPurpose {
    /// "Sprememba gesla": another password in place of a forgotten one.
    Reset,
    /// The first password of a new account. Its owner has not asked for the mail.
    FirstPassword,
}

/// What an owner can do who did not do what a notice tells.
#[derive(Clone, Copy)]
pub(crate) enum NotMe<'a> {
    /// Lock the access down, through this link.
    LockDown(&'a str),
    /// Set a new password, on this page, where there is one.
    NewPassword(Option<&'a str>),
}

impl Topic<'_> {
    pub(super) const fn subject_key(&self) -> &'static str {
        match self {
            Self::ResetLink { purpose: LinkPurpose::Reset, .. } => "mail-reset-subject",
            Self::ResetLink { purpose: LinkPurpose::FirstPassword, .. } => "mail-activation-subject",
            Self::PasswordChanged { .. } => "mail-changed-subject",
            Self::NewDevice { .. } => "mail-device-subject",
            Self::NewDevices { .. } => "mail-devices-subject",
            Self::ExpiryReminder { has_expired: false, .. } => "mail-expiry-subject",
            Self::ExpiryReminder { has_expired: true, .. } => "mail-expired-subject",
            Self::AccessClosed => "mail-closed-subject",
            Self::AccessReopened => "mail-reopened-subject",
            Self::AccountErased => "mail-erased-subject",
            Self::AddressChanged { .. } => "mail-address-subject",
            Self::EmailChangeLink { .. } => "mail-email-link-subject",
            Self::EmailChangeAsked { .. } => "mail-email-asked-subject",
            Self::AccessContested => "mail-contested-subject",
            Self::CallerCode { .. } => "mail-caller-subject",
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
            | MailKind::AccountErased
            | MailKind::AddressChanged
            | MailKind::EmailChangeLink
            | MailKind::EmailChangeAsked
            | MailKind::AccessContested
            | MailKind::CallerCode => false,
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
            Self::AccountErased => MailKind::AccountErased,
            Self::AddressChanged { .. } => MailKind::AddressChanged,
            Self::EmailChangeLink { .. } => MailKind::EmailChangeLink,
            Self::EmailChangeAsked { .. } => MailKind::EmailChangeAsked,
            Self::AccessContested => MailKind::AccessContested,
            Self::CallerCode { .. } => MailKind::CallerCode,
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
