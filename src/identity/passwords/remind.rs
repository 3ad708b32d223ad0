//! Mails that say that a password expires soon.

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::{
        notice::{Notice, queue_notice},
        periodic::{PeriodicTask, Progress},
        transaction::Tx,
    },
    store::{StoreError, Transaction, accounts::Account, audit_events::Event, expiry_reminders, mails::MailKind},
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
/// The most accounts that one transaction serves. Each takes several statements.
const BATCH: i64 = 25;

/// Queues every reminder that is due and was not queued before. Each goes out once, however many instances look: it is
/// counted in the transaction that queues its mail. The mail waits in the outbox until the next reminder makes it
/// pointless, the last one beyond the end, so a mail API that is down for a day loses none. The last one comes first:
/// after a downtime in which both became due, only that one goes out.
pub const REMINDING: &[PeriodicTask] = &[
    PeriodicTask {
        name: "last_reminders",
        retention: None,
        is_due: |tx, app| Ok(!list_due(tx, app, LAST, 1)?.is_empty()),
        run_batch: |tx| remind_batch(tx, LAST),
    },
    PeriodicTask {
        name: "first_reminders",
        retention: None,
        is_due: |tx, app| Ok(!list_due(tx, app, FIRST, 1)?.is_empty()),
        run_batch: |tx| remind_batch(tx, FIRST),
    },
];

/// How old a password may get, where the policy says so.
fn greatest_age(app: &App) -> Option<TimeDelta> {
    app.policy.max_age_days().map(|days| TimeDelta::days(days.into()))
}

fn list_due(
    tx: &mut Transaction<'_>,
    app: &App,
    reminder: Reminder,
    most: i64,
) -> Result<Vec<Account>, StoreError> {
    let Reminder { number, before, .. } = reminder;
    // A policy with a shorter greatest age needs no reminder that early.
    let Some(greatest_age) = greatest_age(app).filter(|age| before < *age) else { return Ok(Vec::new()) };
    let (after, until) = (tx.now - greatest_age, tx.now - (greatest_age - before));
    expiry_reminders::list_to_remind(tx, after, until, number, most)
}

/// Queues the reminder for one batch of accounts.
fn remind_batch(tx: &mut Tx<'_>, reminder: Reminder) -> Result<Progress, StoreError> {
    let app = tx.app.clone();
    let Some(greatest_age) = greatest_age(&app) else { return Ok(Progress::Over) };
    let mut due = list_due(tx, &app, reminder, BATCH)?;
    // The accounts are locked in one order everywhere, or two instances could wait for each other.
    due.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
    for account in &due {
        if !expiry_reminders::set_reminded(tx, account, reminder.number)? {
            continue;
        }
        let Some(changed_at) = account.password_changed_at else { continue };
        let serve_until = Some(changed_at + greatest_age + reminder.served_until);
        let notice = Notice { serve_until, ..Notice::new(MailKind::ExpiryReminder) };
        queue_notice(tx, notice, account)?;
        tx.entry(Event::ExpiryReminded).about(account).append(tx)?;
    }
    Ok(Progress::after(due.len(), BATCH))
}
