//! Step 8 of the guide: signing in.

use std::sync::Arc;

use super::{
    abuse::{
        gate::Gate,
        throttle::{Attempt, Trying, begin_attempt, give_back},
    },
    passwords::expire::force_reset,
    refusal::{IdentityError, PasswordExpiry, Refusal},
    sessions::{
        devices::recognise,
        issue::{Issuer, SignedIn},
        password_state::GreatestAge,
    },
};
use crate::{
    app::App,
    crypto::{Stored, change_token, pick_cost},
    metrics::SignInOutcome,
    store::{
        StoreError, Transaction,
        accounts::{self, Account, ExpiredBecause},
        audit_events::{self, Entry, Event},
        devices::Device,
    },
    types::{CustomerNumber, DeviceTokenHash, FaultKind, Password, RequestContext, UtcTime},
};

/// The sign-in window, as sent.
pub struct Credentials {
    /// "Uporabniško ime".
    pub customer_number: CustomerNumber,
    /// "Geslo".
    pub password: Password,
    /// What an earlier sign-in or reset handed out, if anything.
    pub device_token: Option<String>,
    /// Of work, where it was asked for.
    pub proof: Option<String>,
}

/// Starts a session. Unknown number, account without password, closed account and wrong password cost the
/// same and get one answer; what else stands in the way is told only after the right password (LG-01, LG-02).
pub async fn sign_in(
    app: &App,
    context: &RequestContext,
    credentials: Credentials,
) -> Result<SignedIn, IdentityError> {
    let signed_in = try_sign_in(app, context, credentials).await;
    app.metrics.sign_in(match &signed_in {
        Ok(_) => SignInOutcome::Success,
        Err(IdentityError::Refused(Refusal::TooManyAttempts(_))) => SignInOutcome::Throttled,
        Err(IdentityError::Refused(Refusal::ChallengeRequired(_))) => SignInOutcome::Challenged,
        Err(IdentityError::Refused(Refusal::AccountClosed)) => SignInOutcome::Closed,
        Err(IdentityError::Refused(Refusal::PasswordExpired(_))) => SignInOutcome::Expired,
        Err(IdentityError::Refused(_)) => SignInOutcome::Credentials,
        Err(IdentityError::Fault(fault)) if fault.kind() == FaultKind::Unavailable => SignInOutcome::Busy,
        Err(IdentityError::Fault(_)) => SignInOutcome::Failed,
    });
    signed_in
}

async fn try_sign_in(
    app: &App,
    context: &RequestContext,
    credentials: Credentials,
) -> Result<SignedIn, IdentityError> {
    let Credentials { customer_number: number, password, device_token, proof } = credentials;
    let Begun { account, device, counted } =
        begin(app, context, &number, device_token.as_deref(), proof.as_deref()).await?;
    let is_right = match check(app, &number, account.as_ref(), &password).await {
        Ok(is_right) => is_right,
        Err(error) => {
            give_back(app, counted.attempt).await?;
            return Err(error);
        }
    };
    let now = app.clock.now();
    let failed = Entry::by_caller(context, Event::LoginFail, now).number(&number);
    let Some(account) = account.filter(|_| is_right) else {
        // Counted already; the trail is all that is left to write.
        note_wrong(app, failed.detail("credentials")).await?;
        return Err(Refusal::InvalidCredentials.into());
    };
    let owner = failed.clone().account(Some(&account.id));
    if account.closed_at.is_some() {
        note_right(app, owner.detail("closed"), counted).await?;
        return Err(Refusal::AccountClosed.into());
    }
    if let Some(because) = why_forced(app, &account, &password).await {
        note_right(app, owner.detail(because.as_str()), counted).await?;
        force_reset(app, context, account, because).await?;
        return Err(Refusal::PasswordExpired(PasswordExpiry::Forced(because)).into());
    }
    if GreatestAge::of(app).has_passed(&account, now) {
        note_right(app, owner.detail("password expired"), counted).await?;
        let device = device.map(|device| device.id);
        let token = change_token::issue(&app.keyring, &account.id, account.session_epoch, device, now)?;
        return Err(Refusal::PasswordExpired(PasswordExpiry::Age(token)).into());
    }
    // After a change of the argon2 settings this is the moment at which the password is at hand (PW-11).
    let outdated = account.password_hash.as_deref().is_some_and(|hash| !app.hasher.is_present_cost(hash));
    // Where the machine is too busy for that, the next sign-in will do.
    let rehashed = if outdated { app.hasher.hash(&password).await.ok() } else { None };
    let issuer = Issuer::of(app);
    let caller = context.clone();
    let attempt = counted.attempt.clone();
    let outcome = app
        .database
        .write(move |tx| -> Result<_, IdentityError> {
            if !accounts::set_signed_in(tx, &account)? {
                // The password was replaced or the access closed while this one was being checked.
                return Err(Refusal::InvalidCredentials.into());
            }
            if let Some(hash) = rehashed {
                accounts::set_rehashed(tx, &account, &hash)?;
            }
            counted.was_right(tx)?;
            Ok(issuer.begin(tx, &caller, account, device, now)?)
        })
        .await;
    let outcome = match outcome {
        Err(IdentityError::Fault(fault)) => {
            // The password was right: our fault is no failure of the customer's. Where even this fails, time will
            // forget it.
            drop(give_back(app, attempt).await);
            return Err(fault.into());
        }
        Err(IdentityError::Refused(refusal)) => {
            note_wrong(app, failed.detail("replaced meanwhile")).await?;
            return Err(refusal.into());
        }
        other => other?,
    };
    // Nearly every sign-in leaves the worker nothing to do.
    if outcome.queued_mail {
        app.job_bell.notify_one();
    }
    Ok(outcome.sign(app, now)?)
}

