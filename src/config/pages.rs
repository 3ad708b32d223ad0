//! Whether the hosted pages and the documentation are served, and where they lead on to.

use super::{
    address::WebAddress,
    security_contact::SECURITY_CONTACT,
    setting::{Group, Nothing, Secrecy, Setting, Switch, Value},
    support_page::{SUPPORT_HOSTS, SUPPORT_PAGE},
};

pub(super) const GROUP: Group = Group {
    title: "Pages and documentation",
    introduction: String::new,
    settings: &[&PAGES, &SIGN_IN_URL, &HOME_URL, &SUPPORT_PAGE, &SUPPORT_HOSTS, &DOCS, &SECURITY_CONTACT],
};

pub(super) const PAGES: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_PAGES",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(true),
    sentence: "Whether the hosted pages are served: sign-in, the forgotten password, the account. With `off` mails have no \
               \"this was not me\" link, since no page exists for it.",
};

pub(super) const SIGN_IN_URL: Setting<WebAddress, Nothing> = Setting {
    name: "STAKIS_SIGN_IN_URL",
    secrecy: Secrecy::Open,
    form: WebAddress,
    unset: Nothing("the hosted page"),
    sentence: "Page to which \"sign in\" leads after a change of the password, and to which `/` redirects.",
};

pub(super) const HOME_URL: Setting<WebAddress, Nothing> = Setting {
    name: "STAKIS_HOME_URL",
    secrecy: Secrecy::Open,
    form: WebAddress,
    unset: Nothing("none: the account page has no such link"),
    sentence: "Page on which a signed-in customer goes on, such as the catalog.",
};

pub(super) const DOCS: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_DOCS",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(true),
    sentence: "Whether the documentation of the API is served under `/docs`, `/openapi.json` and `/llms.txt`.",
};
