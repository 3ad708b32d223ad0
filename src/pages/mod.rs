//! The hosted pages: plain HTML, CSS and small ES modules over the public JSON API, embedded in the binary.
//!
//! A new page needs a variant here, `templates/{name}.html` with a line in `templates/page.html`, and
//! `assets/{name}.js` with a line in `assets.rs`.

mod assets;
mod support;

use askama::Template as _;

pub use assets::{Asset, asset, is_of_support};
pub use support::{ActInput, ActMethod, SupportAct, SupportPage};
use url::Url;

use crate::{
    brand::Brand,
    config::{
        ACCOUNT_PATH, CHANGE_PASSWORD_PATH, CONFIRM_EMAIL_PATH, NOT_ME_PATH, WITHDRAW_EMAIL_PATH,
        WITHDRAW_RESET_PATH,
    },
    texts::brand_text,
    types::{Fault, Locale},
};

/// The most fields of a form that can be wrong at once.
const MOST_FIELDS: u8 = 3;

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
    /// The page of a signed-in customer, with the address, the password, the devices, and what has happened.
    Account,
    /// The page behind "this was not me" of a reset mail. It withdraws the link once its button is pressed.
    WithdrawReset,
    /// The page behind the link in the mail to a new address. It puts the address on file once its button is pressed.
    ConfirmEmail,
    /// The page behind "this was not me" in the mail to the old address. It withdraws the change once its button is
    /// pressed.
    WithdrawEmail,
    /// The page behind "this was not me" of a notice. It locks the access down once its button is pressed, or offers to
    /// ask for a link where it has no valid token.
    NotMe,
}

/// What the pages show of their surroundings.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Whose service this is.
    pub brand: &'a Brand,
    /// The page to which "sign in" leads; `None` for the hosted one.
    pub sign_in_url: Option<&'a Url>,
    /// The page on which a signed-in customer goes on.
    pub home_url: Option<&'a Url>,
    /// Whether customers change their address themselves. Where they do not, the pages name support.
    pub email_self_service: bool,
}

impl Page {
    /// Every page, in the order in which a customer meets them.
    pub const ALL: [Self; 8] = [
        Self::SignIn,
        Self::ForgotPassword,
        Self::ChangePassword,
        Self::Account,
        Self::WithdrawReset,
        Self::ConfirmEmail,
        Self::WithdrawEmail,
        Self::NotMe,
    ];

    /// The path of the page.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::SignIn => "/sign-in",
            Self::ForgotPassword => "/forgot-password",
            Self::ChangePassword => CHANGE_PASSWORD_PATH,
            Self::Account => ACCOUNT_PATH,
            Self::WithdrawReset => WITHDRAW_RESET_PATH,
            Self::ConfirmEmail => CONFIRM_EMAIL_PATH,
            Self::WithdrawEmail => WITHDRAW_EMAIL_PATH,
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
            Self::ConfirmEmail => "page-confirm-email-title",
            Self::WithdrawEmail => "page-withdraw-email-title",
            Self::NotMe => "page-not-me-title",
        }
    }

    /// Where the page is on the way to a new password, from 1 to 4.
    const fn step(self) -> Option<u8> {
        match self {
            Self::ForgotPassword => Some(1),
            Self::ChangePassword => Some(3),
            _ => None,
        }
    }

    /// Whether the page has more to show than a form.
    const fn is_wide(self) -> bool {
        matches!(self, Self::Account)
    }

    /// Renders the page in a language. `is_chosen` says that the visitor chose the language; then links to other pages
    /// keep the choice.
    pub fn render(self, site: Site<'_>, locale: Locale, is_chosen: bool) -> Result<String, Fault> {
        render(Some(self), site, locale, is_chosen)
    }
}

/// Renders the page that an unknown address shows. It needs no script.
pub fn render_unknown_address(site: Site<'_>, locale: Locale, is_chosen: bool) -> Result<String, Fault> {
    render(None, site, locale, is_chosen)
}

fn render(page: Option<Page>, site: Site<'_>, locale: Locale, is_chosen: bool) -> Result<String, Fault> {
    PageTemplate { page, brand: site.brand, site, locale, is_chosen }
        .render()
        .map_err(|error| Fault::internal("rendering a page", error))
}

#[derive(askama::Template)]
#[template(path = "pages/templates/page.html", config = "src/askama.toml")]
struct PageTemplate<'a> {
    /// The page; `None` for that of an unknown address.
    page: Option<Page>,
    brand: &'a Brand,
    site: Site<'a>,
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

    fn title(&self) -> String {
        self.say(self.page.map_or("page-not-found-title", Page::title))
    }

    fn is_wide(&self) -> bool {
        self.page.is_some_and(Page::is_wide)
    }

    fn present_step(&self) -> Option<u8> {
        self.page.and_then(Page::step)
    }

    fn is_present(&self, step: u8) -> bool {
        self.present_step() == Some(step)
    }

    /// The name of a step, by its number.
    fn step(&self, number: u8) -> String {
        self.say(&format!("page-step-{number}"))
    }

    /// The sentences that ask to correct one field, two, and so on up to as many as a form has.
    fn wrong_fields(&self) -> String {
        let sentences = (1..=MOST_FIELDS)
            .map(|count| brand_text(self.brand, self.locale, "page-wrong-fields", &[("count", count.into())]));
        sentences.collect::<Vec<_>>().join("|")
    }

    /// Where "sign in" leads.
    fn sign_in(&self) -> String {
        self.site.sign_in_url.map_or_else(|| self.link(Page::SignIn), Url::to_string)
    }

    /// The address of a page, with the chosen language.
    fn link(&self, page: Page) -> String {
        let choice = if self.is_chosen { format!("?lang={}", self.locale) } else { String::new() };
        format!("{}{choice}", page.path())
    }
}
