//! What a sign-in hands out, and what carries it on.

use std::sync::Arc;

use super::{
    devices::{remember, token_of},
    end::note_ended,
    password_state::{GreatestAge, PasswordState, judge},
};
use crate::{
    app::App,
    crypto::Keyring,
    identity::{
        abuse::throttle::failures_at,
        work::{Notice, queue_notice},
    },
    store::{
        StoreError, Transaction,
        accounts::Account,
        audit_events::{Entry, Event},
        devices::{self, Device},
        mails::MailKind,
        refresh_tokens::{self, RefreshTokenRow},
        sessions::{self, Session, SessionLifetimes},
        sign_ins::{self, SignIn},
    },
    types::{DeviceToken, Fault, RefreshToken, RequestContext, SessionId, UtcTime, random_bytes},
};

/// A customer who may go on: with an access token, and a refresh token for the next one.
pub struct SignedIn {
    /// The session.
    pub session_id: SessionId,
    /// The signed token.
    pub access_token: String,
    /// The next access token comes for this, once.
    pub refresh_token: RefreshToken,
    /// How long that may wait, in seconds.
    pub refresh_expires_in: i64,
    /// To show at the next sign-in.
    pub device_token: DeviceToken,
    /// Whose it is, as of now.
    pub account: Account,
    /// How the password stands.
    pub password: PasswordState,
}

/// All of it but the access token, which is signed once the rest is stored.
pub(in crate::identity) struct Issued {
    /// Whether a mail waits now, for which the worker is to be woken.
    pub(in crate::identity) queued_mail: bool,
    session_id: SessionId,
    refresh_token: RefreshToken,
    refresh_expires_in: i64,
    device_token: DeviceToken,
    account: Account,
    password: PasswordState,
}

impl Issued {
    pub(in crate::identity) fn sign(self, app: &App, now: UtcTime) -> Result<SignedIn, Fault> {
        let account = self.account;
        Ok(SignedIn {
            access_token: app.signer.sign(&account.id, account.session_epoch, &self.session_id, now)?,
            session_id: self.session_id,
            refresh_token: self.refresh_token,
            refresh_expires_in: self.refresh_expires_in,
            device_token: self.device_token,
            account,
            password: self.password,
        })
    }
}

/// Who gets it.
struct Holder {
    account: Account,
    device_token: DeviceToken,
    password: PasswordState,
}

/// By which rules sessions are issued.
#[derive(Clone)]
pub(in crate::identity) struct Issuer {
    keyring: Arc<Keyring>,
    lifetimes: SessionLifetimes,
    sessions_per_account: i64,
    new_device_mail: bool,
    greatest_age: GreatestAge,
    limits: bool,
}

impl Issuer {
    pub(in crate::identity) fn of(app: &App) -> Self {
        Self {
            keyring: app.keyring.clone(),
            lifetimes: app.session_lifetimes,
            sessions_per_account: i64::try_from(app.sessions_per_account).unwrap_or(i64::MAX),
            new_device_mail: app.new_device_mail,
            greatest_age: GreatestAge::of(app),
            limits: app.limits.enforced,
        }
    }

    /// Begins a session after the right password. `known` is the device whose token was presented.
    pub(in crate::identity) fn begin(
        &self,
        tx: &mut Transaction<'_>,
        context: &RequestContext,
        account: Account,
        known: Option<Device>,
        now: UtcTime,
    ) -> Result<Issued, StoreError> {
        let mut devices = devices::list_of(tx, &account.id)?;
        let remembered = remember(tx, &self.keyring, &account, &mut devices, known, context, now)?;
        let session = Session {
            id: SessionId::mint(),
            account_id: account.id.clone(),
            session_epoch: account.session_epoch,
            created_at: now,
            last_used_at: now,
            user_agent: context.user_agent.clone(),
            source: context.shortened_source(),
            device_id: Some(remembered.row.id.clone()),
        };
        let refresh_token = RefreshToken::from_bits(random_bytes());
        let entry = Entry::by_caller(context, Event::LoginSuccess, now).about(&account).session(&session.id);
        let sign_in = SignIn {
            device: &remembered.row,
            is_known: remembered.is_known,
            session: &session,
            refresh_token: &row_of(&refresh_token, &session, 1, now),
            entry: &entry,
            lifetimes: self.lifetimes,
            others_kept: self.sessions_per_account - 1,
        };
        for surplus in sign_ins::write(tx, &sign_in)? {
            sessions::end(tx, &surplus, "too many sessions")?;
            let entry = Entry::by_service_for(context, Event::SessionEnded, now);
            note_ended(tx, entry, &account, &surplus, "too many sessions")?;
        }
        let queued_mail = remembered.is_new && self.new_device_mail;
        if queued_mail {
            let notice = Notice { kind: MailKind::NewDevice, session_id: Some(session.id.clone()) };
            queue_notice(tx, notice, &account, now, None)?;
        }
        let holder = self.holder(tx, account, &devices, remembered.token, now)?;
        Ok(Issued { queued_mail, ..self.hand_out(&session, holder, refresh_token, now) })
    }

    /// Carries a session on. Whatever refresh token it had must have been used up.
    pub(in crate::identity) fn renew(
        &self,
        tx: &mut Transaction<'_>,
        context: &RequestContext,
        session: &Session,
        account: Account,
        now: UtcTime,
    ) -> Result<Issued, StoreError> {
        let mut devices = devices::list_of(tx, &account.id)?;
        let token = if let Some(device) =
            devices.iter_mut().find(|device| Some(&device.id) == session.device_id.as_ref())
        {
            let token = token_of(&self.keyring, device)?;
            device.last_used_at = now;
            devices::put(tx, device, true)?;
            token
        } else {
            // Forgotten in the meantime: it is remembered anew.
            let device = remember(tx, &self.keyring, &account, &mut devices, None, context, now)?;
            device.write(tx)?;
            sessions::set_device(tx, &session.id, &device.row.id)?;
            device.token
        };
        sessions::set_used(tx, &session.id)?;
        let generation = refresh_tokens::newest_generation(tx, &session.id)? + 1;
        let refresh_token = RefreshToken::from_bits(random_bytes());
        refresh_tokens::insert(tx, &row_of(&refresh_token, session, generation, now))?;
        let holder = self.holder(tx, account, &devices, token, now)?;
        Ok(self.hand_out(session, holder, refresh_token, now))
    }

    fn holder(
        &self,
        tx: &mut Transaction<'_>,
        account: Account,
        devices: &[Device],
        device_token: DeviceToken,
        now: UtcTime,
    ) -> Result<Holder, StoreError> {
        let failures = failures_at(tx, self.limits, &account, now)?;
        let password = judge(self.greatest_age, &account, devices, failures, now);
        Ok(Holder { account, device_token, password })
    }

    fn hand_out(&self, session: &Session, holder: Holder, refresh_token: RefreshToken, now: UtcTime) -> Issued {
        let Holder { account, device_token, password } = holder;
        let left = session.created_at + self.lifetimes.absolute - now;
        Issued {
            queued_mail: false,
            session_id: session.id.clone(),
            refresh_token,
            refresh_expires_in: self.lifetimes.idle.min(left).num_seconds(),
            device_token,
            account,
            password,
        }
    }
}

fn row_of(token: &RefreshToken, session: &Session, generation: i32, now: UtcTime) -> RefreshTokenRow {
    RefreshTokenRow {
        token_hash: token.hash(),
        session_id: session.id.clone(),
        generation,
        created_at: now,
        used_at: None,
    }
}
