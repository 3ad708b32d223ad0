//! The mails that the mailbox holds in memory.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use super::stored_mail::StoredMail;

/// The greatest number of mails that are kept. A further mail drops the oldest one.
const MOST_MAILS: usize = 500;

#[derive(Default)]
pub(super) struct Mailbox {
    mails: Mutex<VecDeque<StoredMail>>,
}

impl Mailbox {
    pub(super) fn add(&self, mail: StoredMail) {
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.push_front(mail);
        mails.truncate(MOST_MAILS);
    }

    /// All mails, the newest first.
    pub(super) fn all(&self) -> Vec<StoredMail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Finds a mail by its id. `latest` is the newest, as in Mailpit.
    pub(super) fn find(&self, id: &str) -> Option<StoredMail> {
        let mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.iter().find(|mail| id == "latest" || mail.id == id).cloned()
    }
}
