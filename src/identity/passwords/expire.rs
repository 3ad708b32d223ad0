//! Passwords that must be changed before their time: only the reset mail helps, since whoever stole the old
//! password must not get to choose the next one (LG-11).

use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        sessions::end::note_ended,
        work::{ASKED_BY_SERVICE, jitter, queue_reset},
    },
    store::{
        StoreError, Transaction,
        accounts::{self, Account, ExpiredBecause},
        audit_events::{self, Entry, Event},
        sessions,
    },
    types::{CustomerNumber, RequestContext, UtcTime},
};

/// Makes an administrator's word that a password must be changed take effect: every session ends, and the next
/// sign-in sends the reset mail. `None` where there is no such account, `Some(false)` where it was so.
pub async fn expire(
    app: &App,
    number: CustomerNumber,
    reason: Option<String>,
    actor: &str,
) -> Result<Option<bool>, IdentityError> {
    let now = app.clock.now();
    let actor = actor.to_owned();
    app.database
        .write(move |tx| -> Result<Option<bool>, IdentityError> {
            let Some(account) = accounts::find_by_customer_number(tx, &number)? else { return Ok(None) };
            let entry = |event| Entry::by(&actor, event, now);
            let detail = reason.as_deref().unwrap_or("no reason given");
            let because = ExpiredBecause::Administrative;
            Ok(Some(expire_and_end_sessions(tx, &account, because, &entry, detail, now)?))
        })
        .await
}

/// After a right password that serves no more: asks for the reset mail, and notes the expiry if it is news.
pub(in crate::identity) async fn force_reset(
    app: &App,
    context: &RequestContext,
    account: Account,
    because: ExpiredBecause,
) -> Result<(), IdentityError> {
    let now = app.clock.now();
    let run_at = now + jitter(app);
    let context = context.clone();
    app.database
        .write(move |tx| -> Result<(), IdentityError> {
            let present = accounts::lock(tx, &account.id)?;
            if present.is_none_or(|present| present.session_epoch != account.session_epoch) {
                // The password was replaced meanwhile, and nothing is wrong with the new one.
                return Err(Refusal::InvalidCredentials.into());
            }
            let entry = |event| Entry::by_service_for(&context, event, now);
            expire_and_end_sessions(tx, &account, because, &entry, because.as_str(), now)?;
            Ok(queue_reset(tx, &context, account.customer_number, ASKED_BY_SERVICE, now, run_at)?)
        })
        .await?;
    app.job_bell.notify_one();
    Ok(())
}

fn expire_and_end_sessions(
    tx: &mut Transaction<'_>,
    account: &Account,
    because: ExpiredBecause,
    entry: &dyn Fn(Event) -> Entry,
    detail: &str,
    now: UtcTime,
) -> Result<bool, StoreError> {
    if !accounts::expire_password(tx, &account.id, because)? {
        return Ok(false);
    }
    for id in sessions::end_all_of(tx, &account.id, None, "password expired")? {
        note_ended(tx, entry(Event::SessionEnded), account, &id, "password expired")?;
    }
    let expired = entry(Event::PasswordExpired).about(account);
    audit_events::append(tx, &expired.detail(detail))?;
    Ok(true)
}
