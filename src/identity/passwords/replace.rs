//! Setting a password, wherever it is set: the rules for it, and what ends with the previous password (CH-02).

use chrono::TimeDelta;

use crate::{
    app::App,
    config::Limit,
    crypto::HashCaller,
    identity::{
        abuse::failures::forget_failures_of_account,
        notice::{Notice, queue_notice},
        passwords::cost::{new_hash, verify_password},
        refusal::IdentityError,
        sessions::{
            devices::{Presented, RememberedDevice, remember},
            end::end_all,
        },
        transaction::Tx,
    },
    policy::{BreachLookup, Candidate, LookedUp, Rule},
    store::sessions::SessionEnd,
    store::{
        Allowance, StoreError,
        accounts::{self, Account},
        audit_events::Fact,
        devices::{self, Device},
        mails::MailKind,
        password_history, rate_limits, reset_links,
        sessions::{self, Session},
    },
    types::{CustomerNumber, EmailAddress, Password, told::PasswordSetBy},
};

/// What is known about the person who sets a password.
#[derive(Clone, Copy)]
pub(in crate::identity) enum Owner<'a> {
    /// The person has not proved to own the account. No rule about the account applies, and the breach API is not asked
    /// (CH-11).
    Unproven,
    /// The account is being created. The address on file takes part in the rules.
    New(Option<&'a EmailAddress>),
    /// The person owns the account. The address on file takes part in the rules.
    Known(&'a Account),
}

impl<'a> Owner<'a> {
    fn email(self) -> Option<&'a EmailAddress> {
        match self {
            Self::Unproven => None,
            Self::New(email) => email,
            Self::Known(account) => account.email.as_ref(),
        }
    }
}

/// How often the breach API is asked about new passwords of one account. Beyond that it is not asked, as while it does
/// not answer.
const BREACH_LOOKUPS: Limit = Limit { count: 30, period: TimeDelta::hours(1) };

/// Every rule that a new password breaks, except those about earlier passwords.
pub(in crate::identity) async fn broken_rules(
    app: &App,
    password: &Password,
    number: Option<&CustomerNumber>,
    owner: Owner<'_>,
) -> Vec<Rule> {
    let mut looked_up = LookedUp::default();
    if let Some(breached) = &app.breached_passwords
        && password.character_count() <= Password::MAX_CHARACTERS
        && may_look_up(app, owner).await
    {
        looked_up.is_breached = breached.look_up(password).await == BreachLookup::Leaked;
    }
    app.policy.broken_rules(Candidate {
        password,
        customer_number: number,
        email: owner.email(),
        brand: &app.config.brand.name,
        looked_up,
    })
}

async fn may_look_up(app: &App, owner: Owner<'_>) -> bool {
    let key = match owner {
        Owner::Unproven => return false,
        Owner::New(_) => return true,
        Owner::Known(account) => format!("breach-lookup/{}", account.id),
    };
    let taken = app.database.write(move |tx| rate_limits::take_token(tx, &key, BREACH_LOOKUPS)).await;
    taken.is_ok_and(Allowance::is_granted)
}

/// Every rule about earlier passwords of the account that a new password breaks.
pub(in crate::identity) async fn broken_rules_about_earlier(
    app: &App,
    password: &Password,
    account: &Account,
    caller: &HashCaller,
) -> Result<Vec<Rule>, IdentityError> {
    if password.character_count() > Password::MAX_CHARACTERS {
        // The password is refused for its length anyway, and must not be hashed (CH-10).
        return Ok(Vec::new());
    }
    let looked_up = compare_with_earlier(app, password, account, caller).await?;
    let candidate =
        Candidate { password, customer_number: None, email: None, brand: &app.config.brand.name, looked_up };
    let broken = app.policy.broken_rules(candidate);
    Ok(broken.into_iter().filter(|rule| matches!(rule, Rule::NotCurrent | Rule::NotRecent(_))).collect())
}

