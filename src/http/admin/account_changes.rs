//! Changing accounts, for machine clients.

use actix_web::{HttpResponse, http::StatusCode, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    account_body::{AccountBody, answer_account},
    if_match::IfMatch,
};
use crate::{
    app::App,
    http::{
        door::{body::UnreadBody, caller::MachineCaller, strict_json::present},
        problem::{
            AccountHasChanged, MachineTokenUnusable, NoSuchAccount, Problem, ScopeMissing, TooManyAdministrations,
            WrongAccountChange,
        },
    },
    identity::{
        FieldError,
        accounts::{self, AccountChanges, FoundAccount, NewName},
    },
    types::{AccountId, Locale},
};

/// What is to be changed. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AccountChange {
    /// The e-mail address on file. Another one ends the links that were mailed, is told to the address before, and gets no
    /// link for a day.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, format = Email, max_length = 254, example = "servis@example.si")]
    email: Option<String>,
    /// The language of mails to this customer.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Locale)]
    locale: Option<String>,
    /// The name of the customer, for administration; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Avtoservis Novak")]
    display_name: Option<NameOrNull>,
}

/// A name, or null where there is to be none.
#[derive(Deserialize)]
#[serde(transparent)]
struct NameOrNull(Option<String>);

impl AccountChange {
    /// Reads all fields, or names all that are wrong.
    fn check(self) -> Result<AccountChanges, Vec<FieldError>> {
        let email = self.email.map(|text| FieldError::check_email(Some(&text))).transpose();
        let locale = self.locale.as_deref().map(FieldError::check_locale).transpose();
        let name = match self.display_name {
            None => Ok(None),
            Some(NameOrNull(None)) => Ok(Some(NewName::Removed)),
            Some(NameOrNull(Some(text))) => FieldError::check_display_name(&text).map(NewName::Set).map(Some),
        };
        match (email, locale, name) {
            (Ok(email), Ok(locale), Ok(display_name)) => Ok(AccountChanges { email, locale, display_name }),
            (email, locale, name) => Err([email.err(), locale.err(), name.err()].into_iter().flatten().collect()),
        }
    }
}

/// Changes an account
///
/// Send the fields that change, with the `ETag` that you have read as `If-Match`, so that you overwrite nobody's change.
/// What is as you send it already stays, and the answer is the same. On 404 the account was erased; on 412 read the
/// account again; on 422 mark the fields; on 429 wait as `Retry-After` says: changes of addresses are limited for each
/// client.
#[utoipa::path(
    patch, path = "/v1/accounts/{id}", operation_id = "updateAccount", tag = "Accounts",
    params(
        ("id" = String, Path, description = "The `id` of the account", example = "p4tmx3rj5kq2vw7c6hzn8ydsae"),
        (
            "If-Match" = Option<String>, Header,
            description = "The `ETag` of the version that you change; several, separated by commas, of which one has to \
                match, or `*` for any", example = "\"6f1d0c2b9a8e7d346f1d0c2b9a8e7d34\"",
        ),
    ),
    request_body(
        content = AccountChange, description = "What is to be changed",
        example = json!({ "email": "servis@example.si" }),
    ),
    responses(
        (
            status = 200, description = "The account as it is now", body = AccountBody,
            headers(("ETag" = String, description = "The version of the account, for `If-Match`")),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        NoSuchAccount,
        AccountHasChanged,
        WrongAccountChange,
        TooManyAdministrations,
    )
)]
pub(in crate::http) async fn update(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    id: web::Path<String>,
    condition: IfMatch,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let body: AccountChange = body.json().await?;
    let id = AccountId::parse(&id).ok_or(Problem::NotFound)?;
    let changes = body.check().map_err(Problem::ValidationFailed)?;
    let parts = app.clone();
    let is_meant = move |found: &FoundAccount| condition.holds(&parts, found);
    let found = accounts::update(&app, &context, id, changes, is_meant).await?;
    Ok(answer_account(&app, &machine, &found, StatusCode::OK))
}
