//! Writing the letter of a mail at the moment of its hand-over.

use super::{
    attempt::{Attempt, Caller, Ending},
    record_outcome::Verdict,
};
use crate::{
    app::App,
    crypto::UnknownSecretKey,
    identity::sessions::password_state::password_expires_at,
    mail::{Letter, Lifetime, LinkPurpose, NotMe, OutgoingMail, Topic},
    store::{
        email_changes::EmailChange,
        mails::{MailKind, MailStatus},
        reset_links::ResetLink,
        reset_requests::ResetCause,
    },
    types::{EmailAddress, Fault, UtcTime, device_name, device_words},
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
    let Ok(lock_down_link) = find_lock_down_link(app, attempt) else { return Ok(without_key()) };
    let lock_down_link = lock_down_link.as_deref();
    let not_me = lock_down_link.map_or(NotMe::NewPassword(request_page), NotMe::LockDown);
    match (attempt.mail.kind, &attempt.link) {
        (MailKind::ResetLink, Some(link)) => compose_reset(app, attempt, recipient, link),
        (MailKind::ResetLink, None) => Err(Fault::broken_invariant("a reset mail without a link")),
        (MailKind::PasswordChanged, _) => letter(Topic::PasswordChanged { not_me }),
        (MailKind::NewDevice, _) => {
            let user_agent = attempt.session.as_ref().and_then(|session| session.user_agent.as_deref());
            // A name that a mail program makes a link of stays out.
            let label = attempt.device_label.as_ref().filter(|label| label.is_no_link());
            let device = device_words(label, user_agent.and_then(device_name).as_deref());
            letter(Topic::NewDevice { device: device.as_deref(), not_me })
        }
        (MailKind::NewDevices, _) => letter(Topic::NewDevices { account_page: app.links.account_page(), not_me }),
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
        (MailKind::AccountErased, _) => letter(Topic::AccountErased),
        (MailKind::AddressChanged, _) => letter(Topic::AddressChanged { lock_down_link }),
        (MailKind::EmailChangeLink | MailKind::EmailChangeAsked, _) => {
            compose_email_change(app, attempt, recipient)
        }
        (MailKind::AccessContested, _) => letter(Topic::AccessContested),
        (MailKind::CallerCode, _) => compose_caller_code(app, attempt, recipient),
    }
}

fn compose_reset(
    app: &App,
    attempt: &Attempt,
    recipient: &EmailAddress,
    link: &ResetLink,
) -> Result<Composed, Fault> {
    let Ok(token) = app.keyring.reset_token(&link.secret_key_id, &link.id) else { return Ok(without_key()) };
    let lifetime = link.lifetime(app.config.reset_link_ttl);
    let withdraw_link = app.links.withdraw_link(&token);
    let purpose = match attempt.cause {
        Some(ResetCause::Activation) => LinkPurpose::FirstPassword,
        Some(ResetCause::LockDown) | None => LinkPurpose::Reset,
    };
    let topic = Topic::ResetLink {
        purpose,
        link: &app.links.reset_link(&token),
        withdraw_link: withdraw_link.as_deref(),
        lifetime: Lifetime::from(lifetime),
    };
    write(app, attempt, recipient, told_at(attempt), topic)
}

/// The link by which the reader of a notice locks the access down, where the notice has one.
fn find_lock_down_link(app: &App, attempt: &Attempt) -> Result<Option<String>, UnknownSecretKey> {
    let Some(link) = &attempt.lock_down_link else { return Ok(None) };
    let token = app.keyring.lock_down_token(&link.secret_key_id, &link.mail_id)?;
    Ok(app.links.lock_down_link(&token))
}

fn compose_email_change(app: &App, attempt: &Attempt, recipient: &EmailAddress) -> Result<Composed, Fault> {
    let Some(EmailChange { id, secret_key_id, new_email, expires_at, .. }) = &attempt.email_change else {
        return Err(Fault::broken_invariant("a mail about a change of the address that is gone"));
    };
    let letter = |topic| write(app, attempt, recipient, told_at(attempt), topic);
    if attempt.mail.kind == MailKind::EmailChangeLink {
        let Ok(token) = app.keyring.email_confirm_token(secret_key_id, id) else { return Ok(without_key()) };
        let link = app.links.email_confirm_link(&token);
        return letter(Topic::EmailChangeLink { link: &link, serves_until: *expires_at });
    }
    let Ok(token) = app.keyring.email_withdraw_token(secret_key_id, id) else { return Ok(without_key()) };
    let withdraw_link = app.links.email_withdraw_link(&token);
    letter(Topic::EmailChangeAsked { withdraw_link: &withdraw_link, new_email: &new_email.masked() })
}

fn compose_caller_code(app: &App, attempt: &Attempt, recipient: &EmailAddress) -> Result<Composed, Fault> {
    let Some(Caller { question, asked_by }) = &attempt.caller else {
        return Err(Fault::broken_invariant("a mail with a caller code that is gone"));
    };
    let Ok(code) = app.keyring.caller_code(&question.secret_key_id, &question.id) else { return Ok(without_key()) };
    let (code, serves_until) = (code.grouped(), question.expires_at);
    let topic = Topic::CallerCode { code: &code, asked_by, serves_until };
    write(app, attempt, recipient, told_at(attempt), topic)
}

/// While the secret key is being replaced, another instance may have the one that is missing here.
fn without_key() -> Composed {
    Composed::Nothing(Verdict::try_again("secret key not at hand"))
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
