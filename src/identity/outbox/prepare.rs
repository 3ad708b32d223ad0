//! Before a mail is handed over: whether it still makes sense, and through which mail API it goes.

use chrono::TimeDelta;

use super::{
    address_cooldown::find_wait,
    attempt::{Attempt, Caller, Ending, Way},
    record_delivery::PAUSED_FOR,
};
use crate::{
    identity::{decoy::nobody, notice::carries_lock_down_link, transaction::Tx},
    mail::RouteClaim,
    metrics::MailOutcome,
    store::{
        StoreError,
        accounts::{self, Account},
        caller_codes, clients, devices, email_changes, expiry_reminders,
        jobs::{self, Job},
        lock_down_links,
        mails::{self, Mail, MailKind, MailStatus},
        reset_links,
        reset_requests::{self, ResetCause},
        sessions::{self, Session},
        suppressions::{self, Suppression, SuppressionReason},
    },
    types::{DeviceLabel, EmailAddress, MailId, UtcTime, random_below},
};

/// Mails that wait for the same moment spread over this time after it.
const SPREAD_MILLISECONDS: u64 = 10_000;

/// What the preparation of a mail has led to.
pub(in crate::identity) enum Prepared {
    /// The mail is to be handed over.
    HandOver(Box<Attempt>),
    /// The mail is not handed over now. The caller counts this outcome in the metrics.
    Settled(MailOutcome),
    /// Another worker has the mail, or the mail has left the outbox before.
    NotOurs,
}

/// Decides whether the mail still makes sense (ML-03), and restarts the lifetime of its link.
pub(in crate::identity) fn prepare(tx: &mut Tx<'_>, job: Job, mail_id: &MailId) -> Result<Prepared, StoreError> {
    if !jobs::confirm_lease(tx, &job)? {
        return Ok(Prepared::NotOurs);
    }
    let Some(mail) = mails::find(tx, mail_id)?.filter(|mail| mail.status == MailStatus::Queued) else {
        jobs::finish(tx, &job.id)?;
        return Ok(Prepared::NotOurs);
    };
    let mut attempt = load(tx, job, mail)?;
    if attempt.mail.delivery.is_some() {
        // The mail went out: its delivery was reported before the answer to the call was written down.
        return end(tx, &attempt, &Ending::handed_over(None));
    }
    // Looked up for decoys too, at the same cost.
    let suppressions = suppressions::list_of(tx, attempt.mail.recipient.as_ref())?;
    if let Some(obstacle) = obstacle(&attempt, tx.now) {
        if let Some(account) = attempt.account.as_ref().filter(|_| obstacle.takes_reminder_back(&attempt.mail)) {
            expiry_reminders::set_not_reminded(tx, &account.id)?;
        }
        return end(tx, &attempt, &obstacle.ending());
    }
    // The way back after a lock-down waits for nothing (OW-06).
    if attempt.mail.kind == MailKind::ResetLink
        && attempt.cause != Some(ResetCause::LockDown)
        && let Some(until) = find_wait(tx, &attempt.mail)?
    {
        return put_off(tx, &attempt, until);
    }
    match choose_way(tx, &attempt.mail, &suppressions)? {
        Choice::Way(way) => attempt.way = way,
        Choice::WaitUntil(until) => return wait(tx, &attempt, until),
    }
    mails::begin_attempt(tx, &attempt.mail.id, attempt.way.provider())?;
    if let Some(link) = &attempt.link {
        let usual = tx.app.config.reset_link_ttl;
        let expires_at = tx.now + link.lifetime(usual);
        reset_links::set_expires_at(tx, &link.id, expires_at)?;
    }
    Ok(Prepared::HandOver(Box::new(attempt)))
}

/// Reads the rows that the mail concerns.
fn load(tx: &mut Tx<'_>, job: Job, mail: Mail) -> Result<Attempt, StoreError> {
    let link = match &mail.reset_link_id {
        Some(id) => reset_links::find(tx, id)?,
        None => None,
    };
    let request = match &link {
        Some(link) => reset_requests::find(tx, &link.reset_request_id)?,
        None => None,
    };
    let account = match &mail.account_id {
        Some(id) => accounts::find(tx, id)?,
        None => accounts::find(tx, &nobody())?,
    };
    let session = match &mail.session_id {
        Some(id) => sessions::find(tx, id)?,
        None => None,
    };
    let device_label = match &session {
        Some(session) => find_earlier_label(tx, session)?,
        None => None,
    };
    let email_change = match &mail.email_change_id {
        Some(id) => email_changes::find(tx, id)?,
        None => None,
    };
    let lock_down_link =
        if carries_lock_down_link(mail.kind) { lock_down_links::find(tx, &mail.id)? } else { None };
    let caller = if mail.kind == MailKind::CallerCode { find_caller(tx, &mail.id)? } else { None };
    Ok(Attempt {
        job,
        mail,
        link,
        requested_at: request.as_ref().map(|request| request.requested_at),
        cause: request.and_then(|request| request.cause),
        account,
        session,
        device_label,
        email_change,
        lock_down_link,
        caller,
        way: Way::Nowhere,
    })
}

