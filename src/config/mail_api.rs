//! The settings that every mail API has: address, key, and the secret of its delivery events.

use data_encoding::BASE64;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{
    environment::Environment,
    mail_provider::MailProviderKind,
    setting::{Form, Nothing, Objections, OneOf, Reader, Secrecy, Secret, Setting, WriteForm, not_allowed, unless},
};
use crate::types::is_loopback;

/// The settings of one mail API.
pub(super) struct MailApi {
    pub(super) api_url: Setting<ApiUrl, Nothing>,
    pub(super) api_key: Setting<Secret, Nothing>,
    pub(super) webhook_secret: Setting<WebhookSecret, Nothing>,
}

/// The values of the settings of one mail API.
pub(super) struct ReadMailApi {
    pub(super) url: Option<Url>,
    pub(super) key: Option<SecretString>,
    pub(super) webhook_secret: Option<SecretString>,
}

impl MailApi {
    /// Defines the settings from their names, each with what holds while it is unset, and from their sentences. Both
    /// are in the order of the fields.
    pub(super) const fn new(
        [api_url, api_key, webhook_secret]: [(&'static str, &'static str); 3],
        sentences: [&'static str; 3],
    ) -> Self {
        let [api_url_sentence, api_key_sentence, webhook_secret_sentence] = sentences;
        Self {
            api_url: Setting {
                name: api_url.0,
                secrecy: Secrecy::Open,
                form: ApiUrl { key_name: api_key.0 },
                unset: Nothing(api_url.1),
                sentence: api_url_sentence,
            },
            api_key: Setting {
                name: api_key.0,
                secrecy: Secrecy::Secret,
                form: Secret("the key that the provider issued"),
                unset: Nothing(api_key.1),
                sentence: api_key_sentence,
            },
            webhook_secret: Setting {
                name: webhook_secret.0,
                secrecy: Secrecy::Secret,
                form: WebhookSecret,
                unset: Nothing(webhook_secret.1),
                sentence: webhook_secret_sentence,
            },
        }
    }

    /// Reads the settings, and checks them against the provider.
    pub(super) fn read(&self, reader: &mut Reader, provider: MailProviderKind) -> ReadMailApi {
        let url = self.api_url.read(reader).or_else(|| Url::parse(provider.public_address()?).ok());
        let key = self.api_key.read(reader);
        if provider != MailProviderKind::Mailpit && !self.api_key.is_given(reader) {
            self.api_key.object(reader, ["must be set for this provider"]);
        }
        let webhook_secret = self.webhook_secret.read(reader);
        if webhook_secret.as_ref().is_some_and(|secret| !is_usable(provider, secret)) {
            self.webhook_secret.object(reader, [format!("must be {}", form_of_secret(provider))]);
        }
        ReadMailApi { url, key, webhook_secret }
    }
}

/// A provider whose API the service supports.
pub(super) struct Provider;

const PROVIDERS: OneOf<MailProviderKind> = OneOf::new(MailProviderKind::ALL, MailProviderKind::as_str);

/// The objection to Mailpit in production: mails that it only shows must not be taken for delivered ones.
pub(super) const MAILPIT_IN_PRODUCTION: &str = "must be a real one in production: mailpit delivers nothing";

impl Form for Provider {
    type Value = MailProviderKind;

    fn allowed(&self) -> String {
        format!("{}; in production not {}", PROVIDERS.allowed(), MailProviderKind::Mailpit)
    }

    fn parse(&self, text: &str, environment: Environment) -> Result<MailProviderKind, Objections> {
        let provider = PROVIDERS.parse(text, environment).map_err(|_| not_allowed(self))?;
        if environment.is_production() && provider == MailProviderKind::Mailpit {
            return Err(vec![MAILPIT_IN_PRODUCTION.to_owned()]);
        }
        Ok(provider)
    }
}

impl WriteForm for Provider {
    fn write(&self, value: &MailProviderKind) -> String {
        PROVIDERS.write(value)
    }
}

/// The base address of a mail API. Plain http would show links to everyone on the network path, so production allows it
/// on the same machine only.
pub(super) struct ApiUrl {
    /// The name of the setting that credentials belong into.
    key_name: &'static str,
}

impl Form for ApiUrl {
    type Value = Url;

    fn allowed(&self) -> String {
        "an absolute https:// address (in development, and on the same machine, also http://)".to_owned()
    }

    fn parse(&self, text: &str, environment: Environment) -> Result<Url, Objections> {
        let Ok(url) = Url::parse(text) else { return Err(vec!["must be an absolute https:// address".to_owned()]) };
        let mut objections = Objections::new();
        let plain_is_fine = url.scheme() == "http" && (is_loopback(&url) || !environment.is_production());
        if !url.username().is_empty() || url.password().is_some() {
            objections.push(format!("must not hold a user name or a password; {} is for those", self.key_name));
        }
        if url.host().is_none() || !(url.scheme() == "https" || plain_is_fine) {
            objections.push("must be an https:// address".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            objections.push("must end with its path: no ? and no #".to_owned());
        }
        unless(objections, url)
    }
}

/// The secret with which a provider authenticates its delivery events. The form depends on the provider, so the
/// provider's settings are checked together.
pub(super) struct WebhookSecret;

impl Form for WebhookSecret {
    type Value = SecretString;

    fn allowed(&self) -> String {
        let [resend, sendgrid, others] =
            [MailProviderKind::Resend, MailProviderKind::SendGrid, MailProviderKind::Postmark].map(form_of_secret);
        format!("for resend {resend}; for sendgrid {sendgrid}; for the others {others}")
    }

    fn parse(&self, text: &str, _: Environment) -> Result<SecretString, Objections> {
        Ok(SecretString::from(text))
    }
}

/// The least length of a password for Basic authentication. A shorter one could be guessed.
const SHORTEST_PASSWORD: usize = 16;
/// The least length of a signing secret in bytes, which Standard Webhooks asks for.
const SHORTEST_KEY: usize = 24;

fn is_usable(provider: MailProviderKind, secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    let is_base64 = |text: &str| BASE64.decode(text.as_bytes()).is_ok_and(|bytes| bytes.len() >= SHORTEST_KEY);
    match provider {
        MailProviderKind::Resend => secret.strip_prefix("whsec_").is_some_and(is_base64),
        MailProviderKind::SendGrid => is_base64(secret),
        MailProviderKind::Mailpit | MailProviderKind::Brevo | MailProviderKind::Postmark => secret
            .split_once(':')
            .is_some_and(|(user, password)| !user.is_empty() && password.len() >= SHORTEST_PASSWORD),
    }
}

fn form_of_secret(provider: MailProviderKind) -> String {
    match provider {
        MailProviderKind::Resend => "the endpoint's signing secret, whsec_…".to_owned(),
        MailProviderKind::SendGrid => "the verification key of the signed event webhook, in base64".to_owned(),
        MailProviderKind::Mailpit | MailProviderKind::Brevo | MailProviderKind::Postmark => {
            format!("user:password with a password of at least {SHORTEST_PASSWORD} characters")
        }
    }
}
