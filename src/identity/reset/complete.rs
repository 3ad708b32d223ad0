//! Steps 6 and 7 of the guide: setting the new password.

use super::verify_link::{live_link, why_not_live};
use crate::{
    app::App,
    identity::{
        abuse::source_limits::counting_unknown_tokens,
        passwords::replace::{Acting, Owner, Replacer, SetBy, broken_rules, broken_rules_about_earlier},
        refusal::{Field, FieldError, IdentityError, LinkReason, Refusal},
    },
    policy::Rule,
    store::{
        accounts::{self, Account},
        audit_events::{self, Entry, Event},
        reset_links::{self, ResetLink, Slip},
    },
    types::{DeviceToken, Fault, Password, RequestContext, ResetTokenHash, UtcTime},
};

/// The answer to this many wrong customer numbers withdraws the link.
const MOST_MISMATCHES: i32 = 5;
/// So does this many passwords refused for what the account is, or the link could be used to ask (CH-11).
const MOST_ACCOUNT_RULES: i32 = 10;

/// The window "Sprememba gesla", as typed; `None` where a field is missing.
pub struct NewPasswordForm {
    /// From the link.
    pub token: Option<String>,
    /// "Uporabniško ime".
    pub customer_number: Option<String>,
    /// "Novo geslo".
    pub new_password: Option<Password>,
    /// "Ponovno vnesite geslo".
    pub new_password_confirmation: Option<Password>,
}

/// Link first, then all fields together, then the hash, and only then, in one transaction: use the link up,
/// set the password, end every session and every other link, queue the notice. Whatever fails before that
/// leaves the link usable (TK-15). Signs nobody in (CH-03) and lifts no closing. Returns the token of the device
/// it was done from, with which the owner gets past whoever is trying passwords on the number (RL-04).
pub async fn complete(
    app: &App,
    context: &RequestContext,
    form: NewPasswordForm,
) -> Result<DeviceToken, IdentityError> {
    counting_unknown_tokens(app, context, consume_link(app, context, form)).await
}

async fn consume_link(
    app: &App,
    context: &RequestContext,
    form: NewPasswordForm,
) -> Result<DeviceToken, IdentityError> {
    let now = app.clock.now();
    let Some(token) = form.token.as_deref() else {
        let checked = check_fields(app, &form, None).await?;
        let mut errors = vec![FieldError::required(Field::Token)];
        errors.extend(checked.errors);
        return Err(Refusal::Invalid(errors).into());
    };
    let (link, account) = find_live_link(app, token, now).await?;
    let checked = check_fields(app, &form, Some(&account)).await?;
    let Some(new_password) = checked.accepted else {
        if let Some(slip) = checked.slip {
            count_slip(app, context, link, slip, now).await?;
        }
        return Err(Refusal::Invalid(checked.errors).into());
    };
    let password_hash = app.hasher.hash(new_password).await?;
    let now = app.clock.now();
    let context = context.clone();
    let replacer = Replacer::of(app);
    let device = app
        .database
        .write(move |tx| -> Result<_, IdentityError> {
            let account = accounts::lock(tx, &account.id)?.ok_or_else(no_account)?;
            if account.closed_at.is_some() {
                return Err(Refusal::LinkUnusable(LinkReason::Withdrawn).into());
            }
            if !reset_links::consume(tx, &link.id)? {
                return Err(why_not_live(tx, &link, now)?);
            }
            let acting = Acting { session: None, device: None, context: &context };
            let (_, device) = replacer.replace(tx, &account, &password_hash, SetBy::Reset, acting, now)?;
            let entry = |event| {
                Entry::by_caller(&context, event, now).about(&account).reset_request(&link.reset_request_id)
            };
            audit_events::append(tx, &entry(Event::ResetConsumed))?;
            let changed = entry(Event::PasswordChanged).detail(SetBy::Reset.as_str());
            audit_events::append(tx, &changed)?;
            Ok(device)
        })
        .await?;
    app.metrics.reset_completed();
    app.job_bell.notify_one();
    Ok(device.token)
}

