//! Making, finding, closing and reopening accounts: the command line's side.

use crate::{
    app::App,
    identity::{
        passwords::replace::{Owner, broken_rules},
        refusal::{FieldError, IdentityError, Refusal},
        sessions::end::note_ended,
        work::{Notice, queue_notice},
    },
    store::{
        StoreError,
        accounts::{self, Account, NewAccount},
        audit_events::{self, Entry, Event},
        mails::MailKind,
        reset_links, sessions,
    },
    types::{AccountId, CustomerNumber, EmailAddress, Locale, Password},
};

/// What an account begins with.
pub struct AccountToCreate {
    /// Must be free.
    pub customer_number: CustomerNumber,
    /// The address on file.
    pub email: EmailAddress,
    /// The language for mail.
    pub locale: Locale,
    /// Without one the customer sets it through the reset mail.
    pub password: Option<Password>,
}

/// Makes an account; a password is held to the same policy as everywhere (CH-02).
pub async fn create(app: &App, new: AccountToCreate, actor: &str) -> Result<AccountId, IdentityError> {
    let now = app.clock.now();
    let password_hash = match &new.password {
        None => None,
        Some(password) => {
            let broken =
                broken_rules(app, password, Some(&new.customer_number), Owner::Known(Some(&new.email))).await;
            if !broken.is_empty() {
                let errors = broken.into_iter().map(FieldError::broken_rule).collect();
                return Err(Refusal::Invalid(errors).into());
            }
            Some(app.hasher.hash(password).await?)
        }
    };
    let account = NewAccount {
        id: AccountId::mint(),
        customer_number: new.customer_number,
        email: Some(new.email),
        locale: new.locale,
        password_changed_at: password_hash.as_ref().map(|_| now),
        password_cost: password_hash.as_deref().and_then(accounts::cost_of),
        password_hash,
        created_at: now,
    };
    let actor = actor.to_owned();
    app.database
        .write(move |tx| -> Result<AccountId, IdentityError> {
            match accounts::insert(tx, &account) {
                Err(error) if error.is_unique_violation() => return Err(Refusal::CustomerNumberTaken.into()),
                other => other?,
            }
            let entry = Entry::by(&actor, Event::UserCreated, now)
                .number(&account.customer_number)
                .account(Some(&account.id));
            audit_events::append(tx, &entry)?;
            Ok(account.id)
        })
        .await
}

/// The account of a number, for people with access to the machine.
pub async fn find(app: &App, number: CustomerNumber) -> Result<Option<Account>, IdentityError> {
    Ok(app
        .database
        .query(move |tx| -> Result<_, StoreError> { accounts::find_by_customer_number(tx, &number) })
        .await?)
}

/// Closes access: every session and every reset link ends at once (LG-09, TK-10), and the owner is told by
/// mail, though not why. `None` where there is no such account, `Some(false)` where it was closed already.
pub async fn close(
    app: &App,
    number: CustomerNumber,
    reason: Option<String>,
    actor: &str,
) -> Result<Option<bool>, IdentityError> {
    set_closed(app, number, true, reason, actor).await
}

/// Opens access again, and tells the owner; the old password counts as before. Answers as [`close`] does.
pub async fn reopen(
    app: &App,
    number: CustomerNumber,
    reason: Option<String>,
    actor: &str,
) -> Result<Option<bool>, IdentityError> {
    set_closed(app, number, false, reason, actor).await
}

async fn set_closed(
    app: &App,
    number: CustomerNumber,
    closed: bool,
    reason: Option<String>,
    actor: &str,
) -> Result<Option<bool>, IdentityError> {
    let now = app.clock.now();
    let actor = actor.to_owned();
    let found = app
        .database
        .write(move |tx| -> Result<Option<bool>, IdentityError> {
            let Some(found) = accounts::find_by_customer_number(tx, &number)? else { return Ok(None) };
            // The notice goes to the address as it is now, not as it was before somebody changed it meanwhile.
            let Some(account) = accounts::lock(tx, &found.id)? else { return Ok(None) };
            let (changed, event, kind) = if closed {
                let changed = accounts::close(tx, &account.id, reason.as_deref(), &actor)?;
                for id in sessions::end_all_of(tx, &account.id, None, "closed")? {
                    note_ended(tx, Entry::by(&actor, Event::SessionEnded, now), &account, &id, "closed")?;
                }
                reset_links::withdraw_all_of(tx, &account.id)?;
                (changed, Event::UserClosed, MailKind::AccessClosed)
            } else {
                (accounts::reopen(tx, &account.id)?, Event::UserReopened, MailKind::AccessReopened)
            };
            if changed {
                let entry = Entry::by(&actor, event, now)
                    .about(&account)
                    .detail(reason.as_deref().unwrap_or("no reason given"));
                audit_events::append(tx, &entry)?;
                queue_notice(tx, Notice { kind, session_id: None }, &account, now, None)?;
            }
            Ok(Some(changed))
        })
        .await?;
    app.job_bell.notify_one();
    Ok(found)
}
