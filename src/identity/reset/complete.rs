//! Steps 6 and 7 of the customer guide: setting the new password.

use super::{
    live_link::{live_link, why_not_live},
    mistakes::count_mistake,
};
use crate::{
    app::App,
    identity::{
        abuse::source_limits::counting_unknown_tokens,
        field_error::{Field, FieldError},
        passwords::replace::{
            Acting, Owner, Replaced, SetBy, broken_rules, broken_rules_about_earlier, replace_password,
        },
        refusal::{IdentityError, LinkReason, Refusal},
        transaction::Tx,
    },
    policy::Rule,
    store::{
        Transaction,
        accounts::{self, Account},
        audit_events::Event,
        reset_links::{self, CountedMistake, ResetLink},
    },
    types::{DeviceToken, Fault, Password, RequestContext, ResetTokenHash},
};

/// The form "Sprememba gesla" (change of the password), as typed. A field that is missing is `None`.
pub struct NewPasswordForm {
    /// The token from the link.
    pub token: Option<String>,
    /// The field "Uporabniško ime": the customer number.
    pub customer_number: Option<String>,
    /// The field "Novo geslo": the new password.
    pub new_password: Option<Password>,
    /// The field "Ponovno vnesite geslo": the new password again.
    pub new_password_confirmation: Option<Password>,
}

/// Sets the new password through a reset link. It checks the link first, then all fields together, and computes the
/// hash. Only then, in one transaction, it uses the link, sets the password, ends every session and every other link,
/// and queues the notice. A failure before that leaves the link usable (TK-15). Nobody is signed in by it (CH-03), and
/// closed access stays closed. Returns the token of the device in use, with which the owner is not held up by strangers
/// who try passwords on the number (RL-04).
///
/// # Errors
/// [`Refusal::LinkUnusable`] with the reason; [`Refusal::Invalid`] with every field that is missing or wrong;
/// [`Refusal::TooManyAttempts`] for a source that has presented many unknown tokens.
pub async fn complete(
    app: &App,
    context: &RequestContext,
    form: NewPasswordForm,
) -> Result<DeviceToken, IdentityError> {
    counting_unknown_tokens(app, context, consume_link(app, context, form)).await
}

/// A link that can be used, and the account that it belongs to.
struct OwnedLink {
    link: ResetLink,
    account: Account,
}

async fn consume_link(
    app: &App,
    context: &RequestContext,
    form: NewPasswordForm,
) -> Result<DeviceToken, IdentityError> {
    let Some(token) = form.token.as_deref() else {
        let checked = check_fields(app, &form, None).await?;
        let mut errors = vec![FieldError::required(Field::Token)];
        errors.extend(checked.errors);
        return Err(Refusal::Invalid(errors).into());
    };
    let token_hash = ResetTokenHash::of_presented(token);
    let owned = app.database.read(move |tx| find_owned_link(tx, &token_hash)).await?;
    let checked = check_fields(app, &form, Some(&owned.account)).await?;
    let Some(new_password) = checked.accepted else {
        if let Some(mistake) = checked.mistake {
            count_mistake(app, context, owned.link, mistake).await?;
        }
        return Err(Refusal::Invalid(checked.errors).into());
    };
    let password_hash = app.hasher.hash(new_password).await?;
    let device = app.transact(context, move |tx| set_password(tx, &owned, &password_hash)).await?;
    app.metrics.reset_completed();
    app.job_queued.notify_one();
    Ok(device)
}

fn find_owned_link(tx: &mut Transaction<'_>, token_hash: &ResetTokenHash) -> Result<OwnedLink, IdentityError> {
    let link = live_link(reset_links::find_by_token_hash(tx, token_hash)?, tx.now)?;
    let account_id = link.account_id.as_ref().ok_or_else(no_account)?;
    let account = accounts::find(tx, account_id)?.ok_or_else(no_account)?;
    Ok(OwnedLink { link, account })
}

fn no_account() -> Fault {
    Fault::broken_invariant("a usable reset link without an account")
}

fn set_password(tx: &mut Tx<'_>, owned: &OwnedLink, password_hash: &str) -> Result<DeviceToken, IdentityError> {
    let OwnedLink { link, account } = owned;
    let account = accounts::lock(tx, &account.id)?.ok_or_else(no_account)?;
    if account.closed_at.is_some() {
        return Err(Refusal::LinkUnusable(LinkReason::Withdrawn).into());
    }
    if !reset_links::consume(tx, &link.id)? {
        return Err(why_not_live(tx, link)?);
    }
    let acting = Acting { session: None, device: None };
    let Replaced { device, .. } = replace_password(tx, &account, password_hash, SetBy::Reset, acting)?;
    let entry = |tx: &Tx<'_>, event| tx.entry(event).about(&account).reset_request(&link.reset_request_id);
    entry(tx, Event::ResetConsumed).append(tx)?;
    entry(tx, Event::PasswordChanged).detail(SetBy::Reset.as_str()).append(tx)?;
    Ok(device.token)
}

/// The result of checking the fields.
struct Checked<'a> {
    errors: Vec<FieldError>,
    /// What the link's holder may get wrong a limited number of times.
    mistake: Option<CountedMistake>,
    /// The new password, where nothing is wrong.
    accepted: Option<&'a Password>,
}

/// Checks the fields. `account` is the one that the link belongs to: its address and passwords take part only once the
/// number that was typed is its own.
async fn check_fields<'a>(
    app: &App,
    form: &'a NewPasswordForm,
    account: Option<&Account>,
) -> Result<Checked<'a>, IdentityError> {
    let mut errors = Vec::new();
    let mut mistake = None;
    let number = FieldError::check_customer_number(form.customer_number.as_deref());
    let number = number.map_err(|error| errors.push(error)).ok();
    let owner = account.filter(|account| number.as_ref() == Some(&account.customer_number));
    if account.is_some() && number.is_some() && owner.is_none() {
        errors.push(FieldError::customer_number_mismatch());
        mistake = Some(CountedMistake::Mismatch);
    }
    let mut broken = Vec::new();
    match &form.new_password {
        None => errors.push(FieldError::required(Field::NewPassword)),
        Some(password) => {
            let known = owner.map_or(Owner::Unproven, |account| Owner::Known(account.email.as_ref()));
            broken = broken_rules(app, password, number.as_ref(), known).await;
            errors.extend(broken.iter().copied().map(FieldError::broken_rule));
        }
    }
    errors.extend(FieldError::of_confirmation(form.new_password.as_ref(), form.new_password_confirmation.as_ref()));
    // Only once nothing else is wrong: a guess that matches no earlier password then sets the password, so the holder
    // of the link cannot go on guessing (CH-11).
    if let (Some(account), Some(password), true) = (owner, &form.new_password, errors.is_empty()) {
        broken = broken_rules_about_earlier(app, password, account).await?;
        errors.extend(broken.iter().copied().map(FieldError::broken_rule));
    }
    if broken.iter().copied().any(Rule::speaks_of_account) {
        mistake = Some(CountedMistake::AccountRule);
    }
    let accepted = form.new_password.as_ref().filter(|_| errors.is_empty());
    Ok(Checked { errors, mistake, accepted })
}
