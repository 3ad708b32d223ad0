//! One attempt to hand a mail over: what it concerns, and how the mail leaves the outbox.

use super::{record_delivery::PAUSED_FOR, unread_notice::cool_off_longer};
use crate::{
    identity::transaction::Tx,
    mail::History,
    metrics::MailOutcome,
    store::{
        StoreError,
        accounts::Account,
        audit_events::{Entry, Event},
        caller_codes::CallerQuestion,
        email_changes::EmailChange,
        jobs::{self, Job},
        lock_down_links::LockDownLink,
        mails::{self, Mail, MailKind, MailStatus},
        reset_links::{self, ResetLink},
        reset_requests::ResetCause,
        sessions::Session,
        suppressions::{self, Suppression, SuppressionReason},
    },
    types::{BounceCause, DeviceLabel, UtcTime},
};

/// A mail that is being handed over, and the rows that it concerns.
pub(in crate::identity) struct Attempt {
    /// The claimed job that hands the mail over.
    pub(in crate::identity) job: Job,
    /// The mail as it was before this attempt.
    pub(in crate::identity) mail: Mail,
    pub(in crate::identity) link: Option<ResetLink>,
    /// When the link was asked for.
    pub(in crate::identity) requested_at: Option<UtcTime>,
    /// What the link follows, where nobody has asked for it.
    pub(in crate::identity) cause: Option<ResetCause>,
    pub(in crate::identity) account: Option<Account>,
    pub(in crate::identity) session: Option<Session>,
    pub(in crate::identity) email_change: Option<EmailChange>,
    pub(in crate::identity) lock_down_link: Option<LockDownLink>,
    pub(in crate::identity) caller: Option<Caller>,
    /// The name that the device of the session had before it signed in.
    pub(in crate::identity) device_label: Option<DeviceLabel>,
    pub(in crate::identity) way: Way,
}

/// The question of support whose code the mail carries.
pub(in crate::identity) struct Caller {
    pub(in crate::identity) question: CallerQuestion,
    /// The person or the program of support who asks.
    pub(in crate::identity) asked_by: String,
}

/// Where the mail goes.
#[derive(Clone, Copy)]
pub(in crate::identity) enum Way {
    /// To the mail API of this name.
    Through(&'static str),
    /// Nowhere, since mail to its address is paused for this reason. The mail takes the same steps as others, so that
    /// the next answer does not reveal the pause (RQ-02).
    Paused(&'static str),
    /// Nowhere, since it is a decoy.
    Nowhere,
}

impl Way {
    pub(in crate::identity) const fn provider(self) -> Option<&'static str> {
        match self {
            Self::Through(name) => Some(name),
            Self::Paused(_) | Self::Nowhere => None,
        }
    }
}

/// How a mail leaves the outbox, and what the audit trail records of it.
#[derive(Debug)]
pub(in crate::identity) struct Ending {
    status: MailStatus,
    event: Event,
    detail: String,
    /// The id that the mail API has given to the mail.
    provider_message_id: Option<String>,
    refusal: Option<Refused>,
}

/// What a refusal entails, besides the end of the mail.
#[derive(Debug, Clone, Copy)]
enum Refused {
    /// The row of the mail keeps the reason.
    Mail,
    /// The row of the mail keeps the reason, and mail to its address is paused where there is no such mailbox.
    Recipient(BounceCause),
}

impl Refused {
    const fn cause(self) -> Option<BounceCause> {
        match self {
            Self::Mail => None,
            Self::Recipient(cause) => Some(cause),
        }
    }
}

impl Ending {
    /// The mail API has the mail.
    pub(in crate::identity) fn handed_over(provider_message_id: Option<String>) -> Self {
        Self {
            provider_message_id,
            ..Self::told(MailStatus::HandedOver, Event::MailHandedOver, MailStatus::HandedOver.as_str())
        }
    }

    /// The mail was a decoy. The audit trail shows the same event as for a mail that was handed over.
    pub(in crate::identity) fn decoy() -> Self {
        Self::told(MailStatus::Decoy, Event::MailHandedOver, MailStatus::Decoy.as_str())
    }

    /// Mail to the address is paused.
    pub(in crate::identity) fn paused(reason: &str) -> Self {
        Self::told(MailStatus::Suppressed, Event::MailGivenUp, reason)
    }

