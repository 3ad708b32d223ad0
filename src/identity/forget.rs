//! Forgetting what has served its time (DP-02).

use chrono::TimeDelta;

use super::{devices::REMEMBERED_FOR, throttle::ALL_FORGOTTEN_IN};
use crate::{
    app::App,
    store::{
        StoreError, devices, mail_events, pressure_reports, rate_limits, refresh_tokens, sessions,
        sign_in_failures, spent_proofs, swallowed_requests, tried_numbers,
    },
    types::Fault,
};

/// What has ended stays for so long to be looked into.
const ENDED_KEPT_FOR: TimeDelta = TimeDelta::hours(72);
/// Mail APIs repeat an event for some days; after a month none comes any more.
const EVENTS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// Nobody asks support about a request that is older.
const SWALLOWED_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// An instance that has told nothing for so long is gone.
const REPORTS_KEPT_FOR: TimeDelta = TimeDelta::days(1);
/// Sessions are forgotten in transactions of so many.
const BATCH: i64 = 200;

/// Forgets devices that were not used for half a year, failures that count no more, and sessions that ended three
/// days ago.
pub async fn forget(app: &App) -> Result<(), Fault> {
    let now = app.clock.now();
    let windows = [app.limits.reset_numbers, app.limits.sign_in_numbers];
    let longest_window = windows.into_iter().flatten().map(|limit| limit.period).max().unwrap_or(TimeDelta::zero());
    app.database
        .write(move |connection| -> Result<(), StoreError> {
            devices::delete_unused(connection, now - REMEMBERED_FOR)?;
            sign_in_failures::delete_old(connection, now - ALL_FORGOTTEN_IN)?;
            rate_limits::delete_empty(connection, now)?;
            mail_events::delete_old(connection, now - EVENTS_KEPT_FOR)?;
            spent_proofs::delete_expired(connection, now)?;
            tried_numbers::delete_old(connection, now - longest_window)?;
            pressure_reports::delete_old(connection, now - REPORTS_KEPT_FOR)?;
            swallowed_requests::delete_old(connection, now - SWALLOWED_KEPT_FOR)?;
            Ok(())
        })
        .await?;
    loop {
        let forgotten = app
            .database
            .write(move |connection| -> Result<usize, StoreError> {
                let ended = sessions::list_ended(connection, now - ENDED_KEPT_FOR, BATCH)?;
                refresh_tokens::delete_of(connection, &ended)?;
                sessions::delete(connection, &ended)?;
                Ok(ended.len())
            })
            .await?;
        if i64::try_from(forgotten).unwrap_or(BATCH) < BATCH {
            return Ok(());
        }
    }
}
