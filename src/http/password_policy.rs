//! The rules for new passwords.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{door::caller::Language, problem::params};
use crate::{
    app::App,
    types::{FieldCode, Password},
};

/// The password policy, generated from the rules that are enforced.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordPolicy)]
pub(super) struct PasswordPolicyBody {
    /// The name of the set of rules: `stakis`, `standard` or `nist`.
    #[schema(example = "stakis")]
    profile: &'static str,
    /// The least length of a password, in Unicode code points.
    #[schema(example = 6)]
    min_length: usize,
    /// The greatest length of a password, in Unicode code points.
    #[schema(example = 128)]
    max_length: usize,
    /// The age in days at which a password expires; null where passwords do not expire.
    #[schema(example = 180)]
    max_age_days: Option<u32>,
    /// Every rule, in the order in which refusals list them.
    rules: Vec<PolicyRule>,
    /// The policy in the syntax of the HTML attribute `passwordrules`.
    #[schema(example = "minlength: 6; maxlength: 128; required: upper; required: lower; required: digit; \
        allowed: ascii-printable;")]
    passwordrules: String,
}

/// One rule that a new password has to keep.
#[derive(Serialize, ToSchema)]
pub(super) struct PolicyRule {
    /// The `code` of the field error for a password that breaks the rule.
    code: FieldCode,
    /// The numbers that the description names, such as the least length.
    #[schema(value_type = BTreeMap<String, u64>, example = json!({ "min_length": 6 }))]
    params: BTreeMap<&'static str, usize>,
    /// A sentence to show, in the language of `Accept-Language`.
    #[schema(example = "Dolžina gesla: najmanj 6 znakov.")]
    description: String,
}

/// Shows the password policy
///
/// Show the descriptions beside the password field. Tick off by `code` and `params` the rules that can be checked while
/// the customer types; the others (such as common passwords) are checked on submission. Keep the answer as long as
/// `Cache-Control` says.
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
            code: rule.code(),
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
