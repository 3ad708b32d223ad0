//! Sessions: seeing them, and ending one, this one, all others, and those whose time is over.

use super::authenticate::Customer;
use crate::{
    app::App,
    identity::refusal::{IdentityError, Refusal},
    store::{
        StoreError, Transaction,
        accounts::{self, Account},
        audit_events::{self, Entry, Event},
        sessions::{self, Session},
    },
    types::{Fault, RequestContext, SessionId, UtcTime},
};

/// Expired sessions are ended in transactions of so many.
const BATCH: i64 = 200;

/// The customer's sessions that go on, the one used last first.
pub async fn list(app: &App, customer: &Customer) -> Result<Vec<Session>, Fault> {
    let (id, lifetimes, now) = (customer.account.id.clone(), app.session_lifetimes, app.clock.now());
    Ok(app.database.query(move |tx| sessions::list_live_of(tx, &id, lifetimes)).await?)
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
/// session that does not go on, or is somebody else's, is [`Refusal::NoSuchSession`].
pub async fn end(
    app: &App,
    context: &RequestContext,
    customer: Customer,
    which: SessionsToEnd,
) -> Result<(), IdentityError> {
    let (now, lifetimes) = (app.clock.now(), app.session_lifetimes);
    let context = context.clone();
    app.database
        .write(move |tx| -> Result<(), IdentityError> {
            let Customer { account, session } = customer;
            accounts::lock(tx, &account.id)?;
            // A reset, a change or a sign-out came first: whoever holds the old session ends none of the new ones.
            if sessions::find_live(tx, &session.id, lifetimes)?.is_none() {
                return Err(Refusal::InvalidToken.into());
            }
            let ended = match which {
                SessionsToEnd::AllOthers => {
                    sessions::end_all_of(tx, &account.id, Some(&session.id), "by the customer")?
                }
                SessionsToEnd::This => end_one(tx, session.id, now)?,
                SessionsToEnd::One(id) => {
                    let live = sessions::find_live(tx, &id, lifetimes)?;
                    let own = live.filter(|(live, _)| live.account_id == account.id);
                    let ended = if own.is_some() { end_one(tx, id, now)? } else { Vec::new() };
                    if ended.is_empty() {
                        return Err(Refusal::NoSuchSession.into());
                    }
                    ended
                }
            };
            for id in ended {
                let entry = Entry::by_caller(&context, Event::SessionEnded, now);
                note_ended(tx, entry, &account, &id, "by the customer")?;
            }
            Ok(())
        })
        .await
}

fn end_one(tx: &mut Transaction<'_>, id: SessionId, now: UtcTime) -> Result<Vec<SessionId>, StoreError> {
    Ok(if sessions::end(tx, &id, "by the customer")? { vec![id] } else { Vec::new() })
}

/// Writes the end of a session into the trail.
pub(in crate::identity) fn note_ended(
    tx: &mut Transaction<'_>,
    entry: Entry,
    account: &Account,
    session_id: &SessionId,
    because: &str,
) -> Result<(), StoreError> {
    let entry = entry.about(account).session(session_id).detail(because);
    audit_events::append(tx, &entry)
}

/// Ends the sessions whose time is over. Nothing opens them any more anyway; this writes it down, and lets them
/// be forgotten.
pub async fn end_expired(app: &App) -> Result<(), Fault> {
    let (now, lifetimes) = (app.clock.now(), app.session_lifetimes);
    loop {
        let ended = app
            .database
            .write(move |tx| -> Result<usize, StoreError> {
                let mut expired = sessions::list_expired(tx, lifetimes, BATCH)?;
                // One order everywhere, or two instances could wait for each other.
                expired.sort_by(|one, other| one.account_id.as_str().cmp(other.account_id.as_str()));
                for session in &expired {
                    let because = if session.created_at <= now - lifetimes.absolute { "too old" } else { "idle" };
                    let account = accounts::lock(tx, &session.account_id)?;
                    let ours = sessions::end_expired(tx, &session.id, because, lifetimes)?;
                    if let Some(account) = account.filter(|_| ours) {
                        let entry = Entry::by_service(Event::SessionExpired, now);
                        note_ended(tx, entry, &account, &session.id, because)?;
                    }
                }
                Ok(expired.len())
            })
            .await?;
        if i64::try_from(ended).unwrap_or(BATCH) < BATCH {
            break;
        }
    }
    Ok(())
}
