//! Recording what a mail API reports of the mails that it took.

use chrono::TimeDelta;

use super::{mailbox_providers::count_report, unread_notice::cool_off_longer};
use crate::{
    app::App,
    identity::{refusal::IdentityError, transaction::Tx},
    mail::DeliveryEvent,
    store::{
        StoreError, Transaction,
        accounts::{self, Account},
        audit_events::{Event, Fact},
        mail_events,
        mails::{self, Delivery, Mail},
        suppression_liftings,
        suppressions::{self, Suppression, SuppressionReason},
    },
    types::{Actor, BounceCause, DeliveryKind, EmailAddress, FaultKind, RequestContext, UtcTime},
};

/// How long an address is paused whose server says that there is no such mailbox. After this time one mail tries the
/// address again (WH-04).
pub(in crate::identity) const PAUSED_FOR: TimeDelta = TimeDelta::days(7);

/// Records delivery events, each in a transaction of its own: after a batch that fails half-way the mail API sends all
/// of it again. An event that cannot be stored is passed over. One that was recorded before, or that is about an unknown
/// mail, changes nothing (WH-02, WH-04).
pub async fn record_delivery(
    app: &App,
    provider: &'static str,
    events: Vec<DeliveryEvent>,
) -> Result<(), IdentityError> {
    let context = RequestContext::of(Actor::Service);
    for event in events {
        let recording = event.clone();
        match app.transact(&context, move |tx| Ok(record(tx, provider, &recording)?)).await {
            Ok(Some(mail)) => count_report(app, &mail, &event),
            Ok(None) => {}
            // The mail API would send the whole batch again, for ever.
            Err(IdentityError::Fault(fault)) if fault.kind() == FaultKind::Internal => {
                tracing::error!(error = fault.chain(), "a delivery event could not be stored and is passed over");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Records an event. Returns the mail where the event is news about it.
fn record(tx: &mut Tx<'_>, provider: &str, event: &DeliveryEvent) -> Result<Option<Mail>, StoreError> {
    let Some(mail) = find_mail(tx, provider, event)? else { return Ok(None) };
    if !mail_events::insert_once(tx, provider, &event.event_id)? {
        return Ok(None);
    }
    if is_no_such_mailbox(event) {
        cool_off_longer(tx, &mail)?;
    }
    // The mail is read again under a lock: another event of it may be recorded at the same time.
    let Some(mail) = mails::lock(tx, &mail.id)? else { return Ok(None) };
    if mail.delivery.is_some_and(|before| before >= event.kind) {
        return Ok(None);
    }
    // An event may arrive hours after what it reports. Its time is trusted within the life of the mail.
    let happened_at = event.occurred_at.max(mail.created_at).min(tx.now);
    let code = event.smtp_code.as_deref();
    let delivery = Delivery { kind: event.kind, at: happened_at, smtp_code: code, cause: event.cause };
    mails::set_delivery(tx, &mail.id, delivery)?;
    let account = match &mail.account_id {
        Some(id) => accounts::find(tx, id)?,
        None => None,
    };
    if let (Some(recipient), Some(account)) = (&mail.recipient, &account) {
        suppress_or_lift(tx, account, recipient, event, happened_at)?;
    }
    let detail = [Some(event.kind.as_str()), code].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let mut entry = tx.entry(Event::MailDelivery).account(mail.account_id.as_ref()).detail(&detail);
    let (mail_id, delivery) = (mail.id.clone(), event.kind);
    entry = entry.fact(Fact::MailReported { mail_id, mail: mail.kind, delivery, cause: event.cause });
    if let Some(account) = &account {
        // Support searches by the number.
        entry = entry.number(&account.customer_number);
    }
    entry.append(tx)?;
    Ok(Some(mail))
}

fn is_no_such_mailbox(event: &DeliveryEvent) -> bool {
    event.kind == DeliveryKind::BouncedHard && event.cause == Some(BounceCause::NoSuchMailbox)
}

/// The mail that an event is about, among the mails that this mail API has.
fn find_mail(tx: &mut Transaction<'_>, provider: &str, event: &DeliveryEvent) -> Result<Option<Mail>, StoreError> {
    let found = match &event.provider_message_id {
        Some(id) => mails::find_by_provider_message_id(tx, provider, id)?,
        None => None,
    };
    match (found, &event.message_id) {
        (None, Some(id)) => {
            // The answer to the hand-over may not be recorded yet, or may hold no id of the mail API.
            let is_consistent =
                |mail: &Mail| mail.provider_message_id.is_none() || event.provider_message_id.is_none();
            let mail = mails::find(tx, id)?;
            Ok(mail.filter(|mail| mail.provider.as_deref() == Some(provider) && is_consistent(mail)))
        }
        (found, _) => Ok(found),
    }
}

fn suppress_or_lift(
    tx: &mut Transaction<'_>,
    account: &Account,
    recipient: &EmailAddress,
    event: &DeliveryEvent,
    happened_at: UtcTime,
) -> Result<(), StoreError> {
    // The delivery of another mail may be recorded at the same time: one of the two has to see the other.
    suppressions::lock(tx, recipient)?;
    let suppression =
        |reason, retry_at| Suppression { reason, since: happened_at, retry_at, detail: event.smtp_code.clone() };
    match (event.kind, event.cause) {
        (DeliveryKind::BouncedHard, Some(BounceCause::NoSuchMailbox)) => {
            if is_mended_since(tx, account, recipient, happened_at)? {
                return Ok(());
            }
            let retry_at = Some(happened_at + PAUSED_FOR);
            suppressions::upsert(tx, recipient, &suppression(SuppressionReason::HardBounce, retry_at))
        }
        (DeliveryKind::Complained, _) => {
            suppressions::upsert(tx, recipient, &suppression(SuppressionReason::Complaint, None))
        }
        (DeliveryKind::Deferred, _) | (DeliveryKind::BouncedSoft, Some(BounceCause::NoSuchMailbox)) => Ok(()),
        // A mail that tried a paused address was delivered, or came back for another cause. The pause has no reason any
        // more: the next request tries.
        (DeliveryKind::Delivered | DeliveryKind::BouncedSoft | DeliveryKind::BouncedHard, _) => {
            suppressions::lift_disproved(tx, recipient, happened_at)
        }
    }
}

/// Whether the bounce is outdated: since then the mailbox has taken a mail, or an administrator has lifted the
/// suppression of the address or changed it, which must not be undone by a late event (WH-04).
fn is_mended_since(
    tx: &mut Transaction<'_>,
    account: &Account,
    recipient: &EmailAddress,
    bounced_at: UtcTime,
) -> Result<bool, StoreError> {
    if account.email_changed_at > Some(bounced_at) || mails::was_reached_since(tx, recipient, bounced_at)? {
        return Ok(true);
    }
    Ok(suppression_liftings::find(tx, recipient)? > Some(bounced_at))
}
