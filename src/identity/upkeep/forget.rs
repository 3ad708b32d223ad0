//! Deleting what is not needed any more (DP-02). `docs/data.md` says why each period is what it is.

use chrono::TimeDelta;

use super::{cut_trail, review_suppressions};
use crate::{
    config::Config,
    identity::{
        abuse::failure_limit::ALL_FORGOTTEN_IN,
        periodic::{PeriodicTask, Progress, Retention},
        sessions::devices::{REMEMBERED_AS_FORMER_FOR, REMEMBERED_FOR},
        transaction::Tx,
    },
    store::{
        OldRows, StoreError, audit_cut, caller_codes, devices, email_changes, erased_numbers, events,
        failed_sign_ins, former_devices, idempotency_keys, imports, lock_down_links, mail_events, mails,
        pressure_reports, rate_limits, refresh_tokens, reset_links, reset_requests, revoked_tokens, sessions,
        sign_in_failures, spent_assertions, spent_proofs, support_sessions, suppression_liftings, suppressions,
        swallowed_requests, tried_numbers, webhook_attempts, webhook_deliveries, webhook_keys,
    },
    types::UtcTime,
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
/// How long finished mails are kept, and those that were never finished since no job is left. Support is not
/// asked about older ones, and no job hands an older one over.
const MAILS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How long the hash of an erased number is kept. The mailbox of an account that is made for it may be that of its
/// earlier owner (AD-05).
pub(in crate::identity) const ERASED_NUMBERS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How long it is known of an address that mail does not reach it, or that its owner has complained, once no account
/// has the address any more.
const SUPPRESSIONS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How long the answer to a call is repeated under its `Idempotency-Key` (AP-10).
const ANSWERS_KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// How long the report of an instance is kept. An instance that has reported nothing for this time does not run any
/// more.
const REPORTS_KEPT_FOR: TimeDelta = TimeDelta::days(1);
/// How long the owner reads what happened to the access, and the sums of failed sign-ins are kept for that.
pub(in crate::identity) const ACTIVITY_KEPT_FOR: TimeDelta = TimeDelta::days(180);
/// The most rows that one transaction deletes from a table. A commit of many rows makes those of requests wait.
const BATCH: i64 = 100;
/// The most refresh tokens that one transaction deletes with their sessions. They are short rows without an index of
/// their own age, and a session that was refreshed for a month has thousands.
const MOST_TOKENS: i64 = 1_000;

/// Makes a task that deletes the rows of a table once they are as old as the expression says, or that does with a batch
/// of them what its last part says, which returns how many there were.
macro_rules! forget {
    ($name:literal, $rows:expr, |$config:ident| $kept_for:expr) => {
        forget!($name, $rows, |$config| $kept_for, |tx, until| $rows.delete(tx, until, BATCH))
    };
    ($name:literal, $rows:expr, |$config:ident| $kept_for:expr, |$tx:ident, $until:ident| $batch:expr) => {
        PeriodicTask {
            name: $name,
            retention: Some(Retention { rows: $rows, kept_for: |$config| Some($kept_for) }),
            is_due: |tx, app| {
                let $config = &app.config;
                $rows.are_there(tx, tx.now - $kept_for)
            },
            run_batch: |$tx| {
                let $config = &$tx.app.config;
                let $until = $tx.now - $kept_for;
                Ok(Progress::after($batch?, BATCH))
            },
        }
    };
}

/// Deletes what has served its time: devices that were not used for half a year, failures and limits that count no
/// more, sessions and links that ended three days ago, and mails of a month ago. No task deletes rows of two ages.
pub const FORGETTING: &[PeriodicTask] = &[
    forget!("devices", devices::UNUSED, |_config| REMEMBERED_FOR),
    forget!("former_devices", former_devices::ENDED, |_config| REMEMBERED_AS_FORMER_FOR),
    forget!("failed_sign_ins", failed_sign_ins::COUNTS, |_config| ACTIVITY_KEPT_FOR),
    // Support may be asked about them as about mails. A lock-down looks back for a week.
    forget!("email_changes", email_changes::ALL, |_config| MAILS_KEPT_FOR),
    forget!("lock_down_links", lock_down_links::ALL, |_config| ENDED_KEPT_FOR),
    // The caps count the questions of a day.
    forget!("caller_codes", caller_codes::ALL, |_config| ENDED_KEPT_FOR),
    forget!("erased_numbers", erased_numbers::NUMBERS, |_config| ERASED_NUMBERS_KEPT_FOR),
    forget!("idempotency_keys", idempotency_keys::CALLS, |_config| ANSWERS_KEPT_FOR),
    // One that was not finished may be gone on with until then.
    forget!("imports", imports::IMPORTS, |_config| ACTIVITY_KEPT_FOR),
    forget!("sign_in_failures", sign_in_failures::COUNTS, |_config| ALL_FORGOTTEN_IN),
    forget!("rate_limits", rate_limits::KEYS, |_config| TimeDelta::zero()),
    forget!("mail_events", mail_events::EVENTS, |_config| EVENTS_KEPT_FOR),
    forget!("events", events::PUBLISHED, |_config| TOLD_FOR),
    // An event is tried for three days. What is older waits for an endpoint that is gone or disabled.
    forget!("webhook_deliveries", webhook_deliveries::QUEUED, |_config| DELIVERIES_KEPT_FOR),
    forget!("webhook_attempts", webhook_attempts::LOGGED, |_config| TOLD_FOR),
    forget!("webhook_keys", webhook_keys::REPLACED, |_config| TimeDelta::zero()),
    // An event is about a mail that is still kept.
    forget!("suppression_liftings", suppression_liftings::LIFTINGS, |_config| MAILS_KEPT_FOR),
    forget!("suppressions", suppressions::REVIEWED, |_config| SUPPRESSIONS_KEPT_FOR, |tx, until| {
        review_suppressions::run_batch(tx, until, BATCH)
    }),
    forget!("spent_assertions", spent_assertions::ASSERTIONS, |_config| TimeDelta::zero()),
    forget!("revoked_tokens", revoked_tokens::TOKENS, |_config| TimeDelta::zero()),
    forget!("spent_proofs", spent_proofs::PROOFS, |_config| TimeDelta::zero()),
    forget!("tried_numbers", tried_numbers::NUMBERS, |config| longest_window(config)),
    forget!("pressure_reports", pressure_reports::REPORTS, |_config| REPORTS_KEPT_FOR),
    forget!("support_sessions", support_sessions::SESSIONS, |_config| support_sessions::LIFETIME),
    forget!("swallowed_requests", swallowed_requests::COUNTS, |_config| SWALLOWED_KEPT_FOR),
    forget!("reset_requests", reset_requests::WITHOUT_LINK, |_config| SWALLOWED_KEPT_FOR),
    PeriodicTask {
        name: "audit_events",
        retention: Some(Retention { rows: audit_cut::KEPT, kept_for: |config| config.audit_keep }),
        is_due: |tx, app| {
            if audit_cut::are_left(tx)? {
                return Ok(true);
            }
            let Some(kept_for) = app.config.audit_keep else { return Ok(false) };
            Ok(audit_cut::find_old(tx, tx.now - kept_for)?.is_some())
        },
        run_batch: |tx| cut_trail::run_batch(tx, BATCH),
    },
    forget!("reset_tokens", reset_links::WITH_TOKEN, |_config| ENDED_KEPT_FOR, |tx, until| {
        reset_links::forget_tokens(tx, reset_links::WITH_TOKEN, until, BATCH)
    }),
    forget!("unsent_tokens", reset_links::UNSENT_WITH_TOKEN, |_config| ENDED_KEPT_FOR, |tx, until| {
        reset_links::forget_tokens(tx, reset_links::UNSENT_WITH_TOKEN, until, BATCH)
    }),
    forget!("sessions", sessions::ENDED, |_config| ENDED_KEPT_FOR, |tx, until| forget_sessions(tx, until)),
    // After a flood of requests for numbers without account, the decoys are deleted after three days. Support may be
    // asked about the other mails.
    forget!("decoys", mails::FINISHED_DECOYS, |_config| ENDED_KEPT_FOR, |tx, until| {
        forget_mails(tx, mails::FINISHED_DECOYS, until)
    }),
    forget!("mails", mails::FINISHED, |_config| MAILS_KEPT_FOR, |tx, until| {
        forget_mails(tx, mails::FINISHED, until)
    }),
    // A version before has given jobs up after two weeks, and left their mails as they were.
    forget!("unfinished_mails", mails::UNFINISHED, |_config| MAILS_KEPT_FOR, |tx, until| {
        forget_mails(tx, mails::UNFINISHED, until)
    }),
];

/// The longest time for which a number that was tried counts.
fn longest_window(config: &Config) -> TimeDelta {
    let limits = &config.limits;
    let windows = [limits.reset_numbers, limits.sign_in_numbers, limits.support_numbers];
    windows.into_iter().flatten().map(|limit| limit.period).max().unwrap_or(TimeDelta::zero())
}

fn forget_sessions(tx: &mut Tx<'_>, ended_before: UtcTime) -> Result<usize, StoreError> {
    let ended = sessions::lock_ended(tx, ended_before, BATCH)?;
    let tokens = refresh_tokens::delete_some_of(tx, &ended, MOST_TOKENS)?;
    if Progress::after(tokens, MOST_TOKENS) == Progress::Over {
        sessions::delete(tx, &ended)?;
    }
    Ok(ended.len().max(tokens))
}

fn forget_mails(tx: &mut Tx<'_>, which: OldRows, until: UtcTime) -> Result<usize, StoreError> {
    let old = mails::lock_old(tx, which, until, BATCH)?;
    let (mail_ids, link_ids): (Vec<_>, Vec<_>) = old.into_iter().unzip();
    let link_ids: Vec<_> = link_ids.into_iter().flatten().collect();
    mails::delete(tx, &mail_ids)?;
    reset_links::delete_with_requests(tx, &link_ids)?;
    Ok(mail_ids.len())
}
