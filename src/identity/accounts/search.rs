//! Finding accounts by what a customer is known by outside this service.

use super::find::FoundAccount;
use crate::{
    app::App,
    identity::{abuse::client_limits::count_question, refusal::IdentityError, transaction::Tx},
    store::{accounts, audit_events::Event},
    types::{CustomerNumber, EmailAddress, RequestContext},
};

/// What an account is searched by.
pub enum SearchedBy {
    /// The customer number, which one account has at most.
    Number(CustomerNumber),
    /// The address on file, which several accounts may share.
    Email(EmailAddress),
}

/// The purpose of the keyed hash of an address that is counted.
const SEARCHED_ADDRESS: &str = "searched address";

/// Searches accounts for a machine client, which is limited, and writes the search into the audit trail (AD-10).
///
/// # Errors
/// [`Refusal::TooManyAttempts`](crate::identity::Refusal::TooManyAttempts) where the client has searched too often, or for
/// too many different customers.
pub async fn search(
    app: &App,
    context: &RequestContext,
    by: SearchedBy,
) -> Result<Vec<FoundAccount>, IdentityError> {
    let asked = match &by {
        SearchedBy::Number(number) => number.as_str().to_owned(),
        SearchedBy::Email(email) => app.keyring.fingerprint(SEARCHED_ADDRESS, email.canonical().as_bytes()),
    };
    count_question(app, context, asked).await?;
    app.transact(context, move |tx| find_all(tx, &by)).await
}

fn find_all(tx: &mut Tx<'_>, by: &SearchedBy) -> Result<Vec<FoundAccount>, IdentityError> {
    let (accounts, detail) = match by {
        SearchedBy::Number(number) => {
            let account = accounts::find_by_customer_number(tx, number)?;
            if account.is_none() {
                tx.entry(Event::SensitiveRead).number(number).detail("search by number: none").append(tx)?;
            }
            (account.into_iter().collect(), "search by number")
        }
        SearchedBy::Email(email) => {
            let accounts = accounts::list_by_email(tx, email)?;
            if accounts.is_empty() {
                tx.entry(Event::SensitiveRead).detail("search by address: none").append(tx)?;
            }
            (accounts, "search by address")
        }
    };
    let app = tx.app.clone();
    let mut found: Vec<FoundAccount> = Vec::new();
    for account in accounts {
        tx.entry(Event::SensitiveRead).about(&account).detail(detail).append(tx)?;
        found.push(FoundAccount::of(tx, &app, account)?);
    }
    Ok(found)
}