/// The live question whose code a mail carries. A client that was revoked meanwhile was perhaps not that of support.
fn find_caller(tx: &mut Tx<'_>, mail_id: &MailId) -> Result<Option<Caller>, StoreError> {
    let Some(question) = caller_codes::find_by_mail(tx, mail_id)? else { return Ok(None) };
    let client = clients::find(tx, &question.client_id)?.filter(|client| client.revoked_at.is_none());
    Ok(client.map(|client| Caller { asked_by: client.known_as().to_owned(), question }))
}

/// The name that the device of a session had before it signed in. A name from later may be that of a thief, who wants the
/// owner to take the device for a known one. Every attempt of a mail finds the same name, unless it was changed.
fn find_earlier_label(tx: &mut Tx<'_>, session: &Session) -> Result<Option<DeviceLabel>, StoreError> {
    let Some(id) = &session.device_id else { return Ok(None) };
    let device = devices::find(tx, id)?.filter(|device| device.named_at < Some(session.created_at));
    Ok(device.and_then(|device| device.name))
}

fn end(tx: &mut Tx<'_>, attempt: &Attempt, ending: &Ending) -> Result<Prepared, StoreError> {
    attempt.end(tx, ending)?;
    Ok(Prepared::Settled(ending.outcome()))
}

/// Where the mail goes, or until when it waits for a mail API that works.
enum Choice {
    Way(Way),
    WaitUntil(UtcTime),
}

fn choose_way(tx: &mut Tx<'_>, mail: &Mail, suppressions: &[Suppression]) -> Result<Choice, StoreError> {
    if let Some(paused) = suppressions.iter().find(|suppression| holds(suppression, mail, tx.now)) {
        return Ok(Choice::Way(Way::Paused(paused.reason.as_str())));
    }
    let Some(recipient) = &mail.recipient else { return Ok(Choice::Way(Way::Nowhere)) };
    let provider = match tx.app.mailer.claim_route(mail.provider.as_deref(), tx.now) {
        RouteClaim::Through(route) => route.name(),
        RouteClaim::NotBefore(until) => return Ok(Choice::WaitUntil(until)),
    };
    // The one retry of a paused address is claimed only once a mail API is free: a mail that waits leaves it to others.
    let paused = suppressions.iter().find(|suppression| suppression.reason == SuppressionReason::HardBounce);
    let next_retry_at = tx.now + PAUSED_FOR;
    if let Some(paused) = paused.filter(|_| mail.attempts == 0)
        && !suppressions::claim_retry(tx, recipient, next_retry_at)?
    {
        return Ok(Choice::Way(Way::Paused(paused.reason.as_str())));
    }
    Ok(Choice::Way(Way::Through(provider)))
}

/// Lets the mail wait. This is no attempt, so no attempt is counted.
fn wait(tx: &mut Tx<'_>, attempt: &Attempt, until: UtcTime) -> Result<Prepared, StoreError> {
    let mail = &attempt.mail;
    let spread = TimeDelta::milliseconds(i64::try_from(random_below(SPREAD_MILLISECONDS)).unwrap_or(0));
    let until = (until + spread).min(mail.serve_until);
    jobs::reschedule(tx, &attempt.job, until)?;
    mails::set_held(tx, &mail.id, until)?;
    Ok(Prepared::Settled(MailOutcome::Deferred))
}

/// Lets the mail wait until its address may get it. This is no attempt either.
fn put_off(tx: &mut Tx<'_>, attempt: &Attempt, until: UtcTime) -> Result<Prepared, StoreError> {
    let until = until.min(attempt.mail.serve_until);
    jobs::reschedule(tx, &attempt.job, until)?;
    mails::set_put_off(tx, &attempt.mail.id, until)?;
    Ok(Prepared::Settled(MailOutcome::Deferred))
}

/// What has made a mail pointless.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    OutOfTime,
    NotOneRecipient,
    LinkEnded,
    EmailChangeEnded,
    CallerCodeEnded,
    AccountClosed,
    PasswordChanged,
    AddressChanged,
}

