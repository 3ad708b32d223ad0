//! The record of a run.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use super::history::{Act, Call, Disturbance, Mail, Micros, Seen, Webhook};

/// What all callers, servers and disturbances write to.
pub(super) struct Recorder {
    start: Instant,
    calls: Mutex<Vec<Call>>,
    mails: Mutex<Vec<Mail>>,
    webhooks: Mutex<Vec<Webhook>>,
    disturbances: Mutex<Vec<Disturbance>>,
    count: AtomicUsize,
    over: AtomicBool,
}

impl Recorder {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            calls: Mutex::default(),
            mails: Mutex::default(),
            webhooks: Mutex::default(),
            disturbances: Mutex::default(),
            count: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        }
    }

    pub(super) fn now(&self) -> Micros {
        Micros::try_from(self.start.elapsed().as_micros()).unwrap()
    }

    /// Records a call that ends now.
    pub(super) fn call(&self, began: Micros, caller: usize, act: Act, seen: Seen) {
        self.calls.lock().unwrap().push(Call { began, ended: self.now(), caller, act, seen });
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn mail(&self, mail: Mail) {
        self.mails.lock().unwrap().push(mail);
    }

    pub(super) fn webhook(&self, webhook: Webhook) {
        self.webhooks.lock().unwrap().push(webhook);
    }

    pub(super) fn disturbance(&self, name: &'static str, from: Micros) {
        self.disturbances.lock().unwrap().push(Disturbance { name, from, until: self.now() });
    }

    /// How many calls have ended.
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Tells every caller to finish what is under way.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// The calls in the order of their starts.
    pub(super) fn calls(&self) -> Vec<Call> {
        let mut calls = self.calls.lock().unwrap().clone();
        calls.sort_by_key(|call| call.began);
        calls
    }

    pub(super) fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    pub(super) fn webhooks(&self) -> Vec<Webhook> {
        self.webhooks.lock().unwrap().clone()
    }

    pub(super) fn disturbances(&self) -> Vec<Disturbance> {
        self.disturbances.lock().unwrap().clone()
    }
}
