//! The receiver of webhooks, which records every event that arrives.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use wiremock::{Request, Respond, ResponseTemplate};

use super::{history::Webhook, mailbox::checksum, recorder::Recorder};

/// The time that an answer takes.
const DELAY: Duration = Duration::from_millis(25);

#[derive(Clone)]
pub(super) struct Receiver {
    recorder: Arc<Recorder>,
    is_refusing: Arc<AtomicBool>,
}

impl Respond for Receiver {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let is_taken = !self.is_refusing.load(Ordering::Relaxed);
        self.recorder.webhook(Webhook {
            at: self.recorder.now(),
            id: request.headers["webhook-id"].to_str().unwrap().to_owned(),
            checksum: checksum(&request.body),
            is_taken,
        });
        ResponseTemplate::new(if is_taken { 200 } else { 503 }).set_delay(DELAY)
    }
}

impl Receiver {
    pub(super) fn new(recorder: Arc<Recorder>) -> Self {
        Self { recorder, is_refusing: Arc::default() }
    }

    /// Sets whether events are refused from now on.
    pub(super) fn refuse(&self, is_refusing: bool) {
        self.is_refusing.store(is_refusing, Ordering::Relaxed);
    }
}