impl Obstacle {
    fn ending(self) -> Ending {
        match self {
            Self::OutOfTime => Ending::given_up(MailStatus::Abandoned, "abandoned: not taken in time"),
            // The address was stored before it was refused (ML-04).
            Self::NotOneRecipient => Ending::failed(MailStatus::Refused, "the address is not one recipient"),
            Self::LinkEnded => Ending::given_up(MailStatus::Dropped, "link ended"),
            Self::EmailChangeEnded => Ending::given_up(MailStatus::Dropped, "change of the address ended"),
            Self::CallerCodeEnded => Ending::given_up(MailStatus::Dropped, "caller code ended"),
            Self::AccountClosed => Ending::given_up(MailStatus::Dropped, "account closed"),
            Self::PasswordChanged => Ending::given_up(MailStatus::Dropped, "password changed or expired"),
            Self::AddressChanged => Ending::given_up(MailStatus::Dropped, "address changed"),
        }
    }

    /// Whether the mail is a reminder that is queued again, for the new address or once access is open again: the
    /// customer has not got it.
    fn takes_reminder_back(self, mail: &Mail) -> bool {
        mail.kind == MailKind::ExpiryReminder && [Self::AccountClosed, Self::AddressChanged].contains(&self)
    }
}

fn obstacle(attempt: &Attempt, now: UtcTime) -> Option<Obstacle> {
    let mail = &attempt.mail;
    let account_is = |what: fn(&Account) -> bool| attempt.account.as_ref().is_some_and(what);
    let is_reminder = mail.kind == MailKind::ExpiryReminder;
    if mail.serve_until <= now {
        Some(Obstacle::OutOfTime)
    } else if mail.recipient.as_ref().is_some_and(|recipient| !recipient.is_one_recipient()) {
        Some(Obstacle::NotOneRecipient)
    } else if attempt.link.as_ref().is_some_and(|link| link.ended_at.is_some()) {
        Some(Obstacle::LinkEnded)
    } else if (is_reminder || mail.kind == MailKind::ResetLink) && account_is(|account| account.closed_at.is_some())
    {
        Some(Obstacle::AccountClosed)
    } else if is_reminder && attempt.account.as_ref().is_some_and(|account| is_renewed_since(mail, account)) {
        Some(Obstacle::PasswordChanged)
    } else if mail.kind == MailKind::EmailChangeLink && !is_change_pending(attempt) {
        Some(Obstacle::EmailChangeEnded)
    } else if mail.kind == MailKind::CallerCode && attempt.caller.is_none() {
        Some(Obstacle::CallerCodeEnded)
    } else if goes_to_address_on_file(mail.kind) && is_addressed_to_another(mail, attempt.account.as_ref()) {
        Some(Obstacle::AddressChanged)
    } else {
        None
    }
}

/// Whether the reminder is outdated: the password was changed since, or must be changed through the reset mail.
fn is_renewed_since(reminder: &Mail, account: &Account) -> bool {
    account.password_changed_at > Some(reminder.created_at) || account.password_expired_because.is_some()
}

/// Whether the change that the mail confirms may still be pending. The link is checked again when it is used.
fn is_change_pending(attempt: &Attempt) -> bool {
    let epoch = attempt.account.as_ref().map(|account| account.session_epoch);
    attempt
        .email_change
        .as_ref()
        .is_some_and(|change| change.ended_at.is_none() && Some(change.session_epoch) == epoch)
}

/// Whether a mail is for the address on file alone. The others are about a change of the address, or
/// about an account that is gone.
const fn goes_to_address_on_file(kind: MailKind) -> bool {
    match kind {
        MailKind::AddressChanged
        | MailKind::EmailChangeLink
        | MailKind::AccessContested
        | MailKind::AccountErased => false,
        MailKind::ResetLink
        | MailKind::PasswordChanged
        | MailKind::NewDevice
        | MailKind::NewDevices
        | MailKind::ExpiryReminder
        | MailKind::AccessClosed
        | MailKind::AccessReopened
        | MailKind::EmailChangeAsked
        | MailKind::CallerCode => true,
    }
}

/// Whether the address on file is not the one that the mail was queued for.
fn is_addressed_to_another(mail: &Mail, account: Option<&Account>) -> bool {
    let Some(recipient) = &mail.recipient else { return false };
    let on_file = account.and_then(|account| account.email.as_ref());
    on_file.map(EmailAddress::canonical) != Some(recipient.canonical())
}

/// Whether the suppression keeps this mail from its address now (WH-04).
fn holds(suppression: &Suppression, mail: &Mail, now: UtcTime) -> bool {
    match suppression.reason {
        // A mail that has been tried goes on being tried: it may be the one that tries the paused address.
        SuppressionReason::HardBounce => mail.attempts == 0 && suppression.pauses(now),
        SuppressionReason::Complaint => mail.kind == MailKind::ExpiryReminder,
    }
}
