//! The settings of password resets: where their links lead, and how long they live.

use chrono::TimeDelta;

use super::{
    address::WebAddress,
    environment::Environment,
    setting::{ByEnvironment, Form, Group, Nothing, Objections, Reader, Secrecy, Setting, Span, Value, unless},
};

pub(super) const GROUP: Group = Group {
    title: "Password resets",
    introduction: String::new,
    settings: &[&RESET_URL, &CHANGE_PASSWORD_URL, &RESET_LINK_TTL, &RESET_COOLDOWN, &JOB_JITTER],
};

/// The greatest length of a link in a mail. A longer one would break into lines, or mail programs would not make it
/// clickable (TK-13).
pub(super) const LONGEST_LINK: usize = 200;
/// The length of a reset token in a link.
pub(super) const TOKEN_CHARACTERS: usize = 43;

const RESET_URL: Setting<TokenLink, Nothing> = Setting {
    name: "STAKIS_RESET_URL",
    secrecy: Secrecy::Open,
    form: TokenLink { act: None },
    unset: Nothing("the hosted page; required with `STAKIS_PAGES=off`"),
    sentence: "Link in the reset mail, for a front end of your own: `{token}` stands where the token goes, best after a `#`, \
               so that no server sees it.",
};

pub(super) const CHANGE_PASSWORD_URL: Setting<WebAddress, Nothing> = Setting {
    name: "STAKIS_CHANGE_PASSWORD_URL",
    secrecy: Secrecy::Open,
    form: WebAddress,
    unset: Nothing("none"),
    sentence: "Page to which `/.well-known/change-password` redirects password managers, and to which mails point, with \
               `STAKIS_PAGES=off`. With the hosted pages it is unused.",
};

pub(super) const RESET_LINK_TTL: Setting<Span, Value<TimeDelta>> = Setting {
    name: "STAKIS_RESET_LINK_TTL_SECONDS",
    secrecy: Secrecy::Open,
    form: Span::seconds(1, 86_400),
    unset: Value(TimeDelta::hours(1)),
    sentence: "Seconds for which a reset link is valid, counted from the moment the mail API takes the mail.",
};

pub(super) const RESET_COOLDOWN: Setting<Span, Value<TimeDelta>> = Setting {
    name: "STAKIS_RESET_COOLDOWN_SECONDS",
    secrecy: Secrecy::Open,
    form: Span::seconds(0, 86_400).in_production_from(1),
    unset: Value(TimeDelta::minutes(5)),
    sentence: "Seconds after a reset request within which a further request for the same number sends no mail. The answer \
               is the same.",
};

pub(super) const JOB_JITTER: Setting<Span, ByEnvironment<TimeDelta>> = Setting {
    name: "STAKIS_JOB_JITTER_MS",
    secrecy: Secrecy::Open,
    form: Span::milliseconds(0, 60_000),
    unset: ByEnvironment { development: TimeDelta::zero(), production: TimeDelta::seconds(1) },
    sentence: "Longest random delay, in milliseconds, before the job of a reset request starts. It keeps response times from \
               telling which numbers have an account.",
};

/// Reads the template of reset links, and gives `None` for the hosted page.
pub(super) fn reset_url(reader: &mut Reader, pages: bool) -> Option<String> {
    let template = RESET_URL.read(reader);
    if !pages && !RESET_URL.is_given(reader) {
        RESET_URL
            .object(reader, ["must be set while STAKIS_PAGES is off: the link in the mail has to lead somewhere"]);
    }
    template
}

/// A web address that holds the placeholder `{token}`.
pub(super) struct TokenLink {
    /// The longest word that takes the place of `{act}`; `None` where a link has no such placeholder.
    pub(super) act: Option<&'static str>,
}

impl Form for TokenLink {
    type Value = String;

    fn allowed(&self) -> String {
        format!("{} that holds {{token}} exactly once", WebAddress.allowed())
    }

    fn parse(&self, text: &str, environment: Environment) -> Result<String, Objections> {
        let mut objections = WebAddress.parse(text, environment).err().unwrap_or_default();
        if text.matches("{token}").count() != 1 {
            objections.push("must hold {token} exactly once".to_owned());
        }
        let mut link = text.replace("{token}", "");
        if let Some(act) = self.act {
            link = link.replace("{act}", act);
        }
        if link.len() + TOKEN_CHARACTERS > LONGEST_LINK {
            objections.push(format!("must make links of at most {LONGEST_LINK} characters"));
        }
        if !link.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~/:#=?".contains(&byte)) {
            objections.push("may hold only letters, digits and -_.~/:#=?".to_owned());
        }
        unless(objections, text.to_owned())
    }
}
