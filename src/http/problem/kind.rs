//! Every error of the API, and the conversions from refusals of the domain and from faults.

use actix_web::http::StatusCode;
use chrono::TimeDelta;

use super::{body_mistake::BodyMistake, catalog::ProblemCode};
use crate::{
    crypto::Challenge,
    identity::{FieldError, IdentityError, LinkReason, PasswordExpiry, Refusal},
    limits::LogSample,
    types::{Fault, FaultKind, Scope},
};

/// Every error that a response can carry, with what its body tells beyond the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) enum Problem {
    /// The mistake in a JSON body, where it is one.
    MalformedRequest(Option<BodyMistake>),
    ValidationFailed(Vec<FieldError>),
    InvalidCredentials,
    InvalidToken,
    /// A call that only claims to come from a mail API. It is answered as a call with an invalid token is, but for the
    /// scheme that it should have authenticated by.
    EventsNotAuthentic {
        challenge: &'static str,
    },
    PasswordExpired(PasswordExpiry),
    AccountClosed,
    InsufficientScope(Scope),
    Forbidden,
    ChallengeRequired(Challenge),
    RateLimited {
        retry_after_seconds: u64,
    },
    NotFound,
    MethodNotAllowed {
        allow: String,
    },
    NotAcceptable,
    Conflict,
    PreconditionFailed,
    ResetLinkUnusable(LinkReason),
    EmailChangeUnusable(LinkReason),
    PayloadTooLarge,
    UnsupportedMediaType,
    Unavailable,
    InternalError,
}

impl Problem {
    /// The problem that replaces a response which the framework made by itself.
    pub(in crate::http) fn from_status(status: StatusCode) -> Self {
        match status.as_u16() {
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed { allow: "GET, HEAD".to_owned() },
            406 => Self::NotAcceptable,
            413 => Self::PayloadTooLarge,
            415 => Self::UnsupportedMediaType,
            503 => Self::Unavailable,
            400..=499 => Self::MalformedRequest(None),
            _ => Self::InternalError,
        }
    }

    /// The code of the problem in the catalog.
    pub(in crate::http) const fn code(&self) -> ProblemCode {
        match self {
            Self::MalformedRequest(_) => ProblemCode::MalformedRequest,
            Self::ValidationFailed(_) => ProblemCode::ValidationFailed,
            Self::InvalidCredentials => ProblemCode::InvalidCredentials,
            Self::InvalidToken | Self::EventsNotAuthentic { .. } => ProblemCode::InvalidToken,
            Self::PasswordExpired(_) => ProblemCode::PasswordExpired,
            Self::AccountClosed => ProblemCode::AccountClosed,
            Self::InsufficientScope(_) => ProblemCode::InsufficientScope,
            Self::Forbidden => ProblemCode::Forbidden,
            Self::ChallengeRequired(_) => ProblemCode::ChallengeRequired,
            Self::RateLimited { .. } => ProblemCode::RateLimited,
            Self::NotFound => ProblemCode::NotFound,
            Self::MethodNotAllowed { .. } => ProblemCode::MethodNotAllowed,
            Self::NotAcceptable => ProblemCode::NotAcceptable,
            Self::Conflict => ProblemCode::Conflict,
            Self::PreconditionFailed => ProblemCode::PreconditionFailed,
            Self::ResetLinkUnusable(_) => ProblemCode::ResetLinkUnusable,
            Self::EmailChangeUnusable(_) => ProblemCode::EmailChangeUnusable,
            Self::PayloadTooLarge => ProblemCode::PayloadTooLarge,
            Self::UnsupportedMediaType => ProblemCode::UnsupportedMediaType,
            Self::Unavailable => ProblemCode::Unavailable,
            Self::InternalError => ProblemCode::InternalError,
        }
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Refused(refusal) => match refusal {
                Refusal::Invalid(errors) => Self::ValidationFailed(errors),
                Refusal::LinkUnusable(reason) => Self::ResetLinkUnusable(reason),
                Refusal::EmailChangeUnusable(reason) => Self::EmailChangeUnusable(reason),
                Refusal::InvalidCredentials => Self::InvalidCredentials,
                Refusal::AccountClosed => Self::AccountClosed,
                Refusal::PasswordExpired(expiry) => Self::PasswordExpired(expiry),
                Refusal::TooManyAttempts(wait) => Self::RateLimited { retry_after_seconds: coarse_seconds(wait) },
                Refusal::ChallengeRequired(challenge) => Self::ChallengeRequired(challenge),
                Refusal::NoSuchSession
                | Refusal::NoSuchAccount
                | Refusal::NoEmailOnFile
                | Refusal::NoSelfService
                | Refusal::NoSuchCallerCode
                | Refusal::NoSuchWebhookEndpoint
                | Refusal::NoSuchWebhookDelivery
                | Refusal::NoCallerCode => Self::NotFound,
                Refusal::InvalidToken => Self::InvalidToken,
                Refusal::InsufficientScope(scope) => Self::InsufficientScope(scope),
                Refusal::CustomerNumberTaken
                | Refusal::WebhookUrlTaken
                | Refusal::TooManyWebhookEndpoints
                | Refusal::WebhookEndpointInactive
                | Refusal::ReplayUnderWay
                | Refusal::InFlight => Self::Conflict,
                Refusal::VersionPassed => Self::PreconditionFailed,
            },
            IdentityError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for Problem {
    /// Logs the fault. No other place logs faults, so each of them is logged once, but for a sample of what an outage
    /// repeats at every call.
    fn from(fault: Fault) -> Self {
        static UNAVAILABLE: LogSample = LogSample::new();
        match fault.kind() {
            FaultKind::Unavailable => {
                if let Some(left_out) = UNAVAILABLE.take() {
                    let left_out = (left_out > 0).then_some(left_out);
                    tracing::error!(error = fault.chain(), left_out, "request failed");
                }
                Self::Unavailable
            }
            FaultKind::Internal => {
                tracing::error!(error = fault.chain(), "request failed");
                Self::InternalError
            }
        }
    }
}

/// The wait in whole seconds, rounded up to a step, so that its exact length tells the caller nothing about a count
/// (RL-11).
pub(in crate::http) fn coarse_seconds(wait: TimeDelta) -> u64 {
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
