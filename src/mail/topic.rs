//! What a mail is about.

use chrono::{NaiveDate, TimeDelta};

/// What a mail is about.
#[derive(Clone, Copy)]
pub enum Topic<'a> {
    /// "Sprememba gesla": the link to set a new password.
    ResetLink {
        /// The link.
        link: &'a str,
        /// "This was not me": a page that withdraws it, where there is one.
        withdraw_link: Option<&'a str>,
        /// How long it is valid.
        lifetime: Lifetime,
    },
    /// "Geslo je bilo zamenjano" (CH-07): no token, no password.
    PasswordChanged {
        /// What to do if it was somebody else, where there is such a page.
        not_me_page: Option<&'a str>,
    },
    /// Somebody signed in from a device not known before.
    NewDevice {
        /// In words of ours, such as `Firefox, Windows` (ML-05).
        device: Option<&'a str>,
        /// What to do if it was somebody else, where there is such a page.
        not_me_page: Option<&'a str>,
    },
    /// The password expires soon.
    ExpiryReminder {
        /// The day on which it does, in UTC.
        expires_on: NaiveDate,
        /// Whether it has done so already: no mail API took the mail in time.
        has_expired: bool,
        /// Where to ask for a new password, where there is such a page.
        request_page: Option<&'a str>,
    },
    /// Access was closed; why is not said (LG-09).
    AccessClosed,
    /// Access was opened again.
    AccessReopened,
    /// The address on file was changed (AD-05). No link: a reset would go to the new address.
    AddressChanged,
}

impl Topic<'_> {
    pub(super) const fn subject_key(&self) -> &'static str {
        match self {
            Self::ResetLink { .. } => "mail-reset-subject",
            Self::PasswordChanged { .. } => "mail-changed-subject",
            Self::NewDevice { .. } => "mail-device-subject",
            Self::ExpiryReminder { has_expired: false, .. } => "mail-expiry-subject",
            Self::ExpiryReminder { has_expired: true, .. } => "mail-expired-subject",
            Self::AccessClosed => "mail-closed-subject",
            Self::AccessReopened => "mail-reopened-subject",
            Self::AddressChanged => "mail-address-subject",
        }
    }

    pub(super) const fn tag(&self) -> &'static str {
        match self {
            Self::ResetLink { .. } => "reset_link",
            Self::PasswordChanged { .. } => "password_changed",
            Self::NewDevice { .. } => "new_device",
            Self::ExpiryReminder { .. } => "expiry_reminder",
            Self::AccessClosed => "access_closed",
            Self::AccessReopened => "access_reopened",
            Self::AddressChanged => "address_changed",
        }
    }
}

/// A duration as people say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// From two hours on.
    Hours(u64),
    /// From a minute on.
    Minutes(u64),
    /// Below.
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
