//! The calls of a machine client with its access token.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use stakis_identity::{identity, types::CustomerNumber};

use super::{Answer, Customer, TestApp, partner::Partner, send};

pub(crate) struct Machine<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) partner: Partner,
    token: String,
}

impl<'a> Machine<'a> {
    /// A client with these scopes, and its access token.
    pub(crate) async fn with(app: &'a TestApp, scopes: &str) -> Self {
        let partner = Partner::make(app, scopes).await;
        let token = partner.token(app).await;
        Self { app, partner, token }
    }

    /// The client as the audit trail names it.
    pub(crate) fn actor(&self) -> String {
        format!("client {}", self.partner.id)
    }

    /// Gets another token once the one before has expired.
    pub(crate) async fn renew(&mut self) {
        self.token = self.partner.token(self.app).await;
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, path).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    /// Sends no body and no `Content-Type`.
    pub(crate) async fn post_nothing(&self, path: &str) -> Answer {
        send(self.request(Method::POST, path)).await
    }

    /// Does an act that takes a reason.
    pub(crate) async fn act(&self, path: &str, reason: &str) -> Answer {
        self.post(path, json!({ "reason": reason })).await
    }
}

/// The address of an account that exists.
pub(crate) async fn account_path(app: &TestApp, customer: &Customer) -> String {
    let number = CustomerNumber::parse(customer.number).unwrap();
    let found = identity::accounts::find(&app.app, number).await.unwrap().unwrap();
    format!("/v1/accounts/{}", found.account.id)
}
