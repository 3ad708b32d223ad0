//! What is asked of a new password.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{door::caller::Language, problem::params};
use crate::{app::App, types::Password};

/// The policy, made from the rules that are enforced.
#[derive(Serialize, ToSchema)]
pub(super) struct PasswordPolicyBody {
    /// `stakis`, `standard` or `nist`.
    #[schema(example = "stakis")]
    profile: &'static str,
    /// The least length, in Unicode code points.
    #[schema(example = 6)]
    min_length: usize,
    /// The greatest length, in Unicode code points.
    #[schema(example = 128)]
    max_length: usize,
    /// How old a password may get; null where passwords do not expire.
    #[schema(example = 180)]
    max_age_days: Option<u32>,
    /// Every rule, in the order in which refusals list them.
    rules: Vec<PolicyRule>,
    /// For the HTML attribute of that name.
    #[schema(
        example = "minlength: 6; maxlength: 128; required: upper; required: lower; required: digit; allowed: ascii-printable;"
    )]
    passwordrules: String,
}

/// One rule.
#[derive(Serialize, ToSchema)]
pub(super) struct PolicyRule {
    /// The code of the field error that breaking it gives.
    #[schema(example = "too_short")]
    code: &'static str,
    /// The numbers in the description.
    #[schema(value_type = BTreeMap<String, u64>, example = json!({ "min_length": 6 }))]
    params: BTreeMap<&'static str, usize>,
    /// A sentence to show, in the language of `Accept-Language`.
    #[schema(example = "Dolžina gesla: najmanj 6 znakov.")]
    description: String,
}

/// Shows the password policy
///
/// Show the descriptions beside the password field and tick off by `code` and `params` what can be checked
/// while somebody types; the rest (such as common passwords) shows on submitting. Keep it as long as `Cache-Control` says.
#[utoipa::path(
    get, path = "/v1/password-policy", operation_id = "getPasswordPolicy", tag = "Password reset",
    responses((status = 200, description = "The rules that are enforced", body = PasswordPolicyBody))
)]
pub(super) async fn show(app: web::Data<App>, Language(locale): Language) -> HttpResponse {
    let policy = &app.policy;
    let rules = policy
        .rules()
        .iter()
        .map(|rule| PolicyRule {
            code: rule.code().as_str(),
            params: params(rule.parameter()),
            description: rule.sentence(locale),
        })
        .collect();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::CONTENT_LANGUAGE, locale.as_str()))
        .json(PasswordPolicyBody {
            profile: policy.profile().as_str(),
            min_length: policy.min_length(),
            max_length: Password::MAX_CHARACTERS,
            max_age_days: policy.max_age_days(),
            rules,
            passwordrules: policy.password_rules_attribute(),
        })
}
