//! Changing the password: signed in with the current password, or with a change token after the password has expired.

use super::replace::{Acting, Owner, Replaced, SetBy, broken_rules, broken_rules_about_earlier, replace_password};
use crate::{
    app::App,
    crypto::{
        Stored,
        change_token::{self, Permit},
    },
    identity::{
        abuse::throttle::{Attempt, Trying, begin_attempt, give_back},
        field_error::{Field, FieldError},
        refusal::{IdentityError, Refusal},
        sessions::{
            authenticate::{Customer, authenticate},
            issue::{Issued, SignedIn, continue_session},
        },
        transaction::{Decision, Tx},
    },
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::Event,
        devices, refresh_tokens,
        sessions::{self, Session},
    },
    types::{DeviceId, DeviceToken, Fault, Password, RequestContext},
};

/// The form for a change of the password, as typed. A field that is missing is `None`.
pub struct PasswordChange {
    /// The current password; not asked for with a change token.
    pub current_password: Option<Password>,
    /// The field "Novo geslo": the new password.
    pub new_password: Option<Password>,
    /// The field "Ponovno vnesite geslo": the new password again.
    pub new_password_confirmation: Option<Password>,
}

/// The result of a change.
pub enum Changed {
    /// The session goes on, with new tokens.
    SignedIn(Box<SignedIn>),
    /// After a change with a change token the customer signs in as usual. With this token the device is a known one.
    SignInNext(DeviceToken),
}

/// The caller, by the bearer token.
enum Bearer {
    Customer(Box<Customer>),
    ChangeToken { account: Box<Account>, device_id: Option<DeviceId> },
}

impl Bearer {
    fn account(&self) -> &Account {
        match self {
            Self::Customer(customer) => &customer.account,
            Self::ChangeToken { account, .. } => account,
        }
    }
}

/// Changes the password. It checks the token first, then all fields together, and computes the hash. Only then, in one
/// transaction, it sets the password, ends every other session and every reset link, and queues the notice. A refusal
/// does not use a change token up.
///
/// # Errors
/// [`Refusal::InvalidToken`] where the bearer token is not valid any more; [`Refusal::TooManyAttempts`] after too many
/// wrong current passwords; [`Refusal::Invalid`] with every field that is missing or wrong.
pub async fn change(
    app: &App,
    context: &RequestContext,
    bearer_token: &str,
    form: PasswordChange,
) -> Result<Changed, IdentityError> {
    let bearer = authenticate_bearer(app, bearer_token).await?;
    check_fields(app, context, &bearer, &form).await?;
    let Some(new_password) = &form.new_password else {
        return Err(Fault::broken_invariant("a password change without a password").into());
    };
    let password_hash = app.hasher.hash(new_password).await?;
    let changed = app.transact(context, move |tx| set_password(tx, &bearer, &password_hash)).await?;
    app.metrics.password_changed();
    app.job_queued.notify_one();
    Ok(match changed {
        Continued::Session(issued) => Changed::SignedIn(Box::new(issued.sign(app)?)),
        Continued::Device(token) => Changed::SignInNext(token),
    })
}

/// What the caller goes on with after the change.
enum Continued {
    Session(Box<Issued>),
    Device(DeviceToken),
}

fn set_password(tx: &mut Tx<'_>, bearer: &Bearer, password_hash: &str) -> Result<Continued, IdentityError> {
    let seen = bearer.account();
    let account = accounts::lock(tx, &seen.id)?.ok_or(Refusal::InvalidToken)?;
    // A reset, a closing or another change came first.
    if account.session_epoch != seen.session_epoch || account.closed_at.is_some() {
        return Err(Refusal::InvalidToken.into());
    }
    let session = match bearer {
        Bearer::ChangeToken { .. } => None,
        Bearer::Customer(customer) => {
            let lifetimes = tx.app.session_lifetimes;
            let live = sessions::find_live(tx, &customer.session.id, lifetimes)?;
            let (session, _) = live.ok_or(Refusal::InvalidToken)?;
            Some(session)
        }
    };
    let device_id = match (bearer, &session) {
        (Bearer::ChangeToken { device_id, .. }, _) => device_id.as_ref(),
        (Bearer::Customer(_), session) => session.as_ref().and_then(|session| session.device_id.as_ref()),
    };
    let device = match device_id {
        Some(id) => devices::find(tx, id)?,
        None => None,
    };
    let acting = Acting { session: session.as_ref(), device };
    let Replaced { account, device } = replace_password(tx, &account, password_hash, SetBy::Change, acting)?;
    let mut entry = tx.entry(Event::PasswordChanged).about(&account).detail(SetBy::Change.as_str());
    if let Some(session) = &session {
        entry = entry.session(&session.id);
    }
    entry.append(tx)?;
    let Some(session) = session else { return Ok(Continued::Device(device.token)) };
    let session = Session { device_id: Some(device.row.id), ..session };
    refresh_tokens::consume_all_of(tx, &session.id)?;
    Ok(Continued::Session(Box::new(continue_session(tx, &session, account)?)))
}

