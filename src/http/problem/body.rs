//! The body of every error (RFC 9457).

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::challenge::ProblemChallenge;
use crate::{
    identity::FieldError,
    texts::{Parameter, SUPPORT_EMAIL, SUPPORT_PHONE},
    types::Locale,
};

/// What every error looks like (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, title = "Problem")]
pub(in crate::http) struct ProblemBody {
    /// Where this kind of problem is documented.
    #[schema(format = "uri", example = "https://identity.example.com/problems/validation-failed")]
    pub(super) r#type: String,
    /// The kind of problem in English; always the same for one `type`.
    #[schema(example = "Some fields are wrong")]
    pub(super) title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    pub(super) status: u16,
    /// A sentence to show, in the language of `Accept-Language`.
    #[schema(example = "Nekatera polja niso pravilno izpolnjena.")]
    pub(super) detail: String,
    /// The slug at the end of `type`: what programs decide by.
    #[schema(example = "validation-failed")]
    pub(super) code: &'static str,
    /// The `X-Request-Id` of this answer; name it when you ask support.
    #[schema(example = "4kq2v7m3x5bnrd6whsjy0fzt1c")]
    pub(super) request_id: String,
    /// With `validation-failed`: every wrong field.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) errors: Option<Vec<FieldProblem>>,
    /// With `reset-link-unusable`: `expired`, `used`, `withdrawn` or `unknown`. With `password-expired`: `expired`,
    /// `administrative` or `breached`.
    #[schema(nullable = false, example = "expired")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'static str>,
    /// With `password-expired` and `reason` `expired`: the bearer token for one `POST /v1/account/password`.
    #[schema(nullable = false, example = "6f1d0c2b9a8e7d34_q2Vd0mXv8Yb4…")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change_token: Option<String>,
    /// How long that serves, in seconds.
    #[schema(nullable = false, example = 600)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_in: Option<i64>,
    /// With `account-closed`: whom to turn to.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) support: Option<SupportContact>,
    /// With `challenge-required`: what to solve, as `POST /v1/challenges` gives it.
    #[serde(flatten)]
    pub(super) challenge: ProblemChallenge,
}

/// One thing wrong with one field.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct FieldProblem {
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
pub(in crate::http) struct SupportContact {
    /// By mail.
    #[schema(example = "stakis.support@stahlgruber.si")]
    email: &'static str,
    /// By telephone.
    #[schema(example = "01 587 31 31")]
    phone: &'static str,
}

/// The contact that a closed account is told.
pub(in crate::http) const SUPPORT: SupportContact = SupportContact { email: SUPPORT_EMAIL, phone: SUPPORT_PHONE };

impl FieldProblem {
    pub(in crate::http) fn new(error: &FieldError, locale: Locale) -> Self {
        Self {
            pointer: format!("#/{}", error.field.as_str()),
            code: error.code.as_str(),
            detail: error.sentence(locale),
            params: params(error.parameter),
        }
    }
}

/// The `params` of a rule or a field error.
pub(in crate::http) fn params(parameter: Option<Parameter>) -> BTreeMap<&'static str, usize> {
    parameter.into_iter().map(|parameter| (parameter.name, parameter.value)).collect()
}
