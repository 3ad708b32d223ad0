//! Finding accounts, for machine clients. What is searched stands in the body: no number and no address is in an address
//! (DP-03).

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account_body::AccountBody;
use crate::{
    app::App,
    http::{
        door::{body::UnreadBody, caller::MachineCaller, strict_json::present},
        problem::{MachineTokenUnusable, Problem, ScopeMissing, TooManySearches, WrongSearch},
    },
    identity::{
        Field, FieldError,
        accounts::{self, SearchedBy},
    },
    types::CustomerNumber,
};

/// What accounts are searched by: exactly one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AccountSearch {
    /// The customer number, which one account has at most.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber)]
    customer_number: Option<String>,
    /// The address on file, in whatever spelling; several accounts may share one.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, format = Email, max_length = 254, example = "delavnica@example.si")]
    email: Option<String>,
}

impl AccountSearch {
    fn check(self) -> Result<SearchedBy, FieldError> {
        match (self.customer_number, self.email) {
            (Some(number), None) => FieldError::check_customer_number(Some(&number)).map(SearchedBy::Number),
            (None, Some(email)) => FieldError::check_email(Some(&email)).map(SearchedBy::Email),
            (None, None) => Err(FieldError::required(Field::CustomerNumber)),
            (Some(_), Some(_)) => Err(FieldError::one_of_two(Field::Email)),
        }
    }
}

/// The accounts that were found.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct AccountList {
    /// All of them, the oldest first; empty where there is none.
    accounts: Vec<AccountBody>,
}

/// Searches accounts
///
/// Send either the customer number or the address on file. Every search is recorded in the audit trail, and limited like
/// the questions of support: a client that goes through the numbers raises an alarm. On 422 mark the field; on 429 wait as
/// `Retry-After` says.
#[utoipa::path(
    post, path = "/v1/accounts/search", operation_id = "searchAccounts", tag = "Accounts",
    request_body(
        content = AccountSearch, description = "The number or the address",
        example = json!({ "customer_number": "004217" }),
    ),
    responses(
        (status = 200, description = "The accounts that were found", body = AccountList),
        MachineTokenUnusable,
        ScopeMissing,
        WrongSearch,
        TooManySearches,
    )
)]
pub(in crate::http) async fn search(
    app: web::Data<App>,
    MachineCaller { machine, context }: MachineCaller,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let body: AccountSearch = body.json().await?;
    let by = body.check().map_err(|error| Problem::ValidationFailed(vec![error]))?;
    let found = accounts::search(&app, &context, by).await?;
    let accounts = found.iter().map(|found| AccountBody::shown_to(&machine, found)).collect();
    Ok(HttpResponse::Ok().json(AccountList { accounts }))
}
