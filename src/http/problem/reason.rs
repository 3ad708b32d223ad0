//! The reasons that a problem may name beside its kind.

use crate::{
    identity::{ExpiryReason, LinkReason},
    types::text_enum,
};

text_enum! {
    /// Why a link cannot be used (`reset-link-unusable`, `email-change-unusable`), or why a password must be changed (`password-expired`).
    pub(in crate::http) enum ProblemReason {
        /// The link or the password has reached its greatest age.
        Expired = "expired",
        /// The link has done already what it was made for.
        Used = "used",
        /// The link was withdrawn, by its owner or by the service.
        Withdrawn = "withdrawn",
        /// The token belongs to no link that the service knows.
        Unknown = "unknown",
        /// An administrator requires a new password. A reset mail follows.
        Administrative = "administrative",
        /// The password is known from a data breach. A reset mail follows.
        Breached = "breached",
        /// The access was locked down. A reset mail follows, or support decides.
        LockedDown = "locked-down",
    }
}

impl From<LinkReason> for ProblemReason {
    fn from(reason: LinkReason) -> Self {
        match reason {
            LinkReason::Expired => Self::Expired,
            LinkReason::Used => Self::Used,
            LinkReason::Withdrawn => Self::Withdrawn,
            LinkReason::Unknown => Self::Unknown,
        }
    }
}

impl From<ExpiryReason> for ProblemReason {
    fn from(reason: ExpiryReason) -> Self {
        match reason {
            ExpiryReason::Expired => Self::Expired,
            ExpiryReason::Administrative => Self::Administrative,
            ExpiryReason::Breached => Self::Breached,
            ExpiryReason::LockedDown => Self::LockedDown,
        }
    }
}
