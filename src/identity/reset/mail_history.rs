//! The reset mails of a number that count for a request: those that were handed over or still wait, and their links
//! (RL-08).

use std::cmp::Reverse;

use chrono::TimeDelta;

use crate::{
    identity::{outbox::address_cooldown::SLACK, transaction::Tx},
    store::{
        StoreError,
        accounts::Account,
        mails::{Mail, MailStatus},
        reset_links::ResetLink,
        reset_mails::{self, ResetMail},
    },
    types::{CustomerNumber, EmailAddress, UtcTime},
};

/// The longest life of a link, even where its mail exhausts a cap (TK-03).
pub(in crate::identity) const LONGEST_LIFE: TimeDelta = TimeDelta::hours(24);
/// How long after a request its link is made and its mail is sent.
pub(in crate::identity) const SERVED_FOR: TimeDelta = TimeDelta::hours(24);

/// The mails of a number that count.
pub(in crate::identity) struct MailHistory {
    /// In the order in which they went out, the newest first.
    mails: Vec<ResetMail>,
}

impl MailHistory {
    /// The mails that count for the owner of an account: those to this owner that were handed over, and the one that
    /// still waits for the address on file. A decoy, a mail that was dropped unsent, and a mail to an earlier owner
    /// of the number were no mails to this owner.
    pub(in crate::identity) fn of_owner(mut mails: Vec<ResetMail>, account: &Account) -> Self {
        let on_file = account.email.as_ref().map(EmailAddress::canonical);
        mails.retain(|ResetMail { link, mail }| {
            let is_for_address_on_file = mail.recipient.as_ref().map(EmailAddress::canonical) == on_file;
            link.account_id.as_ref() == Some(&account.id)
                && (mail.was_sent() || is_waiting(link, mail) && is_for_address_on_file)
        });
        Self::new(mails)
    }

    /// Every mail of a number that leads to nobody counts, decoys included. Requests for such a number are limited
    /// like those for a number with an owner, and leave as many rows (RQ-02).
    pub(in crate::identity) fn of_nobody(mails: Vec<ResetMail>) -> Self {
        Self::new(mails)
    }

    fn new(mut mails: Vec<ResetMail>) -> Self {
        mails.sort_by_key(|ResetMail { mail, .. }| Reverse(sent_at(mail)));
        Self { mails }
    }

    /// The mail that still waits.
    pub(in crate::identity) fn waiting(&self) -> Option<&Mail> {
        self.mails.iter().find(|ResetMail { link, mail }| is_waiting(link, mail)).map(|waiting| &waiting.mail)
    }

    /// Until when a request is answered by an earlier mail; `None` where no mail counts. A request that came before
    /// that mail went out is answered by it too.
    pub(in crate::identity) fn cooldown_until(&self, cooldown: TimeDelta) -> Option<UtcTime> {
        let until = |mail: &Mail| {
            // The mail is served for a fixed time from the last request that it answers.
            let answered_at = mail.serve_until - SERVED_FOR;
            (answered_at + cooldown).max(sent_at(mail) + cooldown - SLACK)
        };
        self.sent().map(|ResetMail { mail, .. }| until(mail)).max()
    }

    /// The links that can be used now.
    pub(in crate::identity) fn live_links(&self, now: UtcTime) -> impl Iterator<Item = &ResetLink> {
        self.sent().map(|ResetMail { link, .. }| link).filter(move |link| link.is_live(now))
    }

    /// When the mails went out, the newest first. A mail whose link was ended is left out: its owner alone can end
    /// it, and may need another.
    pub(in crate::identity) fn sent_times(&self) -> Vec<UtcTime> {
        self.sent()
            .filter(|ResetMail { link, .. }| link.ended_at.is_none())
            .map(|sent| sent_at(&sent.mail))
            .collect()
    }

    fn sent(&self) -> impl Iterator<Item = &ResetMail> {
        self.mails.iter().filter(|ResetMail { mail, .. }| mail.status != MailStatus::Queued || mail.was_sent())
    }
}

/// Lists the mails of a number that may count, decoys included.
pub(in crate::identity) fn list_mails(
    tx: &mut Tx<'_>,
    number: &CustomerNumber,
) -> Result<Vec<ResetMail>, StoreError> {
    let since = tx.now - longest_memory(tx);
    reset_mails::list_of_number(tx, number, since)
}

/// The longest time for which a mail counts.
fn longest_memory(tx: &Tx<'_>) -> TimeDelta {
    let config = &tx.app.config;
    let caps = config.limits.reset_mails.into_iter().chain([config.limits.reset_mails_address]).flatten();
    caps.map(|limit| limit.period).fold(LONGEST_LIFE.max(config.reset_cooldown), TimeDelta::max)
}

/// Whether the mail goes out yet. A mail whose link was ended is dropped at its next attempt.
fn is_waiting(link: &ResetLink, mail: &Mail) -> bool {
    mail.status == MailStatus::Queued && !mail.was_sent() && link.ended_at.is_none()
}

fn sent_at(mail: &Mail) -> UtcTime {
    mail.finished_at.or(mail.last_tried_at).unwrap_or(mail.created_at)
}
