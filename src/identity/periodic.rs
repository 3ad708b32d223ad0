//! Work that comes up by itself as time passes, and is done in batches.

use chrono::TimeDelta;

use super::{refusal::IdentityError, transaction::Tx};
use crate::{
    app::App,
    config::Config,
    store::{OldRows, StoreError, Transaction},
    types::{Actor, RequestContext},
};

/// Periodic work. Its transactions are short, so that no request waits for one.
pub struct PeriodicTask {
    /// The name, for logs and metrics.
    pub name: &'static str,
    /// What it deletes or empties; `None` where it does something else. `docs/data.md` says the same of every task.
    pub retention: Option<Retention>,
    /// Whether there is something to do. It only reads.
    pub(in crate::identity) is_due: fn(&mut Transaction<'_>, &App) -> Result<bool, StoreError>,
    /// Does one batch.
    pub(in crate::identity) run_batch: fn(&mut Tx<'_>) -> Result<Progress, StoreError>,
}

/// Rows that a task deletes or empties, and how long they are kept before (DP-02).
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// The rows, with the column that their time is counted from.
    pub rows: OldRows,
    /// How long they are kept from then on; `None` where these settings keep them for ever.
    pub kept_for: fn(&Config) -> Option<TimeDelta>,
}

/// How far a task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There may be another batch.
    GoesOn,
    /// There is nothing to do for now.
    Over,
}

impl Progress {
    /// The progress after a batch that has found this many of at most `most`.
    pub(in crate::identity) fn after(found: usize, most: i64) -> Self {
        if i64::try_from(found).is_ok_and(|found| found < most) { Self::Over } else { Self::GoesOn }
    }
}

impl PeriodicTask {
    /// Does one batch, where there is something to do. It looks first: a look takes no place of `SQLite`'s one writer.
    pub async fn run_batch(&self, app: &App) -> Result<Progress, IdentityError> {
        let (is_due, run_batch, own) = (self.is_due, self.run_batch, app.clone());
        if !app.query(move |tx| is_due(tx, &own)).await? {
            return Ok(Progress::Over);
        }
        app.transact(&RequestContext::of(Actor::Service), move |tx| Ok(run_batch(tx)?)).await
    }
}
