//! Making accounts, for machine clients.

use actix_web::{HttpResponse, http::header, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account_body::{AccountBody, version_of};
use crate::{
    app::App,
    http::{
        door::{body::UnreadBody, caller::MachineCaller, strict_json::present},
        idempotency::{DESCRIPTION, IdempotencyKey, Repeatable, once},
        problem::{
            AccountExists, MachineTokenUnusable, Problem, ScopeMissing, TooManyAdministrations, WrongNewAccount,
        },
    },
    identity::{
        FieldError,
        accounts::{self, AccountToCreate, FirstMail, FoundAccount},
        clients::Machine,
        idempotency::{Answer, Repeats},
    },
    types::{CustomerNumber, Locale},
};

/// The account to be made. A password cannot be given: the customer sets it through a link in a mail.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewAccount {
    /// The number that the customer will sign in with.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber, required)]
    customer_number: Option<String>,
    /// The e-mail address on file, which every mail goes to.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, format = Email, max_length = 254, example = "delavnica@example.si")]
    email: Option<String>,
    /// The language of mails to this customer; `sl` where it is left out.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Locale)]
    locale: Option<String>,
    /// The name of the customer, for administration. White space around it is cut off, and a run inside is one space.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Avtoservis Novak")]
    display_name: Option<String>,
    /// Whether a mail goes out by which the customer sets the first password. It needs an address, and waits for a day
    /// where the account of this number was erased within 30 days.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, example = true)]
    send_activation: Option<bool>,
}

impl NewAccount {
    /// Reads all fields, or names all that are wrong.
    fn check(&self, key: &IdempotencyKey) -> Result<AccountToCreate, Vec<FieldError>> {
        let number = FieldError::check_customer_number(self.customer_number.as_deref());
        let email = self.email.as_deref().map(|text| FieldError::check_email(Some(text))).transpose();
        let locale = self.locale.as_deref().map(FieldError::check_locale).transpose();
        let name = self.display_name.as_deref().map(FieldError::check_display_name).transpose();
        let first_mail = if self.send_activation == Some(true) { FirstMail::Activation } else { FirstMail::None };
        match (number, email, locale, name, key.error()) {
            (Ok(customer_number), Ok(email), Ok(locale), Ok(display_name), None) => Ok(AccountToCreate {
                customer_number,
                email,
                locale: locale.unwrap_or_default(),
                password: None,
                display_name,
                first_mail,
            }),
            (number, email, locale, name, key) => {
                let errors = [number.err(), email.err(), locale.err(), name.err(), key];
                Err(errors.into_iter().flatten().collect())
            }
        }
    }
}

/// Makes an account
///
/// With `send_activation` the customer gets a mail with a link to set the first password; without it the customer uses
/// "Forgotten password" on the page. On 409 the number has an account already, or the same call is still being answered;
/// on 422 mark the fields; on 429 wait as `Retry-After` says: mails with links are limited for each client.
#[utoipa::path(
    post, path = "/v1/accounts", operation_id = "createAccount", tag = "Accounts",
    params((
        "Idempotency-Key" = Option<String>, Header, description = DESCRIPTION, min_length = 1, max_length = 255,
        example = "0d4e2f5c-8a31-4b57-9c1f-6f0d2b9a8e7d",
    )),
    request_body(
        content = NewAccount, description = "The account to be made",
        example = json!({
            "customer_number": "004217", "email": "delavnica@example.si", "display_name": "Avtoservis Novak",
            "send_activation": true,
        }),
    ),
    responses(
        (
            status = 201, description = "The account that was made", body = AccountBody,
            headers(
                ("ETag" = String, description = "The version of the account, for `If-Match`"),
                ("Location" = String, description = "The address of the account"),
            ),
        ),
        MachineTokenUnusable,
        ScopeMissing,
        AccountExists,
        WrongNewAccount,
        TooManyAdministrations,
    )
)]
pub(in crate::http) async fn create(
    app: web::Data<App>,
    caller: MachineCaller,
    key: IdempotencyKey,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let body: NewAccount = body.json().await?;
    let account = body.check(&key).map_err(Problem::ValidationFailed)?;
    let render = {
        let (app, machine) = (app.clone(), caller.machine.clone());
        move |found: &FoundAccount| render(&app, &machine, found)
    };
    let repeatable = Repeatable { operation: "createAccount", repeats: Repeats::Answer };
    once((&app, &caller), repeatable, (key, &body), render, |recording| {
        accounts::create_once(&app, &caller.context, account, recording)
    })
    .await
}

fn render(app: &App, machine: &Machine, found: &FoundAccount) -> Answer {
    let location = format!("/v1/accounts/{}", found.account.id);
    let version = format!("\"{}\"", version_of(app, found));
    Answer {
        status: 201,
        headers: vec![
            (header::LOCATION.as_str().to_owned(), location),
            (header::ETAG.as_str().to_owned(), version),
        ],
        // The body holds texts and truth values alone, so writing it as JSON cannot fail.
        body: serde_json::to_string(&AccountBody::shown_to(machine, found)).unwrap_or_default(),
    }
}