struct Begun {
    account: Option<Account>,
    device: Option<Device>,
    counted: Counted,
}

/// What stands written before the password is looked at, as if it were wrong.
struct Counted {
    attempt: Attempt,
    /// Of a stranger.
    gate: Option<Gate>,
}

impl Counted {
    /// The right password is no failure and its number no one of many that are tried, whatever else stands in the way.
    fn was_right(self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        self.attempt.succeed(tx)?;
        match self.gate {
            Some(gate) => gate.forget_number(tx),
            None => Ok(()),
        }
    }
}

/// Looks up whom the number belongs to and counts the attempt: the same statements for every number. A known device of
/// the account's meets the limits on that account alone: its owner gets in whatever strangers do (RL-04).
async fn begin(
    app: &App,
    context: &RequestContext,
    number: &CustomerNumber,
    device_token: Option<&str>,
    proof: Option<&str>,
) -> Result<Begun, IdentityError> {
    let (enforced, now) = (app.limits.enforced, app.clock.now());
    let gate = Gate::of_sign_in(app, context, number, proof, now);
    let presented = device_token.map(DeviceTokenHash::of_presented);
    if let Err(refusal) = gate.check_early()
        && !is_known_device(app, number, device_token, now).await?
    {
        return Err(refusal.into());
    }
    let number = number.clone();
    let turned_away = Entry::by_caller(context, Event::LoginFailMax, now).number(&number);
    let only_looks = !enforced && gate.only_looks();
    let work = move |tx: &mut Transaction<'_>| -> Result<_, StoreError> {
        let account = accounts::find_by_customer_number(tx, &number)?;
        let device = recognise(tx, presented.as_ref(), account.as_ref(), now)?;
        if device.is_none()
            && let Err(refusal) = gate.pass(tx)?
        {
            return Ok(Err((refusal, false)));
        }
        let trying = match &device {
            Some(device) => Trying::Device(&device.id, &device.account_id, &number),
            None => Trying::Stranger(&number),
        };
        let gate = Some(gate).filter(|_| device.is_none());
        let begun = begin_attempt(tx, enforced, &trying, &turned_away, now)?;
        let begun = begun.map(|attempt| Begun { account, device, counted: Counted { attempt, gate } });
        Ok(begun.map_err(|refusal| (refusal, true)))
    };
    // Without limits there is nothing to write, and nothing to take turns for.
    let begun = if only_looks { app.database.query(work).await } else { app.database.write(work).await }?;
    begun.map_err(|(refusal, by_number)| {
        if by_number {
            app.metrics.rate_limited("sign_in_number");
        }
        refusal.into()
    })
}

/// Looked up without a turn to write: whoever is being refused can make up tokens without end.
async fn is_known_device(
    app: &App,
    number: &CustomerNumber,
    device_token: Option<&str>,
    now: UtcTime,
) -> Result<bool, StoreError> {
    let Some(presented) = device_token.map(DeviceTokenHash::of_presented) else { return Ok(false) };
    let number = number.clone();
    app.database
        .read(move |tx| -> Result<bool, StoreError> {
            let account = accounts::find_by_customer_number(tx, &number)?;
            Ok(recognise(tx, Some(&presented), account.as_ref(), now)?.is_some())
        })
        .await
}

/// One argon2 hash, whatever the number is (PW-13).
async fn check(
    app: &App,
    number: &CustomerNumber,
    account: Option<&Account>,
    password: &Password,
) -> Result<bool, IdentityError> {
    let counts = cost_counts(app).await?;
    let stored = match account.and_then(|account| account.password_hash.as_deref()) {
        Some(hash) => Stored::Hash(hash),
        None => Stored::Nothing { cost: pick_cost(&counts, app.keyring.dummy_cost_hash(number)) },
    };
    Ok(app.hasher.verify(password, stored).await?)
}

/// Taken for known and unknown numbers alike, so that the counting tells nothing either.
async fn cost_counts(app: &App) -> Result<Arc<Vec<(String, i64)>>, IdentityError> {
    let now = app.clock.now();
    match app.cost_census.recent(now) {
        Some(counts) => Ok(counts),
        None => Ok(app.cost_census.set(app.database.query(accounts::count_by_cost).await?, now)),
    }
}

/// Whether the password serves no more, however young it is.
async fn why_forced(app: &App, account: &Account, password: &Password) -> Option<ExpiredBecause> {
    if account.password_expired_because.is_some() {
        return account.password_expired_because;
    }
    match &app.breached_passwords {
        Some(breached) if breached.at_sign_in() && breached.has_leaked(password).await => {
            Some(ExpiredBecause::Breached)
        }
        _ => None,
    }
}

async fn note_wrong(app: &App, entry: Entry) -> Result<(), StoreError> {
    app.database.write(move |tx| audit_events::append(tx, &entry)).await
}

/// Refuses after the right password, and takes back what was counted.
async fn note_right(app: &App, entry: Entry, counted: Counted) -> Result<(), StoreError> {
    app.database
        .write(move |tx| -> Result<(), StoreError> {
            counted.was_right(tx)?;
            audit_events::append(tx, &entry)
        })
        .await
}
