//! The hosted pages: plain HTML, CSS and small ES modules over the public JSON API, embedded in the binary.

use askama::Template as _;

use crate::{
    texts::text,
    types::{Fault, Locale},
};

/// A file that pages refer to.
pub struct Asset {
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub content: &'static str,
}

/// The file of a name.
#[must_use]
pub fn asset(name: &str) -> Option<Asset> {
    let javascript = "text/javascript; charset=utf-8";
    let (content_type, content) = match name {
        "pages.css" => ("text/css; charset=utf-8", include_str!("assets/pages.css")),
        "api.js" => (javascript, include_str!("assets/api.js")),
        "change-password.js" => (javascript, include_str!("assets/change-password.js")),
        "not-me.js" => (javascript, include_str!("assets/not-me.js")),
        // Made from `openapi/typescript/proof-of-work.ts`, and a test compares them.
        "proof-of-work.js" => (javascript, include_str!("assets/proof-of-work.js")),
        "withdraw-reset.js" => (javascript, include_str!("assets/withdraw-reset.js")),
        _ => return None,
    };
    Some(Asset { content_type, content })
}

#[derive(askama::Template)]
#[template(path = "pages/templates/change-password.html", config = "src/askama.toml")]
struct ChangePasswordPage {
    locale: Locale,
}

#[derive(askama::Template)]
#[template(path = "pages/templates/withdraw-reset.html", config = "src/askama.toml")]
struct WithdrawResetPage {
    locale: Locale,
}

#[derive(askama::Template)]
#[template(path = "pages/templates/not-me.html", config = "src/askama.toml")]
struct NotMePage {
    locale: Locale,
}

impl ChangePasswordPage {
    fn say(&self, key: &str) -> String {
        text(self.locale, key, &[])
    }
}

impl WithdrawResetPage {
    fn say(&self, key: &str) -> String {
        text(self.locale, key, &[])
    }
}

impl NotMePage {
    fn say(&self, key: &str) -> String {
        text(self.locale, key, &[])
    }
}

/// The page behind the mail's link: changes the password, or, opened without a token, asks for a link.
pub fn change_password(locale: Locale) -> Result<String, Fault> {
    ChangePasswordPage { locale }.render().map_err(|error| Fault::internal("rendering a page", error))
}

/// The page behind "this was not me": one button, and nothing happens without it.
pub fn withdraw_reset(locale: Locale) -> Result<String, Fault> {
    WithdrawResetPage { locale }.render().map_err(|error| Fault::internal("rendering a page", error))
}

/// The page behind "this was not me" after a change or a sign-in: says what to do, and asks for a link once
/// somebody presses the button.
pub fn not_me(locale: Locale) -> Result<String, Fault> {
    NotMePage { locale }.render().map_err(|error| Fault::internal("rendering a page", error))
}
