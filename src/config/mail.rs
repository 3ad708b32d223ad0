//! The settings of the mail APIs: one, and optionally a second one that takes over while the first one fails.

use secrecy::SecretString;
use url::Url;

use super::{
    mail_api::{MAILPIT_IN_PRODUCTION, MailApi, Provider},
    mail_provider::MailProviderKind,
    setting::{Email, Group, Nothing, Parsed, Reader, Secrecy, Setting, Value},
};
use crate::types::EmailAddress;

pub(super) const GROUP: Group = Group {
    title: "Mail",
    introduction: || {
        "Mails leave through the HTTP API of a provider. The second provider is used while the first one fails; its \
                   settings need `STAKIS_MAIL_FALLBACK_PROVIDER`.".to_owned()
    },
    settings: &[
        &PROVIDER,
        &API.api_url,
        &API.api_key,
        &FROM,
        &API.webhook_secret,
        &FALLBACK_PROVIDER,
        &FALLBACK_API.api_url,
        &FALLBACK_API.api_key,
        &FALLBACK_FROM,
        &FALLBACK_API.webhook_secret,
    ],
};

/// A mail API, with its credentials and the sender of the mails.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The provider of the mail API.
    pub provider: MailProviderKind,
    /// The base address of the API. `None` means the embedded mailbox, which exists in development only.
    pub api_url: Option<Url>,
    /// The key that the provider issued.
    pub api_key: Option<SecretString>,
    /// The sender's address.
    pub from: EmailAddress,
    /// The secret that authenticates the provider's delivery events. Without it, the address for them answers 404
    /// (WH-03).
    pub webhook_secret: Option<SecretString>,
}

const PROVIDER: Setting<Provider, Value<MailProviderKind>> = Setting {
    name: "STAKIS_MAIL_PROVIDER",
    secrecy: Secrecy::Open,
    form: Provider,
    unset: Value(MailProviderKind::Mailpit),
    sentence: "Provider whose API takes the mails. `mailpit` is for development: it shows mails and delivers none.",
};

const API: MailApi = MailApi::new(
    [
        ("STAKIS_MAIL_API_URL", "the provider's public address; for `mailpit` the embedded mailbox"),
        ("STAKIS_MAIL_API_KEY", "required; with `mailpit` none"),
        ("STAKIS_MAIL_WEBHOOK_SECRET", "none: delivery events are not received"),
    ],
    [
        "Base address of the mail API.",
        "Key of the mail API. For `mailpit` it is `user:password`.",
        "Secret with which the provider proves that a delivery event, such as a bounce, comes from it. It opens \
         `POST /v1/mail-events/{provider}`.",
    ],
);

const FROM: Setting<Email, Parsed> = Setting {
    name: "STAKIS_MAIL_FROM",
    secrecy: Secrecy::Open,
    form: Email,
    unset: Parsed("internal@topmotive.eu"),
    sentence: "Address from which mails are sent. Its domain needs SPF and DKIM records of the provider.",
};

const FALLBACK_PROVIDER: Setting<Provider, Nothing> = Setting {
    name: "STAKIS_MAIL_FALLBACK_PROVIDER",
    secrecy: Secrecy::Open,
    form: Provider,
    unset: Nothing("none: mails wait while the first provider fails"),
    sentence: "Second provider, through which mails go while the first one fails. It has to be another one than the first.",
};

const FALLBACK_API: MailApi = MailApi::new(
    [
        ("STAKIS_MAIL_FALLBACK_API_URL", "the second provider's public address"),
        ("STAKIS_MAIL_FALLBACK_API_KEY", "required with a second provider, except `mailpit`"),
        ("STAKIS_MAIL_FALLBACK_WEBHOOK_SECRET", "none: the second provider's delivery events are not received"),
    ],
    [
        "Base address of the second mail API.",
        "Key of the second mail API.",
        "Secret with which the second provider proves that a delivery event comes from it.",
    ],
);

const FALLBACK_FROM: Setting<Email, Nothing> = Setting {
    name: "STAKIS_MAIL_FALLBACK_FROM",
    secrecy: Secrecy::Open,
    form: Email,
    unset: Nothing("that of `STAKIS_MAIL_FROM`"),
    sentence: "Address from which mails are sent through the second provider.",
};

/// Reads the first mail API, and gives `None` where the sender's address is wrong.
pub(super) fn mail(reader: &mut Reader) -> Option<MailConfig> {
    let provider = PROVIDER.read(reader);
    if reader.environment().is_production() && !PROVIDER.is_given(reader) {
        PROVIDER.object(reader, [MAILPIT_IN_PRODUCTION]);
    }
    let (api, from) = (API.read(reader, provider), FROM.read(reader));
    Some(MailConfig {
        provider,
        api_url: api.url,
        api_key: api.key,
        from: from?,
        webhook_secret: api.webhook_secret,
    })
}

/// Reads the second mail API, and gives `None` where no second provider is set, or a wrong one.
pub(super) fn mail_fallback(reader: &mut Reader, first: Option<&MailConfig>) -> Option<MailConfig> {
    let Some(provider) = FALLBACK_PROVIDER.read(reader) else {
        if !FALLBACK_PROVIDER.is_given(reader) {
            refuse_lone_settings(reader);
        }
        return None;
    };
    if first.is_some_and(|first| first.provider == provider) {
        let objection = format!("must be another one than {}", PROVIDER.name);
        FALLBACK_PROVIDER.object(reader, [objection]);
    }
    let (api, from) = (FALLBACK_API.read(reader, provider), FALLBACK_FROM.read(reader));
    Some(MailConfig {
        provider,
        api_url: api.url,
        api_key: api.key,
        from: from.or_else(|| first.map(|first| first.from.clone()))?,
        webhook_secret: api.webhook_secret,
    })
}

fn refuse_lone_settings(reader: &mut Reader) {
    let MailApi { api_url, api_key, webhook_secret } = FALLBACK_API;
    let lone = [
        (api_url.name, api_url.is_given(reader)),
        (api_key.name, api_key.is_given(reader)),
        (FALLBACK_FROM.name, FALLBACK_FROM.is_given(reader)),
        (webhook_secret.name, webhook_secret.is_given(reader)),
    ];
    for (name, _) in lone.into_iter().filter(|(_, is_given)| *is_given) {
        reader.problem(format!("{name} needs {}", FALLBACK_PROVIDER.name));
    }
}
