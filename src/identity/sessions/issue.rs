//! Beginning a session, and continuing it: what a sign-in and a refresh hand out.

use super::{
    devices::{Presented, Standing, remember, token_of, unwritable},
    password_state::{OwnState, PasswordState, find_own_state},
};
use crate::{
    app::App,
    identity::{
        address::EmailState,
        notice::{Notice, queue_notice},
        transaction::Tx,
    },
    store::sessions::SessionEnd,
    store::{
        StoreError,
        accounts::Account,
        audit_events::Event,
        devices::{self, Device},
        mails::MailKind,
        refresh_tokens::{self, RefreshTokenRow},
        sessions::{self, Session},
        sign_ins::{self, SignIn},
    },
    types::{DeviceToken, Fault, RefreshToken, RefreshTokenId, SessionId, device_name},
};

/// A signed-in customer.
pub struct SignedIn {
    /// The id of the session.
    pub session_id: SessionId,
    /// The access token, an RFC 9068 JWT.
    pub access_token: String,
    /// The refresh token, which brings the next access token once.
    pub refresh_token: RefreshToken,
    /// How long the refresh token serves, in seconds.
    pub refresh_expires_in: i64,
    /// The device token, to be sent with the next sign-in.
    pub device_token: DeviceToken,
    /// The account that is signed in.
    pub account: Account,
    /// The age of the password, and whether to change it.
    pub password: PasswordState,
    /// The state of the address on file.
    pub email_state: EmailState,
}

/// A signed-in customer without the access token, which is signed once the rest is stored.
pub(in crate::identity) struct Issued {
    /// Whether a mail was queued, for which the worker is to be woken.
    pub(in crate::identity) queued_mail: bool,
    session_id: SessionId,
    refresh_token: RefreshToken,
    refresh_expires_in: i64,
    device_token: DeviceToken,
    account: Account,
    own: OwnState,
}

impl Issued {
    /// Signs the access token.
    pub(in crate::identity) fn sign(self, app: &App) -> Result<SignedIn, Fault> {
        let account = self.account;
        Ok(SignedIn {
            access_token: app.signer.sign(&account.id, account.session_epoch, &self.session_id, app.clock.now())?,
            session_id: self.session_id,
            refresh_token: self.refresh_token,
            refresh_expires_in: self.refresh_expires_in,
            device_token: self.device_token,
            account,
            password: self.own.password,
            email_state: self.own.email,
        })
    }
}

/// Begins a session after the right password.
pub(in crate::identity) fn begin_session(
    tx: &mut Tx<'_>,
    account: Account,
    presented: Presented,
) -> Result<Issued, StoreError> {
    let mut devices = devices::list_of(tx, &account.id)?;
    let device = remember(tx, &account, &mut devices, presented)?;
    let session = Session {
        id: SessionId::mint(),
        account_id: account.id.clone(),
        session_epoch: account.session_epoch,
        created_at: tx.now,
        last_used_at: tx.now,
        user_agent: tx.context.user_agent.clone(),
        source: tx.context.shortened_source(),
        device_id: Some(device.row.id.clone()),
    };
    let minted = Minted::new(tx)?;
    let mut entry = tx.entry(Event::LoginSuccess).about(&account).session(&session.id).device(&device.row.id);
    // The session and the device may be forgotten before the owner reads of the sign-in.
    if let Some(program) = session.user_agent.as_deref().and_then(device_name) {
        entry = entry.detail(&program);
    }
    let sign_in = SignIn {
        device: &device.row,
        is_known: device.standing == Standing::Known,
        session: &session,
        refresh_token: &minted.row(tx, &session, FIRST_GENERATION),
        entry: &entry,
        lifetimes: tx.app.session_lifetimes,
        others_kept: i64::try_from(tx.app.config.sessions.per_account).unwrap_or(i64::MAX) - 1,
    };
    for surplus in sign_ins::write(tx, &sign_in)? {
        if sessions::end(tx, &surplus, SessionEnd::TooMany)? {
            let ended = tx.entry(Event::SessionEnded).by_service().about(&account).session(&surplus);
            ended.detail(SessionEnd::TooMany.as_str()).append(tx)?;
        }
    }
    let queued_mail = device.standing == Standing::New && tx.app.config.sessions.new_device_mail;
    if queued_mail {
        let session_id = Some(session.id.clone());
        queue_notice(tx, Notice { session_id, ..Notice::new(MailKind::NewDevice) }, &account)?;
    }
    let handed_out = HandedOut { refresh_token: minted.token, device_token: device.token, queued_mail };
    hand_out(tx, &session, account, &devices, handed_out)
}

