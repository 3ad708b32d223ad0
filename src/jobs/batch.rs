//! One batch of periodic work: the metrics count how it ends, and a failure is an alarm.

use std::time::Instant;

use crate::{
    app::App,
    identity::{IdentityError, Progress},
    metrics::BatchOutcome,
    types::Fault,
};

/// A batch under way.
pub(super) struct Batch<'a> {
    app: &'a App,
    task: &'static str,
    began: Instant,
}

impl<'a> Batch<'a> {
    pub(super) fn begin(app: &'a App, task: &'static str) -> Self {
        Self { app, task, began: Instant::now() }
    }

    /// Counts the batch by how it has ended. `None` where it has failed.
    pub(super) fn end(self, ended: Result<Progress, IdentityError>) -> Option<Progress> {
        let Self { app, task, began } = self;
        let (outcome, progress) = match ended {
            Ok(Progress::Over) => (BatchOutcome::Over, Some(Progress::Over)),
            Ok(Progress::GoesOn) => (BatchOutcome::GoesOn, Some(Progress::GoesOn)),
            Err(error) => {
                tracing::error!(
                    alarm = true,
                    error = Fault::from(error).chain(),
                    task,
                    "a task of the upkeep failed"
                );
                (BatchOutcome::Failed, None)
            }
        };
        app.metrics.upkeep.ran(task, outcome, began.elapsed());
        progress
    }
}
