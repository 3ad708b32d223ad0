//! Deleting what is not needed any more (DP-02).

use chrono::TimeDelta;

use super::cut_trail;
use crate::{
    app::App,
    identity::{
        abuse::failure_limit::ALL_FORGOTTEN_IN,
        periodic::{PeriodicTask, Progress},
        sessions::devices::{REMEMBERED_AS_FORMER_FOR, REMEMBERED_FOR},
        transaction::Tx,
    },
    store::{
        OldRows, StoreError, Transaction, audit_cut, caller_codes, devices, email_changes, erased_numbers, events,
        failed_sign_ins, former_devices, idempotency_keys, imports, lock_down_links, mail_events, mails,
        pressure_reports, rate_limits, refresh_tokens, reset_links, reset_requests, revoked_tokens, sessions,
        sign_in_failures, spent_assertions, spent_proofs, support_sessions, suppression_liftings,
        swallowed_requests, tried_numbers, webhook_attempts, webhook_deliveries, webhook_keys,
    },
};

/// How long ended sessions and links are kept for enquiries.
const ENDED_KEPT_FOR: TimeDelta = TimeDelta::hours(72);
/// How long the id of a delivery event is kept. Mail APIs repeat an event for some days, and never after a month.
const EVENTS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How long what has happened is told at `GET /v1/events`. A system that was away for longer compares all accounts.
const TOLD_FOR: TimeDelta = TimeDelta::days(30);
/// How long an event waits for an endpoint of webhooks.
const DELIVERIES_KEPT_FOR: TimeDelta = TimeDelta::days(4);
/// How long reset requests and the counts of swallowed ones are kept. Support is not asked about older ones.
const SWALLOWED_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How long finished mails are kept. Support is not asked about older ones.
const MAILS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How long the hash of an erased number is kept. The mailbox of an account that is made for it may be that of its
/// earlier owner (AD-05).
const ERASED_NUMBERS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How long the answer to a call is repeated under its `Idempotency-Key` (AP-10).
const ANSWERS_KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// How long the report of an instance is kept. An instance that has reported nothing for this time does not run any
/// more.
const REPORTS_KEPT_FOR: TimeDelta = TimeDelta::days(1);
/// How long the owner reads what happened to the access, and the sums of failed sign-ins are kept for that.
pub(in crate::identity) const ACTIVITY_KEPT_FOR: TimeDelta = TimeDelta::days(180);
/// The most rows that one transaction deletes from a table. A commit of many rows makes those of requests wait.
const BATCH: i64 = 100;

/// Makes a task that deletes the rows of a table once they are as old as the expression says.
macro_rules! forget {
    ($name:literal, $rows:expr, |$app:ident| $kept_for:expr) => {
        PeriodicTask {
            name: $name,
            is_due: |tx, $app| $rows.are_there(tx, tx.now - $kept_for),
            run_batch: |tx| {
                let $app = &tx.app;
                let until = tx.now - $kept_for;
                Ok(Progress::after($rows.delete(tx, until, BATCH)?, BATCH))
            },
        }
    };
}