/// Continues a session whose refresh tokens are used up, with the next one.
pub(in crate::identity) fn continue_session(
    tx: &mut Tx<'_>,
    session: &Session,
    account: Account,
) -> Result<Issued, StoreError> {
    let generation = refresh_tokens::newest_generation(tx, &session.id)? + 1;
    let minted = Minted::new(tx)?;
    let row = minted.row(tx, session, generation);
    refresh_tokens::insert(tx, &row)?;
    go_on(tx, session, account, minted.token)
}

/// Uses a session, and hands out this refresh token of it, the newest one.
pub(super) fn go_on(
    tx: &mut Tx<'_>,
    session: &Session,
    account: Account,
    refresh_token: RefreshToken,
) -> Result<Issued, StoreError> {
    let mut devices = devices::list_of(tx, &account.id)?;
    let own = devices.iter_mut().find(|device| Some(&device.id) == session.device_id.as_ref());
    let device_token = if let Some(device) = own {
        let token = token_of(&tx.app.keyring, device, &account.customer_number)?;
        device.last_used_at = tx.now;
        devices::set(tx, device)?;
        token
    } else {
        // The device was forgotten in the meantime, and is remembered as a new one.
        let device = remember(tx, &account, &mut devices, Presented::Nothing)?;
        device.write(tx)?;
        sessions::set_device(tx, &session.id, &device.row.id)?;
        device.token
    };
    sessions::set_used(tx, &session.id)?;
    let handed_out = HandedOut { refresh_token, device_token, queued_mail: false };
    hand_out(tx, session, account, &devices, handed_out)
}

/// The tokens for the next requests of the caller, and whether a mail was queued.
struct HandedOut {
    refresh_token: RefreshToken,
    device_token: DeviceToken,
    queued_mail: bool,
}

fn hand_out(
    tx: &mut Tx<'_>,
    session: &Session,
    account: Account,
    devices: &[Device],
    handed_out: HandedOut,
) -> Result<Issued, StoreError> {
    let app = tx.app.clone();
    let own = find_own_state(tx, &app, &account, devices)?;
    let lifetimes = app.session_lifetimes;
    let left = session.created_at + lifetimes.absolute - tx.now;
    let HandedOut { refresh_token, device_token, queued_mail } = handed_out;
    Ok(Issued {
        queued_mail,
        session_id: session.id.clone(),
        refresh_token,
        refresh_expires_in: lifetimes.idle.min(left).num_seconds(),
        device_token,
        account,
        own,
    })
}

/// A refresh token that is new, and what it is derived from: a random id of its own, and the present secret key.
struct Minted {
    id: RefreshTokenId,
    secret_key_id: String,
    token: RefreshToken,
}

impl Minted {
    fn new(tx: &Tx<'_>) -> Result<Self, StoreError> {
        let (id, keyring) = (RefreshTokenId::mint(), &tx.app.keyring);
        let secret_key_id = keyring.current_id().to_owned();
        let token = keyring.refresh_token(&secret_key_id, &id).map_err(unwritable)?;
        Ok(Self { id, secret_key_id, token })
    }

    fn row(&self, tx: &Tx<'_>, session: &Session, generation: i32) -> RefreshTokenRow {
        RefreshTokenRow {
            token_hash: self.token.hash(),
            session_id: session.id.clone(),
            generation,
            created_at: tx.now,
            used_at: None,
            token_id: Some(self.id.clone()),
            secret_key_id: Some(self.secret_key_id.clone()),
            used_by: None,
            used_from: None,
            reissues: 0,
            reissued_at: None,
            reissued_elsewhere: false,
        }
    }
}

/// The generation of the refresh token that a sign-in hands out.
const FIRST_GENERATION: i32 = 1;
