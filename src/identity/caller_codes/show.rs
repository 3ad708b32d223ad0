//! The customer sees the code, after having said that it was them who called support.

use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        sessions::authenticate::Customer,
    },
    store::{accounts, audit_events::Event, caller_codes, clients, sessions},
    types::{CallerCode, Fault, RequestContext, UtcTime},
};

/// A code, and who has asked for it.
pub struct ShownCode {
    /// The code.
    pub code: CallerCode,
    /// The person or the program of support who asks.
    pub asked_by: String,
    /// When support asked.
    pub asked_at: UtcTime,
    /// Until when the code can be checked.
    pub expires_at: UtcTime,
}

/// Shows the code that support waits for. The first time goes into the audit trail.
///
/// # Errors
/// [`Refusal::NoCallerCode`] where no live question waits for this customer's page; [`Refusal::InvalidToken`] where the
/// session has ended in the meantime.
pub async fn show(app: &App, context: &RequestContext, customer: Customer) -> Result<ShownCode, IdentityError> {
    app.transact(context, move |tx| {
        let Customer { account, session } = customer;
        accounts::lock(tx, &account.id)?.ok_or(Refusal::InvalidToken)?;
        let lifetimes = tx.app.session_lifetimes;
        if sessions::find_live(tx, &session.id, lifetimes)?.is_none() {
            return Err(Refusal::InvalidToken.into());
        }
        let question = caller_codes::find_for_page(tx, &account.id)?.ok_or(Refusal::NoCallerCode)?;
        // A client that was revoked meanwhile was perhaps not that of support.
        let client = clients::find(tx, &question.client_id)?.filter(|client| client.revoked_at.is_none());
        let client = client.ok_or(Refusal::NoCallerCode)?;
        let code = tx.app.keyring.caller_code(&question.secret_key_id, &question.id);
        let code = code.map_err(|error| Fault::internal("deriving a caller code", error))?;
        if caller_codes::set_shown(tx, &question.id)? {
            tx.entry(Event::CallerCodeShown).about(&account).session(&session.id).append(tx)?;
        }
        Ok(ShownCode {
            code,
            asked_by: client.known_as().to_owned(),
            asked_at: question.created_at,
            expires_at: question.expires_at,
        })
    })
    .await
}
