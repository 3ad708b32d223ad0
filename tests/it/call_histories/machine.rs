//! The machine client of the run: it closes and reopens access, describes the endpoint of its webhooks and reads
//! events.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

use super::{
    callers::{Brought, Callers},
    history::Act,
};

/// How long an access token is used.
const TOKEN_SERVES: Duration = Duration::from_mins(4);

pub(super) struct Machine {
    pub(super) callers: Callers,
    pub(super) client_id: String,
    pub(super) secret: String,
    pub(super) endpoint: String,
    token: Mutex<Option<(String, Instant)>>,
}

impl Machine {
    pub(super) const fn new(callers: Callers, client_id: String, secret: String, endpoint: String) -> Self {
        Self { callers, client_id, secret, endpoint, token: Mutex::new(None) }
    }

    /// Makes a call with an access token.
    pub(super) async fn call(&self, caller: usize, first: usize, act: &Act) -> Brought {
        self.call_at(caller, first, act, &self.path(act)).await
    }

    /// Makes a call at a path with an access token.
    pub(super) async fn call_at(&self, caller: usize, first: usize, act: &Act, path: &str) -> Brought {
        let token = self.token().await;
        let (method, body) = match act {
            Act::Close { .. } | Act::Reopen { .. } => (Method::POST, Some(json!({ "reason": "na željo stranke" }))),
            Act::DescribeEndpoint { description } => (Method::PATCH, Some(json!({ "description": description }))),
            _ => (Method::GET, None),
        };
        let request = |client: &Client, url: &Url| {
            let request = client.request(method.clone(), url.join(path).unwrap()).bearer_auth(&token);
            with_body(request, body.as_ref())
        };
        self.callers.call(caller, first, act, request).await
    }

    fn path(&self, act: &Act) -> String {
        match act {
            Act::DescribeEndpoint { .. } => format!("v1/webhook-endpoints/{}", self.endpoint),
            _ => "v1/events".to_owned(),
        }
    }

    async fn token(&self) -> String {
        if let Some((token, since)) = &*self.token.lock().unwrap()
            && since.elapsed() < TOKEN_SERVES
        {
            return token.clone();
        }
        let ask = |client: &Client, url: &Url| {
            let request =
                client.post(url.join("oauth2/token").unwrap()).basic_auth(&self.client_id, Some(&self.secret));
            request
                .header("content-type", "application/x-www-form-urlencoded")
                .body("grant_type=client_credentials")
        };
        let body: Value = self.callers.send_aside(ask).await.expect("the machine client gets a token");
        let token = body["access_token"].as_str().unwrap().to_owned();
        *self.token.lock().unwrap() = Some((token.clone(), Instant::now()));
        token
    }
}

fn with_body(request: RequestBuilder, body: Option<&Value>) -> RequestBuilder {
    match body {
        Some(body) => request.json(body),
        None => request,
    }
}
