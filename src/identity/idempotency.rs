//! Calls that a client may repeat: the same `Idempotency-Key` gets the same answer, and nothing is done twice (AP-10).
//!
//! [`begin`] claims the key. The use case then stores its answer through the [`Recording`] in the transaction in which
//! it acts, so that no crash leaves the one without the other. A call that comes to nothing gives the key back by [`release`].

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    field_error::FieldError,
    refusal::{IdentityError, Refusal},
    transaction::Tx,
};
use crate::{
    app::App,
    crypto::Sealed,
    store::idempotency_keys::{self, IdempotentCall, NewIdempotentCall},
    types::{AccountId, ClientId, Fault, RequestContext, UtcTime},
};

/// How long a call without an answer is taken to be in flight. No call takes longer.
const IN_FLIGHT_FOR: TimeDelta = TimeDelta::minutes(1);
/// How long an answer is repeated. The upkeep deletes it afterwards.
const ANSWERED_FOR: TimeDelta = TimeDelta::hours(24);

/// A call with an `Idempotency-Key`.
pub struct Call {
    /// The client that calls.
    pub client: ClientId,
    /// The id of the operation, such as `createAccount`.
    pub operation: &'static str,
    /// The key, as sent.
    pub key: String,
    /// The body without its secret fields, always in the same form.
    pub body: Vec<u8>,
}

/// An answer that is repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that are not those of every answer.
    pub headers: Vec<(String, String)>,
    /// The body, in JSON.
    pub body: String,
}

/// How a call begins.
pub enum Begun {
    /// The call is the first one, and does its work.
    First(Ticket),
    /// The call was answered before. It gets the same answer.
    Answered(Answer),
}

/// The claim of a call on its key.
#[derive(Clone)]
pub struct Ticket {
    id: String,
    lease_until: UtcTime,
}

/// Whether an answer may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// The answer is kept, sealed, and repeated.
    Answer,
    /// The answer holds a secret: it is not kept, and a repetition is a conflict.
    Conflict,
}

/// Keeps the answer of a call in the transaction in which its use case acts.
pub struct Recording<T> {
    ticket: Ticket,
    repeats: Repeats,
    render: Box<dyn FnOnce(&T) -> Answer + Send>,
}

impl<T> Recording<T> {
    /// Makes the recording of a call. `render` makes the answer out of what the use case has done.
    pub fn new(ticket: Ticket, repeats: Repeats, render: impl FnOnce(&T) -> Answer + Send + 'static) -> Self {
        Self { ticket, repeats, render: Box::new(render) }
    }

    /// Stores the answer. It is deleted with the account that it is about.
    ///
    /// # Errors
    /// [`Refusal::InFlight`] where another call has the key by now, after the lease of this one.
    pub(in crate::identity) fn record(
        self,
        tx: &mut Tx<'_>,
        outcome: &T,
        account_id: Option<&AccountId>,
    ) -> Result<(), IdentityError> {
        let Self { ticket: Ticket { id, lease_until }, repeats, render } = self;
        if repeats == Repeats::Conflict {
            let until = tx.now + ANSWERED_FOR;
            return Ok(idempotency_keys::set_lease(tx, &id, until)?);
        }
        let answer = serde_json::to_vec(&render(outcome))
            .map_err(|error| Fault::internal("writing an answer to be repeated", error))?;
        let Sealed { secret_key_id, text } = tx.app.keyring.seal(&context(&id), &answer)?;
        if idempotency_keys::set_answer(tx, (&id, lease_until), (&secret_key_id, &text), account_id)? {
            Ok(())
        } else {
            Err(Refusal::InFlight.into())
        }
    }
}

/// Claims the key of a call, or finds the answer that the call was given before.
///
/// # Errors
/// [`Refusal::InFlight`] while the same call is being answered, and where its answer held a secret; [`Refusal::Invalid`]
/// where the key was used with another body.
pub async fn begin(app: &App, context: &RequestContext, call: Call) -> Result<Begun, IdentityError> {
    app.transact(context, move |tx| {
        let name = format!("{}\n{}\n{}", call.client, call.operation, call.key);
        let ids = tx.app.keyring.fingerprints(KEY, name.as_bytes());
        let fingerprints = tx.app.keyring.fingerprints(BODY, &call.body);
        let (Some(id), Some(fingerprint)) = (ids.first(), fingerprints.first()) else {
            return Err(Fault::broken_invariant("a keyring without a key").into());
        };
        idempotency_keys::lock(tx, id)?;
        let lease_until = tx.now + IN_FLIGHT_FOR;
        match idempotency_keys::find(tx, &ids)? {
            None => {
                let new = NewIdempotentCall { id, fingerprint, created_at: tx.now, lease_until };
                idempotency_keys::insert(tx, &new)?;
                Ok(Begun::First(Ticket { id: id.clone(), lease_until }))
            }
            Some(known) if !fingerprints.contains(&known.fingerprint) => {
                Err(Refusal::Invalid(vec![FieldError::idempotency_key_reused()]).into())
            }
            Some(IdempotentCall { id, sealed_answer: Some(text), secret_key_id: Some(secret_key_id), .. }) => {
                Ok(Begun::Answered(open(tx, &id, &Sealed { secret_key_id, text })?))
            }
            Some(known) if known.lease_until > tx.now => Err(Refusal::InFlight.into()),
            Some(IdempotentCall { id, .. }) => {
                idempotency_keys::set_lease(tx, &id, lease_until)?;
                Ok(Begun::First(Ticket { id, lease_until }))
            }
        }
    })
    .await
}

/// Gives the key of a call back that has come to nothing, so that it can be repeated at once.
pub async fn release(app: &App, context: &RequestContext, ticket: Ticket) -> Result<(), IdentityError> {
    app.transact(context, move |tx| Ok(idempotency_keys::release(tx, &ticket.id, ticket.lease_until)?)).await
}

fn open(tx: &Tx<'_>, id: &str, sealed: &Sealed) -> Result<Answer, IdentityError> {
    let unreadable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Fault::internal("opening an answer to be repeated", error)
    };
    let plain = tx.app.keyring.open(&context(id), sealed).map_err(|error| unreadable(error.into()))?;
    Ok(serde_json::from_slice(&plain).map_err(|error| unreadable(error.into()))?)
}

/// The purposes of the keyed hashes.
const KEY: &str = "idempotency key";
const BODY: &str = "idempotency body";

fn context(id: &str) -> String {
    format!("idempotency/{id}")
}
