//! The hosted pages: plain HTML, CSS and small ES modules over the public JSON API, embedded in the binary.
//!
//! To add a page: its variant here, `templates/{name}.html` and a line for it in `templates/page.html`,
//! `assets/{name}.js` and a line for that in `assets.rs`.

mod assets;

use askama::Template as _;

pub use assets::{Asset, asset};

use crate::{
    config::{CHANGE_PASSWORD_PATH, NOT_ME_PATH, WITHDRAW_RESET_PATH},
    texts::text,
    types::{Fault, Locale},
};

/// A hosted page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The sign-in window; also changes a password that has expired.
    SignIn,
    /// Asks for the mail.
    ForgotPassword,
    /// Behind the mail's link: changes the password, or, opened without a token that serves, asks for a link.
    ChangePassword,
    /// For signed-in customers: how the password stands, changing it, and the sessions.
    Account,
    /// Behind "this was not me": one button, and nothing happens without it.
    WithdrawReset,
    /// Behind "this was not me" after a change or a sign-in: says what to do, and asks for a link once somebody
    /// presses the button.
    NotMe,
}

impl Page {
    /// Every page.
    pub const ALL: [Self; 6] =
        [Self::SignIn, Self::ForgotPassword, Self::ChangePassword, Self::Account, Self::WithdrawReset, Self::NotMe];

    /// Where it is.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::SignIn => "/sign-in",
            Self::ForgotPassword => "/forgot-password",
            Self::ChangePassword => CHANGE_PASSWORD_PATH,
            Self::Account => "/account",
            Self::WithdrawReset => WITHDRAW_RESET_PATH,
            Self::NotMe => NOT_ME_PATH,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::SignIn => "page-sign-in-title",
            Self::ForgotPassword => "page-request-title",
            Self::ChangePassword => "page-change-title",
            Self::Account => "page-account-title",
            Self::WithdrawReset => "page-withdraw-title",
            Self::NotMe => "page-not-me-title",
        }
    }

    /// The page in a language. `is_chosen` says that somebody chose the language there; then the links to other pages
    /// carry the choice on.
    pub fn render(self, locale: Locale, is_chosen: bool) -> Result<String, Fault> {
        PageTemplate { page: self, locale, is_chosen }
            .render()
            .map_err(|error| Fault::internal("rendering a page", error))
    }
}

#[derive(askama::Template)]
#[template(path = "pages/templates/page.html", config = "src/askama.toml")]
struct PageTemplate {
    page: Page,
    locale: Locale,
    is_chosen: bool,
}

impl PageTemplate {
    fn say(&self, key: &str) -> String {
        text(self.locale, key, &[])
    }

    /// A sentence whose arguments the page's script fills in: each stands there as `{name}`.
    fn pattern(&self, key: &str, names: &[&'static str]) -> String {
        let places: Vec<_> = names.iter().map(|name| (*name, format!("{{{name}}}").into())).collect();
        text(self.locale, key, &places)
    }

    /// The address of a page.
    fn link(&self, page: Page) -> String {
        let choice = if self.is_chosen { format!("?lang={}", self.locale) } else { String::new() };
        format!("{}{choice}", page.path())
    }
}
