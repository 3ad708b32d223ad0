//! Support has the reset mail sent once more. Nobody but the owner of the mailbox ever sees its link (AD-01).

use crate::{
    app::App,
    identity::{
        abuse::client_limits::count_act,
        address::cools_off_until,
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
        work::queue_reset,
    },
    store::{
        StoreError,
        accounts::{self, Account},
        audit_events::Event,
        suppressions,
    },
    types::{AccountId, RequestContext, UtcTime},
};

/// What becomes of the mail, as far as it is known when support asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetForOwner {
    /// The request is served like the customer's own. The limits of the number and the address hold, and the diagnosis tells
    /// what became of it.
    Requested,
    /// No mail goes out: access is closed.
    Closed,
    /// No mail goes out: whose the access is has to be decided first.
    Contested,
    /// No mail goes out: no address is on file.
    NoAddress,
    /// No mail goes out before this time: the address was changed.
    CoolsOff(UtcTime),
    /// No mail goes out: the address has refused one, and is paused.
    Paused,
}

impl ResetForOwner {
    /// The detail of the entry in the audit trail.
    const fn detail(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Closed => "closed",
            Self::Contested => "contested",
            Self::NoAddress => "no_email",
            Self::CoolsOff(_) => "cooling_off",
            Self::Paused => "suppressed",
        }
    }
}

/// Requests the reset mail in place of the customer, unless no mail would come of it.
///
/// # Errors
/// [`Refusal::NoSuchAccount`]; [`Refusal::TooManyAttempts`] for a machine client that has had too many links mailed.
pub async fn request_for_owner(
    app: &App,
    context: &RequestContext,
    id: AccountId,
) -> Result<ResetForOwner, IdentityError> {
    let outcome = app
        .decide(context, move |tx| {
            let account = accounts::find(tx, &id)?.ok_or(Refusal::NoSuchAccount)?;
            let outcome = foresee(tx, &account)?;
            if outcome == ResetForOwner::Requested {
                if let Decision::Refused(refusal) = count_act(tx)? {
                    return Ok(Decision::Refused(refusal));
                }
                let actor = tx.context.actor.clone();
                queue_reset(tx, account.customer_number.clone(), &actor)?;
            }
            tx.entry(Event::ResetForOwner).about(&account).detail(outcome.detail()).append(tx)?;
            Ok(Decision::Done(outcome))
        })
        .await?;
    app.job_queued.notify_one();
    Ok(outcome)
}

/// What would keep the worker from sending a mail. The worker looks again, since the account may change before.
fn foresee(tx: &mut Tx<'_>, account: &Account) -> Result<ResetForOwner, StoreError> {
    let suppressions = suppressions::list_of(tx, account.email.as_ref())?;
    Ok(if account.closed_at.is_some() {
        ResetForOwner::Closed
    } else if account.contested_since.is_some() {
        ResetForOwner::Contested
    } else if account.email.is_none() {
        ResetForOwner::NoAddress
    } else if let Some(until) = cools_off_until(&tx.app.config, account, tx.now) {
        ResetForOwner::CoolsOff(until)
    } else if suppressions.iter().any(|suppression| suppression.pauses(tx.now)) {
        ResetForOwner::Paused
    } else {
        ResetForOwner::Requested
    })
}
