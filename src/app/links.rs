//! The addresses in mails and answers. They come from the settings alone: nothing in a request has any influence on
//! them (RQ-06).

use url::Url;

use crate::{
    config::{
        ACCOUNT_PATH, CHANGE_PASSWORD_PATH, CONFIRM_EMAIL_PATH, Config, NOT_ME_PATH, WITHDRAW_EMAIL_PATH,
        WITHDRAW_RESET_PATH,
    },
    types::{EmailConfirmToken, EmailWithdrawToken, LockDownToken, ResetToken},
};

/// Builds links from the public address.
#[derive(Debug, Clone)]
pub struct Links {
    public_url: String,
    reset_template: String,
    change_password_url: Option<String>,
    email_confirm_template: String,
    email_withdraw_template: String,
    lock_down_template: Option<String>,
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
        let with_token = |path: &str| format!("{public_url}{path}#token={{token}}");
        let email_change = |act: &str, path: &str| match &config.email.change_url {
            Some(template) => template.replace("{act}", act),
            None => with_token(path),
        };
        let email_confirm_template = email_change("confirm", CONFIRM_EMAIL_PATH);
        let email_withdraw_template = email_change("withdraw", WITHDRAW_EMAIL_PATH);
        let lock_down_template =
            config.email.lock_down_url.clone().or_else(|| config.pages.then(|| with_token(NOT_ME_PATH)));
        let account_url = config.pages.then(|| format!("{public_url}{ACCOUNT_PATH}"));
        Self {
            reset_template,
            change_password_url,
            email_confirm_template,
            email_withdraw_template,
            lock_down_template,
            account_url,
            pages: config.pages,
            public_url,
        }
    }

    /// The public address without a trailing slash; also the issuer of tokens.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Where machine clients get their access tokens. It is an audience of their assertions too (RFC 7523 §3).
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        format!("{}/oauth2/token", self.public_url)
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

    /// The link in the mail to a new address, which confirms it.
    #[must_use]
    pub fn email_confirm_link(&self, token: &EmailConfirmToken) -> String {
        self.email_confirm_template.replace("{token}", token.expose())
    }

    /// The link in the mail to the present address, which withdraws the change.
    #[must_use]
    pub fn email_withdraw_link(&self, token: &EmailWithdrawToken) -> String {
        self.email_withdraw_template.replace("{token}", token.expose())
    }

    /// The link behind "this was not me" in a notice, which locks the access down; `None` where there is no page for it.
    #[must_use]
    pub fn lock_down_link(&self, token: &LockDownToken) -> Option<String> {
        self.lock_down_template.as_ref().map(|template| template.replace("{token}", token.expose()))
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
