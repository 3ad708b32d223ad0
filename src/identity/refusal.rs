//! What a use case may refuse, and how it may fail.

use chrono::TimeDelta;

use super::field_error::FieldError;
use crate::{
    crypto::{Challenge, HashError, change_token::ChangeToken},
    store::{StoreError, accounts::ExpiredBecause},
    types::{Fault, Scope, text_enum},
};

text_enum! {
    /// Why a link from a mail cannot be used. Every reason but `unknown` tells of what once was a link (TK-07).
    pub enum LinkReason {
        /// The time of the link is over. The customer asks for another.
        Expired = "expired",
        /// The link has done what it was made for. The customer signs in, or asks for another link.
        Used = "used",
        /// The link was withdrawn: by its owner, by several wrong numbers, by another link's use, by a closing or by a
        /// change of the address. The customer asks for another.
        Withdrawn = "withdrawn",
        /// The token never was one of a link, or its link is forgotten. The customer opens the link in the mail, or
        /// asks for another.
        Unknown = "unknown",
    }
}

text_enum! {
    /// Why a right password must be changed.
    pub enum ExpiryReason {
        /// The password has reached its greatest age. The customer sets another with the `change_token` of the answer.
        Expired = "expired",
        /// An administrator expired the password. The customer sets another through the reset mail, which is on its
        /// way.
        Administrative = "administrative",
        /// The password is known to have leaked. The customer sets another through the reset mail, which is on its way.
        Breached = "breached",
        /// The access was locked down. The customer sets another password through the reset mail, or, after a recent change
        /// of the address, calls support.
        LockedDown = "locked-down",
    }
}

/// Why a password must be changed, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordExpiry {
    /// The password has reached its greatest age; this token changes it.
    Age(ChangeToken),
    /// A reset mail, which is on its way, changes the password (LG-11).
    Forced(ExpiredBecause),
}

impl PasswordExpiry {
    /// The `reason` in the problem.
    #[must_use]
    pub const fn reason(&self) -> ExpiryReason {
        match self {
            Self::Age(_) => ExpiryReason::Expired,
            Self::Forced(ExpiredBecause::Administrative) => ExpiryReason::Administrative,
            Self::Forced(ExpiredBecause::Breached) => ExpiryReason::Breached,
            Self::Forced(ExpiredBecause::LockedDown) => ExpiryReason::LockedDown,
        }
    }
}

/// An expected refusal, which the caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Fields are missing or wrong. The list names all of them.
    Invalid(Vec<FieldError>),
    /// The reset link cannot be used.
    LinkUnusable(LinkReason),
    /// The link of a change of the address cannot be used.
    EmailChangeUnusable(LinkReason),
    /// The password is wrong, the number is unknown, or no password is set. The caller cannot tell these apart (LG-01).
    InvalidCredentials,
    /// The password is right, and access is closed.
    AccountClosed,
    /// The password is right, and must be changed.
    PasswordExpired(PasswordExpiry),
    /// There were too many failures, or too many requests from one source. The value is the wait.
    TooManyAttempts(TimeDelta),
    /// A proof of work is missing, wrong or spent. The challenge is the one to solve next.
    ChallengeRequired(Challenge),
    /// No live session of the customer has this id.
    NoSuchSession,
    /// The account has no address on file that could be confirmed.
    NoEmailOnFile,
    /// Customers do not change their address themselves here.
    NoSelfService,
    /// No question of this client for a caller code has this id.
    NoSuchCallerCode,
    /// No question of support waits for this customer.
    NoCallerCode,
    /// The token was never issued, or is not valid any more.
    InvalidToken,
    /// The token is valid, but does not grant this scope.
    InsufficientScope(Scope),
    /// The customer number has an account already.
    CustomerNumberTaken,
    /// No account has this id.
    NoSuchAccount,
    /// No endpoint of webhooks of this client has this id.
    NoSuchWebhookEndpoint,
    /// No attempt at this endpoint has this id, or its event was forgotten.
    NoSuchWebhookDelivery,
    /// The client has an endpoint of webhooks with this address.
    WebhookUrlTaken,
    /// The client has as many endpoints of webhooks as it may have.
    TooManyWebhookEndpoints,
    /// The endpoint gets no events.
    WebhookEndpointInactive,
    /// Events are being sent to the endpoint again already.
    ReplayUnderWay,
    /// The same call is being answered, or its answer held a secret that is not repeated.
    InFlight,
    /// The account is not at the version that the caller has read.
    VersionPassed,
}

impl Refusal {
    /// Whether the refusal says that a presented token is unknown.
    pub(super) const fn is_of_unknown_token(&self) -> bool {
        matches!(
            self,
            Self::LinkUnusable(LinkReason::Unknown)
                | Self::EmailChangeUnusable(LinkReason::Unknown)
                | Self::InvalidToken
        )
    }
}

/// How a use case can end without success.
#[derive(Debug)]
pub enum IdentityError {
    /// An expected refusal, which the caller is told.
    Refused(Refusal),
    /// A failure of the service, which is logged.
    Fault(Fault),
}

impl From<Refusal> for IdentityError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for IdentityError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A refusal that reaches background work is a fault: no caller is there to be told.
impl From<IdentityError> for Fault {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Fault(fault) => fault,
            IdentityError::Refused(refusal) => {
                Self::internal("doing what nobody asked for in a request", format!("refused: {refusal:?}"))
            }
        }
    }
}

impl From<StoreError> for IdentityError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<HashError> for IdentityError {
    fn from(error: HashError) -> Self {
        Self::Fault(error.into())
    }
}
