//! Trying a new password where rules about the account may refuse it (CH-11). One is tried at a time for an account, by
//! whatever door: otherwise guesses made at the same time would all be told whether they are earlier passwords, before
//! the first that is none has become the password.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time;
use tracing::Instrument as _;

use crate::{
    app::App,
    config::Limit,
    identity::{
        refusal::IdentityError,
        transaction::{Decision, Tx},
    },
    limits::Turn,
    store::{StoreError, Transaction, rate_limits},
    telemetry::in_current,
    types::{AccountId, Fault, RequestContext},
};

/// How long the turn is kept for an instance that has ended within it.
const LEASE: Limit = Limit { count: 1, period: TimeDelta::seconds(30) };
/// How long a caller waits for its turn on this instance.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often, and at which interval, a turn is asked for that another instance has.
const TRIES: u32 = 20;
const INTERVAL: Duration = Duration::from_millis(100);

/// The turn of one new password, over all instances. Its holder ends it by [`Lease::end`] in the transaction that
/// settles what becomes of the password.
pub(in crate::identity) struct NewPasswordTurn {
    _turn: Turn,
    lease: Lease,
}

/// The row that tells the other instances of the turn.
#[derive(Clone)]
pub(in crate::identity) struct Lease(String);

impl NewPasswordTurn {
    /// The row to remove at the end.
    pub(in crate::identity) fn lease(&self) -> Lease {
        self.lease.clone()
    }
}

impl Lease {
    /// Lets the next new password of the account be tried.
    pub(in crate::identity) fn end(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        rate_limits::delete(tx, &self.0)
    }
}

/// The outcome of asking for a turn.
enum Asked<T> {
    Granted(T),
    /// Another instance has it.
    Elsewhere,
}

/// Waits for the turn of an account and runs `begin` in the transaction that takes it. A refusal or a failure of `begin`
/// takes no turn.
///
/// # Errors
/// What `begin` returns; unavailable where too many wait.
pub(in crate::identity) async fn take_turn<T: Send + 'static>(
    app: &App,
    context: &RequestContext,
    account_id: &AccountId,
    begin: impl Fn(&mut Tx<'_>) -> Result<Decision<T>, IdentityError> + Clone + Send + 'static,
) -> Result<(NewPasswordTurn, T), IdentityError> {
    let lease = Lease(format!("new-password/{account_id}"));
    let turn = time::timeout(PATIENCE, app.turns.take(&lease.0)).await.ok().flatten().ok_or_else(busy)?;
    for _ in 0..TRIES {
        let (begin, row) = (begin.clone(), lease.clone());
        let asked = app.decide(context, move |tx| {
            if !rate_limits::take_token(tx, &row.0, LEASE)?.is_granted() {
                return Ok(Decision::Done(Asked::Elsewhere));
            }
            match begin(tx)? {
                Decision::Done(value) => Ok(Decision::Done(Asked::Granted(value))),
                Decision::Refused(refusal) => {
                    row.end(tx)?;
                    Ok(Decision::Refused(refusal))
                }
            }
        });
        if let Asked::Granted(value) = asked.await? {
            return Ok((NewPasswordTurn { _turn: turn, lease }, value));
        }
        time::sleep(INTERVAL).await;
    }
    Err(busy().into())
}

/// Runs the work of a turn to its end, even where the caller hangs up: the turn would else be kept until its lease ends,
/// and the owner would wait.
pub(in crate::identity) async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, IdentityError>> + Send + 'static,
) -> Result<T, IdentityError> {
    let ended = tokio::spawn(in_current(work).in_current_span()).await;
    ended.unwrap_or_else(|error| Err(Fault::internal("setting a password", error).into()))
}

fn busy() -> Fault {
    Fault::unavailable("waiting to try a new password", "others are tried for the same account")
}
