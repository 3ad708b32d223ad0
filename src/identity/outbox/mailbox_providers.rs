//! The providers of the recipients' mailboxes: which of them the metrics tell apart, and an alarm when one begins to refuse.

use crate::{
    app::App,
    identity::refusal::IdentityError,
    mail::{Acceptance, DeliveryEvent},
    metrics::{Alarm, LEAST_ACCOUNTS, MOST_MAILBOX_PROVIDERS},
    store::{mailbox_domains, mails::Mail},
    types::{BounceCause, DeliveryKind},
};

/// Makes the largest domains of the accounts labels of the metrics. It is counted once, when the process starts, and then
/// every hour: counting a million accounts takes seconds.
pub async fn know_mailbox_providers(app: &App) -> Result<(), IdentityError> {
    if !app.mailbox_watch.is_count_due(app.clock.now()) {
        return Ok(());
    }
    let most = i64::try_from(MOST_MAILBOX_PROVIDERS).unwrap_or(i64::MAX);
    let domains = app.query(move |tx| mailbox_domains::list_largest(tx, LEAST_ACCOUNTS, most)).await?;
    app.metrics.mailbox_providers.know(&domains);
    app.mailbox_watch.counted(app.clock.now());
    Ok(())
}

/// Counts what a mail API reports of a mail, and raises the alarm where the provider of the mailbox refuses a large share.
pub(super) fn count_report(app: &App, mail: &Mail, event: &DeliveryEvent) {
    let Some(recipient) = &mail.recipient else { return };
    let provider = app.metrics.mailbox_providers.label_of(&recipient.domain());
    let after = mail.finished_at.map(|handed_over_at| (event.occurred_at - handed_over_at).to_std());
    app.metrics.mailbox_providers.reported(&provider, event.kind, after.map(Result::unwrap_or_default));
    let acceptance = match (event.kind, event.cause) {
        (DeliveryKind::Delivered, _) => Acceptance::Taken,
        // Nobody's mail would have arrived there, or the mail never came to the provider.
        (
            DeliveryKind::BouncedSoft | DeliveryKind::BouncedHard,
            Some(BounceCause::NoSuchMailbox | BounceCause::MailboxFull | BounceCause::Listed),
        )
        | (DeliveryKind::Complained, _) => return,
        (DeliveryKind::Deferred | DeliveryKind::BouncedSoft | DeliveryKind::BouncedHard, _) => Acceptance::Refused,
    };
    let refuses = app.mailbox_watch.note(&provider, acceptance, app.clock.now());
    app.metrics.mailbox_providers.set_refuses(&provider, refuses.now);
    // The count goes on rising while it lasts, so that an alert does not end before it. The log tells it once.
    if refuses.now && acceptance == Acceptance::Refused {
        app.metrics.alarms.raise(Alarm::MailboxProvider);
    }
    if refuses.now && !refuses.before {
        tracing::error!(alarm = true, mailbox_provider = provider, "a provider of mailboxes refuses many mails");
    } else if refuses.before && !refuses.now {
        tracing::warn!(mailbox_provider = provider, "the provider of mailboxes takes mails again");
    }
}
