//! Steps 6 and 7 of the customer guide: setting the new password.

use super::{
    link::ended_meanwhile,
    mistakes::{PasswordTry, count_mismatch},
};
use crate::{
    app::App,
    crypto::HashCaller,
    identity::{
        abuse::{
            hash_caller::stranger,
            new_password::{Lease, take_turn, to_its_end},
            source_limits::counting_unknown_tokens,
        },
        field_error::{Field, FieldError},
        live_link::live_link,
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
        lock_down_links,
        reset_links::{self, ResetLink},
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
#[derive(Clone)]
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
        let Checked { mut errors, .. } = check_fields(app, &form, Holder::Nobody).await?;
        errors.insert(0, FieldError::required(Field::Token));
        return Err(Refusal::Invalid(errors).into());
    };
    let token_hash = ResetTokenHash::of_presented(token);
    let owned = app.database.read(move |tx| find_owned_link(tx, &token_hash)).await?;
    let number = FieldError::check_customer_number(form.customer_number.as_deref()).ok();
    match number {
        Some(number) if number == owned.account.customer_number => {
            let (app, context) = (app.clone(), context.clone());
            to_its_end(async move { set_in_turn(&app, &context, &form, owned).await }).await
        }
        number => {
            let Checked { errors, .. } = check_fields(app, &form, Holder::OfLink).await?;
            if number.is_some() {
                count_mismatch(app, context, owned.link).await?;
            }
            Err(Refusal::Invalid(errors).into())
        }
    }
}

/// Tries the password of a form with the right customer number. Rules about the account take part, so it waits for its
/// turn (CH-11).
async fn set_in_turn(
    app: &App,
    context: &RequestContext,
    form: &NewPasswordForm,
    owned: OwnedLink,
) -> Result<DeviceToken, IdentityError> {
    let link = owned.link.clone();
    let (turn, counted) =
        take_turn(app, context, &owned.account.id, move |tx| PasswordTry::begin(tx, &link)).await?;
    let link = owned.link.clone();
    let lease = turn.lease();
    let tried = try_password(app, context, form, &owned, lease.clone()).await;
    let is_refused_for_account = match tried {
        Ok(device) => {
            app.metrics.resets.completed();
            app.job_queued.notify_one();
            return Ok(device);
        }
        Err(NotSet::RefusedForAccount(_)) => true,
        Err(NotSet::Other(_)) => false,
    };
    app.transact(context, move |tx| {
        lease.end(tx)?;
        if is_refused_for_account {
            counted.fail(tx, &link)?;
        } else {
            PasswordTry::take_back(tx, &link)?;
        }
        Ok(())
    })
    .await?;
    tried.map_err(NotSet::into_error)
}

/// Why a password with the right customer number was not set.
enum NotSet {
    /// Among other things, a rule about the account refuses it.
    RefusedForAccount(Vec<FieldError>),
    /// Anything else.
    Other(IdentityError),
}

impl<E: Into<IdentityError>> From<E> for NotSet {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

impl NotSet {
    fn into_error(self) -> IdentityError {
        match self {
            Self::RefusedForAccount(errors) => Refusal::Invalid(errors).into(),
            Self::Other(error) => error,
        }
    }
}

async fn try_password(
    app: &App,
    context: &RequestContext,
    form: &NewPasswordForm,
    owned: &OwnedLink,
    lease: Lease,
) -> Result<DeviceToken, NotSet> {
    let OwnedLink { link, account } = owned;
    let caller = stranger(app, context).holding(&account.id, format!("link/{}", link.id));
    let holder = Holder::Owner { account, caller: &caller };
    let Checked { errors, broken } = check_fields(app, form, holder).await?;
    if broken.into_iter().any(Rule::speaks_of_account) {
        return Err(NotSet::RefusedForAccount(errors));
    }
    let Some(new_password) = form.new_password.as_ref().filter(|_| errors.is_empty()) else {
        return Err(Refusal::Invalid(errors).into());
    };
    let password_hash = app.hasher.hash(new_password, caller).await?;
    let owned = owned.clone();
    Ok(app.transact(context, move |tx| set_password(tx, &owned, &password_hash, &lease)).await?)
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

fn set_password(
    tx: &mut Tx<'_>,
    owned: &OwnedLink,
    password_hash: &str,
    lease: &Lease,
) -> Result<DeviceToken, IdentityError> {
    let OwnedLink { link, account } = owned;
    let account = accounts::lock(tx, &account.id)?.ok_or_else(no_account)?;
    if account.closed_at.is_some() {
        return Err(Refusal::LinkUnusable(LinkReason::Withdrawn).into());
    }
    if !reset_links::consume(tx, &link.id)? {
        return Err(ended_meanwhile(tx, link)?);
    }
    if let Some(mailbox) = &account.email {
        // Every link was made for the address on file: a change of the address withdraws it.
        lock_down_links::withdraw_of_mailbox(tx, &account.id, mailbox)?;
    }
    let acting = Acting { session: None, device: None };
    let Replaced { device, .. } = replace_password(tx, &account, password_hash, SetBy::Reset, acting)?;
    let entry = |tx: &Tx<'_>, event| tx.entry(event).about(&account).reset_request(&link.reset_request_id);
    entry(tx, Event::ResetConsumed).append(tx)?;
    entry(tx, Event::PasswordChanged).detail(SetBy::Reset.as_str()).fact(SetBy::Reset.fact()).append(tx)?;
    lease.end(tx)?;
    Ok(device.token)
}

/// Who sends the form.
#[derive(Clone, Copy)]
enum Holder<'a> {
    /// Somebody without a link.
    Nobody,
    /// Somebody with a link and without its customer number.
    OfLink,
    /// Somebody with a link and its customer number. The address and the passwords of the account take part in the
    /// rules.
    Owner { account: &'a Account, caller: &'a HashCaller },
}

/// The result of checking the fields.
struct Checked {
    errors: Vec<FieldError>,
    /// The rules that the new password breaks. The errors tell them too.
    broken: Vec<Rule>,
}

async fn check_fields(app: &App, form: &NewPasswordForm, holder: Holder<'_>) -> Result<Checked, IdentityError> {
    let mut errors = Vec::new();
    let number = FieldError::check_customer_number(form.customer_number.as_deref());
    let number = number.map_err(|error| errors.push(error)).ok();
    if matches!(holder, Holder::OfLink) && number.is_some() {
        errors.push(FieldError::customer_number_mismatch());
    }
    let mut broken = Vec::new();
    match &form.new_password {
        None => errors.push(FieldError::required(Field::NewPassword)),
        Some(password) => {
            let owner = match holder {
                Holder::Nobody | Holder::OfLink => Owner::Unproven,
                Holder::Owner { account, .. } => Owner::Known(account),
            };
            broken = broken_rules(app, password, number.as_ref(), owner).await;
            errors.extend(broken.iter().copied().map(FieldError::broken_rule));
        }
    }
    errors.extend(FieldError::of_confirmation(form.new_password.as_ref(), form.new_password_confirmation.as_ref()));
    // Only once nothing else is wrong: a guess that matches no earlier password then sets the password, so the holder
    // of the link cannot go on guessing (CH-11).
    if let (Holder::Owner { account, caller }, Some(password), true) =
        (holder, &form.new_password, errors.is_empty())
    {
        broken = broken_rules_about_earlier(app, password, account, caller).await?;
        errors.extend(broken.iter().copied().map(FieldError::broken_rule));
    }
    Ok(Checked { errors, broken })
}
