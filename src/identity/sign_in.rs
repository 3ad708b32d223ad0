//! Step 8 of the guide: signing in.

use std::sync::Arc;

use super::refusal::{IdentityError, Refusal};
use crate::{
    app::App,
    crypto::{Stored, pick_cost},
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::{self, Entry, Event},
        sessions::{self, NewSession},
    },
    types::{CustomerNumber, Password, RequestContext, SessionId, UtcTime},
};

/// A session that has just begun.
pub struct SignedIn {
    /// The session.
    pub session_id: SessionId,
    /// The signed token.
    pub access_token: String,
    /// Whose it is, as of now.
    pub account: Account,
}

/// Starts a session. Unknown number, account without password, closed account and wrong password cost the
/// same and get one answer; that an account is closed is told only after the right password (LG-01, LG-02).
pub async fn sign_in(
    app: &App,
    context: &RequestContext,
    number: CustomerNumber,
    password: &Password,
) -> Result<SignedIn, IdentityError> {
    let number_for_query = number.clone();
    let account = app
        .database
        .read(move |connection| -> Result<_, StoreError> {
            accounts::find_by_customer_number(connection, &number_for_query)
        })
        .await?;
    let counts = cost_counts(app).await?;
    let stored = match account.as_ref().and_then(|account| account.password_hash.as_deref()) {
        Some(hash) => Stored::Hash(hash),
        None => Stored::Nothing { cost: pick_cost(&counts, app.keyring.dummy_cost_hash(&number)) },
    };
    let is_right = app.hasher.verify(password, stored).await?;
    let now = app.clock.now();
    let account = match account.filter(|_| is_right) {
        Some(account) if account.closed_at.is_none() => account,
        Some(closed) => {
            note_failure(app, context, number, Some(&closed), "closed", now).await?;
            return Err(Refusal::AccountClosed.into());
        }
        None => {
            note_failure(app, context, number, None, "credentials", now).await?;
            return Err(Refusal::InvalidCredentials.into());
        }
    };
    start_session(app, context, account, now).await
}

/// Taken for known and unknown numbers alike, so that the counting tells nothing either.
async fn cost_counts(app: &App) -> Result<Arc<Vec<(String, i64)>>, IdentityError> {
    let now = app.clock.now();
    match app.cost_census.recent(now) {
        Some(counts) => Ok(counts),
        None => Ok(app.cost_census.set(app.database.read(accounts::count_by_cost).await?, now)),
    }
}

async fn note_failure(
    app: &App,
    context: &RequestContext,
    number: CustomerNumber,
    account: Option<&Account>,
    detail: &'static str,
    now: UtcTime,
) -> Result<(), IdentityError> {
    let entry = Entry::by_caller(context, Event::LoginFail, now)
        .number(&number)
        .account(account.map(|account| &account.id))
        .detail(detail);
    Ok(app
        .database
        .write(move |connection| -> Result<(), StoreError> { audit_events::append(connection, &entry) })
        .await?)
}

async fn start_session(
    app: &App,
    context: &RequestContext,
    account: Account,
    now: UtcTime,
) -> Result<SignedIn, IdentityError> {
    let session_id = SessionId::mint();
    let access_token = app.signer.sign(&account.id, &session_id, now)?;
    let session = NewSession {
        id: session_id.clone(),
        account_id: account.id.clone(),
        session_epoch: account.session_epoch,
        created_at: now,
        last_used_at: now,
        user_agent: context.user_agent.clone(),
        source: context.shortened_source(),
    };
    let entry = Entry::by_caller(context, Event::LoginSuccess, now)
        .number(&account.customer_number)
        .account(Some(&account.id));
    app.database
        .write(move |connection| -> Result<SignedIn, IdentityError> {
            if !accounts::set_signed_in(connection, &account, now)? {
                // The password was replaced or the access closed while this one was being checked.
                return Err(Refusal::InvalidCredentials.into());
            }
            sessions::insert(connection, &session)?;
            audit_events::append(connection, &entry)?;
            Ok(SignedIn { session_id, access_token, account })
        })
        .await
}
