//! Errors of `/oauth2/…`, in the form of RFC 6749 §5.2 rather than as problems.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        door::envelope::FinalBody,
        problem::{BASIC_CHALLENGE, Problem},
    },
    identity::{IdentityError, clients::IssueError},
    types::text_enum,
};

/// The wait that a 503 asks for, in seconds.
const RETRY_AFTER_SECONDS: u64 = 5;

/// Every error of these endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum OAuthError {
    /// Holds a fixed sentence, which repeats nothing of the request.
    InvalidRequest(&'static str),
    TooLarge,
    InvalidClient,
    UnsupportedGrantType,
    InvalidScope,
    TooManyAttempts {
        retry_after_seconds: u64,
    },
    Unavailable,
    ServerError,
}

impl OAuthError {
    /// The code in the body of the response.
    pub(super) const fn code(self) -> OAuthErrorCode {
        match self {
            Self::InvalidRequest(_) | Self::TooLarge => OAuthErrorCode::InvalidRequest,
            Self::InvalidClient => OAuthErrorCode::InvalidClient,
            Self::UnsupportedGrantType => OAuthErrorCode::UnsupportedGrantType,
            Self::InvalidScope => OAuthErrorCode::InvalidScope,
            Self::TooManyAttempts { .. } | Self::Unavailable => OAuthErrorCode::TemporarilyUnavailable,
            Self::ServerError => OAuthErrorCode::ServerError,
        }
    }

    /// The sentence for developers: ASCII without quotes and backslashes (RFC 6749 §5.2).
    const fn description(self) -> &'static str {
        match self {
            Self::InvalidRequest(description) => description,
            Self::TooLarge => "the body has more than 16 KiB",
            Self::InvalidClient => {
                "the client is unknown or revoked, or its secret or its assertion is wrong, missing, expired or used before"
            }
            Self::UnsupportedGrantType => "the only grant_type here is client_credentials",
            Self::InvalidScope => "the scope is unknown, malformed, or was not granted to this client",
            Self::TooManyAttempts { .. } => "too many calls, tokens or wrong credentials; wait as Retry-After says",
            Self::Unavailable => "the service is not available at the moment; wait as Retry-After says",
            Self::ServerError => "something went wrong in the service; it has been logged under X-Request-Id",
        }
    }
}

text_enum! {
    /// The kind of error: RFC 6749 §5.2, and the last two from §4.1.2.1, since §5.2 has none for these cases.
    pub(super) enum OAuthErrorCode {
        /// The body is not a form, or a parameter is missing, repeated or wrong.
        InvalidRequest = "invalid_request",
        /// The client is unknown or revoked, or what it authenticates itself by is wrong, missing or used before.
        InvalidClient = "invalid_client",
        /// The grant type is not `client_credentials`.
        UnsupportedGrantType = "unsupported_grant_type",
        /// The scope is unknown, malformed, or was not granted to this client.
        InvalidScope = "invalid_scope",
        /// A limit is exhausted, or the service is overloaded: wait as `Retry-After` says.
        TemporarilyUnavailable = "temporarily_unavailable",
        /// The service failed unexpectedly.
        ServerError = "server_error",
    }
}

/// An error of OAuth 2.0 (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(in crate::http) struct OAuthErrorBody {
    /// The kind of error, by which programs decide.
    error: OAuthErrorCode,
    /// A description in English for developers, not for customers.
    #[schema(example = "the only grant_type here is client_credentials")]
    error_description: &'static str,
}

impl From<OAuthError> for OAuthErrorBody {
    fn from(error: OAuthError) -> Self {
        Self { error: error.code(), error_description: error.description() }
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code().as_str())
    }
}

impl ResponseError for OAuthError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::InvalidRequest(_) | Self::UnsupportedGrantType | Self::InvalidScope => StatusCode::BAD_REQUEST,
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let special = match self {
            Self::InvalidClient => Some((header::WWW_AUTHENTICATE, BASIC_CHALLENGE.to_owned())),
            Self::TooManyAttempts { retry_after_seconds } => {
                Some((header::RETRY_AFTER, retry_after_seconds.to_string()))
            }
            Self::Unavailable => Some((header::RETRY_AFTER, RETRY_AFTER_SECONDS.to_string())),
            _ => None,
        };
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::PRAGMA, "no-cache"));
        if let Some(special) = special {
            response.insert_header(special);
        }
        let mut response = response.json(OAuthErrorBody::from(*self));
        response.extensions_mut().insert(FinalBody);
        response
    }
}

impl From<IssueError> for OAuthError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::InvalidClient => Self::InvalidClient,
            IssueError::InvalidScope => Self::InvalidScope,
            IssueError::Other(error) => error.into(),
        }
    }
}

impl From<IdentityError> for OAuthError {
    fn from(error: IdentityError) -> Self {
        Problem::from(error).into()
    }
}

impl From<Problem> for OAuthError {
    /// Converts the problems that reading a request, counting attempts and faults can cause.
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::UnsupportedMediaType => {
                Self::InvalidRequest("the body must be declared as application/x-www-form-urlencoded, in UTF-8")
            }
            Problem::MalformedRequest(_) => Self::InvalidRequest("the body cannot be read"),
            Problem::PayloadTooLarge => Self::TooLarge,
            Problem::RateLimited { retry_after_seconds } => Self::TooManyAttempts { retry_after_seconds },
            Problem::Unavailable => Self::Unavailable,
            _ => Self::ServerError,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_of_the_characters_that_rfc_6749_allows() {
        for error in [
            OAuthError::TooLarge,
            OAuthError::InvalidClient,
            OAuthError::UnsupportedGrantType,
            OAuthError::InvalidScope,
            OAuthError::TooManyAttempts { retry_after_seconds: 1 },
            OAuthError::Unavailable,
            OAuthError::ServerError,
            Problem::UnsupportedMediaType.into(),
            Problem::MalformedRequest(None).into(),
        ] {
            let allowed = |byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(error.description().bytes().all(allowed), "{error:?}");
        }
    }
}
