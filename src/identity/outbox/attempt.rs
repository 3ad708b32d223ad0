//! Before a mail is handed over: whether it still makes sense, and through which mail API it goes.

use chrono::TimeDelta;

use super::record_delivery::PAUSED_FOR;
use super::record_outcome::settle;
use crate::{
    mail::{History, Mailer},
    metrics::MailOutcome,
    store::{
        StoreError, Transaction,
        accounts::{self, Account},
        audit_events::{self, Entry, Event},
        jobs::{self, Job},
        mails::{self, Mail, MailKind, MailStatus, NO_MAIL_API_WORKS},
        reset_links::{self, ResetLink},
        sessions::{self, Session},
        suppressions::{self, Suppression, SuppressionReason},
    },
    types::{AccountId, CustomerNumber, EmailAddress, JobId, MailId, ResetRequestId, UtcTime, random_below},
};

/// Mails that wait for the same moment spread over so long after it.
const SPREAD_MILLISECONDS: u64 = 10_000;

const ACCOUNT_CLOSED: &str = "account closed";
const ADDRESS_CHANGED: &str = "address changed";

/// A mail on its way, and whom and what it concerns.
pub(in crate::identity) struct Attempt {
    /// As it was before.
    pub(in crate::identity) mail: Mail,
    pub(in crate::identity) link: Option<ResetLink>,
    pub(in crate::identity) account: Option<Account>,
    pub(in crate::identity) session: Option<Session>,
    pub(in crate::identity) way: Way,
}

