//! Mails that only tell the owner of an account something, and the links in them by which the access is locked down.

use chrono::TimeDelta;

use super::{transaction::Tx, work::queue_mail};
use crate::{
    config::{Limit, LimitsConfig},
    store::{
        StoreError,
        accounts::Account,
        lock_down_links::{self, NewLockDownLink},
        mails::{self, MailKind, MailStatus, NewMail},
    },
    types::{EmailAddress, EmailChangeId, MailId, SessionId, UtcTime},
};

/// Whether a notice carries the link that locks the access down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LockDownLink {
    /// Where notices of its kind do.
    ByKind,
    /// In no case: the mailbox is not the owner's.
    LeftOut,
}

/// A mail that only tells the owner of an account something.
pub(super) struct Notice {
    pub(super) kind: MailKind,
    /// The session that the mail is about.
    pub(super) session_id: Option<SessionId>,
    /// The change of the address that the mail is about.
    pub(super) email_change_id: Option<EmailChangeId>,
    /// Another address than the one on file.
    pub(super) to: Option<EmailAddress>,
    /// Whether the notice carries the link that locks the access down, where its kind does.
    pub(super) lock_down_link: LockDownLink,
    /// Until when the mail is worth sending; `None` for one day.
    pub(super) serve_until: Option<UtcTime>,
}

impl Notice {
    /// A notice of this kind, worth sending for one day.
    pub(super) const fn new(kind: MailKind) -> Self {
        Self {
            kind,
            session_id: None,
            email_change_id: None,
            to: None,
            lock_down_link: LockDownLink::ByKind,
            serve_until: None,
        }
    }
}

/// How long a notice is worth sending, unless it says otherwise.
const NOTICE_SERVED_FOR: TimeDelta = TimeDelta::hours(24);

/// How many notices of a kind an account gets (ML-10). Strangers who know the password could otherwise bury the
/// notices that matter.
struct NoticeCap {
    limit: Limit,
    /// The kind that sums up what goes beyond the limit, once within its period.
    sums_up: Option<MailKind>,
}

impl NoticeCap {
    /// `None` for kinds without a cap: a change of the address is always told, as is what an administrator does.
    fn of(kind: MailKind, limits: &LimitsConfig) -> Option<Self> {
        let (limit, sums_up) = match kind {
            MailKind::NewDevice => (limits.new_device_mails, Some(MailKind::NewDevices)),
            MailKind::PasswordChanged => (limits.password_changed_mails, None),
            MailKind::ResetLink
            | MailKind::NewDevices
            | MailKind::ExpiryReminder
            | MailKind::AccessClosed
            | MailKind::AccessReopened
            | MailKind::AccountErased
            | MailKind::AddressChanged
            | MailKind::EmailChangeLink
            | MailKind::EmailChangeAsked
            | MailKind::AccessContested
            | MailKind::CallerCode => (None, None),
        };
        limit.map(|limit| Self { limit, sums_up })
    }
}

/// The kind of mail that tells the owner; `None` where the cap leaves the notice out. The account is locked.
fn find_kind_within_cap(
    tx: &mut Tx<'_>,
    kind: MailKind,
    account: &Account,
) -> Result<Option<MailKind>, StoreError> {
    let Some(cap) = NoticeCap::of(kind, &tx.app.config.limits) else { return Ok(Some(kind)) };
    let since = tx.now - cap.limit.period;
    if mails::count_of_kind(tx, &account.id, kind, since)? < i64::from(cap.limit.count) {
        return Ok(Some(kind));
    }
    match cap.sums_up {
        Some(sums_up) if mails::count_of_kind(tx, &account.id, sums_up, since)? == 0 => Ok(Some(sums_up)),
        _ => Ok(None),
    }
}

/// Queues a notice, within the cap of its kind. Where there is no address, the mail becomes a decoy.
pub(super) fn queue_notice(tx: &mut Tx<'_>, notice: Notice, account: &Account) -> Result<(), StoreError> {
    let Some(kind) = find_kind_within_cap(tx, notice.kind, account)? else { return Ok(()) };
    let recipient = notice.to.or_else(|| account.email.clone());
    let mail = NewMail {
        id: MailId::mint(),
        kind,
        account_id: Some(account.id.clone()),
        reset_link_id: None,
        recipient: recipient.as_ref().map(EmailAddress::to_send_to),
        last_two_digits: account.customer_number.last_two_digits().to_owned(),
        locale: account.locale,
        status: MailStatus::Queued,
        created_at: tx.now,
        serve_until: notice.serve_until.unwrap_or(tx.now + NOTICE_SERVED_FOR),
        session_id: notice.session_id,
        email_change_id: notice.email_change_id,
    };
    if let Some(recipient) =
        recipient.filter(|_| notice.lock_down_link == LockDownLink::ByKind && carries_lock_down_link(kind))
    {
        make_lock_down_link(tx, &mail, account, &recipient)?;
    }
    let now = tx.now;
    queue_mail(tx, &mail, now)
}

/// How long the link in a notice can lock the access down (OW-06).
const LOCK_DOWN_LINK_LIVES_FOR: TimeDelta = TimeDelta::days(7);

/// Whether a notice tells of something that a thief may have done, so that it carries the link that locks the thief out.
pub(super) const fn carries_lock_down_link(kind: MailKind) -> bool {
    match kind {
        MailKind::PasswordChanged | MailKind::NewDevice | MailKind::NewDevices | MailKind::AddressChanged => true,
        MailKind::ResetLink
        | MailKind::ExpiryReminder
        | MailKind::AccessClosed
        | MailKind::AccessReopened
        | MailKind::AccountErased
        | MailKind::EmailChangeLink
        | MailKind::EmailChangeAsked
        | MailKind::AccessContested
        | MailKind::CallerCode => false,
    }
}

/// Stores the lock-down link of a notice. The link belongs to the mailbox that the notice goes to.
fn make_lock_down_link(
    tx: &mut Tx<'_>,
    notice: &NewMail,
    account: &Account,
    mailbox: &EmailAddress,
) -> Result<(), StoreError> {
    let keyring = &tx.app.keyring;
    let secret_key_id = keyring.current_id().to_owned();
    let token = keyring
        .lock_down_token(&secret_key_id, &notice.id)
        .map_err(|error| StoreError::Unwritable(error.into()))?;
    let link = NewLockDownLink {
        mail_id: notice.id.clone(),
        account_id: account.id.clone(),
        mailbox: mailbox.canonical(),
        secret_key_id,
        token_hash: token.hash(),
        created_at: tx.now,
        expires_at: tx.now + LOCK_DOWN_LINK_LIVES_FOR,
    };
    lock_down_links::insert(tx, &link)
}