async fn find_live_link(app: &App, token: &str, now: UtcTime) -> Result<(ResetLink, Account), IdentityError> {
    let token_hash = ResetTokenHash::of_presented(token);
    app.database
        .read(move |tx| -> Result<_, IdentityError> {
            let link = live_link(reset_links::find_by_token_hash(tx, &token_hash)?, now)?;
            let account_id = link.account_id.as_ref().ok_or_else(no_account)?;
            let account = accounts::find(tx, account_id)?.ok_or_else(no_account)?;
            Ok((link, account))
        })
        .await
}

fn no_account() -> Fault {
    Fault::broken_invariant("a usable reset link without an account")
}

struct Checked<'a> {
    errors: Vec<FieldError>,
    /// What the link's holder may get wrong a limited number of times.
    slip: Option<Slip>,
    /// The password, where nothing is wrong.
    accepted: Option<&'a Password>,
}

/// `account` is the link's. Its address and passwords take part only once the number typed is its own.
async fn check_fields<'a>(
    app: &App,
    form: &'a NewPasswordForm,
    account: Option<&Account>,
) -> Result<Checked<'a>, IdentityError> {
    let mut errors = Vec::new();
    let mut slip = None;
    let number = FieldError::check_customer_number(form.customer_number.as_deref());
    let number = number.map_err(|error| errors.push(error)).ok();
    let owner = account.filter(|account| number.as_ref() == Some(&account.customer_number));
    if account.is_some() && number.is_some() && owner.is_none() {
        errors.push(FieldError::customer_number_mismatch());
        slip = Some(Slip::Mismatch);
    }
    let mut broken = Vec::new();
    match &form.new_password {
        None => errors.push(FieldError::required(Field::NewPassword)),
        Some(password) => {
            let whose = owner.map_or(Owner::Unproven, |account| Owner::Known(account.email.as_ref()));
            broken = broken_rules(app, password, number.as_ref(), whose).await;
            errors.extend(broken.iter().copied().map(FieldError::broken_rule));
        }
    }
    errors.extend(FieldError::of_confirmation(form.new_password.as_ref(), form.new_password_confirmation.as_ref()));
    // Only once nothing else is wrong: a guess that is none of them sets the password then, so that the link's
    // holder cannot go on guessing by it (CH-11).
    if let (Some(account), Some(password), true) = (owner, &form.new_password, errors.is_empty()) {
        broken = broken_rules_about_earlier(app, password, account).await?;
        errors.extend(broken.iter().copied().map(FieldError::broken_rule));
    }
    if broken.iter().copied().any(Rule::speaks_of_account) {
        slip = Some(Slip::AccountRule);
    }
    let accepted = form.new_password.as_ref().filter(|_| errors.is_empty());
    Ok(Checked { errors, slip, accepted })
}

/// Counts, and withdraws the link at the last one allowed. The answer to that one is still the field
/// errors; from the next on it is "withdrawn".
async fn count_slip(
    app: &App,
    context: &RequestContext,
    link: ResetLink,
    slip: Slip,
    now: UtcTime,
) -> Result<(), IdentityError> {
    let context = context.clone();
    app.database
        .write(move |tx| -> Result<(), IdentityError> {
            let Some(count) = reset_links::count_slip(tx, &link.id, slip)? else {
                return Err(why_not_live(tx, &link, now)?);
            };
            let (most, detail) = match slip {
                Slip::Mismatch => (MOST_MISMATCHES, "too many wrong customer numbers"),
                Slip::AccountRule => (MOST_ACCOUNT_RULES, "too many passwords refused for the account"),
            };
            if count >= most && reset_links::withdraw(tx, &link.id)? {
                let entry = Entry::by_caller(&context, Event::ResetWithdrawn, now)
                    .number(&link.customer_number)
                    .account(link.account_id.as_ref())
                    .reset_request(&link.reset_request_id)
                    .detail(detail);
                audit_events::append(tx, &entry)?;
            }
            Ok(())
        })
        .await
}