/// Where a mail goes from here.
#[derive(Clone, Copy)]
pub(in crate::identity) enum Way {
    /// To the mail API of that name.
    Through(&'static str),
    /// Nowhere, because mail to its address is paused; it takes the same steps nevertheless, so that nobody hears that
    /// from the next answer (RQ-02).
    Paused(&'static str),
    /// Nowhere: a decoy.
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

impl Attempt {
    /// Whether a mail API may have the mail since an attempt before: no other one gets it any more.
    pub(in crate::identity) fn is_held(&self) -> bool {
        self.mail.provider.is_some()
    }

    pub(in crate::identity) fn history(&self) -> History {
        History { created_at: self.mail.created_at, tried_before: self.mail.attempts > 0 }
    }

    pub(in crate::identity) fn trail_entry(&self, event: Event, now: UtcTime) -> Entry {
        let of_link = self.link.as_ref().map(|link| &link.customer_number);
        let number: Option<&CustomerNumber> =
            of_link.or_else(|| self.account.as_ref().map(|account| &account.customer_number));
        let request: Option<&ResetRequestId> = self.link.as_ref().map(|link| &link.reset_request_id);
        let mut entry = Entry::by_service(event, now).account(self.mail.account_id.as_ref());
        if let Some(number) = number {
            entry = entry.number(number);
        }
        if let Some(request) = request {
            entry = entry.reset_request(request);
        }
        entry
    }
}

/// A mail to hand over or, where nothing is left to do, what has become of it just now, if anything.
pub(in crate::identity) type Prepared = Result<Attempt, Option<MailOutcome>>;

/// Decides whether the mail still makes sense (ML-03) and starts the link's life anew.
pub(in crate::identity) fn prepare(
    tx: &mut Transaction<'_>,
    mailer: &Mailer,
    job: &Job,
    mail_id: &MailId,
    now: UtcTime,
    link_ttl: TimeDelta,
) -> Result<Prepared, StoreError> {
    if !jobs::hold(tx, job)? {
        return Ok(Err(None));
    }
    let job_id = &job.id;
    let Some(mail) = mails::find(tx, mail_id)?.filter(|mail| mail.status == MailStatus::Queued) else {
        jobs::finish(tx, job_id)?;
        return Ok(Err(None));
    };
    let link = match &mail.reset_link_id {
        Some(id) => reset_links::find(tx, id)?,
        None => None,
    };
    // For a decoy this finds nothing, at the same cost.
    let account = match &mail.account_id {
        Some(id) => accounts::find(tx, id)?,
        None => accounts::find(tx, &AccountId::from_text(String::new()))?,
    };
    let session = match &mail.session_id {
        Some(id) => sessions::find(tx, id)?,
        None => None,
    };
    let mut attempt = Attempt { mail, link, account, session, way: Way::Nowhere };
    if attempt.mail.delivery.is_some() {
        // It went out, and what became of it was told before the answer to the call was written down.
        settle(tx, job_id, &attempt, MailStatus::HandedOver, None, now)?;
        let entry = attempt.trail_entry(Event::MailHandedOver, now).detail(MailStatus::HandedOver.as_str());
        audit_events::append(tx, &entry)?;
        return Ok(Err(Some(MailOutcome::HandedOver)));
    }
    // Looked up for decoys too, at the same cost.
    let suppressions = suppressions::list_of(tx, attempt.mail.recipient.as_ref())?;
    if let Some((status, why)) = obstacle(&attempt, now) {
        if let Some(account) = &attempt.account
            && attempt.mail.kind == MailKind::ExpiryReminder
            && [ACCOUNT_CLOSED, ADDRESS_CHANGED].contains(&why)
        {
            // The customer has not got it: it is queued again, for the new address or when the access is opened again.
            accounts::set_not_reminded(tx, &account.id)?;
        }
        return give_up(tx, job_id, &attempt, status, why, now);
    }
    let mail = &attempt.mail;
    let paused = suppressions.iter().find(|suppression| holds(suppression, mail, now));
    if let Some(paused) = paused {
        attempt.way = Way::Paused(paused.reason.as_str());
    } else if let Some(recipient) = &mail.recipient {
        match mailer.route(mail.provider.as_deref(), now) {
            Ok(route) => attempt.way = Way::Through(route.name()),
            Err(until) => {
                // No attempt, so none is counted: the mail only waits.
                let spread = TimeDelta::milliseconds(i64::try_from(random_below(SPREAD_MILLISECONDS)).unwrap_or(0));
                let until = (until + spread).min(mail.serve_until);
                jobs::reschedule(tx, job, until)?;
                mails::set_deferred(tx, &mail.id, NO_MAIL_API_WORKS, mail.provider.as_deref(), until)?;
                return Ok(Err(Some(MailOutcome::Deferred)));
            }
        }
        // Not before there is a way for it: a mail that only waits takes no try.
        let paused = suppressions.iter().find(|suppression| suppression.reason == SuppressionReason::HardBounce);
        if let Some(paused) = paused.filter(|_| mail.attempts == 0)
            && !suppressions::claim_retry(tx, recipient, now + PAUSED_FOR)?
        {
            attempt.way = Way::Paused(paused.reason.as_str());
        }
    }
    mails::begin_attempt(tx, &attempt.mail.id, attempt.way.provider())?;
    if let Some(link) = &attempt.link {
        reset_links::set_expires_at(tx, &link.id, now + link.lifetime(link_ttl))?;
    }
    Ok(Ok(attempt))
}

/// What has made the mail pointless, if anything: what becomes of it, and why.
fn obstacle(attempt: &Attempt, now: UtcTime) -> Option<(MailStatus, &'static str)> {
    let (mail, account) = (&attempt.mail, attempt.account.as_ref());
    if mail.serve_until <= now {
        Some((MailStatus::Abandoned, "abandoned: not taken in time"))
    } else if attempt.link.as_ref().is_some_and(|link| link.ended_at.is_some()) {
        Some((MailStatus::Dropped, "link ended"))
    } else if [MailKind::ResetLink, MailKind::ExpiryReminder].contains(&mail.kind)
        && account.is_some_and(|account| account.closed_at.is_some())
    {
        Some((MailStatus::Dropped, ACCOUNT_CLOSED))
    } else if mail.kind == MailKind::ExpiryReminder
        && account.is_some_and(|account| {
            account.password_changed_at > Some(mail.created_at) || account.password_expired_because.is_some()
        })
    {
        Some((MailStatus::Dropped, "password changed or expired"))
    } else if mail.kind != MailKind::AddressChanged
        && mail.recipient.is_some()
        && account.is_none_or(|account| canonical(account.email.as_ref()) != canonical(mail.recipient.as_ref()))
    {
        Some((MailStatus::Dropped, ADDRESS_CHANGED))
    } else {
        None
    }
}

/// Whether nothing, or nothing of its kind, goes to the mail's address now (WH-04).
fn holds(suppression: &Suppression, mail: &Mail, now: UtcTime) -> bool {
    match suppression.reason {
        // A mail that has been tried goes on being tried: it may be the one that tries the address.
        SuppressionReason::HardBounce => {
            mail.attempts == 0 && suppression.retry_at.is_none_or(|retry_at| retry_at > now)
        }
        SuppressionReason::Complaint => mail.kind == MailKind::ExpiryReminder,
    }
}

/// Ends the way of a mail that is not handed over.
fn give_up(
    tx: &mut Transaction<'_>,
    job_id: &JobId,
    attempt: &Attempt,
    status: MailStatus,
    why: &str,
    now: UtcTime,
) -> Result<Prepared, StoreError> {
    settle(tx, job_id, attempt, status, None, now)?;
    audit_events::append(tx, &attempt.trail_entry(Event::MailGivenUp, now).detail(why))?;
    Ok(Err(Some(MailOutcome::GivenUp)))
}

/// For comparing the address on file with the one a mail was queued for.
fn canonical(address: Option<&EmailAddress>) -> Option<String> {
    address.map(EmailAddress::canonical)
}
