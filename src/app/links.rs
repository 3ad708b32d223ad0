//! The addresses in mails and answers. They come from the settings alone: nothing in a request has any influence on
//! them (RQ-06).

use url::Url;

use crate::{
    config::{ACCOUNT_PATH, CHANGE_PASSWORD_PATH, Config, NOT_ME_PATH, WITHDRAW_RESET_PATH},
    types::ResetToken,
};

/// Builds links from the public address.
#[derive(Debug, Clone)]
pub struct Links {
    public_url: String,
    reset_template: String,
    change_password_url: Option<String>,
    not_me_url: Option<String>,
    account_url: Option<String>,
    pages: bool,
}

impl Links {
    /// Takes the addresses from the settings. `public_url` is the configured one or, in development, that of the
    /// listener.
    #[must_use]
    pub fn new(config: &Config, public_url: &Url) -> Self {
        let public_url = public_url.as_str().trim_end_matches('/').to_owned();
        let hosted = format!("{public_url}{CHANGE_PASSWORD_PATH}");
        // The fragment stays in the browser: no server, proxy or log on the way sees the token (TK-12).
        let reset_template = config.reset_url.clone().unwrap_or_else(|| format!("{hosted}#token={{token}}"));
        let change_password_url =
            if config.pages { Some(hosted) } else { config.change_password_url.as_ref().map(Url::to_string) };
        let not_me_url = config.pages.then(|| format!("{public_url}{NOT_ME_PATH}"));
        let account_url = config.pages.then(|| format!("{public_url}{ACCOUNT_PATH}"));
        Self { public_url, reset_template, change_password_url, not_me_url, account_url, pages: config.pages }
    }

    /// The public address without a trailing slash; also the issuer of tokens.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Whether people reach the service by https alone.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The link in a reset mail.
    #[must_use]
    pub fn reset_link(&self, token: &ResetToken) -> String {
        self.reset_template.replace("{token}", token.expose())
    }

    /// The link behind "this was not me" in a reset mail; `None` where the hosted pages are off.
    #[must_use]
    pub fn withdraw_link(&self, token: &ResetToken) -> Option<String> {
        self.pages.then(|| format!("{}{WITHDRAW_RESET_PATH}#token={}", self.public_url, token.expose()))
    }

    /// The page to change a password or to ask for a reset link, if there is one (CH-12).
    #[must_use]
    pub fn change_password_page(&self) -> Option<&str> {
        self.change_password_url.as_deref()
    }

    /// The page behind "this was not me" in a notice, while the pages are on.
    #[must_use]
    pub fn not_me_page(&self) -> Option<&str> {
        self.not_me_url.as_deref()
    }

    /// The page with the sessions of a signed-in customer, while the pages are on.
    #[must_use]
    pub fn account_page(&self) -> Option<&str> {
        self.account_url.as_deref()
    }

    /// The `type` of a problem (RFC 9457 §3.1.1).
    #[must_use]
    pub fn problem_type(&self, slug: &str) -> String {
        format!("{}/problems/{slug}", self.public_url)
    }
}
