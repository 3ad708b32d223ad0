//! A problem as a response.

use std::fmt;

use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError, http::StatusCode, http::header};

use super::{
    body::{FieldProblem, ProblemBody, SUPPORT},
    challenge::ProblemChallenge,
    kind::Problem,
};
use crate::{
    app::Links,
    crypto::ChangeToken,
    identity::PasswordExpiry,
    texts::text,
    types::{Locale, Scope},
};

/// When to come back after a 503, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

impl Problem {
    fn detail(&self, locale: Locale) -> String {
        let key = match self {
            Self::ResetLinkUnusable(reason) => format!("problem-reset-link-unusable-{}", reason.as_str()),
            Self::PasswordExpired(expiry) => format!("problem-password-expired-{}", expiry.reason()),
            other => format!("problem-{}", other.entry().slug),
        };
        text(locale, &key, &[])
    }

    fn change_token(&self) -> Option<&ChangeToken> {
        if let Self::PasswordExpired(PasswordExpiry::Age(token)) = self { Some(token) } else { None }
    }

    /// The finished response, but for the headers that every response gets.
    pub(in crate::http) fn render(&self, links: &Links, locale: Locale, request_id: &str) -> HttpResponse {
        let entry = self.entry();
        let mut response = HttpResponseBuilder::new(self.status_code());
        response.content_type("application/problem+json");
        response.insert_header((header::CONTENT_LANGUAGE, locale.as_str()));
        let special = match self {
            Self::MethodNotAllowed { allow } => Some((header::ALLOW, (*allow).to_owned())),
            Self::Unavailable => Some((header::RETRY_AFTER, RETRY_AFTER_SECONDS.to_owned())),
            Self::RateLimited { retry_after_seconds } => {
                Some((header::RETRY_AFTER, retry_after_seconds.to_string()))
            }
            // RFC 6750 §3: without a token the challenge names no error, with one it does; telling the two
            // apart would help nobody but the curious.
            Self::InvalidToken => Some((header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#.to_owned())),
            Self::InsufficientScope(scope) => Some((header::WWW_AUTHENTICATE, scope_challenge(*scope))),
            _ => None,
        };
        if let Some(special) = special {
            response.insert_header(special);
        }
        let body = ProblemBody {
            r#type: links.problem_type(entry.slug),
            title: entry.title,
            status: entry.status,
            detail: self.detail(locale),
            code: entry.slug,
            request_id: request_id.to_owned(),
            errors: match self {
                Self::ValidationFailed(errors) => {
                    Some(errors.iter().map(|error| FieldProblem::new(error, locale)).collect())
                }
                _ => None,
            },
            reason: match self {
                Self::ResetLinkUnusable(reason) => Some(reason.as_str()),
                Self::PasswordExpired(expiry) => Some(expiry.reason().as_str()),
                _ => None,
            },
            change_token: self.change_token().map(|token| token.expose().to_owned()),
            expires_in: self.change_token().map(|_| ChangeToken::expires_in()),
            support: (*self == Self::AccountClosed).then_some(SUPPORT),
            challenge: match self {
                Self::ChallengeRequired(challenge) => challenge.clone().into(),
                _ => ProblemChallenge::default(),
            },
        };
        response.json(body)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.entry().slug)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.entry().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Only the status; the envelope, which knows language and request id, renders the rest.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// What to ask for a token with (RFC 6750 §3.1).
fn scope_challenge(scope: Scope) -> String {
    format!(r#"Bearer error="insufficient_scope", scope="{scope}""#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::{IdentityError, LinkReason, Refusal},
        store::accounts::ExpiredBecause,
    };

    #[test]
    fn ap_01_every_problem_has_a_sentence_in_every_language() {
        let reasons = [LinkReason::Expired, LinkReason::Used, LinkReason::Withdrawn, LinkReason::Unknown];
        let problems = [
            Problem::MalformedRequest,
            Problem::ValidationFailed(Vec::new()),
            Problem::InvalidCredentials,
            Problem::InvalidToken,
            Problem::PasswordExpired(PasswordExpiry::Forced(ExpiredBecause::Administrative)),
            Problem::PasswordExpired(PasswordExpiry::Forced(ExpiredBecause::Breached)),
            Problem::AccountClosed,
            Problem::InsufficientScope(Scope::SupportRead),
            Problem::RateLimited { retry_after_seconds: 1 },
            Problem::NotFound,
            Problem::MethodNotAllowed { allow: "GET" },
            Problem::NotAcceptable,
            Problem::Conflict,
            Problem::PayloadTooLarge,
            Problem::UnsupportedMediaType,
            Problem::Unavailable,
            Problem::InternalError,
        ];
        for problem in problems.into_iter().chain(reasons.map(Problem::ResetLinkUnusable)) {
            for &locale in Locale::ALL {
                // A key without a sentence shows as itself.
                let detail = problem.detail(locale);
                assert!(
                    !detail.starts_with("problem-") && detail.ends_with('.'),
                    "{problem} in {locale}: {detail}"
                );
            }
        }
    }

    #[test]
    fn ad_03_a_missing_scope_is_named_in_the_challenge() {
        let problem = Problem::from(IdentityError::from(Refusal::InsufficientScope(Scope::SupportRead)));
        assert_eq!((problem.status_code(), problem.entry().slug), (StatusCode::FORBIDDEN, "insufficient-scope"));
        let challenge = scope_challenge(Scope::SupportRead);
        assert_eq!(challenge, r#"Bearer error="insufficient_scope", scope="support:read""#);
    }
}
