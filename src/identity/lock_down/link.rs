//! "This was not me" in a notice: the holder of the mailbox locks the access down (OW-07).

use chrono::TimeDelta;

use super::effect::lock_down;
use crate::{
    app::App,
    identity::{
        abuse::{
            link_number::{LinkForm, LinkNumber},
            source_limits::counting_unknown_tokens,
        },
        live_link::{live_link, no_longer_live},
        refusal::{IdentityError, LinkReason, Refusal},
        transaction::{Decision, Tx},
    },
    metrics::RefusingLimit,
    store::{
        accounts,
        lock_down_links::{self, LockDownLink},
    },
    types::{CustomerNumber, LockDownTokenHash, RequestContext},
};

/// How long after a lock-down by link no other link locks the account down. A reader of the mailbox could otherwise keep
/// the owner out for good.
const ONCE_IN: TimeDelta = TimeDelta::hours(24);

/// Locks the access down with the link of a notice. The link then ends, with every older one of the account. The answer
/// tells nothing about the account.
///
/// # Errors
/// [`Refusal::LinkUnusable`] with the reason; [`Refusal::Invalid`] for a number that is not the link's, which ends
/// nothing; [`Refusal::TooManyAttempts`] for a source that has presented many unknown tokens, for a link with which many
/// numbers were tried, and for an account that a link has locked down within 24 hours.
pub async fn by_link(app: &App, context: &RequestContext, form: LinkForm) -> Result<(), IdentityError> {
    let (token, number) = form.read()?;
    let link = counting_unknown_tokens(app, context, find_live_link(app, token)).await?;
    let number = number?;
    app.decide(context, move |tx| use_link(tx, &link, &number)).await?;
    app.job_queued.notify_one();
    Ok(())
}

/// Finds the link in a query of its own: a made-up token must not open a writing transaction, of which SQLite has one
/// at a time.
async fn find_live_link(app: &App, token: &str) -> Result<LockDownLink, IdentityError> {
    let now = app.clock.now();
    let token_hash = LockDownTokenHash::of_presented(token);
    let found = app.query(move |tx| lock_down_links::find_by_token_hash(tx, &token_hash)).await?;
    Ok(live_link(found, now)?)
}

fn use_link(tx: &mut Tx<'_>, link: &LockDownLink, number: &CustomerNumber) -> Result<Decision<()>, IdentityError> {
    let Some(account) = accounts::lock(tx, &link.account_id)? else {
        return Err(Refusal::LinkUnusable(LinkReason::Unknown).into());
    };
    let tries = LinkNumber::counted_on(format!("lock-down/{}", link.mail_id), RefusingLimit::LockDown);
    if let Decision::Refused(refusal) = tries.check(tx, number, &account.customer_number)? {
        return Ok(Decision::Refused(refusal));
    }
    let free_from = lock_down_links::last_used_of(tx, &account.id)?.map(|used_at| used_at + ONCE_IN);
    if let Some(free_from) = free_from.filter(|free_from| *free_from > tx.now) {
        tx.note_refusal(RefusingLimit::LockDown);
        return Ok(Decision::Refused(Refusal::TooManyAttempts(free_from - tx.now)));
    }
    if !lock_down_links::consume(tx, &link.mail_id)? {
        return Err(no_longer_live(lock_down_links::find(tx, &link.mail_id)?, tx.now).into());
    }
    lock_down_links::withdraw_older(tx, &account.id, link.created_at)?;
    tries.forget(tx)?;
    lock_down(tx, &account, "through a notice")?;
    Ok(Decision::Done(()))
}
