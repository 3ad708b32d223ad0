//! Writing the letter of a mail at the moment of its hand-over.

use super::{
    attempt::{Attempt, Ending},
    record_outcome::Verdict,
};
use crate::{
    app::App,
    identity::sessions::password_state::password_expires_at,
    mail::{Letter, Lifetime, OutgoingMail, Topic},
    store::{
        mails::{MailKind, MailStatus},
        reset_links::ResetLink,
    },
    types::{EmailAddress, Fault, UtcTime, device_name},
};

/// The letter, or the verdict on a mail for which none can be written.
pub(in crate::identity) enum Composed {
    Letter(OutgoingMail),
    Nothing(Verdict),
}

/// Writes the letter. It is the same to the byte in every attempt.
pub(in crate::identity) fn compose(
    app: &App,
    attempt: &Attempt,
    recipient: &EmailAddress,
) -> Result<Composed, Fault> {
    let letter = |topic| write(app, attempt, recipient, told_at(attempt), topic);
    let request_page = app.links.change_password_page();
    let not_me_page = app.links.not_me_page().or(request_page);
    match (attempt.mail.kind, &attempt.link) {
        (MailKind::ResetLink, Some(link)) => compose_reset(app, attempt, recipient, link),
        (MailKind::ResetLink, None) => Err(Fault::broken_invariant("a reset mail without a link")),
        (MailKind::PasswordChanged, _) => letter(Topic::PasswordChanged { not_me_page }),
        (MailKind::NewDevice, _) => {
            let user_agent = attempt.session.as_ref().and_then(|session| session.user_agent.as_deref());
            let device = user_agent.and_then(device_name);
            letter(Topic::NewDevice { device: device.as_deref(), not_me_page })
        }
        (MailKind::NewDevices, _) => {
            letter(Topic::NewDevices { account_page: app.links.account_page(), not_me_page })
        }
        (MailKind::ExpiryReminder, _) => {
            let expires_at = attempt.account.as_ref().and_then(|account| password_expires_at(app, account));
            let Some(expires_at) = expires_at else {
                let ending = Ending::failed(MailStatus::Dropped, "passwords do not expire any more");
                return Ok(Composed::Nothing(Verdict::Ended(ending)));
            };
            let has_expired = expires_at <= app.clock.now();
            write(app, attempt, recipient, expires_at, Topic::ExpiryReminder { has_expired, request_page })
        }
        (MailKind::AccessClosed, _) => letter(Topic::AccessClosed),
        (MailKind::AccessReopened, _) => letter(Topic::AccessReopened),
        (MailKind::AddressChanged, _) => letter(Topic::AddressChanged),
    }
}

fn compose_reset(
    app: &App,
    attempt: &Attempt,
    recipient: &EmailAddress,
    link: &ResetLink,
) -> Result<Composed, Fault> {
    let Ok(token) = app.keyring.reset_token(&link.secret_key_id, &link.id) else {
        // While the secret key is being replaced, another instance may have the one that is missing here.
        return Ok(Composed::Nothing(Verdict::try_again("secret key not at hand")));
    };
    let lifetime = link.lifetime(app.config.reset_link_ttl);
    let withdraw_link = app.links.withdraw_link(&token);
    let topic = Topic::ResetLink {
        link: &app.links.reset_link(&token),
        withdraw_link: withdraw_link.as_deref(),
        lifetime: Lifetime::from(lifetime),
    };
    write(app, attempt, recipient, told_at(attempt), topic)
}

/// When that happened which the mail tells: the request for a link, or else the cause of the mail, which queued it.
fn told_at(attempt: &Attempt) -> UtcTime {
    attempt.requested_at.unwrap_or(attempt.mail.created_at)
}

fn write(
    app: &App,
    attempt: &Attempt,
    recipient: &EmailAddress,
    told_at: UtcTime,
    topic: Topic<'_>,
) -> Result<Composed, Fault> {
    let mail = &attempt.mail;
    let last_two_digits = &mail.last_two_digits;
    let letter = Letter {
        id: &mail.id,
        to: recipient,
        locale: mail.locale,
        last_two_digits,
        told_at,
        brand: &app.config.brand,
        topic,
    };
    letter.write().map(Composed::Letter)
}
