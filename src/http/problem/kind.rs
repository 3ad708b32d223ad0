//! What can go wrong, and what a refusal of the domain or a fault becomes.

use actix_web::http::StatusCode;
use chrono::TimeDelta;

use super::catalog::{self, Entry};
use crate::{
    crypto::Challenge,
    identity::{FieldError, IdentityError, LinkReason, PasswordExpiry, Refusal},
    types::{Fault, FaultKind, Scope},
};

/// Every error that a response can carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) enum Problem {
    MalformedRequest,
    ValidationFailed(Vec<FieldError>),
    InvalidCredentials,
    InvalidToken,
    PasswordExpired(PasswordExpiry),
    AccountClosed,
    InsufficientScope(Scope),
    ChallengeRequired(Challenge),
    RateLimited { retry_after_seconds: u64 },
    NotFound,
    MethodNotAllowed { allow: &'static str },
    NotAcceptable,
    Conflict,
    ResetLinkUnusable(LinkReason),
    PayloadTooLarge,
    UnsupportedMediaType,
    Unavailable,
    InternalError,
}

impl Problem {
    /// For a response that something below us made: what its status means here.
    pub(in crate::http) fn from_status(status: StatusCode) -> Self {
        match status.as_u16() {
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed { allow: "GET, HEAD" },
            406 => Self::NotAcceptable,
            413 => Self::PayloadTooLarge,
            415 => Self::UnsupportedMediaType,
            503 => Self::Unavailable,
            400..=499 => Self::MalformedRequest,
            _ => Self::InternalError,
        }
    }

    pub(in crate::http) fn entry(&self) -> &'static Entry {
        match self {
            Self::MalformedRequest => &catalog::MALFORMED_REQUEST,
            Self::ValidationFailed(_) => &catalog::VALIDATION_FAILED,
            Self::InvalidCredentials => &catalog::INVALID_CREDENTIALS,
            Self::InvalidToken => &catalog::INVALID_TOKEN,
            Self::PasswordExpired(_) => &catalog::PASSWORD_EXPIRED,
            Self::AccountClosed => &catalog::ACCOUNT_CLOSED,
            Self::InsufficientScope(_) => &catalog::INSUFFICIENT_SCOPE,
            Self::ChallengeRequired(_) => &catalog::CHALLENGE_REQUIRED,
            Self::RateLimited { .. } => &catalog::RATE_LIMITED,
            Self::NotFound => &catalog::NOT_FOUND,
            Self::MethodNotAllowed { .. } => &catalog::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => &catalog::NOT_ACCEPTABLE,
            Self::Conflict => &catalog::CONFLICT,
            Self::ResetLinkUnusable(_) => &catalog::RESET_LINK_UNUSABLE,
            Self::PayloadTooLarge => &catalog::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => &catalog::UNSUPPORTED_MEDIA_TYPE,
            Self::Unavailable => &catalog::UNAVAILABLE,
            Self::InternalError => &catalog::INTERNAL_ERROR,
        }
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Refused(refusal) => match refusal {
                Refusal::Invalid(errors) => Self::ValidationFailed(errors),
                Refusal::LinkUnusable(reason) => Self::ResetLinkUnusable(reason),
                Refusal::InvalidCredentials => Self::InvalidCredentials,
                Refusal::AccountClosed => Self::AccountClosed,
                Refusal::PasswordExpired(expiry) => Self::PasswordExpired(expiry),
                Refusal::TooManyAttempts(wait) => Self::RateLimited { retry_after_seconds: coarse_seconds(wait) },
                Refusal::ChallengeRequired(challenge) => Self::ChallengeRequired(challenge),
                Refusal::NoSuchSession => Self::NotFound,
                Refusal::InvalidToken => Self::InvalidToken,
                Refusal::InsufficientScope(scope) => Self::InsufficientScope(scope),
                Refusal::CustomerNumberTaken => Self::Conflict,
            },
            IdentityError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for Problem {
    /// The boundary at which a fault is logged, once.
    fn from(fault: Fault) -> Self {
        tracing::error!(error = fault.chain(), "request failed");
        match fault.kind() {
            FaultKind::Unavailable => Self::Unavailable,
            FaultKind::Internal => Self::InternalError,
        }
    }
}

/// The wait in whole seconds, rounded up to a step: a stranger need not see a count through it (RL-11).
fn coarse_seconds(wait: TimeDelta) -> u64 {
    const STEPS: [u64; 9] = [1, 2, 5, 15, 60, 300, 900, 3600, 86_400];
    let seconds = u64::try_from(wait.num_milliseconds()).unwrap_or(0).div_ceil(1000);
    STEPS.into_iter().find(|step| seconds <= *step).unwrap_or(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rl_11_the_wait_is_told_in_coarse_steps() {
        for (milliseconds, seconds) in
            [(1, 1), (1000, 1), (1001, 2), (3000, 5), (512_000, 900), (86_400_000, 86_400)]
        {
            assert_eq!(coarse_seconds(TimeDelta::milliseconds(milliseconds)), seconds);
        }
    }
}
