//! Giving the device of a session a name.

use chrono::TimeDelta;

use super::{authenticate::Customer, devices::remember_again, end::ListedSession};
use crate::{
    app::App,
    config::Limit,
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::{Decision, Tx},
    },
    metrics::RefusingLimit,
    store::{
        Allowance,
        accounts::{self, Account},
        audit_events::Event,
        devices::{self, Device},
        rate_limits,
        sessions::{self, Session},
    },
    types::{DeviceLabel, RequestContext, SessionId},
};

/// How often the customer of an account gives names. Each of them leaves an entry in the audit trail.
const NAMES: Limit = Limit { count: 60, period: TimeDelta::hours(1) };

/// Gives the device of a live session of the customer a name, or takes it away. The device keeps it: the next session from
/// there has it too (OW-10).
///
/// # Errors
/// [`Refusal::NoSuchSession`] for a session that has ended or is another customer's; [`Refusal::InvalidToken`] where the
/// session of the caller has ended in the meantime; [`Refusal::TooManyAttempts`] after too many names.
pub async fn rename(
    app: &App,
    context: &RequestContext,
    customer: Customer,
    id: SessionId,
    name: Option<DeviceLabel>,
) -> Result<ListedSession, IdentityError> {
    app.decide(context, move |tx| {
        let Customer { account, session: own } = customer;
        accounts::lock(tx, &account.id)?;
        let lifetimes = tx.app.session_lifetimes;
        // A reset, a change or a sign-out may have come first.
        if sessions::find_live(tx, &own.id, lifetimes)?.is_none() {
            return Err(Refusal::InvalidToken.into());
        }
        let found = sessions::find_live(tx, &id, lifetimes)?;
        let Some((session, _)) = found.filter(|(found, _)| found.account_id == account.id) else {
            return Err(Refusal::NoSuchSession.into());
        };
        name_device(tx, &account, session, name)
    })
    .await
}

fn name_device(
    tx: &mut Tx<'_>,
    account: &Account,
    session: Session,
    name: Option<DeviceLabel>,
) -> Result<Decision<ListedSession>, IdentityError> {
    let mut devices = devices::list_of(tx, &account.id)?;
    let device = devices.iter().find(|device| Some(&device.id) == session.device_id.as_ref()).cloned();
    if device.as_ref().and_then(|device| device.name.as_ref()) == name.as_ref() {
        return Ok(Decision::Done(ListedSession { session, name }));
    }
    if let Allowance::Exhausted(wait) = rate_limits::take_token(tx, &format!("names/{}", account.id), NAMES)? {
        tx.note_refusal(RefusingLimit::DeviceNames);
        return Ok(Decision::Refused(Refusal::TooManyAttempts(wait)));
    }
    let device = match device {
        Some(device) => device,
        None => remember_again(tx, account, &mut devices, &session)?,
    };
    let named_at = name.as_ref().map(|_| tx.now);
    devices::set(tx, &Device { name: name.clone(), named_at, ..device })?;
    tx.entry(Event::SessionRenamed).about(account).session(&session.id).append(tx)?;
    Ok(Decision::Done(ListedSession { session, name }))
}
