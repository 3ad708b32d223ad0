//! The settings of the mail APIs: one, and perhaps a second.

use data_encoding::BASE64;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{MailConfig, MailProviderKind, is_loopback, reader::Reader};
use crate::types::EmailAddress;

const DEFAULT_SENDER: &str = "internal@topmotive.eu";

/// The names of one mail API's settings.
struct Names {
    provider: &'static str,
    api_url: &'static str,
    api_key: &'static str,
    from: &'static str,
    webhook_secret: &'static str,
}

const FIRST: Names = Names {
    provider: "STAKIS_MAIL_PROVIDER",
    api_url: "STAKIS_MAIL_API_URL",
    api_key: "STAKIS_MAIL_API_KEY",
    from: "STAKIS_MAIL_FROM",
    webhook_secret: "STAKIS_MAIL_WEBHOOK_SECRET",
};

const FALLBACK: Names = Names {
    provider: "STAKIS_MAIL_FALLBACK_PROVIDER",
    api_url: "STAKIS_MAIL_FALLBACK_API_URL",
    api_key: "STAKIS_MAIL_FALLBACK_API_KEY",
    from: "STAKIS_MAIL_FALLBACK_FROM",
    webhook_secret: "STAKIS_MAIL_FALLBACK_WEBHOOK_SECRET",
};

pub(super) fn first(reader: &mut Reader, production: bool) -> Option<MailConfig> {
    mail(reader, production, &FIRST, DEFAULT_SENDER)
}

/// `None` where none is set.
pub(super) fn fallback(reader: &mut Reader, production: bool, first: Option<&MailConfig>) -> Option<MailConfig> {
    if reader.text(FALLBACK.provider).is_none() {
        for name in [FALLBACK.api_url, FALLBACK.from] {
            if reader.text(name).is_some() {
                reader.problem(format!("{name} needs {}", FALLBACK.provider));
            }
        }
        for name in [FALLBACK.api_key, FALLBACK.webhook_secret] {
            if reader.secret(name).is_some() {
                reader.problem(format!("{name} needs {}", FALLBACK.provider));
            }
        }
        return None;
    }
    let sender = first.map_or(DEFAULT_SENDER, |first| first.from.as_str());
    let fallback = mail(reader, production, &FALLBACK, sender)?;
    if first.is_some_and(|first| first.provider == fallback.provider) {
        reader.problem(format!("{} must be another one than {}", FALLBACK.provider, FIRST.provider));
    }
    Some(fallback)
}

fn mail(reader: &mut Reader, production: bool, names: &Names, sender: &str) -> Option<MailConfig> {
    let choices = MailProviderKind::ALL.map(|kind| (kind.as_str(), kind));
    let provider = reader.choice(names.provider, MailProviderKind::Mailpit, &choices);
    if production && provider == MailProviderKind::Mailpit {
        reader.problem(format!("{} must be a real one in production: mailpit delivers nothing", names.provider));
    }
    let api_url = api_url(reader, production, provider, names);
    let api_key: Option<SecretString> = reader.secret(names.api_key);
    if provider != MailProviderKind::Mailpit && api_key.is_none() {
        reader.problem(format!("{} must be set for this provider", names.api_key));
    }
    let webhook_secret = reader.secret(names.webhook_secret);
    if webhook_secret.as_ref().is_some_and(|secret| !is_usable(provider, secret)) {
        reader.problem(format!("{} must be {}", names.webhook_secret, form_of_secret(provider)));
    }
    let text = reader.text(names.from).unwrap_or_else(|| sender.to_owned());
    let from = EmailAddress::parse(&text)
        .map_err(|_| reader.problem(format!("{} must be an e-mail address", names.from)))
        .ok()?;
    Some(MailConfig { provider, api_url, api_key, from, webhook_secret })
}

/// Plain http would show links to whoever listens; only this machine itself may be spoken to that way in production.
fn api_url(reader: &mut Reader, production: bool, provider: MailProviderKind, names: &Names) -> Option<Url> {
    let name = names.api_url;
    let url: Option<Url> = reader.parsed(name, "an absolute https:// address");
    let Some(url) = url else { return Url::parse(provider.public_address()?).ok() };
    let plain_is_fine = url.scheme() == "http" && (is_loopback(&url) || !production);
    if !url.username().is_empty() || url.password().is_some() {
        reader.problem(format!("{name} must not hold a user name or a password; {} is for those", names.api_key));
    }
    if url.host().is_none() || !(url.scheme() == "https" || plain_is_fine) {
        reader.problem(format!("{name} must be an https:// address"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        reader.problem(format!("{name} must end with its path: no ? and no #"));
    }
    Some(url)
}

/// Basic authentication with a short password could be guessed.
const SHORTEST_PASSWORD: usize = 16;

fn is_usable(provider: MailProviderKind, secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    let is_base64 = |text: &str| BASE64.decode(text.as_bytes()).is_ok_and(|bytes| bytes.len() >= 24);
    match provider {
        MailProviderKind::Resend => secret.strip_prefix("whsec_").is_some_and(is_base64),
        MailProviderKind::SendGrid => is_base64(secret),
        MailProviderKind::Mailpit | MailProviderKind::Brevo | MailProviderKind::Postmark => secret
            .split_once(':')
            .is_some_and(|(user, password)| !user.is_empty() && password.len() >= SHORTEST_PASSWORD),
    }
}

fn form_of_secret(provider: MailProviderKind) -> &'static str {
    match provider {
        MailProviderKind::Resend => "the endpoint's signing secret, whsec_…",
        MailProviderKind::SendGrid => "the verification key of the signed event webhook, in base64",
        MailProviderKind::Mailpit | MailProviderKind::Brevo | MailProviderKind::Postmark => {
            "user:password with a password of at least 16 characters"
        }
    }
}
