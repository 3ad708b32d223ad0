//! Calls of machine clients, each of which its limit counts (RL-13).

use crate::{
    app::App,
    identity::{
        abuse::client_limits::{CallCount, count_call, find_recent_refusal},
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    store::{Quota, StoreError},
    types::{Actor, ClientId, RequestContext},
};

/// What a call of a client comes to.
pub struct Metered<T, E = IdentityError> {
    /// How the call ends.
    pub outcome: Result<T, E>,
    /// What the limit leaves to the client; `None` where the client is not known, or nothing limits it.
    pub quota: Option<Quota>,
}

impl<T, E> Metered<T, E> {
    /// A call that was not counted.
    pub(super) const fn uncounted(outcome: Result<T, E>) -> Self {
        Self { outcome, quota: None }
    }

    /// Goes on with the outcome.
    pub(super) fn and_then<U, F: From<E>>(self, next: impl FnOnce(T) -> Result<U, F>) -> Metered<U, F> {
        Metered { outcome: self.outcome.map_err(F::from).and_then(next), quota: self.quota }
    }
}

/// Counts a call of a client and does its work, which only reads.
pub(super) async fn metered<T: Send + 'static>(
    app: &App,
    context: &RequestContext,
    id: &ClientId,
    work: impl FnOnce(&mut Tx<'_>) -> Result<Decision<T>, StoreError> + Send + 'static,
) -> Metered<T> {
    if let Some(quota) = find_recent_refusal(app, id, app.clock.now()) {
        let refusal = Refusal::TooManyAttempts(quota.renewed_in);
        return Metered { outcome: Err(refusal.into()), quota: Some(quota) };
    }
    let context = RequestContext { actor: Actor::Client(id.clone()), ..context.clone() };
    let id = id.clone();
    let done = app.count(&context, move |tx| {
        let CallCount { decision, quota } = count_call(tx, &id)?;
        let decision = match decision {
            Decision::Done(()) => work(tx)?,
            Decision::Refused(refusal) => Decision::Refused(refusal),
        };
        Ok((decision, quota))
    });
    match done.await {
        Ok((Decision::Done(outcome), quota)) => Metered { outcome: Ok(outcome), quota },
        Ok((Decision::Refused(refusal), quota)) => Metered { outcome: Err(refusal.into()), quota },
        Err(error) => Metered::uncounted(Err(error)),
    }
}
