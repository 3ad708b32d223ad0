//! Changing the password: signed in with the current password, or with a change token after the password has expired.

use super::{
    bearer::Bearer,
    current::{self, CurrentPassword},
    replace::{Acting, Owner, Replaced, SetBy, broken_rules, broken_rules_about_earlier, replace_password},
    tries::{NewPassword, Tries, Verdict},
};
use crate::{
    app::App,
    crypto::HashCaller,
    identity::{
        abuse::{
            hash_caller::stranger,
            new_password::{take_turn, to_its_end},
        },
        field_error::{Field, FieldError},
        refusal::{IdentityError, Refusal},
        sessions::issue::{Issued, SignedIn, continue_session},
        transaction::Tx,
    },
    policy::Rule,
    store::{
        accounts,
        audit_events::Event,
        devices, refresh_tokens,
        sessions::{self, Session},
    },
    types::{DeviceToken, Password, RequestContext},
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

/// Changes the password. It checks all fields together, and computes the hash. Only then, in one transaction, it sets
/// the password, ends every other session and every reset link, and queues the notice. A refusal does not use a change
/// token up.
///
/// New passwords of one account are tried one at a time. One that is refused after it has cost a hash, or by a rule
/// about the account, is counted: after several of them the account waits (CH-10, CH-11).
///
/// # Errors
/// [`Refusal::InvalidToken`] where the session or the change token has ended in the meantime;
/// [`Refusal::TooManyAttempts`] after too many wrong current passwords or refused new ones; [`Refusal::Invalid`] with
/// every field that is missing or wrong.
pub async fn change(
    app: &App,
    context: &RequestContext,
    bearer: Bearer,
    form: PasswordChange,
) -> Result<Changed, IdentityError> {
    let (app, context) = (app.clone(), context.clone());
    to_its_end(async move { change_in_turn(&app, &context, bearer, &form).await }).await
}

async fn change_in_turn(
    app: &App,
    context: &RequestContext,
    bearer: Bearer,
    form: &PasswordChange,
) -> Result<Changed, IdentityError> {
    let (seen, has_current) = (bearer.clone(), present_current_password(form).is_ok());
    let begin = move |tx: &mut Tx<'_>| Tries::begin(tx, &seen, has_current);
    let (turn, tries) = take_turn(app, context, &bearer.account().id, begin).await?;
    let lease = turn.lease();
    let caller = hash_caller(app, context, &bearer);
    let not_changed = match try_change(app, &bearer, form, &caller).await {
        Ok(password_hash) => {
            let (bearer, tries, lease) = (bearer.clone(), tries.clone(), lease.clone());
            let set = app.transact(context, move |tx| {
                let continued = set_password(tx, &bearer, &password_hash)?;
                tries.succeed(tx, &bearer)?;
                lease.end(tx)?;
                Ok(continued)
            });
            match set.await {
                Ok(continued) => return finish(app, continued),
                Err(error) => NotChanged::because(error),
            }
        }
        Err(not_changed) => not_changed,
    };
    let NotChanged { error, verdict } = not_changed;
    app.transact(context, move |tx| {
        lease.end(tx)?;
        Ok(tries.settle(tx, &bearer, verdict)?)
    })
    .await?;
    Err(error)
}

fn finish(app: &App, continued: Continued) -> Result<Changed, IdentityError> {
    app.metrics.passwords.changed();
    app.job_queued.notify_one();
    Ok(match continued {
        Continued::Session(issued) => Changed::SignedIn(Box::new(issued.sign(app)?)),
        Continued::Device(token) => Changed::SignInNext(token),
    })
}

/// The bearer holds a session or a change token, so its hashes come before those of strangers.
fn hash_caller(app: &App, context: &RequestContext, bearer: &Bearer) -> HashCaller {
    match bearer {
        Bearer::Customer(customer) => current::hash_caller(app, context, customer),
        Bearer::ChangeToken { account, .. } => {
            stranger(app, context).holding(&account.id, format!("change-token/{}", account.id))
        }
    }
}

/// Why the password was not changed, and what is to be counted.
struct NotChanged {
    error: IdentityError,
    verdict: Verdict,
}

impl NotChanged {
    /// A failure that says nothing about the passwords.
    fn because(error: impl Into<IdentityError>) -> Self {
        Self { error: error.into(), verdict: Verdict::NOTHING }
    }
}

/// Checks everything and hashes the new password.
async fn try_change(
    app: &App,
    bearer: &Bearer,
    form: &PasswordChange,
    caller: &HashCaller,
) -> Result<String, NotChanged> {
    let (errors, verdict) = check_fields(app, bearer, form, caller).await.map_err(NotChanged::because)?;
    let Some(new_password) = form.new_password.as_ref().filter(|_| errors.is_empty()) else {
        return Err(NotChanged { error: Refusal::Invalid(errors).into(), verdict });
    };
    app.hasher.hash(new_password, caller.clone()).await.map_err(NotChanged::because)
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
    entry = entry.fact(SetBy::Change.fact());
    if let Some(session) = &session {
        entry = entry.session(&session.id);
    }
    entry.append(tx)?;
    let Some(session) = session else { return Ok(Continued::Device(device.token)) };
    let session = Session { device_id: Some(device.row.id), ..session };
    refresh_tokens::consume_all_of(tx, &session.id)?;
    Ok(Continued::Session(Box::new(continue_session(tx, &session, account)?)))
}

fn present_current_password(form: &PasswordChange) -> Result<Password, FieldError> {
    FieldError::check_present_password(form.current_password.clone(), Field::CurrentPassword)
}

/// Checks all fields, and returns everything that is wrong. Rules about the account apply only once the current password
/// is right: they must tell nothing to a stranger at a screen that was left unguarded (CH-11).
async fn check_fields(
    app: &App,
    bearer: &Bearer,
    form: &PasswordChange,
    caller: &HashCaller,
) -> Result<(Vec<FieldError>, Verdict), IdentityError> {
    let mut errors = Vec::new();
    let mut verdict = Verdict::NOTHING;
    if let Bearer::Customer(customer) = bearer {
        match present_current_password(form) {
            Ok(password) => verdict.current = current::verify(app, customer, &password, caller).await?,
            Err(error) => errors.push(error),
        }
        if verdict.current == CurrentPassword::Wrong {
            errors.push(FieldError::incorrect_password());
        }
    }
    let is_owner = matches!(bearer, Bearer::ChangeToken { .. }) || verdict.current == CurrentPassword::Right;
    let account = bearer.account();
    let mut broken = Vec::new();
    match &form.new_password {
        None => errors.push(FieldError::required(Field::NewPassword)),
        Some(password) => {
            let owner = if is_owner { Owner::Known(account) } else { Owner::Unproven };
            broken = broken_rules(app, password, Some(&account.customer_number), owner).await;
            if is_owner {
                broken.extend(broken_rules_about_earlier(app, password, account, caller).await?);
            }
            errors.extend(broken.iter().copied().map(FieldError::broken_rule));
        }
    }
    let repetition =
        FieldError::of_confirmation(form.new_password.as_ref(), form.new_password_confirmation.as_ref());
    errors.extend(repetition);
    if broken.iter().copied().any(Rule::speaks_of_account) {
        verdict.new = NewPassword::RefusedForAccount;
    } else if is_owner && !errors.is_empty() && form.new_password.is_some() {
        verdict.new = NewPassword::RefusedAtACost;
    }
    Ok((errors, verdict))
}
