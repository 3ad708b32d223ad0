//! Forgetting what has served its time (DP-02).

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::{abuse::throttle::ALL_FORGOTTEN_IN, sessions::devices::REMEMBERED_FOR},
    store::{
        StoreError, Transaction, devices, mail_events, mails, pressure_reports, rate_limits, refresh_tokens,
        reset_links, reset_requests, sessions, sign_in_failures, spent_proofs, swallowed_requests, tried_numbers,
    },
    types::{Fault, UtcTime},
};

/// What has ended stays for so long to be looked into.
const ENDED_KEPT_FOR: TimeDelta = TimeDelta::hours(72);
/// Mail APIs repeat an event for some days; after a month none comes any more.
const EVENTS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// Nobody asks support about a request that is older.
const SWALLOWED_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// So long support may be asked about a mail.
const MAILS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// An instance that has told nothing for so long is gone.
const REPORTS_KEPT_FOR: TimeDelta = TimeDelta::days(1);
/// What may be much is forgotten in transactions of so many.
const BATCH: i64 = 200;

/// Forgets devices that were not used for half a year, failures and limits that count no more, sessions and links that
/// ended three days ago, and mails of a month ago.
pub async fn forget(app: &App) -> Result<(), Fault> {
    let now = app.clock.now();
    let windows = [app.limits.reset_numbers, app.limits.sign_in_numbers];
    let longest_window = windows.into_iter().flatten().map(|limit| limit.period).max().unwrap_or(TimeDelta::zero());
    app.database
        .write(move |tx| -> Result<(), StoreError> {
            devices::delete_unused(tx, now - REMEMBERED_FOR)?;
            sign_in_failures::delete_old(tx, now - ALL_FORGOTTEN_IN)?;
            rate_limits::delete_empty(tx)?;
            mail_events::delete_old(tx, now - EVENTS_KEPT_FOR)?;
            spent_proofs::delete_expired(tx)?;
            tried_numbers::delete_old(tx, now - longest_window)?;
            pressure_reports::delete_old(tx, now - REPORTS_KEPT_FOR)?;
            swallowed_requests::delete_old(tx, now - SWALLOWED_KEPT_FOR)?;
            reset_links::forget_tokens(tx, now - ENDED_KEPT_FOR)?;
            reset_requests::delete_old(tx, now - SWALLOWED_KEPT_FOR)?;
            Ok(())
        })
        .await?;
    in_batches(app, move |tx| {
        let ended = sessions::list_ended(tx, now - ENDED_KEPT_FOR, BATCH)?;
        refresh_tokens::delete_of(tx, &ended)?;
        sessions::delete(tx, &ended)?;
        Ok(ended.len())
    })
    .await?;
    // A flood of requests for numbers that nobody has is gone after three days; of the others support may be asked.
    in_batches(app, move |tx| forget_mails(tx, true, now - ENDED_KEPT_FOR)).await?;
    in_batches(app, move |tx| forget_mails(tx, false, now - MAILS_KEPT_FOR)).await?;
    Ok(())
}

/// Runs what forgets [`BATCH`] rows at most, and says how many, until there are no more.
async fn in_batches(
    app: &App,
    forget: impl Fn(&mut Transaction) -> Result<usize, StoreError> + Clone + Send + 'static,
) -> Result<(), Fault> {
    loop {
        let forgotten = app.database.write(forget.clone()).await?;
        if i64::try_from(forgotten).unwrap_or(BATCH) < BATCH {
            return Ok(());
        }
    }
}

fn forget_mails(
    tx: &mut Transaction<'_>,
    decoys_only: bool,
    finished_before: UtcTime,
) -> Result<usize, StoreError> {
    let finished = mails::list_finished(tx, decoys_only, finished_before, BATCH)?;
    let (mail_ids, link_ids): (Vec<_>, Vec<_>) = finished.into_iter().unzip();
    let link_ids: Vec<_> = link_ids.into_iter().flatten().collect();
    mails::delete(tx, &mail_ids)?;
    reset_links::delete_with_requests(tx, &link_ids)?;
    Ok(mail_ids.len())
}
