//! The limits against guessing and floods, each with its reason.

use chrono::TimeDelta;

use super::{
    environment::Environment,
    limit::{Limit, Rate},
    setting::{Group, Reader, Secrecy, Setting, Switch, Value},
};

pub(super) const GROUP: Group = Group {
    title: "Limits",
    introduction: || {
        "A limit is `COUNT/PERIOD`, such as `30/1h`, or `off`: COUNT at once, and as many again within each PERIOD. A \
                   period is a number with `s`, `m`, `h` or `d`.\n\n\
                   A source is one IPv4 address, or the part of an IPv6 address that the row names. Devices that have signed \
                   in to an account before are not held to the limits of their source.".to_owned()
    },
    settings: &[
        &RESET_SOURCE,
        &RESET_NETWORK,
        &RESET_NUMBERS,
        &SIGN_IN_SOURCE,
        &SIGN_IN_NUMBERS,
        &SIGN_IN_DEVICE,
        &UNKNOWN_TOKENS,
        &MAIL_EVENTS,
        &RESET_MAILS,
        &RESET_MAILS_DAILY,
        &RESET_MAILS_ADDRESS,
        &RESET_MAILS_TOTAL,
        &NEW_DEVICE_MAILS,
        &PASSWORD_CHANGED_MAILS,
        &SPRAY,
        &RESET_SURGE,
        &CLIENT,
        &CLIENT_TOKENS,
        &INTROSPECTION,
        &ADMINISTRATION,
        &SUPPORT_DIAGNOSIS,
        &SUPPORT_NUMBERS,
        &LIMITS,
    ],
};

/// Every limit; `None` means no limit.
#[derive(Debug, Clone, Copy)]
pub struct LimitsConfig {
    /// Whether limits are enforced at all. They are switched off for load tests.
    pub enforced: bool,
    /// Reset requests of one source.
    pub reset_source: Option<Limit>,
    /// Reset requests of one network: an IPv4 /24 or an IPv6 /56.
    pub reset_network: Option<Limit>,
    /// Different numbers that one source requests resets for.
    pub reset_numbers: Option<Limit>,
    /// Sign-ins of unknown devices of one source.
    pub sign_in_source: Option<Limit>,
    /// Different numbers that unknown devices of one source try to sign in with.
    pub sign_in_numbers: Option<Limit>,
    /// Sign-ins of one known device.
    pub sign_in_device: Option<Limit>,
    /// Unknown links and refresh tokens that one source presents.
    pub unknown_tokens: Option<Limit>,
    /// Webhook calls of one source that only claim to come from a mail API.
    pub mail_events: Option<Limit>,
    /// Reset mails to one number: by the hour and by the day.
    pub reset_mails: [Option<Limit>; 2],
    /// Reset mails to one address, which several numbers may share.
    pub reset_mails_address: Option<Limit>,
    /// Reset requests of all customers together that may lead to a mail.
    pub reset_mails_total: Option<Limit>,
    /// Notices of a new device to one account.
    pub new_device_mails: Option<Limit>,
    /// Notices of a changed password to one account.
    pub password_changed_mails: Option<Limit>,
    /// Numbers with failing sign-ins, over all sources, from which a proof of work is required.
    pub spray: Option<Limit>,
    /// Numbers with reset requests, over all sources, from which a proof of work is required.
    pub reset_surge: Option<Limit>,
    /// Calls of one machine client.
    pub client: Option<Limit>,
    /// Access tokens that one client requests.
    pub client_tokens: Option<Limit>,
    /// Tokens that were never issued, which one client introspects.
    pub introspection: Option<Limit>,
    /// Address changes, erasures and mailed links that one client causes.
    pub administration: Option<Limit>,
    /// Support diagnoses that one client requests.
    pub support_diagnosis: Option<Limit>,
    /// Different customer numbers that one client requests diagnoses for.
    pub support_numbers: Option<Limit>,
}

type LimitSetting = Setting<Rate, Value<Option<Limit>>>;

const fn limit(name: &'static str, count: i32, period: TimeDelta, sentence: &'static str) -> LimitSetting {
    Setting { name, secrecy: Secrecy::Open, form: Rate, unset: Value(Some(Limit { count, period })), sentence }
}

const RESET_SOURCE: LimitSetting = limit(
    "STAKIS_LIMIT_RESET_SOURCE",
    60,
    TimeDelta::hours(1),
    "Reset requests of one source (IPv6: a /64). Even a workshop of fifty people needs few.",
);

const RESET_NETWORK: LimitSetting = limit(
    "STAKIS_LIMIT_RESET_NETWORK",
    300,
    TimeDelta::hours(1),
    "Reset requests of one network, an IPv4 /24 or an IPv6 /56. Customers of a mobile network share one.",
);

