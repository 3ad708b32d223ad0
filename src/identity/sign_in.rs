//! Step 8 of the customer guide: signing in.

use super::{
    abuse::{gate::Gate, source_limits::SourceLimits, throttle::give_back},
    admission::{Admitted, AttemptCount, admit},
    field_error::{Field, FieldError},
    passwords::{
        cost::{new_hash, verify_password},
        expire::force_reset,
    },
    refusal::{IdentityError, PasswordExpiry, Refusal},
    sessions::{
        devices::Presented,
        issue::{SignedIn, begin_session},
        password_state::PasswordAge,
    },
};
use crate::{
    app::App,
    crypto::{HashCaller, Keyring, change_token},
    metrics::SignInOutcome,
    store::{
        accounts::{self, Account, ExpiredBecause},
        audit_events::Event,
        devices::Device,
        failed_sign_ins,
    },
    types::{CustomerNumber, DeviceId, DeviceTokenHash, FaultKind, Password, RequestContext},
};

/// The sign-in form, as sent. A field that is missing is `None`.
pub struct Credentials {
    /// The field "Uporabniško ime": the customer number.
    pub customer_number: Option<String>,
    /// The field "Geslo": the password.
    pub password: Option<Password>,
    /// The device token that an earlier sign-in, change or reset handed out.
    pub device_token: Option<String>,
    /// The proof of work, where one was asked for.
    pub proof: Option<String>,
}

impl Credentials {
    /// Whether they may come from a known device, to which no limit of the source applies. A refused source does not reach
    /// the database with a token that this service has not made for the number: anybody can make up tokens, or bring one
    /// of another account.
    fn may_come_from_known_device(&self, keyring: &Keyring) -> bool {
        let Some(token) = self.device_token.as_deref() else { return false };
        // What is no number is refused for that, without a look-up.
        self.customer_number
            .as_deref()
            .and_then(|number| CustomerNumber::parse(number).ok())
            .is_none_or(|number| keyring.has_made_device_token(token, &number))
    }
}

/// Starts a session. An unknown number, an account without password, a closed account and a wrong password cost the
/// same and get one answer; what else stands in the way is told only after the right password (LG-01, LG-02).
///
/// # Errors
/// [`Refusal::TooManyAttempts`], [`Refusal::Invalid`] and [`Refusal::ChallengeRequired`] before the password is
/// checked; [`Refusal::InvalidCredentials`] after a wrong password; [`Refusal::AccountClosed`] and
/// [`Refusal::PasswordExpired`] after the right one.
pub async fn sign_in(
    app: &App,
    context: &RequestContext,
    credentials: Credentials,
) -> Result<SignedIn, IdentityError> {
    let source = SourceLimits::of_sign_ins(app, context);
    if let Some(refusal) = source.recent_refusal()
        && !credentials.may_come_from_known_device(&app.keyring)
    {
        source.count_refusal();
        return Err(refusal.clone().into());
    }
    let Credentials { customer_number, password, device_token, proof } = credentials;
    let number = FieldError::check_customer_number(customer_number.as_deref());
    let password = FieldError::check_present_password(password, Field::Password);
    let (number, password) = match (number, password) {
        (Ok(number), Ok(password)) => (number, password),
        (number, password) => {
            let errors = [number.err(), password.err()].into_iter().flatten().collect();
            return Err(Refusal::Invalid(errors).into());
        }
    };
    let gate = Gate::of_sign_in(app, source, &number, proof.as_deref());
    let sign_in = SignIn { app, context, number: &number, password: &password };
    let presented = device_token.as_deref().map(DeviceTokenHash::of_presented);
    let admitted = admit(app, context, &number, gate, presented).await;
    let signed_in = match admitted {
        Ok(admitted) => sign_in.finish(admitted).await,
        Err(error) => Err(error),
    };
    app.metrics.sign_ins.ended(outcome_of(&signed_in));
    signed_in
}

fn outcome_of(signed_in: &Result<SignedIn, IdentityError>) -> SignInOutcome {
    match signed_in {
        Ok(_) => SignInOutcome::Success,
        Err(IdentityError::Refused(Refusal::TooManyAttempts(_))) => SignInOutcome::Throttled,
        Err(IdentityError::Refused(Refusal::ChallengeRequired(_))) => SignInOutcome::Challenged,
        Err(IdentityError::Refused(Refusal::AccountClosed)) => SignInOutcome::Closed,
        Err(IdentityError::Refused(Refusal::PasswordExpired(_))) => SignInOutcome::Expired,
        Err(IdentityError::Refused(_)) => SignInOutcome::Credentials,
        Err(IdentityError::Fault(fault)) if fault.kind() == FaultKind::Unavailable => SignInOutcome::Busy,
        Err(IdentityError::Fault(_)) => SignInOutcome::Failed,
    }
}

/// A sign-in whose fields are right in form.
struct SignIn<'a> {
    app: &'a App,
    context: &'a RequestContext,
    number: &'a CustomerNumber,
    password: &'a Password,
}

