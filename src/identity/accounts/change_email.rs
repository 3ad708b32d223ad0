//! Changing the address on file, to which all later mails go.

use crate::{
    app::App,
    identity::{
        administration::{Change, reason_text, with_locked_account},
        refusal::IdentityError,
        work::{Notice, queue_notice},
    },
    store::{accounts, audit_events::Event, mails::MailKind, reset_links, suppressions},
    types::{CustomerNumber, EmailAddress, RequestContext},
};

/// Changes the address on file. The reset links of the account end, and a mail to the previous address tells of the
/// change (AD-05). Another spelling of the same address is no change.
pub async fn change_email(
    app: &App,
    context: &RequestContext,
    number: CustomerNumber,
    email: EmailAddress,
    reason: Option<String>,
) -> Result<Change, IdentityError> {
    let change = with_locked_account(app, context, number, move |tx, account| {
        if account.email.as_ref().is_some_and(|present| present.canonical() == email.canonical()) {
            return Ok(Change::Unchanged);
        }
        accounts::set_email(tx, &account.id, &email)?;
        // A suppression belongs to the address: it does not move to the next one, and does not outlast the change
        // (WH-04).
        let mut addresses: Vec<_> = account.email.iter().chain([&email]).collect();
        // Each is locked. Two changes in opposite directions lock them in the same order.
        addresses.sort_by_key(|address| address.canonical());
        for address in addresses {
            suppressions::lift(tx, address)?;
        }
        reset_links::withdraw_all_of(tx, &account.id)?;
        if account.email.is_some() {
            // `account` is as it was before, so the notice goes to the previous address.
            queue_notice(tx, Notice::new(MailKind::AddressChanged), account)?;
        }
        let entry = tx.entry(Event::UserEmailChanged).about(account);
        entry.detail(reason_text(reason.as_deref())).append(tx)?;
        Ok(Change::Changed)
    })
    .await?;
    app.job_queued.notify_one();
    Ok(change)
}