const RESET_NUMBERS: LimitSetting = limit(
    "STAKIS_LIMIT_RESET_NUMBERS",
    10,
    TimeDelta::hours(1),
    "Different customer numbers for which one source (IPv6: a /56) requests a reset. Nobody has many numbers, and a walk \
     through them ends here.",
);

const SIGN_IN_SOURCE: LimitSetting = limit(
    "STAKIS_LIMIT_SIGN_IN_SOURCE",
    600,
    TimeDelta::hours(1),
    "Sign-ins from unknown devices of one source (IPv6: a /56). It leaves room for fifty people who mistype.",
);

const SIGN_IN_NUMBERS: LimitSetting = limit(
    "STAKIS_LIMIT_SIGN_IN_NUMBERS",
    20,
    TimeDelta::hours(1),
    "Different customer numbers that unknown devices of one source (IPv6: a /56) try to sign in with. An attacker who tries \
     one password on many numbers needs many.",
);

const SIGN_IN_DEVICE: LimitSetting = limit(
    "STAKIS_LIMIT_SIGN_IN_DEVICE",
    60,
    TimeDelta::hours(1),
    "Sign-ins of one known device. Beyond it the device meets the limits of unknown ones, so that its owner is not kept out.",
);

const UNKNOWN_TOKENS: LimitSetting = limit(
    "STAKIS_LIMIT_UNKNOWN_TOKENS",
    30,
    TimeDelta::minutes(10),
    "Unknown links and refresh tokens from one source (IPv6: a /56). Nobody can guess one, so this only stops noise.",
);

const MAIL_EVENTS: LimitSetting = limit(
    "STAKIS_LIMIT_MAIL_EVENTS",
    30,
    TimeDelta::minutes(10),
    "Delivery events from one source (IPv6: a /56) that are not signed or authenticated as the settings demand. Authentic \
     ones are not counted.",
);

const RESET_MAILS: LimitSetting = limit(
    "STAKIS_LIMIT_RESET_MAILS",
    3,
    TimeDelta::hours(1),
    "Reset mails to one customer number, so that no mailbox is flooded.",
);

const RESET_MAILS_DAILY: LimitSetting = limit(
    "STAKIS_LIMIT_RESET_MAILS_DAILY",
    6,
    TimeDelta::days(1),
    "Reset mails to one customer number, over a longer period than `STAKIS_LIMIT_RESET_MAILS`. The link in the last \
     mail that it allows is valid until the next mail may go, so that strangers cannot keep a customer from a reset.",
);

const RESET_MAILS_ADDRESS: LimitSetting = limit(
    "STAKIS_LIMIT_RESET_MAILS_ADDRESS",
    12,
    TimeDelta::days(1),
    "Reset mails to one address, which several customer numbers may share. A number's first mail within the period is \
     never withheld by it.",
);

const RESET_MAILS_TOTAL: LimitSetting = limit(
    "STAKIS_LIMIT_RESET_MAILS_TOTAL",
    1000,
    TimeDelta::hours(1),
    "Reset requests of all customers together that may lead to a mail; requests for unknown numbers count as well. \
     Beyond it each further network still gets one mail, from a reserve of the same size. Once that is used up too, such \
     a mail goes to a number without a valid link alone.",
);

const NEW_DEVICE_MAILS: LimitSetting = limit(
    "STAKIS_LIMIT_NEW_DEVICE_MAILS",
    3,
    TimeDelta::days(1),
    "Mails to one account about a sign-in from a new device. The next one sums up, and further ones are left out.",
);

const PASSWORD_CHANGED_MAILS: LimitSetting = limit(
    "STAKIS_LIMIT_PASSWORD_CHANGED_MAILS",
    10,
    TimeDelta::hours(1),
    "Mails to one account about a changed password.",
);

const SPRAY: LimitSetting = limit(
    "STAKIS_LIMIT_SPRAY",
    100,
    TimeDelta::minutes(10),
    "Customer numbers at which sign-ins fail, over all sources. From this many on, and where no fewer fail than succeed, unknown \
     devices have to prove work. Its period is that of `STAKIS_LIMIT_RESET_SURGE`.",
);

const RESET_SURGE: LimitSetting = limit(
    "STAKIS_LIMIT_RESET_SURGE",
    300,
    TimeDelta::minutes(10),
    "Customer numbers for which a reset is requested, over all sources. From this many on, a proof of work is required. \
     Its period is that of `STAKIS_LIMIT_SPRAY`.",
);

