//! Deleting what is not needed any more (DP-02).

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::{
        abuse::failure_limit::ALL_FORGOTTEN_IN, refusal::IdentityError, sessions::devices::REMEMBERED_FOR,
        transaction::Tx,
    },
    store::{
        StoreError, devices, mail_events,
        mails::{self, FinishedMails},
        pressure_reports, rate_limits, refresh_tokens, reset_links, reset_requests, sessions, sign_in_failures,
        spent_proofs, suppression_liftings, swallowed_requests, tried_numbers,
    },
    types::{Actor, RequestContext, UtcTime},
};

/// How long ended sessions and links are kept for enquiries.
const ENDED_KEPT_FOR: TimeDelta = TimeDelta::hours(72);
/// How long the id of a delivery event is kept. Mail APIs repeat an event for some days, and never after a month.
const EVENTS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How long reset requests and the counts of swallowed ones are kept. Support is not asked about older ones.
const SWALLOWED_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How long finished mails are kept. Support is not asked about older ones.
const MAILS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How long the report of an instance is kept. An instance that has reported nothing for this time does not run any
/// more.
const REPORTS_KEPT_FOR: TimeDelta = TimeDelta::days(1);
/// The most rows that one transaction deletes from a table that may be large.
const BATCH: i64 = 200;

/// Deletes what has served its time: devices that were not used for half a year, failures and limits that count no
/// more, sessions and links that ended three days ago, and mails of a month ago.
pub async fn forget(app: &App) -> Result<(), IdentityError> {
    let context = RequestContext::of(Actor::Service);
    app.transact(&context, |tx| Ok(forget_small(tx)?)).await?;
    in_batches(app, &context, forget_sessions).await?;
    // After a flood of requests for numbers without account, the decoys are deleted after three days. Support may be
    // asked about the other mails.
    in_batches(app, &context, |tx| {
        let finished_before = tx.now - ENDED_KEPT_FOR;
        forget_mails(tx, FinishedMails::Decoys, finished_before)
    })
    .await?;
    in_batches(app, &context, |tx| {
        let finished_before = tx.now - MAILS_KEPT_FOR;
        forget_mails(tx, FinishedMails::All, finished_before)
    })
    .await
}

/// Deletes from the tables in which there is never much to delete at a time.
fn forget_small(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now;
    let limits = &tx.app.config.limits;
    let windows = [limits.reset_numbers, limits.sign_in_numbers, limits.support_numbers];
    let longest_window = windows.into_iter().flatten().map(|limit| limit.period).max().unwrap_or(TimeDelta::zero());
    devices::delete_unused(tx, now - REMEMBERED_FOR)?;
    sign_in_failures::delete_old(tx, now - ALL_FORGOTTEN_IN)?;
    rate_limits::delete_empty(tx)?;
    mail_events::delete_old(tx, now - EVENTS_KEPT_FOR)?;
    // An event is about a mail that is still kept.
    suppression_liftings::delete_old(tx, now - MAILS_KEPT_FOR)?;
    spent_proofs::delete_expired(tx)?;
    tried_numbers::delete_old(tx, now - longest_window)?;
    pressure_reports::delete_old(tx, now - REPORTS_KEPT_FOR)?;
    swallowed_requests::delete_old(tx, now - SWALLOWED_KEPT_FOR)?;
    reset_links::forget_tokens(tx, now - ENDED_KEPT_FOR)?;
    reset_requests::delete_old(tx, now - SWALLOWED_KEPT_FOR)?;
    Ok(())
}

/// Repeats `forget`, which deletes at most [`BATCH`] rows and returns their number, until there are no more.
async fn in_batches(
    app: &App,
    context: &RequestContext,
    forget: fn(&mut Tx<'_>) -> Result<usize, StoreError>,
) -> Result<(), IdentityError> {
    loop {
        let forgotten = app.transact(context, move |tx| Ok(forget(tx)?)).await?;
        if i64::try_from(forgotten).unwrap_or(BATCH) < BATCH {
            return Ok(());
        }
    }
}

fn forget_sessions(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let ended_before = tx.now - ENDED_KEPT_FOR;
    let ended = sessions::list_ended(tx, ended_before, BATCH)?;
    refresh_tokens::delete_of(tx, &ended)?;
    sessions::delete(tx, &ended)?;
    Ok(ended.len())
}

fn forget_mails(
    tx: &mut Tx<'_>,
    finished_mails: FinishedMails,
    finished_before: UtcTime,
) -> Result<usize, StoreError> {
    let finished = mails::list_finished(tx, finished_mails, finished_before, BATCH)?;
    let (mail_ids, link_ids): (Vec<_>, Vec<_>) = finished.into_iter().unzip();
    let link_ids: Vec<_> = link_ids.into_iter().flatten().collect();
    mails::delete(tx, &mail_ids)?;
    reset_links::delete_with_requests(tx, &link_ids)?;
    Ok(mail_ids.len())
}
