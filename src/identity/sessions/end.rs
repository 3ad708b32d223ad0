//! Listing sessions, and ending them: one, all others, or those whose time is over.

use super::authenticate::Customer;
use crate::{
    app::App,
    identity::{
        periodic::{PeriodicTask, Progress},
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::Event,
        devices,
        sessions::{self, Session, SessionEnd},
    },
    types::{DeviceLabel, Fault, RequestContext, SessionId},
};

/// The most expired sessions of a kind that one transaction ends. Each takes several statements, and locks an account.
const BATCH: i64 = 25;
/// The stored reason of a session that its customer has ended.
const BY_CUSTOMER: SessionEnd = SessionEnd::ByCustomer;

/// A live session as its customer sees it.
pub struct ListedSession {
    /// The session itself.
    pub session: Session,
    /// The name of its device.
    pub name: Option<DeviceLabel>,
}

/// The live sessions of the customer, the one used last first.
pub async fn list(app: &App, customer: &Customer) -> Result<Vec<ListedSession>, Fault> {
    let (id, lifetimes) = (customer.account.id.clone(), app.session_lifetimes);
    let (sessions, devices) =
        app.query(move |tx| Ok((sessions::list_live_of(tx, &id, lifetimes)?, devices::list_of(tx, &id)?))).await?;
    let name = |session: &Session| {
        let own = devices.iter().find(|device| Some(&device.id) == session.device_id.as_ref());
        own.and_then(|device| device.name.clone())
    };
    Ok(sessions.into_iter().map(|session| ListedSession { name: name(&session), session }).collect())
}

/// Which of the customer's sessions to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionsToEnd {
    /// The session of the caller, who signs out.
    This,
    /// Every session but that of the caller.
    AllOthers,
    /// The session with this id.
    One(SessionId),
}

/// Ends sessions of the customer. Their refresh tokens end everywhere, their access tokens here at once (LG-07).
///
/// # Errors
/// [`Refusal::NoSuchSession`] for a session that has ended or is another customer's; [`Refusal::InvalidToken`] where
/// the session of the caller has ended in the meantime.
pub async fn end(
    app: &App,
    context: &RequestContext,
    customer: Customer,
    which: SessionsToEnd,
) -> Result<(), IdentityError> {
    app.transact(context, move |tx| {
        let Customer { account, session } = customer;
        accounts::lock(tx, &account.id)?;
        let lifetimes = tx.app.session_lifetimes;
        // A reset, a change or a sign-out may have come first: the holder of an ended session must not end new ones.
        if sessions::find_live(tx, &session.id, lifetimes)?.is_none() {
            return Err(Refusal::InvalidToken.into());
        }
        match which {
            SessionsToEnd::AllOthers => {
                end_all(tx, &account, Some(&session.id), BY_CUSTOMER)?;
            }
            SessionsToEnd::This => end_one(tx, &account, &session.id, BY_CUSTOMER)?,
            SessionsToEnd::One(id) => {
                let live = sessions::find_live(tx, &id, lifetimes)?;
                if live.is_none_or(|(live, _)| live.account_id != account.id) {
                    return Err(Refusal::NoSuchSession.into());
                }
                end_one(tx, &account, &id, BY_CUSTOMER)?;
            }
        }
        Ok(())
    })
    .await
}

/// Ends every session of the account but the one kept, and appends to the audit trail. Returns how many there were.
pub(in crate::identity) fn end_all(
    tx: &mut Tx<'_>,
    account: &Account,
    kept: Option<&SessionId>,
    because: SessionEnd,
) -> Result<usize, StoreError> {
    let ended = sessions::end_all_of(tx, &account.id, kept, because)?;
    for id in &ended {
        tx.entry(Event::SessionEnded).about(account).session(id).detail(because.as_str()).append(tx)?;
    }
    Ok(ended.len())
}

/// Ends one session of the account, unless it has ended already, and appends to the audit trail.
pub(in crate::identity) fn end_one(
    tx: &mut Tx<'_>,
    account: &Account,
    id: &SessionId,
    because: SessionEnd,
) -> Result<(), StoreError> {
    if sessions::end(tx, id, because)? {
        tx.entry(Event::SessionEnded).about(account).session(id).detail(because.as_str()).append(tx)?;
    }
    Ok(())
}

/// Ends the sessions whose time is over. Their tokens are refused already; the stored end lets them be deleted later.
pub const ENDING_EXPIRED: PeriodicTask = PeriodicTask {
    name: "expired_sessions",
    retention: None,
    is_due: |tx, app| sessions::are_expired(tx, app.session_lifetimes),
    run_batch: |tx| Ok(Progress::after(end_batch_of_expired(tx)?, BATCH)),
};

/// Ends one batch of expired sessions. Returns how many were found.
fn end_batch_of_expired(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let lifetimes = tx.app.session_lifetimes;
    let mut expired = sessions::list_expired(tx, lifetimes, BATCH)?;
    // The accounts are locked in one order everywhere, or two instances could wait for each other.
    expired.sort_by(|one, other| one.account_id.as_str().cmp(other.account_id.as_str()));
    for session in &expired {
        let because =
            if session.created_at <= tx.now - lifetimes.absolute { SessionEnd::TooOld } else { SessionEnd::Idle };
        let account = accounts::lock(tx, &session.account_id)?;
        let ended = sessions::end_expired(tx, &session.id, because, lifetimes)?;
        if let Some(account) = account.filter(|_| ended) {
            tx.entry(Event::SessionExpired)
                .about(&account)
                .session(&session.id)
                .detail(because.as_str())
                .append(tx)?;
        }
    }
    Ok(expired.len())
}
