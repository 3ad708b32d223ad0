//! Mails that say that a password expires soon.

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::{
        refusal::IdentityError,
        transaction::Tx,
        work::{Notice, queue_notice},
    },
    store::{StoreError, accounts, audit_events::Event, mails::MailKind},
    types::{Actor, RequestContext},
};

/// One of the mails that precede the end of a password.
#[derive(Clone, Copy)]
struct Reminder {
    /// Its place in the order in which the mails go out.
    number: i32,
    /// How long before the end it is due.
    before: TimeDelta,
    /// Until when, counted from the end, the mail is worth sending. It becomes pointless once the next one is due.
    served_until: TimeDelta,
}

/// The last reminder, which is still worth sending for a day after the end: it says then that the password has expired.
const LAST: Reminder = Reminder { number: 2, before: TimeDelta::days(1), served_until: TimeDelta::days(1) };
const FIRST: Reminder = Reminder { number: 1, before: TimeDelta::days(14), served_until: TimeDelta::days(-1) };
/// All reminders. The last one comes first: after a downtime in which both became due, only that one goes out.
const REMINDERS: [Reminder; 2] = [LAST, FIRST];
/// The most accounts that one transaction looks at.
const BATCH: i64 = 200;

/// Queues every reminder that is due and was not queued before. Each goes out once, however many instances look: it is
/// counted in the transaction that queues its mail. The mail waits in the outbox until the next reminder makes it
/// pointless, the last one beyond the end, so a mail API that is down for a day loses none.
pub async fn remind_of_expiry(app: &App) -> Result<(), IdentityError> {
    let Some(days) = app.policy.max_age_days() else { return Ok(()) };
    let greatest_age = TimeDelta::days(days.into());
    let context = RequestContext::of(Actor::Service);
    // A policy with a shorter greatest age needs no reminder that early.
    for reminder in REMINDERS.into_iter().filter(|reminder| reminder.before < greatest_age) {
        loop {
            let found = app.transact(&context, move |tx| Ok(remind_batch(tx, reminder, greatest_age)?)).await?;
            if i64::try_from(found).unwrap_or(BATCH) < BATCH {
                break;
            }
        }
    }
    app.job_queued.notify_one();
    Ok(())
}

/// Queues the reminder for one batch of accounts. Returns how many accounts were found.
fn remind_batch(tx: &mut Tx<'_>, reminder: Reminder, greatest_age: TimeDelta) -> Result<usize, StoreError> {
    let Reminder { number, before, served_until } = reminder;
    let (after, until) = (tx.now - greatest_age, tx.now - (greatest_age - before));
    let mut due = accounts::list_to_remind(tx, after, until, number, BATCH)?;
    // The accounts are locked in one order everywhere, or two instances could wait for each other.
    due.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
    for account in &due {
        if !accounts::set_reminded(tx, account, number)? {
            continue;
        }
        let Some(changed_at) = account.password_changed_at else { continue };
        let serve_until = Some(changed_at + greatest_age + served_until);
        let notice = Notice { serve_until, ..Notice::new(MailKind::ExpiryReminder) };
        queue_notice(tx, notice, account)?;
        tx.entry(Event::ExpiryReminded).about(account).append(tx)?;
    }
    Ok(due.len())
}