const CLIENT: LimitSetting = limit(
    "STAKIS_LIMIT_CLIENT",
    1200,
    TimeDelta::minutes(1),
    "Calls of one machine client with an access token, and to `/oauth2/introspect` and `/oauth2/revoke`. It bounds a program \
     that runs wild; the answers say how many calls are left.",
);

const CLIENT_TOKENS: LimitSetting = limit(
    "STAKIS_LIMIT_CLIENT_TOKENS",
    300,
    TimeDelta::hours(1),
    "Access tokens that one machine client gets. A token serves for ten minutes, so fifty processes of a partner need no more.",
);

const INTROSPECTION: LimitSetting = limit(
    "STAKIS_LIMIT_INTROSPECTION",
    120,
    TimeDelta::minutes(10),
    "Tokens that were never issued, which one machine client introspects. Tokens that were issued are told of beyond it too: \
     a stranger who sends made-up tokens to a partner must not keep that partner's customers out.",
);

const ADMINISTRATION: LimitSetting = limit(
    "STAKIS_LIMIT_ADMINISTRATION",
    100,
    TimeDelta::hours(1),
    "Address changes, erasures and mailed links that one machine client causes. A thief of its secret would take accounts over by \
     them; one more is refused and raises the alarm `administration`.",
);

const SUPPORT_DIAGNOSIS: LimitSetting = limit(
    "STAKIS_LIMIT_SUPPORT_DIAGNOSIS",
    60,
    TimeDelta::minutes(1),
    "Support diagnoses that one machine client may request.",
);

const SUPPORT_NUMBERS: LimitSetting = limit(
    "STAKIS_LIMIT_SUPPORT_NUMBERS",
    300,
    TimeDelta::hours(1),
    "Different customer numbers about which one machine client requests support diagnoses. A busy support desk needs fewer, \
     and a walk through all numbers ends here.",
);

const LIMITS: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_LIMITS",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(true),
    sentence: "`off` switches all limits off, for load tests. It is refused in production.",
};

/// No limit on calls. The caps that keep a mailbox from being flooded hold as by their settings' defaults.
impl Default for LimitsConfig {
    fn default() -> Self {
        let Self { reset_mails_address, new_device_mails, password_changed_mails, .. } = Self::standard();
        Self { reset_mails_address, new_device_mails, password_changed_mails, ..Self::none() }
    }
}

impl LimitsConfig {
    /// No limit at all.
    fn none() -> Self {
        Self { enforced: false, ..Self::from(|_| None) }
    }

    /// The limits that hold unless settings change them.
    #[must_use]
    pub fn standard() -> Self {
        Self::from(|setting| setting.default(Environment::Production))
    }

    pub(super) fn read(reader: &mut Reader) -> Self {
        let enforced = LIMITS.read(reader);
        if !enforced && reader.environment().is_production() {
            LIMITS.object(reader, ["must be on in production"]);
        }
        let read = Self::from(|setting| setting.read(reader));
        if let (Some(spray), Some(surge)) = (read.spray, read.reset_surge)
            && spray.period != surge.period
        {
            SPRAY.object(reader, [format!("must have the same period as {}", RESET_SURGE.name)]);
        }
        if enforced { read } else { Self::none() }
    }

    fn from(mut value: impl FnMut(&LimitSetting) -> Option<Limit>) -> Self {
        Self {
            enforced: true,
            reset_source: value(&RESET_SOURCE),
            reset_network: value(&RESET_NETWORK),
            reset_numbers: value(&RESET_NUMBERS),
            sign_in_source: value(&SIGN_IN_SOURCE),
            sign_in_numbers: value(&SIGN_IN_NUMBERS),
            sign_in_device: value(&SIGN_IN_DEVICE),
            unknown_tokens: value(&UNKNOWN_TOKENS),
            mail_events: value(&MAIL_EVENTS),
            reset_mails: [value(&RESET_MAILS), value(&RESET_MAILS_DAILY)],
            reset_mails_address: value(&RESET_MAILS_ADDRESS),
            reset_mails_total: value(&RESET_MAILS_TOTAL),
            new_device_mails: value(&NEW_DEVICE_MAILS),
            password_changed_mails: value(&PASSWORD_CHANGED_MAILS),
            spray: value(&SPRAY),
            reset_surge: value(&RESET_SURGE),
            client: value(&CLIENT),
            client_tokens: value(&CLIENT_TOKENS),
            introspection: value(&INTROSPECTION),
            administration: value(&ADMINISTRATION),
            support_diagnosis: value(&SUPPORT_DIAGNOSIS),
            support_numbers: value(&SUPPORT_NUMBERS),
        }
    }
}
