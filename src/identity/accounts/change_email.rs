//! Another address on file: the one that sign-in mails go to from now on.

use crate::{
    app::App,
    identity::{
        refusal::IdentityError,
        work::{Notice, queue_notice},
    },
    store::{
        accounts,
        audit_events::{self, Entry, Event},
        mails::MailKind,
        reset_links, suppressions,
    },
    types::{CustomerNumber, EmailAddress},
};

/// Changes the address on file. Links that went to the one before end, and whoever reads mail there is told
/// (AD-05). `None` where there is no such account, `Some(false)` where this was its address already.
pub async fn change_email(
    app: &App,
    number: CustomerNumber,
    email: EmailAddress,
    reason: Option<String>,
    actor: &str,
) -> Result<Option<bool>, IdentityError> {
    let now = app.clock.now();
    let actor = actor.to_owned();
    let changed = app
        .database
        .write(move |tx| -> Result<Option<bool>, IdentityError> {
            let Some(found) = accounts::find_by_customer_number(tx, &number)? else { return Ok(None) };
            let Some(account) = accounts::lock(tx, &found.id)? else { return Ok(None) };
            if account.email.as_ref().is_some_and(|present| present.canonical() == email.canonical()) {
                return Ok(Some(false));
            }
            accounts::set_email(tx, &account.id, &email)?;
            // What held for an address is not carried to the next, nor kept for the day it comes back (WH-04).
            for address in account.email.iter().chain([&email]) {
                suppressions::lift(tx, address, None)?;
            }
            reset_links::withdraw_all_of(tx, &account.id)?;
            if account.email.is_some() {
                // `account` is as it was before, so this goes to the old address.
                let notice = Notice { kind: MailKind::AddressChanged, session_id: None };
                queue_notice(tx, notice, &account, now, None)?;
            }
            let entry = Entry::by(&actor, Event::UserEmailChanged, now)
                .about(&account)
                .detail(reason.as_deref().unwrap_or("no reason given"));
            audit_events::append(tx, &entry)?;
            Ok(Some(true))
        })
        .await?;
    app.job_bell.notify_one();
    Ok(changed)
}
