//! Mails that say that a password expires soon.

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::{
        sessions::password_state::GreatestAge,
        work::{Notice, queue_notice},
    },
    store::{
        StoreError, accounts,
        audit_events::{self, Entry, Event},
        mails::MailKind,
    },
    types::Fault,
};

/// How long before the end which reminder is due, the last one first. Where the service was down for both, only
/// the last one goes out.
const REMINDERS: [(i32, TimeDelta); 2] = [(2, TimeDelta::days(1)), (1, TimeDelta::days(14))];
/// So long after the end the last one is still worth sending: it says then that the password has expired.
const SERVED_AFTER_THE_END: TimeDelta = TimeDelta::days(1);
/// Accounts are looked through in transactions of so many.
const BATCH: i64 = 200;

/// Queues every reminder that is due and was not queued before: each goes out once, however many instances
/// look, since it is counted in the transaction that queues its mail. The mail waits in the outbox until the
/// next reminder makes it pointless, the last one beyond the end, so a mail API that is down for a day loses none.
pub async fn remind_of_expiry(app: &App) -> Result<(), Fault> {
    let Some(greatest_age) = GreatestAge::of(app).as_delta() else { return Ok(()) };
    let now = app.clock.now();
    for (number, before) in REMINDERS {
        // A policy that lets passwords live for less than that needs no such reminder.
        if greatest_age <= before {
            continue;
        }
        let next = REMINDERS.iter().find(|(later, _)| *later > number);
        let served_from_end_on = next.map_or(SERVED_AFTER_THE_END, |(_, before)| -*before);
        loop {
            let looked_at = app
                .database
                .write(move |tx| -> Result<usize, StoreError> {
                    let (after, until) = (now - greatest_age, now - (greatest_age - before));
                    let mut due = accounts::list_to_remind(tx, after, until, number, BATCH)?;
                    // One order everywhere, or two instances could wait for each other.
                    due.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
                    for account in &due {
                        if !accounts::set_reminded(tx, account, number)? {
                            continue;
                        }
                        let Some(changed_at) = account.password_changed_at else { continue };
                        let serve_until = changed_at + greatest_age + served_from_end_on;
                        let notice = Notice { kind: MailKind::ExpiryReminder, session_id: None };
                        queue_notice(tx, notice, account, now, Some(serve_until))?;
                        let entry = Entry::by_service(Event::ExpiryReminded, now).about(account);
                        audit_events::append(tx, &entry)?;
                    }
                    Ok(due.len())
                })
                .await?;
            if i64::try_from(looked_at).unwrap_or(BATCH) < BATCH {
                break;
            }
        }
    }
    app.job_bell.notify_one();
    Ok(())
}
