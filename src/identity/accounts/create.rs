//! Creating accounts.

use crate::{
    app::App,
    identity::{
        abuse::{failures::set_failures_before, hash_caller::stranger},
        field_error::FieldError,
        passwords::replace::{Owner, broken_rules},
        refusal::{IdentityError, Refusal},
    },
    store::{
        accounts::{self, NewAccount},
        audit_events::Event,
        swallowed_requests,
    },
    types::{AccountId, CustomerNumber, DisplayName, EmailAddress, Locale, Password, RequestContext},
};

/// The values that an account begins with.
pub struct AccountToCreate {
    /// The customer number, which must have no account yet.
    pub customer_number: CustomerNumber,
    /// The address on file.
    pub email: Option<EmailAddress>,
    /// The language of mails.
    pub locale: Locale,
    /// The password; without one the customer sets it through the reset mail.
    pub password: Option<Password>,
    /// The name under which administration knows the customer.
    pub display_name: Option<DisplayName>,
}

/// Creates an account. The password has to follow the same policy as every other new password (CH-02).
///
/// # Errors
/// [`Refusal::Invalid`] where the password breaks rules; [`Refusal::CustomerNumberTaken`] where the number has an
/// account.
pub async fn create(app: &App, context: &RequestContext, new: AccountToCreate) -> Result<AccountId, IdentityError> {
    let password_hash = match &new.password {
        None => None,
        Some(password) => {
            let owner = Owner::New(new.email.as_ref());
            let broken = broken_rules(app, password, Some(&new.customer_number), owner).await;
            if !broken.is_empty() {
                let errors = broken.into_iter().map(FieldError::broken_rule).collect();
                return Err(Refusal::Invalid(errors).into());
            }
            Some(app.hasher.hash(password, stranger(app, context)).await?)
        }
    };
    app.transact(context, move |tx| {
        let account = NewAccount {
            id: AccountId::mint(),
            customer_number: new.customer_number,
            email: new.email,
            locale: new.locale,
            password_changed_at: password_hash.as_ref().map(|_| tx.now),
            password_cost: password_hash.as_deref().and_then(accounts::cost_of),
            password_hash,
            created_at: tx.now,
            display_name: new.display_name,
        };
        match accounts::insert(tx, &account) {
            Err(error) if error.is_unique_violation() => return Err(Refusal::CustomerNumberTaken.into()),
            other => other?,
        }
        // What came before is none of this account's, even where the number had an account (DP-05).
        set_failures_before(tx, &account.customer_number, &account.id)?;
        swallowed_requests::delete_of(tx, &account.customer_number)?;
        let entry = tx.entry(Event::UserCreated).number(&account.customer_number).account(Some(&account.id));
        entry.append(tx)?;
        Ok(account.id)
    })
    .await
}