async fn authenticate_bearer(app: &App, bearer_token: &str) -> Result<Bearer, IdentityError> {
    let Some(permit) = change_token::open(&app.keyring, bearer_token, app.clock.now()) else {
        return Ok(Bearer::Customer(Box::new(authenticate(app, bearer_token).await?)));
    };
    let Permit { account_id, session_epoch, device_id, .. } = permit;
    let account = app
        .query(move |tx| accounts::find(tx, &account_id))
        .await?
        .filter(|account| account.session_epoch == session_epoch && account.closed_at.is_none())
        .ok_or(Refusal::InvalidToken)?;
    Ok(Bearer::ChangeToken { account: Box::new(account), device_id })
}

/// Checks all fields, and refuses with everything that is wrong. Rules about the account apply only once the current
/// password is right: they must tell nothing to a stranger at a screen that was left unguarded (CH-11).
async fn check_fields(
    app: &App,
    context: &RequestContext,
    bearer: &Bearer,
    form: &PasswordChange,
) -> Result<(), IdentityError> {
    let mut errors = Vec::new();
    let is_owner = match bearer {
        Bearer::ChangeToken { .. } => true,
        Bearer::Customer(customer) => {
            match FieldError::check_present_password(form.current_password.clone(), Field::CurrentPassword) {
                Ok(password) => {
                    let is_right = verify_current(app, context, customer, &password).await?;
                    if !is_right {
                        errors.push(FieldError::incorrect_password());
                    }
                    is_right
                }
                Err(error) => {
                    errors.push(error);
                    false
                }
            }
        }
    };
    let account = bearer.account();
    match &form.new_password {
        None => errors.push(FieldError::required(Field::NewPassword)),
        Some(password) => {
            let owner = if is_owner { Owner::Known(account.email.as_ref()) } else { Owner::Unproven };
            let broken = broken_rules(app, password, Some(&account.customer_number), owner).await;
            errors.extend(broken.into_iter().map(FieldError::broken_rule));
            if is_owner {
                let broken = broken_rules_about_earlier(app, password, account).await?;
                errors.extend(broken.into_iter().map(FieldError::broken_rule));
            }
        }
    }
    let repetition =
        FieldError::of_confirmation(form.new_password.as_ref(), form.new_password_confirmation.as_ref());
    errors.extend(repetition);
    if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors).into()) }
}

/// Verifies the current password. A wrong one counts among the failed sign-ins of the device of the session (LG-04,
/// CH-01).
async fn verify_current(
    app: &App,
    context: &RequestContext,
    customer: &Customer,
    password: &Password,
) -> Result<bool, IdentityError> {
    let seen = customer.clone();
    let attempt = app.decide(context, move |tx| Ok(count_attempt(tx, &seen)?)).await?;
    let verified = match customer.account.password_hash.as_deref() {
        Some(hash) => app.hasher.verify(password, Stored::Hash(hash)).await,
        None => Ok(false),
    };
    let is_right = match verified {
        Ok(is_right) => is_right,
        Err(error) => {
            give_back(app, context, attempt).await?;
            return Err(error.into());
        }
    };
    let seen = customer.clone();
    app.transact(context, move |tx| {
        if is_right {
            return Ok(attempt.succeed(tx)?);
        }
        let failed = tx.entry(Event::PasswordChangeFail).about(&seen.account).session(&seen.session.id);
        Ok(failed.append(tx)?)
    })
    .await?;
    Ok(is_right)
}

fn count_attempt(tx: &mut Tx<'_>, customer: &Customer) -> Result<Decision<Attempt>, StoreError> {
    let Customer { account, session } = customer;
    let number = &account.customer_number;
    let trying = match &session.device_id {
        Some(id) => Trying::Device { id, account_id: &account.id, number },
        None => Trying::Stranger(number),
    };
    let refused = tx.entry(Event::LoginFailMax).about(account).session(&session.id);
    begin_attempt(tx, &trying, &refused)
}
