//! The owner asks for another address on file (OW-01). Nothing changes before the new mailbox has confirmed it.

use chrono::TimeDelta;

use super::{
    known_device::needs_support,
    pending::{WAITS_FOR, find_pending},
    replace::is_same,
};
use crate::{
    app::App,
    config::Limit,
    identity::{
        abuse::{
            mail_budget::{self, Asker, Budget},
            new_password::to_its_end,
        },
        field_error::{Field, FieldError},
        notice::{Notice, queue_notice},
        passwords::current::{self, CurrentPassword, CurrentTry},
        refusal::{IdentityError, Refusal},
        sessions::authenticate::Customer,
        transaction::{Decision, Tx},
    },
    metrics::RefusingLimit,
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::Event,
        email_changes::{self, NewEmailChange},
        mails::{self, MailKind},
        rate_limits, reset_mails,
        sessions::{self, Session},
    },
    types::{EmailAddress, EmailChangeId, Password, RequestContext},
};

/// One change of the address takes effect in this time. A second one would leave nobody to tell who had it before.
const ONE_CHANGE_IN: TimeDelta = TimeDelta::days(7);
/// The most mails to new addresses in [`MAILS_COUNTED_FOR`], for an account and for a new address.
const MOST_MAILS: i64 = 3;
const MAILS_COUNTED_FOR: TimeDelta = TimeDelta::hours(24);
/// How often the trail tells of a change that was swallowed.
const ONE_ENTRY: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

/// The form for another address, as typed. A field that is missing is `None`.
pub struct EmailChangeForm {
    /// The new address.
    pub email: Option<String>,
    /// The current password.
    pub current_password: Option<Password>,
}

/// Makes a pending change, which ends an earlier one, and mails both addresses: a link that confirms to the new one, and a
/// link that withdraws to the one on file. Too many mails are swallowed: the answer is the same for every address,
/// whether or not a mail goes there. Where the new address has had too many, the one on file is told all the same: somebody
/// has its owner's password.
///
/// # Errors
/// [`Refusal::NoSelfService`] where customers do not change their address; [`Refusal::Invalid`] with every field that is
/// missing or wrong; [`Refusal::TooManyAttempts`] after too many wrong current passwords, and within seven days of the
/// last change; [`Refusal::InvalidToken`] where the session has ended in the meantime.
pub async fn ask(
    app: &App,
    context: &RequestContext,
    customer: Customer,
    form: EmailChangeForm,
) -> Result<(), IdentityError> {
    if !app.config.offers_email_self_service() {
        return Err(Refusal::NoSelfService.into());
    }
    let email = FieldError::check_email(form.email.as_deref());
    let password = FieldError::check_present_password(form.current_password, Field::CurrentPassword);
    let password = match password {
        Ok(password) => match prove(app, context, &customer, password).await? {
            CurrentPassword::Right => Ok(()),
            CurrentPassword::Wrong | CurrentPassword::NotVerified => Err(FieldError::incorrect_password()),
        },
        Err(error) => Err(error),
    };
    let email = match (email, password) {
        (Ok(email), Ok(())) => email,
        (email, password) => {
            let errors = [email.err(), password.err()].into_iter().flatten().collect();
            return Err(Refusal::Invalid(errors).into());
        }
    };
    app.decide(context, move |tx| make_pending(tx, &customer, &email)).await?;
    app.job_queued.notify_one();
    Ok(())
}

/// Verifies the current password, which is counted as wrong until it is known to be right.
async fn prove(
    app: &App,
    context: &RequestContext,
    customer: &Customer,
    password: Password,
) -> Result<CurrentPassword, IdentityError> {
    let (app, context, customer) = (app.clone(), context.clone(), customer.clone());
    // The count is settled even where the caller hangs up.
    to_its_end(async move {
        let seen = customer.clone();
        let counted = app.decide(&context, move |tx| Ok(CurrentTry::begin(tx, &seen)?)).await?;
        let caller = current::hash_caller(&app, &context, &customer);
        let verified = current::verify(&app, &customer, &password, &caller).await;
        let verdict = *verified.as_ref().unwrap_or(&CurrentPassword::NotVerified);
        app.transact(&context, move |tx| Ok(counted.settle(tx, &customer, verdict)?)).await?;
        verified
    })
    .await
}

fn make_pending(tx: &mut Tx<'_>, customer: &Customer, email: &EmailAddress) -> Result<Decision<()>, IdentityError> {
    let Customer { account: seen, session } = customer;
    let account = accounts::lock(tx, &seen.id)?.ok_or(Refusal::InvalidToken)?;
    let lifetimes = tx.app.session_lifetimes;
    // A reset, a closing or a sign-out came first.
    if account.session_epoch != seen.session_epoch || sessions::find_live(tx, &session.id, lifetimes)?.is_none() {
        return Err(Refusal::InvalidToken.into());
    }
    if let Some(refusal) = find_obstacle(tx, &account, session, email)? {
        return Ok(Decision::Refused(refusal));
    }
    let entry = tx.entry(Event::EmailChangeRequested).about(&account).session(&session.id);
    let reach = find_reach(tx, &account, email)?;
    match reach {
        Reach::Both => entry.append(tx)?,
        Reach::OldAlone => entry.detail("too many mails to the new address").append(tx)?,
        Reach::Nobody => {
            // A thief with the password must not be able to bury what matters in the trail.
            if rate_limits::take_token(tx, &format!("email-change/{}", account.id), ONE_ENTRY)?.is_granted() {
                entry.detail("too many mails").append(tx)?;
            }
            return Ok(Decision::Done(()));
        }
    }
    // What nobody can confirm takes no other change's place.
    if reach == Reach::Both {
        email_changes::withdraw_all_of(tx, &account.id)?;
    }
    insert_with_mails(tx, &account, session, email, reach)?;
    Ok(Decision::Done(()))
}

