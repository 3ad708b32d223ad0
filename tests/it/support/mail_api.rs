//! A mail API that remembers its requests.

use std::{sync::Arc, time::Duration};

use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// Acts as Mailpit and as Resend: the answer names the mail in the form of both. A clone is the same mail API.
#[derive(Clone)]
pub(crate) struct MailApi {
    server: Arc<MockServer>,
}

/// A mail as the mail API received it.
#[derive(Debug, Clone)]
pub(crate) struct ReceivedMail {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) raw: Vec<u8>,
    pub(crate) body: Value,
}

impl ReceivedMail {
    /// The recipient, in the form of Mailpit.
    pub(crate) fn to(&self) -> &str {
        self.body["To"][0]["Email"].as_str().unwrap()
    }

    pub(crate) fn subject(&self) -> &str {
        self.body["Subject"].as_str().unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        self.body["Text"].as_str().unwrap()
    }

    /// The token of the link in the mail.
    pub(crate) fn token(&self) -> String {
        let text = self.text();
        let start = text.find("#token=").expect("the mail holds a link") + "#token=".len();
        text[start..].chars().take_while(|c| !c.is_whitespace()).collect()
    }
}

impl MailApi {
    pub(crate) async fn start() -> Self {
        let api = Self { server: Arc::new(MockServer::start().await) };
        api.answer_with(accepted()).await;
        api
    }

    pub(crate) fn url(&self) -> Url {
        self.server.uri().parse().unwrap()
    }

    /// Sets the answer to further requests, and forgets the requests so far.
    pub(crate) async fn answer_with(&self, respond: impl Respond + 'static) {
        self.server.reset().await;
        Mock::given(any()).respond_with(respond).mount(&self.server).await;
    }

    /// Accepts mails from now on.
    pub(crate) async fn recover(&self) {
        self.answer_with(accepted()).await;
    }

    /// The recipients of the mails, in their order.
    pub(crate) async fn recipients(&self) -> Vec<String> {
        self.mails().await.iter().map(|mail| mail.to().to_owned()).collect()
    }

    /// Waits until so many mails were taken, for processes that send on their own.
    pub(crate) async fn wait_for_mails(&self, count: usize) {
        for _ in 0..3000 {
            if self.mails().await.len() >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{} mails came, and not {count}", self.mails().await.len());
    }

    /// The methods of the requests, in their order.
    pub(crate) async fn methods(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().map(|request| request.method.to_string()).collect()
    }

    pub(crate) async fn mails(&self) -> Vec<ReceivedMail> {
        let requests: Vec<Request> = self.server.received_requests().await.unwrap();
        requests
            .into_iter()
            .map(|request| ReceivedMail {
                path: request.url.path().to_owned(),
                headers: request.headers.clone(),
                idempotency_key: request
                    .headers
                    .get("idempotency-key")
                    .map(|value| value.to_str().unwrap().to_owned()),
                body: serde_json::from_slice(&request.body).unwrap(),
                raw: request.body,
            })
            .collect()
    }
}

fn accepted() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(serde_json::json!({ "ID": "provider-1", "id": "provider-1" }))
}

/// An answer of Resend that refuses a mail; its message names an address.
pub(crate) fn refusal(status: u16, name: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_json(serde_json::json!({ "name": name, "message": "delavnica@example.si" }))
}
