//! The page of support, which people sign in to with clients of their own.

use askama::Template as _;

use crate::{
    brand::Brand,
    texts::{brand_text, text},
    types::{Fault, Locale, Scope},
};

/// Something that support can do for a customer.
#[derive(Debug, Clone, Copy)]
pub struct SupportAct {
    /// The name, which is also the last part of the keys of its texts.
    pub name: &'static str,
    /// The method of its operation.
    pub method: ActMethod,
    /// The address of its operation, with `{id}` in place of the account's.
    pub path: &'static str,
    /// The scope that the token needs. The act is offered to nobody without it.
    pub scope: Scope,
    /// What the page asks for before.
    pub input: ActInput,
}

/// The method of an act's operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActMethod {
    /// The act is asked for.
    Post,
    /// The act ends what stands at the address.
    Delete,
}

impl ActMethod {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// What the page asks for before an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActInput {
    /// Nothing but a confirmation.
    Nothing,
    /// A reason for the audit trail.
    Reason,
    /// The way to the customer, and then the code that the customer reads out.
    CallerCode,
}

impl ActInput {
    /// The word by which the script of the page knows it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Reason => "reason",
            Self::CallerCode => "caller-code",
        }
    }
}

/// The page of support.
#[derive(askama::Template)]
#[template(path = "pages/templates/support.html", config = "src/askama.toml")]
pub struct SupportPage<'a> {
    /// Whose service it is.
    pub brand: &'a Brand,
    /// The language of the page.
    pub locale: Locale,
    /// The acts that this build has operations for.
    pub acts: &'a [SupportAct],
    /// Whether the browser has sent the token of a session, dead or alive.
    pub may_be_signed_in: bool,
}

impl SupportPage<'_> {
    /// Renders the page.
    pub fn to_html(&self) -> Result<String, Fault> {
        self.render().map_err(|error| Fault::internal("rendering the support page", error))
    }

    fn say(&self, key: &str) -> String {
        brand_text(self.brand, self.locale, key, &[])
    }

    /// A sentence with `{name}` in place of its argument, which the script of the page fills in.
    fn pattern(&self, key: &str, name: &'static str) -> String {
        text(self.locale, key, &[(name, format!("{{{name}}}").into())])
    }
}