/// Compares the password with the present one and with the earlier ones that are kept.
async fn compare_with_earlier(
    app: &App,
    password: &Password,
    account: &Account,
    caller: &HashCaller,
) -> Result<LookedUp, IdentityError> {
    let most = i64::try_from(app.policy.history()).unwrap_or(i64::MAX);
    let id = account.id.clone();
    let recent = app.query(move |tx| password_history::list_recent(tx, &id, most)).await?;
    let mut looked_up = LookedUp::default();
    if account.password_hash.is_some() {
        let number = &account.customer_number;
        looked_up.is_current = verify_password(app, number, Some(account), password, caller.clone()).await?;
    }
    for hash in recent {
        looked_up.is_recent |= app.hasher.verify(password, Some(&hash), Vec::new(), caller.clone()).await?;
    }
    Ok(looked_up)
}

/// What sets a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity) enum SetBy {
    /// The link of a reset mail.
    Reset,
    /// A change, by a signed-in customer or with a change token.
    Change,
}

impl SetBy {
    /// The text in the audit trail.
    pub(in crate::identity) const fn as_str(self) -> &'static str {
        self.session_end().as_str()
    }

    /// What other systems are told.
    pub(in crate::identity) const fn fact(self) -> Fact {
        Fact::PasswordSetBy(match self {
            Self::Reset => PasswordSetBy::Reset,
            Self::Change => PasswordSetBy::Change,
        })
    }

    /// Why the other sessions end.
    const fn session_end(self) -> SessionEnd {
        match self {
            Self::Reset => SessionEnd::Reset,
            Self::Change => SessionEnd::Change,
        }
    }
}

/// The session and the device of the person who sets the password. Both outlive the old password.
pub(in crate::identity) struct Acting<'a> {
    /// The session from which the password is changed.
    pub(in crate::identity) session: Option<&'a Session>,
    /// The known device from which the password is set.
    pub(in crate::identity) device: Option<Device>,
}

/// The result of setting a password.
pub(in crate::identity) struct Replaced {
    /// The account with the new password.
    pub(in crate::identity) account: Account,
    /// The device from which the password was set. It is known from now on.
    pub(in crate::identity) device: RememberedDevice,
}

/// Stores the password of an account that is locked, and ends everything that rested on the old one: all other
/// sessions, devices and reset links (CH-04, TK-10). The acting device stays known, or becomes known.
pub(in crate::identity) fn replace_password(
    tx: &mut Tx<'_>,
    account: &Account,
    password_hash: &str,
    set_by: SetBy,
    acting: Acting<'_>,
) -> Result<Replaced, StoreError> {
    let history = i64::try_from(tx.app.policy.history()).unwrap_or(i64::MAX);
    // A fast hash of another system is not kept: nothing would wrap it (PW-11).
    let is_kept = |hash: &&str| history > 0 && !tx.app.hasher.is_bare_and_fast(hash);
    let old = account.password_hash.as_deref().filter(is_kept);
    password_history::append_and_trim(tx, &account.id, old, history)?;
    let new = new_hash(tx, account, password_hash.to_owned())?;
    accounts::set_password(tx, &account.id, &new)?;
    end_all(tx, account, acting.session.map(|session| &session.id), set_by.session_end())?;
    reset_links::withdraw_all_of(tx, &account.id)?;
    forget_failures_of_account(tx, &account.id)?;
    devices::end_all_of(tx, &account.id, acting.device.as_ref().map(|device| &device.id))?;
    let mut devices = devices::list_of(tx, &account.id)?;
    let presented = acting.device.map_or(Presented::Nothing, Presented::Known);
    let device = remember(tx, account, &mut devices, presented)?;
    device.write(tx)?;
    queue_notice(tx, Notice::new(MailKind::PasswordChanged), account)?;
    let account = accounts::find(tx, &account.id)?.ok_or(diesel::result::Error::NotFound)?;
    if let Some(session) = acting.session {
        sessions::set_epoch(tx, &session.id, account.session_epoch)?;
        sessions::set_device(tx, &session.id, &device.row.id)?;
    }
    Ok(Replaced { account, device })
}