/// Deletes what has served its time: devices that were not used for half a year, failures and limits that count no
/// more, sessions and links that ended three days ago, and mails of a month ago. One table has one task.
pub const FORGETTING: &[PeriodicTask] = &[
    forget!("devices", devices::UNUSED, |_app| REMEMBERED_FOR),
    forget!("former_devices", former_devices::ENDED, |_app| REMEMBERED_AS_FORMER_FOR),
    forget!("failed_sign_ins", failed_sign_ins::COUNTS, |_app| ACTIVITY_KEPT_FOR),
    // Support may be asked about them as about mails. A lock-down looks back for a week.
    forget!("email_changes", email_changes::ALL, |_app| MAILS_KEPT_FOR),
    forget!("lock_down_links", lock_down_links::ALL, |_app| ENDED_KEPT_FOR),
    // The caps count the questions of a day.
    forget!("caller_codes", caller_codes::ALL, |_app| ENDED_KEPT_FOR),
    forget!("erased_numbers", erased_numbers::NUMBERS, |_app| ERASED_NUMBERS_KEPT_FOR),
    forget!("idempotency_keys", idempotency_keys::CALLS, |_app| ANSWERS_KEPT_FOR),
    // One that was not finished may be gone on with until then.
    forget!("imports", imports::IMPORTS, |_app| ACTIVITY_KEPT_FOR),
    forget!("sign_in_failures", sign_in_failures::COUNTS, |_app| ALL_FORGOTTEN_IN),
    forget!("rate_limits", rate_limits::KEYS, |_app| TimeDelta::zero()),
    forget!("mail_events", mail_events::EVENTS, |_app| EVENTS_KEPT_FOR),
    forget!("events", events::PUBLISHED, |_app| TOLD_FOR),
    // An event is tried for three days. What is older waits for an endpoint that is gone or disabled.
    forget!("webhook_deliveries", webhook_deliveries::QUEUED, |_app| DELIVERIES_KEPT_FOR),
    forget!("webhook_attempts", webhook_attempts::LOGGED, |_app| TOLD_FOR),
    forget!("webhook_keys", webhook_keys::REPLACED, |_app| TimeDelta::zero()),
    // An event is about a mail that is still kept.
    forget!("suppression_liftings", suppression_liftings::LIFTINGS, |_app| MAILS_KEPT_FOR),
    forget!("spent_assertions", spent_assertions::ASSERTIONS, |_app| TimeDelta::zero()),
    forget!("revoked_tokens", revoked_tokens::TOKENS, |_app| TimeDelta::zero()),
    forget!("spent_proofs", spent_proofs::PROOFS, |_app| TimeDelta::zero()),
    forget!("tried_numbers", tried_numbers::NUMBERS, |app| longest_window(app)),
    forget!("pressure_reports", pressure_reports::REPORTS, |_app| REPORTS_KEPT_FOR),
    forget!("support_sessions", support_sessions::SESSIONS, |_app| support_sessions::LIFETIME),
    forget!("swallowed_requests", swallowed_requests::COUNTS, |_app| SWALLOWED_KEPT_FOR),
    forget!("reset_requests", reset_requests::STALE, |_app| SWALLOWED_KEPT_FOR),
    PeriodicTask {
        name: "audit_events",
        is_due: |tx, app| {
            if audit_cut::are_left(tx)? {
                return Ok(true);
            }
            let Some(kept_for) = app.config.audit_keep else { return Ok(false) };
            Ok(audit_cut::find_old(tx, tx.now - kept_for)?.is_some())
        },
        run_batch: |tx| cut_trail::run_batch(tx, BATCH),
    },
    PeriodicTask {
        name: "reset_tokens",
        is_due: |tx, _| reset_links::WITH_TOKEN.are_there(tx, tx.now - ENDED_KEPT_FOR),
        run_batch: |tx| {
            let expired_before = tx.now - ENDED_KEPT_FOR;
            Ok(Progress::after(reset_links::forget_tokens(tx, expired_before, BATCH)?, BATCH))
        },
    },
    PeriodicTask {
        name: "sessions",
        is_due: |tx, _| sessions::ENDED.are_there(tx, tx.now - ENDED_KEPT_FOR),
        run_batch: forget_sessions,
    },
    // After a flood of requests for numbers without account, the decoys are deleted after three days. Support may be
    // asked about the other mails.
    PeriodicTask {
        name: "decoys",
        is_due: |tx, _| are_mails_due(tx, mails::FINISHED_DECOYS, ENDED_KEPT_FOR),
        run_batch: |tx| forget_mails(tx, mails::FINISHED_DECOYS, ENDED_KEPT_FOR),
    },
    PeriodicTask {
        name: "mails",
        is_due: |tx, _| are_mails_due(tx, mails::FINISHED, MAILS_KEPT_FOR),
        run_batch: |tx| forget_mails(tx, mails::FINISHED, MAILS_KEPT_FOR),
    },
];

/// The longest time for which a number that was tried counts.
fn longest_window(app: &App) -> TimeDelta {
    let limits = &app.config.limits;
    let windows = [limits.reset_numbers, limits.sign_in_numbers, limits.support_numbers];
    windows.into_iter().flatten().map(|limit| limit.period).max().unwrap_or(TimeDelta::zero())
}

fn forget_sessions(tx: &mut Tx<'_>) -> Result<Progress, StoreError> {
    let ended_before = tx.now - ENDED_KEPT_FOR;
    let ended = sessions::lock_ended(tx, ended_before, BATCH)?;
    refresh_tokens::delete_of(tx, &ended)?;
    sessions::delete(tx, &ended)?;
    Ok(Progress::after(ended.len(), BATCH))
}

fn are_mails_due(tx: &mut Transaction<'_>, which: OldRows, kept_for: TimeDelta) -> Result<bool, StoreError> {
    which.are_there(tx, tx.now - kept_for)
}

fn forget_mails(tx: &mut Tx<'_>, which: OldRows, kept_for: TimeDelta) -> Result<Progress, StoreError> {
    let finished_before = tx.now - kept_for;
    let finished = mails::lock_finished(tx, which, finished_before, BATCH)?;
    let (mail_ids, link_ids): (Vec<_>, Vec<_>) = finished.into_iter().unzip();
    let link_ids: Vec<_> = link_ids.into_iter().flatten().collect();
    mails::delete(tx, &mail_ids)?;
    reset_links::delete_with_requests(tx, &link_ids)?;
    Ok(Progress::after(mail_ids.len(), BATCH))
}
