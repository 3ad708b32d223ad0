//! The settings of the address on file: who changes it, and how.

use chrono::TimeDelta;

use super::{
    reset_link::TokenLink,
    setting::{Group, Nothing, Reader, Secrecy, Setting, Span, Switch, Value, Whole},
};

pub(super) const GROUP: Group = Group {
    title: "E-mail addresses and lock-downs",
    introduction: String::new,
    settings: &[&SELF_SERVICE, &EMAIL_CHANGE_URL, &CONFIRM_DAYS, &COOLING_OFF, &LOCK_DOWN_URL],
};

/// The longest word that takes the place of `{act}`.
const LONGEST_ACT: &str = "withdraw";

/// How owners look after the address on file, and lock their access down.
#[derive(Debug, Clone)]
pub struct EmailConfig {
    /// Whether owners may change the address on file themselves. They may not where another system owns it.
    pub self_service: bool,
    /// The template of the links of a change, with `{token}` in it. `None` means the hosted pages.
    pub change_url: Option<String>,
    /// The time after which the owner is asked whether the address still holds; `None` where nobody is asked.
    pub confirm_after: Option<TimeDelta>,
    /// The time after a change of the address on file during which no reset link is sent to it (AD-05).
    pub cooling_off: TimeDelta,
    /// The template of the lock-down link in notices, with `{token}` in it. `None` means the hosted page.
    pub lock_down_url: Option<String>,
}

const SELF_SERVICE: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_EMAIL_SELF_SERVICE",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(true),
    sentence: "Whether customers change their e-mail address themselves. With `off`, for an address that another system owns, \
               they are told to call support.",
};

const EMAIL_CHANGE_URL: Setting<TokenLink, Nothing> = Setting {
    name: "STAKIS_EMAIL_CHANGE_URL",
    secrecy: Secrecy::Open,
    form: TokenLink { act: Some(LONGEST_ACT) },
    unset: Nothing(
        "the hosted pages; with `STAKIS_PAGES=off` customers then do not change their address themselves",
    ),
    sentence: "Link in the mails about a change of the e-mail address, for a front end of your own: `{token}` stands where \
               the token goes, best after a `#`, and `{act}`, if it is there, becomes `confirm` in the mail to the new address \
               and `withdraw` in the one to the old address.",
};

const CONFIRM_DAYS: Setting<Whole<u32>, Value<u32>> = Setting {
    name: "STAKIS_EMAIL_CONFIRM_DAYS",
    secrecy: Secrecy::Open,
    form: Whole { least: 0, most: 3650 },
    unset: Value(365),
    sentence: "Days after which a customer is asked at sign-in whether the e-mail address still holds; 0: never.",
};

const COOLING_OFF: Setting<Span, Value<TimeDelta>> = Setting {
    name: "STAKIS_EMAIL_COOLING_OFF_SECONDS",
    secrecy: Secrecy::Open,
    form: Span::seconds(0, 30 * 86_400),
    unset: Value(TimeDelta::days(1)),
    sentence: "Seconds after a change of an account's e-mail address within which no reset link is sent to the new \
               address.",
};

const LOCK_DOWN_URL: Setting<TokenLink, Nothing> = Setting {
    name: "STAKIS_LOCK_DOWN_URL",
    secrecy: Secrecy::Open,
    form: TokenLink { act: None },
    unset: Nothing("the hosted page; none with `STAKIS_PAGES=off`"),
    sentence: "Link behind \"this was not me\" in notices, for a front end of your own: `{token}` stands where the token \
               goes, best after a `#`. Its page locks the access down.",
};

/// Reads the settings. Without pages, the links of a change need an address of their own.
pub(super) fn email(reader: &mut Reader, pages: bool) -> EmailConfig {
    let self_service = SELF_SERVICE.read(reader);
    let change_url = EMAIL_CHANGE_URL.read(reader);
    if !pages && change_url.is_none() && self_service && SELF_SERVICE.is_given(reader) {
        let objection = "must be set while STAKIS_PAGES is off and STAKIS_EMAIL_SELF_SERVICE is on: the links in the mails \
                         have to lead somewhere";
        EMAIL_CHANGE_URL.object(reader, [objection]);
    }
    let days = CONFIRM_DAYS.read(reader);
    EmailConfig {
        self_service,
        change_url,
        confirm_after: (days > 0).then(|| TimeDelta::days(days.into())),
        cooling_off: COOLING_OFF.read(reader),
        lock_down_url: LOCK_DOWN_URL.read(reader),
    }
}
