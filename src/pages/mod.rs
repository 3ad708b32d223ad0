//! The hosted pages: plain HTML, CSS and small ES modules over the public JSON API, embedded in the binary.
//!
//! A new page needs a variant here, `templates/{name}.html` with a line in `templates/page.html`, and
//! `assets/{name}.js` with a line in `assets.rs`.

mod assets;
mod support;

use askama::Template as _;

pub use assets::{Asset, asset};
pub use support::{ActInput, SupportAct, SupportPage};

use crate::{
    brand::Brand,
    config::{ACCOUNT_PATH, CHANGE_PASSWORD_PATH, NOT_ME_PATH, WITHDRAW_RESET_PATH},
    texts::brand_text,
    types::{Fault, Locale},
};

/// A page that the service itself serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The sign-in window. It also changes a password that has expired.
    SignIn,
    /// The page that asks for a reset mail.
    ForgotPassword,
    /// The page behind the link of a reset mail. It sets the password, or offers to ask for a link where it has no
    /// valid token.
    ChangePassword,
    /// The page of a signed-in customer, with the state of the password, its change, and the sessions.
    Account,
    /// The page behind "this was not me" of a reset mail. It withdraws the link once its button is pressed.
    WithdrawReset,
    /// The page behind "this was not me" of a notice. It says what to do, and asks for a link once its button is
    /// pressed.
    NotMe,
}

impl Page {
    /// Every page, in the order in which a customer meets them.
    pub const ALL: [Self; 6] =
        [Self::SignIn, Self::ForgotPassword, Self::ChangePassword, Self::Account, Self::WithdrawReset, Self::NotMe];

    /// The path of the page.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::SignIn => "/sign-in",
            Self::ForgotPassword => "/forgot-password",
            Self::ChangePassword => CHANGE_PASSWORD_PATH,
            Self::Account => ACCOUNT_PATH,
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

    /// Renders the page in a language. `is_chosen` says that the visitor chose the language; then links to other pages
    /// keep the choice.
    pub fn render(self, brand: &Brand, locale: Locale, is_chosen: bool) -> Result<String, Fault> {
        PageTemplate { page: self, brand, locale, is_chosen }
            .render()
            .map_err(|error| Fault::internal("rendering a page", error))
    }
}

#[derive(askama::Template)]
#[template(path = "pages/templates/page.html", config = "src/askama.toml")]
struct PageTemplate<'a> {
    page: Page,
    brand: &'a Brand,
    locale: Locale,
    is_chosen: bool,
}

impl PageTemplate<'_> {
    fn say(&self, key: &str) -> String {
        brand_text(self.brand, self.locale, key, &[])
    }

    /// A sentence with `{name}` in place of each argument, which the script of the page fills in.
    fn pattern(&self, key: &str, names: &[&'static str]) -> String {
        let places: Vec<_> = names.iter().map(|name| (*name, format!("{{{name}}}").into())).collect();
        brand_text(self.brand, self.locale, key, &places)
    }

    /// The address of a page, with the chosen language.
    fn link(&self, page: Page) -> String {
        let choice = if self.is_chosen { format!("?lang={}", self.locale) } else { String::new() };
        format!("{}{choice}", page.path())
    }
}
