//! The body of every error (RFC 9457).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{body_mistake::BodyMistake, catalog::ProblemCode, challenge::ProblemChallenge, reason::ProblemReason};
use crate::{
    brand::Brand,
    identity::FieldError,
    texts::Parameter,
    types::{FieldCode, Locale},
};

/// Every error has this form, a problem of RFC 9457.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, title = "Problem")]
pub(in crate::http) struct ProblemBody {
    /// The address that documents this kind of problem.
    #[schema(format = "uri", example = "https://identity.example.com/problems/validation-failed")]
    pub(super) r#type: String,
    /// The name of the kind in English, always the same for one `type`.
    #[schema(example = "Some fields are wrong")]
    pub(super) title: &'static str,
    /// The HTTP status of this answer.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    pub(super) status: u16,
    /// A sentence to show to the customer, in the language of `Accept-Language`.
    #[schema(example = "Nekatera polja niso pravilno izpolnjena.")]
    pub(super) detail: String,
    /// The code of the problem, which is the last segment of `type`. Programs decide by it.
    pub(super) code: ProblemCode,
    /// The `X-Request-Id` of this answer; quote it when you ask for support.
    #[schema(example = "4kq2v7m3x5bnrd6whsjy0fzt1c")]
    pub(super) request_id: String,
    /// Every wrong field, where `code` is `validation-failed`; the mistake in the body, where `code` is
    /// `malformed-request` and the body is JSON or should be.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) errors: Option<Vec<FieldProblem>>,
    /// The cause in detail, where `code` is `reset-link-unusable` or `password-expired`.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<ProblemReason>,
    /// The bearer token for one successful `POST /v1/account/password`, where `code` is `password-expired` and `reason`
    /// is `expired`.
    #[schema(nullable = false, example = "6f1d0c2b9a8e7d34_q2Vd0mXv8Yb4…")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change_token: Option<String>,
    /// The lifetime of `change_token`, in seconds.
    #[schema(nullable = false, example = 600)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_in: Option<i64>,
    /// The support contact to show, where `code` is `account-closed`.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) support: Option<SupportContact>,
    /// The proof of work to do, where `code` is `challenge-required`; `POST /v1/challenges` describes it.
    #[serde(flatten)]
    pub(super) challenge: ProblemChallenge,
}

/// One mistake in one field.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct FieldProblem {
    /// The field, as a JSON pointer in a URI fragment; `#` for the body as a whole.
    #[schema(example = "#/new_password")]
    pointer: String,
    /// The kind of mistake, by which programs decide.
    code: FieldCode,
    /// A sentence to show beside the field, in the language of `Accept-Language`; where the request is malformed, one for
    /// developers in English.
    #[schema(example = "Dolžina gesla: najmanj 6 znakov.")]
    detail: String,
    // A schema of numbers or texts would be true as well, but generated clients in Java and PHP lose such values.
    /// What the sentence names, such as the least length: whole numbers, and the names of JSON types.
    #[schema(value_type = BTreeMap<String, Value>, example = json!({ "min_length": 6 }))]
    params: BTreeMap<&'static str, Value>,
}

/// How customers reach the support of the catalogue.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct SupportContact {
    /// The e-mail address of support.
    #[schema(example = "stakis.support@stahlgruber.si")]
    email: String,
    /// The telephone number of support.
    #[schema(example = "01 587 31 31")]
    phone: String,
}

impl From<&Brand> for SupportContact {
    fn from(brand: &Brand) -> Self {
        Self { email: brand.support_email.as_str().to_owned(), phone: brand.support_phone.clone() }
    }
}

impl FieldProblem {
    pub(super) fn new(error: &FieldError, locale: Locale) -> Self {
        Self {
            pointer: format!("#/{}", error.field.as_str()),
            code: error.code,
            detail: error.sentence(locale),
            params: params(error.parameter).into_iter().map(|(name, value)| (name, value.into())).collect(),
        }
    }

    /// A mistake in a row of `accounts`.
    pub(in crate::http) fn of_row(error: &FieldError, index: usize, locale: Locale) -> Self {
        Self { pointer: format!("#/accounts/{index}/{}", error.field), ..Self::new(error, locale) }
    }

    pub(super) fn of_form(mistake: &BodyMistake) -> Self {
        Self {
            pointer: format!("#{}", mistake.pointer),
            code: mistake.kind.code(),
            detail: mistake.kind.sentence(),
            params: mistake.kind.params(),
        }
    }
}

/// The `params` of a rule or of a field error.
pub(in crate::http) fn params(parameter: Option<Parameter>) -> BTreeMap<&'static str, usize> {
    parameter.into_iter().map(|parameter| (parameter.name, parameter.value)).collect()
}