    /// The mail has become pointless, or no mail API took it in time.
    pub(in crate::identity) fn given_up(status: MailStatus, why: &str) -> Self {
        Self::told(status, Event::MailGivenUp, why)
    }

    /// The mail can never be sent, for a reason that its row keeps.
    pub(in crate::identity) fn failed(status: MailStatus, error: &str) -> Self {
        Self { refusal: Some(Refused::Mail), ..Self::given_up(status, error) }
    }

    /// The mail API sends nothing to this address. A mail API that has the address on a list of its own says nothing
    /// against the mailbox: once the operator has taken it off that list, the next request's mail arrives.
    pub(in crate::identity) fn recipient_refused(error: &str, cause: BounceCause) -> Self {
        Self { refusal: Some(Refused::Recipient(cause)), ..Self::given_up(MailStatus::Refused, error) }
    }

    fn told(status: MailStatus, event: Event, detail: &str) -> Self {
        Self { status, event, detail: detail.to_owned(), provider_message_id: None, refusal: None }
    }

    /// The outcome that the metrics count.
    pub(in crate::identity) const fn outcome(&self) -> MailOutcome {
        match self.status {
            MailStatus::HandedOver => MailOutcome::HandedOver,
            MailStatus::Decoy => MailOutcome::Decoy,
            MailStatus::Suppressed => MailOutcome::Paused,
            MailStatus::Refused | MailStatus::Dropped | MailStatus::Abandoned => MailOutcome::GivenUp,
            MailStatus::Queued => MailOutcome::Deferred,
        }
    }
}

impl Attempt {
    /// Whether a mail API may have the mail since an earlier attempt. No other mail API gets the mail then.
    pub(in crate::identity) fn is_held(&self) -> bool {
        self.mail.provider.is_some()
    }

    pub(in crate::identity) fn history(&self) -> History {
        History { created_at: self.mail.created_at, tried_before: self.mail.attempts > 0 }
    }

    /// Whether the address of the mail may stay: nothing about it is kept once the account is erased.
    fn keeps_address(&self) -> bool {
        self.mail.kind != MailKind::AccountErased
    }

    /// An entry of the audit trail about the mail, to be completed and appended.
    pub(in crate::identity) fn audit_entry(&self, tx: &Tx<'_>, event: Event) -> Entry {
        let of_link = self.link.as_ref().map(|link| &link.customer_number);
        let number = of_link.or_else(|| self.account.as_ref().map(|account| &account.customer_number));
        let mut entry = tx.entry(event).account(self.mail.account_id.as_ref());
        if let Some(number) = number {
            entry = entry.number(number);
        }
        if let Some(link) = &self.link {
            entry = entry.reset_request(&link.reset_request_id);
        }
        entry
    }

    /// Finishes the mail and its job, and appends to the audit trail.
    pub(in crate::identity) fn end(&self, tx: &mut Tx<'_>, ending: &Ending) -> Result<(), StoreError> {
        let error = &ending.detail;
        let is_pausing = ending.refusal.and_then(Refused::cause) == Some(BounceCause::NoSuchMailbox);
        if is_pausing {
            cool_off_longer(tx, &self.mail)?;
        }
        if let Some(refusal) = ending.refusal {
            mails::set_last_error(tx, &self.mail.id, error, refusal.cause())?;
        }
        mails::finish(tx, &self.mail.id, ending.status, ending.provider_message_id.as_deref())?;
        if !self.keeps_address() {
            // The last mail to somebody whose account was erased leaves nothing of the person behind (AD-05).
            mails::forget_recipient(tx, &self.mail.id)?;
        }
        if let Some(link) = &self.link {
            reset_links::set_mail_finished(tx, &link.id)?;
        }
        jobs::finish(tx, &self.job.id)?;
        if let Some(recipient) = self.mail.recipient.as_ref().filter(|_| is_pausing && self.keeps_address()) {
            let (reason, retry_at) = (SuppressionReason::HardBounce, Some(tx.now + PAUSED_FOR));
            let suppression = Suppression { reason, since: tx.now, retry_at, detail: Some(error.clone()) };
            suppressions::upsert(tx, recipient, &suppression)?;
        }
        if ending.refusal.is_some() {
            tracing::error!(mail.id = %self.mail.id, error, "mail given up");
        }
        self.audit_entry(tx, ending.event).detail(&ending.detail).append(tx)
    }
}
