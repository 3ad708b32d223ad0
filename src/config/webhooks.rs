//! Where webhooks may be sent to.

use super::{
    environment::Environment,
    setting::{Form, Group, Nothing, Objections, Reader, Secrecy, Setting, not_allowed},
};
use crate::types::AllowedTarget;

pub(super) const GROUP: Group = Group {
    title: "Webhooks",
    introduction: || {
        "Events go by https to public addresses alone. Proxies of the environment (`HTTPS_PROXY`) are not used for them: the \
         address that was checked is the one that is connected to."
            .to_owned()
    },
    settings: &[&PORTS, &ALLOW],
};

const PORTS: Setting<Ports, Nothing> = Setting {
    name: "STAKIS_WEBHOOK_PORTS",
    secrecy: Secrecy::Open,
    form: Ports,
    unset: Nothing("`443`"),
    sentence: "Ports that the address of a webhook endpoint may have.",
};

const ALLOW: Setting<AllowedTargets, Nothing> = Setting {
    name: "STAKIS_WEBHOOK_ALLOW",
    secrecy: Secrecy::Open,
    form: AllowedTargets,
    unset: Nothing("none"),
    sentence: "Networks and ports that development may deliver webhooks to besides public addresses, by http too. Refused in \
               production: a machine client could reach everything there that this service reaches.",
};

/// The port of https.
const HTTPS: u16 = 443;

/// Where webhooks may be sent to.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// The ports of public addresses.
    pub ports: Vec<u16>,
    /// What else development may deliver to.
    pub allow: Vec<AllowedTarget>,
}

/// Reads where webhooks may be sent to.
pub(super) fn webhooks(reader: &mut Reader) -> WebhookConfig {
    let allow = ALLOW.read(reader).unwrap_or_default();
    if !allow.is_empty() && reader.environment().is_production() {
        ALLOW.object(reader, ["is refused in production"]);
    }
    WebhookConfig { ports: PORTS.read(reader).unwrap_or_else(|| vec![HTTPS]), allow }
}

/// Numbers of ports, separated by commas.
struct Ports;

impl Form for Ports {
    type Value = Vec<u16>;

    fn allowed(&self) -> String {
        "numbers of ports such as 443,8443, separated by commas".to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<Vec<u16>, Objections> {
        let parsed = text.split(',').map(|port| port.trim().parse().ok().filter(|port| *port != 0));
        parsed.collect::<Option<_>>().ok_or_else(|| not_allowed(self))
    }
}

/// Networks with their ports, separated by commas.
struct AllowedTargets;

impl Form for AllowedTargets {
    type Value = Vec<AllowedTarget>;

    fn allowed(&self) -> String {
        "networks or addresses with a port, or with * for every port, such as 127.0.0.0/8:* or [::1]:8443, separated by commas"
            .to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<Vec<AllowedTarget>, Objections> {
        let targets = text.split(',').map(str::trim).filter(|target| !target.is_empty());
        targets.map(AllowedTarget::parse).collect::<Option<_>>().ok_or_else(|| not_allowed(self))
    }
}
