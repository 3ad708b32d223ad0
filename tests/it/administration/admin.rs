//! A machine client that administers accounts.

use reqwest::Method;
use serde_json::Value;
use stakis_identity::{identity, types::CustomerNumber};

use crate::support::{Answer, Customer, TestApp, partner::Partner, send};

pub(super) struct Admin<'a> {
    pub(super) app: &'a TestApp,
    pub(super) partner: Partner,
    token: String,
}

impl<'a> Admin<'a> {
    /// A client with these scopes, and its access token.
    pub(super) async fn with(app: &'a TestApp, scopes: &str) -> Self {
        let partner = Partner::make(app, scopes).await;
        let token = partner.token(app).await;
        Self { app, partner, token }
    }

    /// The same client with a new token.
    pub(super) async fn renewed(self) -> Self {
        let token = self.partner.token(self.app).await;
        Self { token, ..self }
    }

    pub(super) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.app.request(method, path).bearer_auth(&self.token)
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }
}

/// The address of an account that exists.
pub(super) async fn path_of(app: &TestApp, customer: &Customer) -> String {
    let number = CustomerNumber::parse(customer.number).unwrap();
    let found = identity::accounts::find(&app.app, number).await.unwrap().unwrap();
    format!("/v1/accounts/{}", found.account.id)
}
