//! Creating accounts.

use super::{erased_number::cools_off_until, find::FoundAccount};
use crate::{
    app::App,
    identity::{
        abuse::{client_limits::count_act, failures::set_failures_before, hash_caller::stranger},
        field_error::{Field, FieldError},
        idempotency::Recording,
        passwords::{
            cost::lasting_cost_of_new,
            replace::{Owner, broken_rules},
        },
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
        work::queue_activation,
    },
    store::{
        accounts::{self, NewAccount},
        audit_events::Event,
        swallowed_requests,
    },
    types::{AccountId, CustomerNumber, DisplayName, EmailAddress, Fault, Locale, Password, RequestContext},
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
    /// The mail that tells the owner.
    pub first_mail: FirstMail,
}

/// The mail that tells the owner of a new account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstMail {
    /// None: the owner asks for a reset mail.
    None,
    /// A link to set the first password, which works like a reset link. It waits where the number was erased lately.
    Activation,
}

/// Creates an account. The password has to follow the same policy as every other new password (CH-02).
///
/// # Errors
/// [`Refusal::Invalid`] where the password breaks rules, or a first mail is to go to no address;
/// [`Refusal::CustomerNumberTaken`] where the number has an account; [`Refusal::TooManyAttempts`] where one client has
/// mailed too many links.
pub async fn create(
    app: &App,
    context: &RequestContext,
    new: AccountToCreate,
) -> Result<FoundAccount, IdentityError> {
    create_once(app, context, new, None).await
}

/// Creates an account as [`create`] does, and keeps the answer for a repetition of the call.
pub async fn create_once(
    app: &App,
    context: &RequestContext,
    new: AccountToCreate,
    recording: Option<Recording<FoundAccount>>,
) -> Result<FoundAccount, IdentityError> {
    if new.first_mail == FirstMail::Activation && new.email.is_none() {
        return Err(Refusal::Invalid(vec![FieldError::required(Field::Email)]).into());
    }
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
    let found = app
        .decide(context, move |tx| {
            if new.first_mail == FirstMail::Activation
                && let Decision::Refused(refusal) = count_act(tx)?
            {
                return Ok(Decision::Refused(refusal));
            }
            let found = insert(tx, new, password_hash)?;
            if let Some(recording) = recording {
                recording.record(tx, &found, Some(&found.account.id))?;
            }
            Ok(Decision::Done(found))
        })
        .await?;
    app.job_queued.notify_one();
    Ok(found)
}

fn insert(
    tx: &mut Tx<'_>,
    new: AccountToCreate,
    password_hash: Option<String>,
) -> Result<FoundAccount, IdentityError> {
    let lasting_cost = match &password_hash {
        Some(_) => lasting_cost_of_new(tx, &new.customer_number)?,
        None => None,
    };
    let account = NewAccount {
        id: AccountId::mint(),
        customer_number: new.customer_number,
        email: new.email,
        locale: new.locale,
        password_changed_at: password_hash.as_ref().map(|_| tx.now),
        password_cost: password_hash.as_deref().and_then(|hash| tx.app.hasher.cost_of(hash)),
        password_hash,
        lasting_cost,
        created_at: tx.now,
        display_name: new.display_name,
    };
    match accounts::insert(tx, &account) {
        Err(error) if error.is_unique_violation() => return Err(Refusal::CustomerNumberTaken.into()),
        other => other?,
    }
    let NewAccount { id, customer_number: number, .. } = account;
    // What came before is none of this account's, even where the number had an account (DP-05).
    set_failures_before(tx, &number, &id)?;
    swallowed_requests::delete_of(tx, &number)?;
    let cools_off_until = cools_off_until(tx, &number)?;
    if let Some(until) = cools_off_until {
        accounts::set_cools_off(tx, &id, until)?;
    }
    tx.entry(Event::UserCreated).number(&number).account(Some(&id)).append(tx)?;
    if new.first_mail == FirstMail::Activation {
        let (actor, due_at) = (tx.context.actor.clone(), cools_off_until.unwrap_or(tx.now));
        queue_activation(tx, number, &actor, due_at)?;
    }
    let account =
        accounts::find(tx, &id)?.ok_or_else(|| Fault::broken_invariant("an account that was just made"))?;
    let app = tx.app.clone();
    Ok(FoundAccount::of(tx, &app, account)?)
}
