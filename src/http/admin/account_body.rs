//! The account, as every answer to administration shows it.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{ETag, EntityTag},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    http::timestamp::timestamp,
    identity::{EmailState, accounts::FoundAccount, clients::Machine},
    types::{CustomerNumber, EmailAddress, Locale, Scope, text_enum},
};

text_enum! {
    /// Whether the customer may sign in.
    pub(in crate::http) enum AccountState {
        /// The access is open.
        Active = "active",
        /// The access is closed. The customer is told so, without the reason.
        Closed = "closed",
    }
}

/// An account, as administration sees it. Nothing of its password but its age is in it.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(in crate::http) struct AccountBody {
    /// The permanent and opaque id of the account.
    #[schema(example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
    id: String,
    /// The number that the customer signs in with.
    #[schema(value_type = CustomerNumber)]
    customer_number: String,
    /// The e-mail address on file; null where there is none. It is masked for a token that grants neither `accounts:read`
    /// nor `accounts:write`.
    #[schema(example = "delavnica@example.si")]
    email: Option<String>,
    /// Whether mail reaches the address on file.
    email_state: EmailState,
    /// The language of mails to this customer.
    locale: Locale,
    /// The name of the customer: text that has to be escaped; null where none was given.
    #[schema(example = "Avtoservis Novak", min_length = 1, max_length = 100)]
    display_name: Option<String>,
    /// Whether the customer may sign in.
    state: AccountState,
    /// Whether a password is set. Without one the customer sets it through a link in a mail.
    #[schema(example = true)]
    has_password: bool,
    /// The moment at which the account was made.
    #[schema(format = DateTime, example = "2026-11-22T13:00:00.000Z")]
    created_at: String,
    /// The moment at which access was closed; null while it is open.
    #[schema(format = DateTime, example = "2026-11-25T08:30:00.000Z")]
    closed_at: Option<String>,
    /// The reason given for the closing, which the customer never sees; null while access is open.
    #[schema(example = "neplačani računi")]
    closed_reason: Option<String>,
    /// The moment of the last successful sign-in; null before the first one.
    #[schema(format = DateTime, example = "2026-11-22T13:10:00.000Z")]
    last_sign_in_at: Option<String>,
    /// The age of the password.
    password: PasswordAgeBody,
    /// The moment since which support has to decide which address is the owner's; null where nobody contests it. While it
    /// is contested nobody signs in and no mail goes out.
    #[schema(format = DateTime, example = "2026-11-26T16:45:00.000Z")]
    contested_since: Option<String>,
}

/// The age of a password.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordAge)]
pub(in crate::http) struct PasswordAgeBody {
    /// The moment at which the password was set; null without a password.
    #[schema(format = DateTime, example = "2026-11-22T13:05:00.000Z")]
    changed_at: Option<String>,
    /// The moment at which the password reaches its greatest age; null without a password, or where passwords do not
    /// expire.
    #[schema(format = DateTime, example = "2027-05-21T13:05:00.000Z")]
    expires_at: Option<String>,
}

/// The purpose of the keyed hash that is a version.
const VERSION: &str = "account version";

impl AccountBody {
    /// The whole account.
    fn new(FoundAccount { account, email_state, password_expires_at }: &FoundAccount) -> Self {
        let state = if account.closed_at.is_some() { AccountState::Closed } else { AccountState::Active };
        Self {
            id: account.id.as_str().to_owned(),
            customer_number: account.customer_number.as_str().to_owned(),
            email: account.email.as_ref().map(|email| email.as_str().to_owned()),
            email_state: *email_state,
            locale: account.locale,
            display_name: account.display_name.as_ref().map(|name| name.as_str().to_owned()),
            state,
            has_password: account.password_hash.is_some(),
            created_at: timestamp(account.created_at),
            closed_at: account.closed_at.map(timestamp),
            closed_reason: account.closed_reason.clone(),
            last_sign_in_at: account.last_sign_in_at.map(timestamp),
            password: PasswordAgeBody {
                changed_at: account.password_changed_at.map(timestamp),
                expires_at: password_expires_at.map(timestamp),
            },
            contested_since: account.contested_since.map(timestamp),
        }
    }

    /// The account as this client may see it (AD-04).
    pub(in crate::http) fn shown_to(machine: &Machine, found: &FoundAccount) -> Self {
        let sees_address = [Scope::AccountsRead, Scope::AccountsWrite];
        let whole = Self::new(found);
        if sees_address.into_iter().any(|scope| machine.scopes.contains(scope)) {
            return whole;
        }
        Self { email: found.account.email.as_ref().map(EmailAddress::masked), ..whole }
    }
}

/// The version of an account: it changes with every value that an answer shows, and stays while none does. The hash is
/// keyed, since a client that sees the address masked could guess it by a plain one.
pub(in crate::http) fn version_of(app: &App, found: &FoundAccount) -> String {
    // The body holds texts and truth values alone, so writing it as JSON cannot fail.
    let shown = serde_json::to_vec(&AccountBody::new(found)).unwrap_or_default();
    app.keyring.fingerprint(VERSION, &shown)
}

/// The answer that shows an account, with its version as a strong `ETag` (RFC 9110 §8.8.3).
pub(in crate::http) fn answer_account(
    app: &App,
    machine: &Machine,
    found: &FoundAccount,
    status: StatusCode,
) -> HttpResponse {
    HttpResponseBuilder::new(status)
        .insert_header(ETag(EntityTag::new_strong(version_of(app, found))))
        .json(AccountBody::shown_to(machine, found))
}
