//! What a signed-in customer sees of the account.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    door::caller::Authenticated,
    problem::{Problem, ProblemBody},
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::{
        self,
        sessions::{ChangeReason, PasswordState},
    },
    types::Fault,
};

/// The account behind the access token.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountBody {
    /// Opaque and permanent; the `sub` of the token.
    #[schema(example = "5dm3xk7q2wvh4tjb6crn8ysz0a")]
    id: String,
    /// What the customer signs in with.
    #[schema(example = "004217")]
    customer_number: String,
    /// The address on file, masked; null where there is none.
    #[schema(example = "d•••@e•••.si")]
    email: Option<String>,
    /// The language that mail comes in.
    #[schema(example = "sl")]
    locale: &'static str,
    /// The last successful sign-in.
    #[schema(format = DateTime, example = "2026-11-22T13:10:00Z")]
    last_sign_in_at: Option<String>,
    /// How the password stands.
    password: PasswordStateBody,
}

/// How the password stands.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordState)]
pub(super) struct PasswordStateBody {
    /// When it was set.
    #[schema(format = DateTime, example = "2026-11-22T13:05:00Z")]
    changed_at: Option<String>,
    /// When it will have reached the policy's greatest age; null where passwords do not expire.
    #[schema(format = DateTime, example = "2027-05-21T13:05:00Z")]
    expires_at: Option<String>,
    /// Whether to suggest a change.
    #[schema(example = true)]
    change_recommended: bool,
    /// Why: `password_age` (over a third of the greatest age), `many_devices` (sign-ins from more than five within
    /// 30 days), `many_failures` (ten or more of late).
    #[schema(example = json!(["many_devices"]))]
    change_recommended_reasons: Vec<&'static str>,
}

impl From<PasswordState> for PasswordStateBody {
    fn from(state: PasswordState) -> Self {
        let reasons: Vec<_> =
            state.change_recommended_reasons.iter().map(|reason: &ChangeReason| reason.as_str()).collect();
        Self {
            changed_at: state.changed_at.map(timestamp),
            expires_at: state.expires_at.map(timestamp),
            change_recommended: !reasons.is_empty(),
            change_recommended_reasons: reasons,
        }
    }
}

/// Shows the own account
///
/// Show who is signed in and how the password stands; suggest a change where `change_recommended` is true. On 401 refresh
/// the access token, or let the customer sign in again.
#[utoipa::path(
    get, path = "/v1/account", operation_id = "getAccount", tag = "Account",
    security(("customer" = [])),
    responses(
        (status = 200, description = "The account behind the access token", body = AccountBody),
        (status = 401, description = "`invalid-token`: the session has ended or the access token has expired", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    app: web::Data<App>,
    Authenticated(customer): Authenticated,
) -> Result<HttpResponse, Problem> {
    let account = customer.account;
    let state = identity::sessions::password_state(&app, account.clone()).await.map_err(Fault::from)?;
    Ok(HttpResponse::Ok().json(AccountBody {
        id: account.id.as_str().to_owned(),
        customer_number: account.customer_number.as_str().to_owned(),
        email: account.email.as_ref().map(crate::types::EmailAddress::masked),
        locale: account.locale.as_str(),
        last_sign_in_at: account.last_sign_in_at.map(timestamp),
        password: state.into(),
    }))
}
