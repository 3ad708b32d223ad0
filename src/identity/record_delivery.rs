//! What a mail API tells of the mails it took.

use chrono::TimeDelta;

use crate::{
    app::App,
    mail::DeliveryEvent,
    store::{
        AnyConnection, StoreError, accounts,
        audit_events::{self, Entry, Event},
        mail_events,
        mails::{self, Mail},
        suppressions::{self, Suppression, SuppressionReason},
    },
    types::{DeliveryKind, EmailAddress, Fault, UtcTime},
};

/// A hard bounce pauses an address for so long; then one mail tries (WH-04).
pub(super) const PAUSED_FOR: TimeDelta = TimeDelta::days(7);

/// Takes events in, each in a transaction of its own: of a batch that fails half-way the mail API sends all again, and
/// one that was taken before, or that tells of a mail we do not know, changes nothing (WH-02, WH-04).
pub async fn record_delivery(app: &App, provider: &'static str, events: Vec<DeliveryEvent>) -> Result<(), Fault> {
    let now = app.clock.now();
    for event in events {
        app.database.write(move |connection| record(connection, provider, &event, now)).await?;
    }
    Ok(())
}

fn record(
    connection: &mut AnyConnection,
    provider: &str,
    event: &DeliveryEvent,
    now: UtcTime,
) -> Result<(), StoreError> {
    let Some(mail) = find_mail(connection, provider, event)? else { return Ok(()) };
    if !mail_events::note(connection, provider, &event.event_id, now)? {
        return Ok(());
    }
    // Read again, and for this transaction alone: another event may be taken at the same time.
    let Some(mail) = mails::lock(connection, &mail.id)? else { return Ok(()) };
    if mail.delivery.is_some_and(|before| before >= event.kind) {
        return Ok(());
    }
    let code = event.smtp_code.as_deref();
    mails::set_delivery(connection, &mail.id, event.kind, event.occurred_at.min(now), code)?;
    if let Some(recipient) = &mail.recipient {
        suppress_or_lift(connection, &mail, recipient, event, now)?;
    }
    let detail = [Some(event.kind.as_str()), code].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let entry = about(connection, &mail, Event::MailDelivery, now)?.detail(&detail);
    audit_events::append(connection, &entry)
}

/// The mail that an event is about, among those that this mail API has.
fn find_mail(
    connection: &mut AnyConnection,
    provider: &str,
    event: &DeliveryEvent,
) -> Result<Option<Mail>, StoreError> {
    let found = mails::find_by_provider_message_id(connection, provider, &event.provider_message_id)?;
    match (found, &event.message_id) {
        (None, Some(id)) => {
            // Its answer may be under way still, or may have told no name of its own.
            let mail = mails::find(connection, id)?;
            Ok(mail.filter(|mail| mail.provider.as_deref() == Some(provider) && mail.provider_message_id.is_none()))
        }
        (found, _) => Ok(found),
    }
}

fn suppress_or_lift(
    connection: &mut AnyConnection,
    mail: &Mail,
    recipient: &EmailAddress,
    event: &DeliveryEvent,
    now: UtcTime,
) -> Result<(), StoreError> {
    // Some events come hours late: what they tell of was then.
    let since = event.occurred_at.min(now);
    let suppression = |reason, retry_at| Suppression { reason, since, retry_at, detail: event.smtp_code.clone() };
    match event.kind {
        // A mailbox that has taken a later mail has been mended since.
        DeliveryKind::BouncedHard
            if mails::was_reached_since(connection, recipient, since.max(mail.created_at))? =>
        {
            Ok(())
        }
        DeliveryKind::BouncedHard => suppressions::set(
            connection,
            recipient,
            &suppression(SuppressionReason::HardBounce, Some(since + PAUSED_FOR)),
        ),
        DeliveryKind::Complained => {
            suppressions::set(connection, recipient, &suppression(SuppressionReason::Complaint, None))
        }
        DeliveryKind::Delivered => suppressions::lift_reached(connection, recipient, event.occurred_at),
        DeliveryKind::Deferred | DeliveryKind::BouncedSoft => Ok(()),
    }
}

/// A trail entry about a mail, with the account's number, by which support looks for it.
fn about(connection: &mut AnyConnection, mail: &Mail, event: Event, now: UtcTime) -> Result<Entry, StoreError> {
    let mut entry = Entry::by_service(event, now).account(mail.account_id.as_ref());
    if let Some(id) = &mail.account_id
        && let Some(account) = accounts::find(connection, id)?
    {
        entry = entry.number(&account.customer_number);
    }
    Ok(entry)
}
