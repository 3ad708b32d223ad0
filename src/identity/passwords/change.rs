//! Changing the password: signed in, with the current one, or with a change token after it has expired.

use super::replace::{Acting, Owner, Replacer, SetBy, broken_rules, broken_rules_about_earlier};
use crate::{
    app::App,
    crypto::{
        Stored,
        change_token::{self, Permit},
    },
    identity::{
        abuse::throttle::{Attempt, Trying, begin_attempt, count_turned_away, give_back},
        refusal::{Field, FieldError, IdentityError, Refusal},
        sessions::{
            authenticate::{Customer, authenticate},
            issue::{Issuer, SignedIn},
        },
    },
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::{self, Entry, Event},
        devices, refresh_tokens,
        sessions::{self, Session},
    },
    types::{DeviceId, DeviceToken, Fault, Password, RequestContext},
};

/// The window for a change, as typed; `None` where a field is missing.
pub struct PasswordChange {
    /// Not asked for with a change token.
    pub current_password: Option<Password>,
    /// "Novo geslo".
    pub new_password: Option<Password>,
    /// "Ponovno vnesite geslo".
    pub new_password_confirmation: Option<Password>,
}

/// What comes of a change.
pub enum Changed {
    /// The session goes on, with new tokens.
    SignedIn(Box<SignedIn>),
    /// With a change token: the customer signs in as usual, from a device that is known.
    SignInNext(DeviceToken),
}

/// Who may change the password, by the bearer token.
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

/// Token first, then all fields together, then the hash, and only then, in one transaction: set the password,
/// end every other session and every reset link, queue the notice. A refusal uses no change token up.
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
    let now = app.clock.now();
    let (issuer, replacer, lifetimes) = (Issuer::of(app), Replacer::of(app), app.session_lifetimes);
    let context = context.clone();
    let changed = app
        .database
        .write(move |tx| -> Result<_, IdentityError> {
            let seen = bearer.account();
            let account = accounts::lock(tx, &seen.id)?.ok_or(Refusal::InvalidToken)?;
            // A reset, a closing or another change came first.
            if account.session_epoch != seen.session_epoch || account.closed_at.is_some() {
                return Err(Refusal::InvalidToken.into());
            }
            let (session, device_id) = match &bearer {
                Bearer::ChangeToken { device_id, .. } => (None, device_id.clone()),
                Bearer::Customer(customer) => {
                    let live = sessions::find_live(tx, &customer.session.id, lifetimes)?;
                    let (session, _) = live.ok_or(Refusal::InvalidToken)?;
                    let device_id = session.device_id.clone();
                    (Some(session), device_id)
                }
            };
            let device = match device_id {
                Some(id) => devices::find(tx, &id)?,
                None => None,
            };
            let acting = Acting { session: session.as_ref(), device, context: &context };
            let (account, device) = replacer.replace(tx, &account, &password_hash, SetBy::Change, acting, now)?;
            let entry = Entry::by_caller(&context, Event::PasswordChanged, now)
                .about(&account)
                .detail(SetBy::Change.as_str());
            let entry = match &session {
                Some(session) => entry.session(&session.id),
                None => entry,
            };
            audit_events::append(tx, &entry)?;
            match session {
                None => Ok(Err(device.token)),
                Some(session) => {
                    let session = Session { device_id: Some(device.row.id), ..session };
                    refresh_tokens::consume_all_of(tx, &session.id)?;
                    Ok(Ok(issuer.renew(tx, &context, &session, account, now)?))
                }
            }
        })
        .await?;
    app.metrics.password_changed();
    app.job_bell.notify_one();
    Ok(match changed {
        Ok(session) => Changed::SignedIn(Box::new(session.sign(app, now)?)),
        Err(device_token) => Changed::SignInNext(device_token),
    })
}

async fn authenticate_bearer(app: &App, bearer_token: &str) -> Result<Bearer, IdentityError> {
    let Some(permit) = change_token::open(&app.keyring, bearer_token, app.clock.now()) else {
        return Ok(Bearer::Customer(Box::new(authenticate(app, bearer_token).await?)));
    };
    let Permit { account_id, session_epoch, device_id, .. } = permit;
    let account = app
        .database
        .query(move |tx| -> Result<_, StoreError> { accounts::find(tx, &account_id) })
        .await?
        .filter(|account| account.session_epoch == session_epoch && account.closed_at.is_none())
        .ok_or(Refusal::InvalidToken)?;
    Ok(Bearer::ChangeToken { account: Box::new(account), device_id })
}

/// All that is wrong, at once. Rules that speak of the account count only once the current password is right:
/// an unguarded screen is no oracle (CH-11).
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
                    let is_right = is_current(app, context, customer, &password).await?;
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

/// Whether it is the account's password. A wrong one counts among the failed sign-ins of the session's
/// device (LG-04, CH-01).
async fn is_current(
    app: &App,
    context: &RequestContext,
    customer: &Customer,
    password: &Password,
) -> Result<bool, IdentityError> {
    let attempt = begin(app, context, customer).await?;
    let verified = match customer.account.password_hash.as_deref() {
        Some(hash) => app.hasher.verify(password, Stored::Hash(hash)).await,
        None => Ok(false),
    };
    let is_right = match verified {
        Ok(is_right) => is_right,
        Err(error) => {
            give_back(app, attempt).await?;
            return Err(error.into());
        }
    };
    let entry = Entry::by_caller(context, Event::PasswordChangeFail, app.clock.now())
        .about(&customer.account)
        .session(&customer.session.id);
    app.database
        .write(move |tx| -> Result<(), StoreError> {
            if is_right { attempt.succeed(tx) } else { audit_events::append(tx, &entry) }
        })
        .await?;
    Ok(is_right)
}

async fn begin(app: &App, context: &RequestContext, customer: &Customer) -> Result<Attempt, IdentityError> {
    let (enforced, now) = (app.limits.enforced, app.clock.now());
    let customer = customer.clone();
    let turned_away =
        Entry::by_caller(context, Event::LoginFailMax, now).about(&customer.account).session(&customer.session.id);
    let begun = app
        .database
        .write(move |tx| -> Result<_, StoreError> {
            let account = &customer.account;
            let trying = match &customer.session.device_id {
                Some(device) => Trying::Device(device, &account.id, &account.customer_number),
                None => Trying::Stranger(&account.customer_number),
            };
            begin_attempt(tx, enforced, &trying, &turned_away, now)
        })
        .await?;
    let begun = begun.map_err(Into::into);
    count_turned_away(app, "sign_in_number", &begun);
    begun
}
