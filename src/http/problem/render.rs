//! A problem as a response.

use std::fmt;

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderName},
    },
};

use super::{
    body::{FieldProblem, ProblemBody},
    challenge::ProblemChallenge,
    kind::Problem,
    reason::ProblemReason,
};
use crate::{
    app::Links,
    brand::Brand,
    crypto::ChangeToken,
    identity::PasswordExpiry,
    texts::brand_text,
    types::{Locale, Scope},
};

/// The challenge where HTTP Basic authentication is asked for (RFC 7617 §2).
pub(in crate::http) const BASIC_CHALLENGE: &str = r#"Basic realm="stakis-identity""#;

/// The wait that a 503 asks for, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

impl Problem {
    fn detail(&self, brand: &Brand, locale: Locale) -> String {
        let code = self.code();
        let key = match self.reason() {
            Some(reason) => format!("problem-{code}-{reason}"),
            None => format!("problem-{code}"),
        };
        brand_text(brand, locale, &key, &[])
    }

    fn reason(&self) -> Option<ProblemReason> {
        match self {
            Self::ResetLinkUnusable(reason) | Self::EmailChangeUnusable(reason) => Some((*reason).into()),
            Self::PasswordExpired(expiry) => Some(expiry.reason().into()),
            _ => None,
        }
    }

    fn errors(&self, locale: Locale) -> Option<Vec<FieldProblem>> {
        match self {
            Self::ValidationFailed(errors) => {
                Some(errors.iter().map(|error| FieldProblem::new(error, locale)).collect())
            }
            Self::MalformedRequest(Some(mistake)) => Some(vec![FieldProblem::of_form(mistake)]),
            _ => None,
        }
    }

    /// The header that this kind has beside those of every response.
    fn header(&self) -> Option<(HeaderName, String)> {
        match self {
            Self::MethodNotAllowed { allow } => Some((header::ALLOW, allow.clone())),
            Self::Unavailable => Some((header::RETRY_AFTER, RETRY_AFTER_SECONDS.to_owned())),
            Self::RateLimited { retry_after_seconds } => {
                Some((header::RETRY_AFTER, retry_after_seconds.to_string()))
            }
            // RFC 6750 §3 names no error where no token was sent. The answer is the same here, so that it does not
            // tell whether a token was read.
            Self::InvalidToken => Some((header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#.to_owned())),
            Self::EventsNotAuthentic { challenge } => Some((header::WWW_AUTHENTICATE, (*challenge).to_owned())),
            Self::InsufficientScope(scope) => Some((header::WWW_AUTHENTICATE, scope_challenge(*scope))),
            _ => None,
        }
    }

    fn change_token(&self) -> Option<&ChangeToken> {
        if let Self::PasswordExpired(PasswordExpiry::Age(token)) = self { Some(token) } else { None }
    }

    /// The finished response, without the headers that the envelope gives to every response.
    pub(in crate::http) fn render(
        &self,
        links: &Links,
        brand: &Brand,
        locale: Locale,
        request_id: &str,
    ) -> HttpResponse {
        let code = self.code();
        let mut response = HttpResponseBuilder::new(self.status_code());
        response.content_type("application/problem+json");
        response.insert_header((header::CONTENT_LANGUAGE, locale.as_str()));
        if let Some(header) = self.header() {
            response.insert_header(header);
        }
        let body = ProblemBody {
            r#type: links.problem_type(code.as_str()),
            title: code.title(),
            status: code.status(),
            detail: self.detail(brand, locale),
            code,
            request_id: request_id.to_owned(),
            errors: self.errors(locale),
            reason: self.reason(),
            change_token: self.change_token().map(|token| token.expose().to_owned()),
            expires_in: self.change_token().map(|_| ChangeToken::expires_in()),
            support: (*self == Self::AccountClosed).then(|| brand.into()),
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
        formatter.write_str(self.code().as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// A placeholder that carries the status. The envelope renders the response, because it knows the language and the
    /// request id.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// The challenge that names the scope a token needs (RFC 6750 §3.1).
fn scope_challenge(scope: Scope) -> String {
    format!(r#"Bearer error="insufficient_scope", scope="{scope}""#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        http::problem::ProblemCode,
        identity::{IdentityError, LinkReason, Refusal},
        store::accounts::ExpiredBecause,
    };

    #[test]
    fn ap_01_every_problem_has_a_sentence_in_every_language() {
        let reasons = [LinkReason::Expired, LinkReason::Used, LinkReason::Withdrawn, LinkReason::Unknown];
        let problems = [
            Problem::MalformedRequest(None),
            Problem::ValidationFailed(Vec::new()),
            Problem::InvalidCredentials,
            Problem::InvalidToken,
            Problem::EventsNotAuthentic { challenge: BASIC_CHALLENGE },
            Problem::PasswordExpired(PasswordExpiry::Forced(ExpiredBecause::Administrative)),
            Problem::PasswordExpired(PasswordExpiry::Forced(ExpiredBecause::Breached)),
            Problem::PasswordExpired(PasswordExpiry::Forced(ExpiredBecause::LockedDown)),
            Problem::AccountClosed,
            Problem::InsufficientScope(Scope::SupportRead),
            Problem::Forbidden,
            Problem::RateLimited { retry_after_seconds: 1 },
            Problem::NotFound,
            Problem::MethodNotAllowed { allow: "GET".to_owned() },
            Problem::NotAcceptable,
            Problem::Conflict,
            Problem::PreconditionFailed,
            Problem::PayloadTooLarge,
            Problem::UnsupportedMediaType,
            Problem::Unavailable,
            Problem::InternalError,
        ];
        let brand = Brand::standard().unwrap();
        let of_links = reasons.map(Problem::ResetLinkUnusable).into_iter();
        let of_changes = reasons.map(Problem::EmailChangeUnusable);
        for problem in problems.into_iter().chain(of_links).chain(of_changes) {
            for &locale in Locale::ALL {
                // A missing sentence would be shown as its key.
                let detail = problem.detail(&brand, locale);
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
        assert_eq!(
            (problem.status_code(), problem.code()),
            (StatusCode::FORBIDDEN, ProblemCode::InsufficientScope)
        );
        let challenge = scope_challenge(Scope::SupportRead);
        assert_eq!(challenge, r#"Bearer error="insufficient_scope", scope="support:read""#);
    }
}
