//! The account, as the signed-in customer sees it.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    door::caller::Authenticated,
    problem::{Problem, SessionEnded},
    timestamp::timestamp,
};
use crate::{
    app::App,
    identity::{
        self, EmailState,
        sessions::{ChangeReason, PasswordState},
    },
    types::{CustomerNumber, Fault},
};

/// The account of the customer who is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnAccount)]
pub(super) struct AccountBody {
    /// The permanent and opaque id of the account, the `sub` of its access tokens.
    #[schema(example = "5dm3xk7q2wvh4tjb6crn8ysz0a")]
    id: String,
    /// The number that the customer signs in with.
    #[schema(value_type = CustomerNumber)]
    customer_number: String,
    /// The e-mail address on file, masked; null where there is none.
    #[schema(example = "d•••@e•••.si")]
    email: Option<String>,
    /// Whether mail reaches the address on file.
    email_state: EmailState,
    /// The language of mails to this customer.
    #[schema(example = "sl")]
    locale: &'static str,
    /// The moment of the last successful sign-in; null before the first one.
    #[schema(format = DateTime, example = "2026-11-22T13:10:00Z")]
    last_sign_in_at: Option<String>,
    /// The age and the state of the password.
    password: PasswordStateBody,
}

/// The age of a password, and whether to suggest a new one.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordState)]
pub(super) struct PasswordStateBody {
    /// The moment at which the password was set.
    #[schema(format = DateTime, example = "2026-11-22T13:05:00Z")]
    changed_at: Option<String>,
    /// The moment at which the password reaches the greatest age that the policy allows; null where passwords do not
    /// expire.
    #[schema(format = DateTime, example = "2027-05-21T13:05:00Z")]
    expires_at: Option<String>,
    /// Whether the front end suggests a new password.
    #[schema(example = true)]
    change_recommended: bool,
    /// The reasons to suggest a new password.
    #[schema(example = json!(["many_devices"]))]
    change_recommended_reasons: Vec<ChangeReason>,
}

impl From<PasswordState> for PasswordStateBody {
    fn from(state: PasswordState) -> Self {
        Self {
            changed_at: state.changed_at.map(timestamp),
            expires_at: state.expires_at.map(timestamp),
            change_recommended: !state.change_recommended_reasons.is_empty(),
            change_recommended_reasons: state.change_recommended_reasons,
        }
    }
}

/// Shows the customer's account
///
/// Show who is signed in and the state of the password; suggest a change where `change_recommended` is true. On 401
/// refresh the access token, or let the customer sign in again.
#[utoipa::path(
    get, path = "/v1/account", operation_id = "getAccount", tag = "Account",
    responses(
        (status = 200, description = "The account of the customer who is signed in", body = AccountBody),
        SessionEnded,
    )
)]
pub(super) async fn show(
    app: web::Data<App>,
    Authenticated(customer): Authenticated,
) -> Result<HttpResponse, Problem> {
    let account = customer.account;
    let own = identity::sessions::own_state(&app, account.clone()).await.map_err(Fault::from)?;
    Ok(HttpResponse::Ok().json(AccountBody {
        id: account.id.as_str().to_owned(),
        customer_number: account.customer_number.as_str().to_owned(),
        email: account.email.as_ref().map(crate::types::EmailAddress::masked),
        email_state: own.email,
        locale: account.locale.as_str(),
        last_sign_in_at: account.last_sign_in_at.map(timestamp),
        password: own.password.into(),
    }))
}
