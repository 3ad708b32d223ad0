//! Sessions: seeing them, and ending one, this one, all others, and those whose time is over.

use super::authenticate::Customer;
use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::Event,
        sessions::{self, Session, SessionEnd},
    },
    types::{Actor, Fault, RequestContext, SessionId},
};

/// Expired sessions are ended in transactions of so many.
const BATCH: i64 = 200;
/// Why a session ended that its customer has ended.
const BY_CUSTOMER: SessionEnd = SessionEnd::ByCustomer;

/// The customer's sessions that go on, the one used last first.
pub async fn list(app: &App, customer: &Customer) -> Result<Vec<Session>, Fault> {
    let (id, lifetimes) = (customer.account.id.clone(), app.session_lifetimes);
    Ok(app.query(move |tx| sessions::list_live_of(tx, &id, lifetimes)).await?)
}

/// Which of the customer's sessions to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionsToEnd {
    /// The one that asks: signing out.
    This,
    /// Every other one.
    AllOthers,
    /// The one of this id.
    One(SessionId),
}

/// Ends sessions: their refresh tokens end everywhere, their access tokens here at once (LG-07). A
/// session that does not go on, or is another customer's, is [`Refusal::NoSuchSession`].
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
        // A reset, a change or a sign-out came first: who holds the old session ends no new one.
        if sessions::find_live(tx, &session.id, lifetimes)?.is_none() {
            return Err(Refusal::InvalidToken.into());
        }
        match which {
            SessionsToEnd::AllOthers => end_all(tx, &account, Some(&session.id), BY_CUSTOMER)?,
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

/// Ends every session of the account but the one kept, and tells the audit trail.
pub(in crate::identity) fn end_all(
    tx: &mut Tx<'_>,
    account: &Account,
    kept: Option<&SessionId>,
    because: SessionEnd,
) -> Result<(), StoreError> {
    for id in sessions::end_all_of(tx, &account.id, kept, because)? {
        tx.entry(Event::SessionEnded).about(account).session(&id).detail(because.as_str()).append(tx)?;
    }
    Ok(())
}

/// Ends one session of the account, unless it has ended already, and tells the audit trail.
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

/// Ends the sessions whose time is over. No token opens them any more; this writes it down, and lets them be forgotten.
pub async fn end_expired(app: &App) -> Result<(), IdentityError> {
    let context = RequestContext::of(Actor::Service);
    loop {
        let ended = app.transact(&context, |tx| Ok(end_batch_of_expired(tx)?)).await?;
        if i64::try_from(ended).unwrap_or(BATCH) < BATCH {
            return Ok(());
        }
    }
}

/// Returns how many were found.
fn end_batch_of_expired(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let lifetimes = tx.app.session_lifetimes;
    let mut expired = sessions::list_expired(tx, lifetimes, BATCH)?;
    // One order everywhere, or two instances could wait for each other.
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
