//! The background jobs of a process, and the signal that ends the process.

use std::io;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::{JoinError, JoinHandle},
};

use super::CliError;
use crate::{app::App, jobs};

/// The jobs of the process, which run in a task of their own.
pub(super) struct BackgroundJobs {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl BackgroundJobs {
    pub(super) fn start(app: App) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(jobs::run(app, stopped)) }
    }

    /// Lets the jobs run until SIGTERM or Ctrl-C. Jobs that end earlier are an error: no mail goes out without them, so
    /// the process has to be restarted.
    pub(super) async fn run_until_signal(&mut self) -> Result<(), CliError> {
        tokio::select! {
            signal = stop_signal() => Ok(signal?),
            ended = &mut self.task => Err(match ended {
                Ok(()) => "the jobs ended early".into(),
                Err(error) => format!("the jobs ended early: {error}").into(),
            }),
        }
    }

    /// Claims no further jobs and waits for those that run.
    pub(super) async fn finish(self) -> Result<(), JoinError> {
        self.stop.send_replace(true);
        self.task.await
    }
}

/// Waits for SIGTERM or Ctrl-C.
pub(super) async fn stop_signal() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
