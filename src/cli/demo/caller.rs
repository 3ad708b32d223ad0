//! The demo's requests to the service and to its mailbox, each printed with its answer.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::time;
use url::Url;

use super::printer::Printer;
use crate::cli::{CliError, service::Service};

const MAIL_PATIENCE: Duration = Duration::from_secs(15);

/// An answer of the service.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Answer {
    /// The text at a JSON pointer; empty if there is none.
    pub(super) fn text(&self, pointer: &str) -> &str {
        text_at(&self.body, pointer)
    }
}

pub(super) struct Caller {
    client: Client,
    service_url: Url,
    mailbox_url: Url,
    pub(super) printer: Printer,
}

impl Caller {
    pub(super) fn new(service: &Service) -> Result<Self, CliError> {
        let mailbox_url = service.mailbox_url().cloned().ok_or("the mailbox is not running")?;
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(20)).build()?;
        Ok(Self { client, service_url: service.public_url.clone(), mailbox_url, printer: Printer::new() })
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Result<Answer, CliError> {
        let request = self.request(Method::POST, path, Some(&body))?;
        self.send(request).await
    }

    /// Asks with a session's access token.
    pub(super) async fn get_as(&self, session: &Answer, path: &str) -> Result<Answer, CliError> {
        let request = self.request(Method::GET, path, None)?;
        self.send(request.bearer_auth(session.text("/access_token"))).await
    }

    /// Posts with a session's access token.
    pub(super) async fn post_as(&self, session: &Answer, path: &str, body: Value) -> Result<Answer, CliError> {
        let request = self.request(Method::POST, path, Some(&body))?;
        self.send(request.bearer_auth(session.text("/access_token"))).await
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Result<RequestBuilder, CliError> {
        self.printer.request(method.as_str(), path, body);
        let request = self.client.request(method, self.service_url.join(path)?);
        Ok(match body {
            Some(body) => request.json(body),
            None => request,
        })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, CliError> {
        let response = request.send().await?;
        let answer = Answer { status: response.status().as_u16(), body: response.json().await? };
        self.printer.answer(answer.status, &answer.body);
        Ok(answer)
    }

    /// Waits until the mailbox holds this many mails, shows the newest and returns it.
    pub(super) async fn read_mail(&self, count: u64) -> Result<Value, CliError> {
        let mail =
            time::timeout(MAIL_PATIENCE, self.wait_for_mail(count)).await.map_err(|_| "no mail arrived")??;
        let from = format!("{} <{}>", text_at(&mail, "/From/Name"), text_at(&mail, "/From/Address"));
        let head =
            [("From", &*from), ("To", text_at(&mail, "/To/0/Address")), ("Subject", text_at(&mail, "/Subject"))];
        self.printer.mail(&head, text_at(&mail, "/Text"));
        Ok(mail)
    }

    async fn wait_for_mail(&self, count: u64) -> Result<Value, CliError> {
        loop {
            let list: Value =
                self.client.get(self.mailbox_url.join("/api/v1/messages")?).send().await?.json().await?;
            if list.get("total").and_then(Value::as_u64).is_some_and(|total| total >= count) {
                let latest = self.mailbox_url.join("/api/v1/message/latest")?;
                return Ok(self.client.get(latest).send().await?.json().await?);
            }
            time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The text at a JSON pointer; empty if there is none.
pub(super) fn text_at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
