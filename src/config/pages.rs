//! Whether the hosted pages and the documentation are served.

use super::setting::{Group, Secrecy, Setting, Switch, Value};

pub(super) const GROUP: Group =
    Group { title: "Pages and documentation", introduction: String::new, settings: &[&PAGES, &DOCS] };

pub(super) const PAGES: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_PAGES",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(true),
    sentence: "Whether the hosted pages are served: sign-in, the forgotten password, the account. With `off` mails have no \
               \"this was not me\" link, since no page exists for it.",
};

pub(super) const DOCS: Setting<Switch, Value<bool>> = Setting {
    name: "STAKIS_DOCS",
    secrecy: Secrecy::Open,
    form: Switch,
    unset: Value(true),
    sentence: "Whether the documentation of the API is served under `/docs` and `/openapi.json`.",
};