/// What keeps the owner from the change. It is told after the right password alone.
fn find_obstacle(
    tx: &mut Tx<'_>,
    account: &Account,
    session: &Session,
    email: &EmailAddress,
) -> Result<Option<Refusal>, StoreError> {
    if is_same(account.email.as_ref(), email) {
        return Ok(Some(Refusal::Invalid(vec![FieldError::same_email()])));
    }
    let since = tx.now - ONE_CHANGE_IN;
    if let Some(changed_at) = email_changes::last_effect_of(tx, &account.id)?.filter(|at| *at > since) {
        tx.note_refusal(RefusingLimit::EmailChange);
        return Ok(Some(Refusal::TooManyAttempts(changed_at + ONE_CHANGE_IN - tx.now)));
    }
    if needs_support(tx, account, &session.id)? {
        return Ok(Some(Refusal::Invalid(vec![FieldError::support_required()])));
    }
    Ok(None)
}

/// Which addresses are written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Both,
    /// The new address, or all customers together, have had too many mails. Nobody can confirm the change; the address on
    /// file is told of it.
    OldAlone,
    /// The account has had too many changes, or the address on file knows of this one already.
    Nobody,
}

fn find_reach(tx: &mut Tx<'_>, account: &Account, email: &EmailAddress) -> Result<Reach, StoreError> {
    let since = tx.now - MAILS_COUNTED_FOR;
    let is_enforced = tx.app.config.limits.enforced;
    if is_enforced {
        // Two accounts may ask for one address at the same time.
        reset_mails::lock_recipient(tx, &email.canonical())?;
        if email_changes::count_since(tx, &account.id, since)? >= MOST_MAILS {
            return Ok(Reach::Nobody);
        }
    }
    let is_full = is_enforced && mails::count_to(tx, email, MailKind::EmailChangeLink, since)? >= MOST_MAILS;
    if !is_full && is_within_budget(tx)? {
        return Ok(Reach::Both);
    }
    // The link that the new address has got for it goes on serving.
    let app = tx.app.clone();
    let pending = find_pending(tx, &app, account)?;
    let is_pending = pending.is_some_and(|pending| is_same(Some(&pending.new_email), email));
    Ok(if is_pending { Reach::Nobody } else { Reach::OldAlone })
}

/// Takes from the budget of all customers. It comes last, since the requests of all customers wait for each other from here
/// on.
fn is_within_budget(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let (network, exact) = (tx.context.shortened_source(), tx.context.exact_source());
    let source_hash = exact.map(|source| tx.app.keyring.source_hash(&source));
    let asker = Asker { network: network.as_deref(), source_hash: source_hash.as_deref(), at: tx.now };
    Ok(mail_budget::take(tx, asker)? == Budget::Granted)
}

fn insert_with_mails(
    tx: &mut Tx<'_>,
    account: &Account,
    session: &Session,
    email: &EmailAddress,
    reach: Reach,
) -> Result<(), StoreError> {
    let id = EmailChangeId::mint();
    let keyring = &tx.app.keyring;
    let secret_key_id = keyring.current_id().to_owned();
    let unwritable = |error: crate::crypto::UnknownSecretKey| StoreError::Unwritable(error.into());
    let confirms = keyring.email_confirm_token(&secret_key_id, &id).map_err(unwritable)?;
    let withdraws = keyring.email_withdraw_token(&secret_key_id, &id).map_err(unwritable)?;
    let expires_at = tx.now + WAITS_FOR;
    let change = NewEmailChange {
        id: id.clone(),
        account_id: account.id.clone(),
        session_id: session.id.clone(),
        session_epoch: account.session_epoch,
        old_email: account.email.clone(),
        new_email: email.clone(),
        secret_key_id,
        confirm_token_hash: confirms.hash(),
        withdraw_token_hash: withdraws.hash(),
        created_at: tx.now,
        expires_at,
    };
    email_changes::insert(tx, &change)?;
    let about = |kind, to| Notice {
        to,
        email_change_id: Some(id.clone()),
        serve_until: Some(expires_at),
        ..Notice::new(kind)
    };
    if reach == Reach::Both {
        queue_notice(tx, about(MailKind::EmailChangeLink, Some(email.clone())), account)?;
    }
    if account.email.is_some() {
        queue_notice(tx, about(MailKind::EmailChangeAsked, None), account)?;
    }
    Ok(())
}
