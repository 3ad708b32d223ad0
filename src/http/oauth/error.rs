//! Errors of `/oauth2/…`: RFC 6749 §5.2, no problems.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{RefOr, path::Operation},
};

use crate::{
    http::{door::envelope::OwnWords, problem::Problem},
    identity::clients::IssueError,
};

/// When to come back after a 503, in seconds.
const RETRY_AFTER_SECONDS: u64 = 5;

/// Every error of these endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum OAuthError {
    /// With a sentence of ours, nothing of the request's.
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
    /// RFC 6749 §5.2; the last two are §4.1.2.1's, where that section has none for the case.
    const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest(_) | Self::TooLarge => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::TooManyAttempts { .. } | Self::Unavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    /// For developers: ASCII without quotes and backslashes (RFC 6749 §5.2).
    const fn description(self) -> &'static str {
        match self {
            Self::InvalidRequest(description) => description,
            Self::TooLarge => "the body has more than 16 KiB",
            Self::InvalidClient => {
                "id or secret of the client is wrong or missing, or not sent by HTTP Basic authentication"
            }
            Self::UnsupportedGrantType => "the only grant_type here is client_credentials",
            Self::InvalidScope => "the scope is unknown, malformed, or was not granted to this client",
            Self::TooManyAttempts { .. } => "too many wrong secrets; wait as Retry-After says",
            Self::Unavailable => "the service is not available at the moment; wait as Retry-After says",
            Self::ServerError => "something went wrong in the service; it has been logged under X-Request-Id",
        }
    }
}

/// What went wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(in crate::http) struct OAuthErrorBody {
    /// What programs decide by.
    #[schema(example = "invalid_client")]
    error: &'static str,
    /// For developers; not for customers' eyes.
    #[schema(example = "the only grant_type here is client_credentials")]
    error_description: &'static str,
}

impl fmt::Display for OAuthError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
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
            Self::InvalidClient => Some((header::WWW_AUTHENTICATE, r#"Basic realm="stakis-identity""#.to_owned())),
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
        let body = OAuthErrorBody { error: self.code(), error_description: self.description() };
        let mut response = response.json(body);
        response.extensions_mut().insert(OwnWords);
        response
    }
}

impl From<IssueError> for OAuthError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::InvalidClient => Self::InvalidClient,
            IssueError::InvalidScope => Self::InvalidScope,
            IssueError::Other(error) => Problem::from(error).into(),
        }
    }
}

impl From<Problem> for OAuthError {
    /// What reading a request, counting attempts and our own faults can bring about.
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::UnsupportedMediaType => {
                Self::InvalidRequest("the body must be declared as application/x-www-form-urlencoded, in UTF-8")
            }
            Problem::MalformedRequest => Self::InvalidRequest("the body cannot be read"),
            Problem::PayloadTooLarge => Self::TooLarge,
            Problem::RateLimited { retry_after_seconds } => Self::TooManyAttempts { retry_after_seconds },
            Problem::Unavailable => Self::Unavailable,
            _ => Self::ServerError,
        }
    }
}

/// Every description of an error in the document begins with its code.
pub(in crate::http) fn add_examples(operation: &mut Operation) {
    let errors = [
        OAuthError::InvalidRequest("a parameter is missing"),
        OAuthError::TooLarge,
        OAuthError::InvalidClient,
        OAuthError::TooManyAttempts { retry_after_seconds: 1 },
        OAuthError::Unavailable,
        OAuthError::ServerError,
    ];
    for (status, response) in &mut operation.responses.responses {
        let error = errors.into_iter().find(|error| error.status_code().as_str() == status);
        let RefOr::T(response) = response else { continue };
        let content = response.content.get_mut("application/json");
        if let (Some(error), Some(RefOr::T(content))) = (error, content) {
            content.example = Some(json!({ "error": error.code(), "error_description": error.description() }));
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
            Problem::MalformedRequest.into(),
        ] {
            let allowed = |byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(error.description().bytes().all(allowed), "{error:?}");
        }
    }
}