impl SignIn<'_> {
    async fn finish(&self, admitted: Admitted) -> Result<SignedIn, IdentityError> {
        let caller = admitted.hash_caller(self.app, self.context);
        let Admitted { account, presented, counted } = admitted;
        let verified = verify_password(self.app, self.number, account.as_ref(), self.password, caller.clone());
        let is_right = match verified.await {
            Ok(is_right) => is_right,
            Err(error) => {
                give_back(self.app, self.context, counted.attempt).await?;
                return Err(error);
            }
        };
        let Some(account) = account.filter(|_| is_right) else {
            // The failure is counted already. Only its entry in the audit trail has yet to be written.
            self.audit_failure("credentials", &presented).await?;
            return Err(Refusal::InvalidCredentials.into());
        };
        if let Some(obstacle) = self.find_obstacle(&account, presented.known()).await {
            return self.refuse(account, obstacle, &presented, counted).await;
        }
        let rehashed = self.rehash_outdated(&account, caller).await;
        self.start_session(account, presented, counted, rehashed).await
    }

    /// What stands between the right password and a session.
    async fn find_obstacle(&self, account: &Account, device: Option<&Device>) -> Option<Obstacle> {
        if account.closed_at.is_some() {
            return Some(Obstacle::Closed);
        }
        if let Some(because) = self.why_forced(account).await {
            return Some(Obstacle::ResetForced(because));
        }
        let is_expired = PasswordAge::of(self.app).has_passed(account, self.app.clock.now());
        is_expired.then(|| Obstacle::Expired(device.map(|device| device.id.clone())))
    }

    /// Whether the password must be replaced before its time.
    async fn why_forced(&self, account: &Account) -> Option<ExpiredBecause> {
        if account.password_expired_because.is_some() {
            return account.password_expired_because;
        }
        match &self.app.breached_passwords {
            Some(breached) if breached.at_sign_in() && breached.has_leaked(self.password).await => {
                Some(ExpiredBecause::Breached)
            }
            _ => None,
        }
    }

    /// Refuses after the right password, and takes back what was counted.
    async fn refuse(
        &self,
        account: Account,
        obstacle: Obstacle,
        presented: &Presented,
        counted: AttemptCount,
    ) -> Result<SignedIn, IdentityError> {
        let (number, id, detail) = (self.number.clone(), account.id.clone(), obstacle.detail());
        // The password is right, so nobody goes on with the one before (OW-09).
        let presented = match presented {
            Presented::Former(_) => Presented::Nothing.in_sums(),
            known => known.in_sums(),
        };
        self.app
            .transact(self.context, move |tx| {
                counted.undo(tx)?;
                let failed = tx.entry(Event::LoginFail).number(&number).account(Some(&id));
                failed.detail(detail).append(tx)?;
                let source = tx.context.shortened_source();
                Ok(failed_sign_ins::count(tx, &number, &presented, source)?)
            })
            .await?;
        Err(match obstacle {
            Obstacle::Closed => Refusal::AccountClosed,
            Obstacle::Expired(device) => {
                let (keyring, now) = (&self.app.keyring, self.app.clock.now());
                let token = change_token::issue(keyring, &account.id, account.session_epoch, device, now)?;
                Refusal::PasswordExpired(PasswordExpiry::Age(token))
            }
            Obstacle::ResetForced(because) => {
                force_reset(self.app, self.context, account, because).await?;
                Refusal::PasswordExpired(PasswordExpiry::Forced(because))
            }
        }
        .into())
    }

    async fn start_session(
        &self,
        account: Account,
        presented: Presented,
        counted: AttemptCount,
        rehashed: Option<String>,
    ) -> Result<SignedIn, IdentityError> {
        let (attempt, seen) = (counted.attempt.clone(), presented.clone());
        let issued = self
            .app
            .transact(self.context, move |tx| {
                if !accounts::set_signed_in(tx, &account)? {
                    // The password was replaced or the access closed while this one was being checked.
                    return Err(Refusal::InvalidCredentials.into());
                }
                if let Some(hash) = rehashed {
                    let new = new_hash(tx, &account, hash)?;
                    accounts::set_rehashed(tx, &account, &new)?;
                }
                counted.undo(tx)?;
                Ok(begin_session(tx, account, presented)?)
            })
            .await;
        match issued {
            Ok(issued) => {
                // Nearly every sign-in leaves the worker nothing to do.
                if issued.queued_mail {
                    self.app.job_queued.notify_one();
                }
                Ok(issued.sign(self.app)?)
            }
            Err(IdentityError::Fault(fault)) => {
                // The password was right, so a fault of the service must not count as a failure of the customer. Where
                // even this fails, the count fades with time.
                drop(give_back(self.app, self.context, attempt).await);
                Err(fault.into())
            }
            Err(IdentityError::Refused(refusal)) => {
                self.audit_failure("replaced meanwhile", &seen).await?;
                Err(refusal.into())
            }
        }
    }

    /// Hashes the password again where its hash has another cost than the settings ask for: only a sign-in has the
    /// password in clear (PW-11). Where the hash queue is full, the next sign-in does it.
    async fn rehash_outdated(&self, account: &Account, caller: HashCaller) -> Option<String> {
        let hash = account.password_hash.as_deref()?;
        if self.app.hasher.is_present_cost(hash) {
            return None;
        }
        self.app.hasher.hash(self.password, caller).await.ok()
    }

    /// Appends the failure to the audit trail and to the sum of its hour, by the same statements for every number.
    async fn audit_failure(&self, detail: &'static str, presented: &Presented) -> Result<(), IdentityError> {
        let (number, presented) = (self.number.clone(), presented.in_sums());
        self.app
            .transact(self.context, move |tx| {
                tx.entry(Event::LoginFail).number(&number).detail(detail).append(tx)?;
                let source = tx.context.shortened_source();
                Ok(failed_sign_ins::count(tx, &number, &presented, source)?)
            })
            .await
    }
}

/// What stands between the right password and a session.
enum Obstacle {
    /// The access is closed.
    Closed,
    /// The password must be replaced through the reset mail.
    ResetForced(ExpiredBecause),
    /// The password has reached its greatest age. The device is the known one that signs in.
    Expired(Option<DeviceId>),
}

impl Obstacle {
    /// The detail in the audit trail.
    const fn detail(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::ResetForced(because) => because.as_str(),
            Self::Expired(_) => "password expired",
        }
    }
}
