//! The only place that turns an error into a response (RFC 9457).

use std::collections::BTreeMap;

use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError, http::StatusCode, http::header};
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    challenges::ProblemChallenge,
    problem_catalog::{self, Entry},
};
use crate::{
    app::Links,
    crypto::Challenge,
    crypto::ChangeToken,
    identity::{Field, FieldError, IdentityError, LinkReason, PasswordExpiry, Refusal},
    policy::Parameter,
    texts::{SUPPORT_EMAIL, SUPPORT_PHONE, text},
    types::{Fault, FaultKind, Locale, Scope},
};

/// When to come back after a 503, in seconds.
const RETRY_AFTER_SECONDS: &str = "5";

/// Every error that a response can carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
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
    pub(super) fn from_status(status: StatusCode) -> Self {
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

    pub(super) fn entry(&self) -> &'static Entry {
        match self {
            Self::MalformedRequest => &problem_catalog::MALFORMED_REQUEST,
            Self::ValidationFailed(_) => &problem_catalog::VALIDATION_FAILED,
            Self::InvalidCredentials => &problem_catalog::INVALID_CREDENTIALS,
            Self::InvalidToken => &problem_catalog::INVALID_TOKEN,
            Self::PasswordExpired(_) => &problem_catalog::PASSWORD_EXPIRED,
            Self::AccountClosed => &problem_catalog::ACCOUNT_CLOSED,
            Self::InsufficientScope(_) => &problem_catalog::INSUFFICIENT_SCOPE,
            Self::ChallengeRequired(_) => &problem_catalog::CHALLENGE_REQUIRED,
            Self::RateLimited { .. } => &problem_catalog::RATE_LIMITED,
            Self::NotFound => &problem_catalog::NOT_FOUND,
            Self::MethodNotAllowed { .. } => &problem_catalog::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => &problem_catalog::NOT_ACCEPTABLE,
            Self::Conflict => &problem_catalog::CONFLICT,
            Self::ResetLinkUnusable(_) => &problem_catalog::RESET_LINK_UNUSABLE,
            Self::PayloadTooLarge => &problem_catalog::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => &problem_catalog::UNSUPPORTED_MEDIA_TYPE,
            Self::Unavailable => &problem_catalog::UNAVAILABLE,
            Self::InternalError => &problem_catalog::INTERNAL_ERROR,
        }
    }

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
    pub(super) fn render(&self, links: &Links, locale: Locale, request_id: &str) -> HttpResponse {
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
                Self::PasswordExpired(expiry) => Some(expiry.reason()),
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

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

/// What to ask for a token with (RFC 6750 §3.1).
fn scope_challenge(scope: Scope) -> String {
    format!(r#"Bearer error="insufficient_scope", scope="{scope}""#)
}

/// The wait in whole seconds, rounded up to a step: a stranger need not see a count through it (RL-11).
fn coarse_seconds(wait: TimeDelta) -> u64 {
    const STEPS: [u64; 9] = [1, 2, 5, 15, 60, 300, 900, 3600, 86_400];
    let seconds = u64::try_from(wait.num_milliseconds()).unwrap_or(0).div_ceil(1000);
    STEPS.into_iter().find(|step| seconds <= *step).unwrap_or(seconds)
}

/// What every error looks like (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, title = "Problem")]
pub(super) struct ProblemBody {
    /// Where this kind of problem is documented.
    #[schema(format = "uri", example = "https://identity.example.com/problems/validation-failed")]
    r#type: String,
    /// The kind of problem in English; always the same for one `type`.
    #[schema(example = "Some fields are wrong")]
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    status: u16,
    /// A sentence to show, in the language of `Accept-Language`.
    #[schema(example = "Nekatera polja niso pravilno izpolnjena.")]
    detail: String,
    /// The slug at the end of `type`: what programs decide by.
    #[schema(example = "validation-failed")]
    code: &'static str,
    /// The `X-Request-Id` of this answer; name it when you ask support.
    #[schema(example = "4kq2v7m3x5bnrd6whsjy0fzt1c")]
    request_id: String,
    /// With `validation-failed`: every wrong field.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldProblem>>,
    /// With `reset-link-unusable`: `expired`, `used`, `withdrawn` or `unknown`. With `password-expired`: `expired`,
    /// `administrative` or `breached`.
    #[schema(nullable = false, example = "expired")]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// With `password-expired` and `reason` `expired`: the bearer token for one `POST /v1/account/password`.
    #[schema(nullable = false, example = "6f1d0c2b9a8e7d34_q2Vd0mXv8Yb4…")]
    #[serde(skip_serializing_if = "Option::is_none")]
    change_token: Option<String>,
    /// How long that serves, in seconds.
    #[schema(nullable = false, example = 600)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    /// With `account-closed`: whom to turn to.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    support: Option<SupportContact>,
    /// With `challenge-required`: what to solve, as `POST /v1/challenges` gives it.
    #[serde(flatten)]
    challenge: ProblemChallenge,
}

/// One thing wrong with one field.
#[derive(Serialize, ToSchema)]
pub(super) struct FieldProblem {
    /// Which field (a JSON pointer in a URI fragment).
    #[schema(example = "#/new_password")]
    pointer: String,
    /// What is wrong with it.
    #[schema(example = "too_short")]
    code: &'static str,
    /// A sentence to show beside the field.
    #[schema(example = "Dolžina gesla: najmanj 6 znakov.")]
    detail: String,
    /// The numbers in the sentence.
    #[schema(value_type = BTreeMap<String, u64>, example = json!({ "min_length": 6 }))]
    params: BTreeMap<&'static str, usize>,
}

/// Where customers turn to.
#[derive(Serialize, ToSchema)]
pub(super) struct SupportContact {
    /// By mail.
    #[schema(example = "stakis.support@stahlgruber.si")]
    email: &'static str,
    /// By telephone.
    #[schema(example = "01 587 31 31")]
    phone: &'static str,
}

const SUPPORT: SupportContact = SupportContact { email: SUPPORT_EMAIL, phone: SUPPORT_PHONE };

impl FieldProblem {
    fn new(error: &FieldError, locale: Locale) -> Self {
        Self {
            pointer: format!("#/{}", error.field.as_str()),
            code: error.code,
            detail: error.sentence(locale),
            params: params(error.parameter),
        }
    }
}

/// The `params` of a rule or a field error.
pub(super) fn params(parameter: Option<Parameter>) -> BTreeMap<&'static str, usize> {
    parameter.into_iter().map(|parameter| (parameter.name, parameter.value)).collect()
}

/// What a problem of this kind looks like where that path answers it, for the OpenAPI document.
pub(super) fn example(entry: &Entry, path: &str) -> Value {
    let mut body = json!({
        "type": format!("https://identity.example.com/problems/{}", entry.slug),
        "title": entry.title,
        "status": entry.status,
        "detail": text(Locale::En, &format!("problem-{}", entry.slug), &[]),
        "code": entry.slug,
        "request_id": "4kq2v7m3x5bnrd6whsjy0fzt1c",
    });
    // These two have a sentence for each reason.
    let expired = || text(Locale::En, &format!("problem-{}-expired", entry.slug), &[]);
    let special = match entry.slug {
        "validation-failed" => {
            let error = match path {
                "/v1/password-resets/complete" | "/v1/account/password" => FieldError::passwords_differ(),
                "/v1/password-resets/verify" | "/v1/password-resets/withdraw" => FieldError::required(Field::Token),
                "/v1/sessions/refresh" => FieldError::required(Field::RefreshToken),
                _ => FieldError::required(Field::CustomerNumber),
            };
            json!({ "errors": [FieldProblem::new(&error, Locale::En)] })
        }
        "reset-link-unusable" => json!({ "detail": expired(), "reason": "expired" }),
        "password-expired" => json!({
            "detail": expired(),
            "reason": "expired",
            "change_token": "6f1d0c2b9a8e7d34_q2Vd0mXv8Yb4…",
            "expires_in": ChangeToken::expires_in(),
        }),
        "account-closed" => json!({ "support": SUPPORT }),
        "challenge-required" => json!(ProblemChallenge::example()),
        _ => return body,
    };
    if let (Some(object), Value::Object(special)) = (body.as_object_mut(), special) {
        object.extend(special);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::accounts::ExpiredBecause;

    #[test]
    fn ap_01_every_problem_that_can_be_answered_has_a_sentence_in_every_language() {
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
            for locale in Locale::ALL {
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

    #[test]
    fn rl_11_the_wait_is_told_in_coarse_steps() {
        for (milliseconds, seconds) in
            [(1, 1), (1000, 1), (1001, 2), (3000, 5), (512_000, 900), (86_400_000, 86_400)]
        {
            assert_eq!(coarse_seconds(TimeDelta::milliseconds(milliseconds)), seconds);
        }
    }
}
