//! The background jobs of a process, and the signal that ends the process.

use std::io;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::{JoinError, JoinHandle},
};

use super::CliError;
use crate::{
    app::App,
    jobs::{self, Background},
};

/// The jobs of the process, which run in a task of their own.
pub(super) struct BackgroundJobs {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl BackgroundJobs {
    pub(super) fn start(app: App, background: Background) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: tokio::spawn(jobs::run(app, background, stopped)) }
    }

    /// Lets the jobs run until SIGTERM or Ctrl-C. Jobs that end earlier are an error: no mail goes out without them, so
    /// the process has to be restarted.
    pub(super) async fn run_until_signal(&mut self, signals: &mut StopSignals) -> Result<(), CliError> {
        tokio::select! {
            () = signals.next() => Ok(()),
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

/// The signals that end the process: SIGTERM and Ctrl-C. A process listens from its start to its end, so that none is lost
/// between two waits.
pub(super) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Begins to listen. The signals end the process no longer by themselves.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next signal, which may have come since the last wait.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
