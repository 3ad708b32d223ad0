//! Support checks the code that the caller has read out.

use crate::{
    app::App,
    identity::{
        decoy::nobody,
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::{
        accounts,
        audit_events::Event,
        caller_codes::{self, CallerCodeEnd, CallerQuestion},
    },
    types::{CallerCode, CallerCodeId, CallerCodeWay, ClientId, Fault, RequestContext},
};

/// What a check has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckedCode {
    /// The code is the one that the customer has read in this way.
    Verified(CallerCodeWay),
    /// The code is wrong, its time is over, it was tried too often, it was checked before, or it never was one.
    NotVerified,
}

/// Checks a code. Each check is counted before the code is looked at, so five of any number at once are. A code that was
/// right is used up.
///
/// # Errors
/// [`Refusal::NoSuchCallerCode`] for an id that is not of a question of this client.
pub async fn check(
    app: &App,
    context: &RequestContext,
    client: ClientId,
    id: CallerCodeId,
    code: CallerCode,
) -> Result<CheckedCode, IdentityError> {
    app.transact(context, move |tx| {
        let has_try = caller_codes::take_try(tx, &id, &client)?;
        let question = caller_codes::find_of_client(tx, &id, &client)?.ok_or(Refusal::NoSuchCallerCode)?;
        let is_right = is_right(tx, &question, &code)? && has_try;
        if is_right {
            caller_codes::end(tx, &id, CallerCodeEnd::Verified)?;
        }
        let event = if is_right { Event::CallerCodeVerified } else { Event::CallerCodeRefused };
        let detail = if has_try { question.deliver_to.as_str() } else { "not live" };
        let entry = tx.entry(event).number(&question.customer_number).account(question.account_id.as_ref());
        entry.detail(detail).append(tx)?;
        Ok(if is_right { CheckedCode::Verified(question.deliver_to) } else { CheckedCode::NotVerified })
    })
    .await
}

/// Whether the code is that of the question. A decoy takes the same steps. What nobody has seen on the page, nobody can have
/// read there: then it is guessed.
fn is_right(tx: &mut Tx<'_>, question: &CallerQuestion, code: &CallerCode) -> Result<bool, IdentityError> {
    let account = accounts::find(tx, question.account_id.as_ref().unwrap_or(&nobody()))?;
    let real = tx.app.keyring.caller_code(&question.secret_key_id, &question.id);
    let real = real.map_err(|error| Fault::internal("deriving a caller code", error))?;
    let was_told = question.deliver_to == CallerCodeWay::Mail || question.shown_at.is_some();
    Ok(real.matches(code) && was_told && account.is_some())
}
