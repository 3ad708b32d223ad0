//! Calls to any of the instances, each of which is recorded.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio::time::sleep;
use url::Url;

use super::{
    history::{Act, Seen},
    pace::Pace,
    recorder::Recorder,
};

/// How long a caller waits for an answer, which is longer than the service may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// The time before the next try where no instance takes a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// The way to the instances.
#[derive(Clone)]
pub(super) struct Callers {
    client: Client,
    urls: Vec<Url>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) pace: Arc<Pace>,
}

/// What a call has brought.
pub(super) struct Brought {
    pub(super) seen: Seen,
    pub(super) body: Value,
}

impl Brought {
    /// Whether the call ended with the success of its act.
    pub(super) fn is(&self, act: &Act) -> bool {
        match self.seen {
            Seen::Status(status) => status == act.success(),
            Seen::Issued { .. } | Seen::Events(_) => true,
            Seen::Nothing => false,
        }
    }

    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.seen, Seen::Status(400..500))
    }
}

impl Callers {
    pub(super) fn new(urls: Vec<Url>, recorder: Arc<Recorder>) -> Self {
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { client, urls, recorder, pace: Arc::default() }
    }

    /// Makes a call at an instance that takes a connection, beginning with the one of an index, and records it. A
    /// call that no connection was made for has not begun.
    pub(super) async fn call(
        &self,
        caller: usize,
        first: usize,
        act: &Act,
        request: impl Fn(&Client, &Url) -> RequestBuilder,
    ) -> Brought {
        self.pace.turn().await;
        for index in first.. {
            let began = self.recorder.now();
            let sent = request(&self.client, &self.urls[index % self.urls.len()]).send().await;
            let (status, body) = match sent {
                Err(error) if error.is_connect() => {
                    sleep(PAUSE).await;
                    continue;
                }
                Err(_) => (None, Value::Null),
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    match answer.bytes().await {
                        Ok(body) => (Some(status), serde_json::from_slice(&body).unwrap_or_default()),
                        Err(_) => (None, Value::Null),
                    }
                }
            };
            let seen = status.map_or(Seen::Nothing, |status| understood(act, status, &body));
            self.recorder.call(began, caller, act.clone(), seen.clone());
            return Brought { seen, body };
        }
        unreachable!("the indices go on")
    }

    /// Sends something that no history tells of.
    pub(super) async fn send_aside(&self, request: impl Fn(&Client, &Url) -> RequestBuilder) -> Option<Value> {
        for url in self.urls.iter().cycle().take(self.urls.len() * 200) {
            if let Ok(answer) = request(&self.client, url).send().await
                && answer.status().is_success()
                && let Ok(body) = answer.json().await
            {
                return Some(body);
            }
            sleep(PAUSE).await;
        }
        None
    }
}

/// What is followed of an answer.
fn understood(act: &Act, status: u16, body: &Value) -> Seen {
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    match act {
        Act::SignIn { .. } | Act::Refresh { .. } if status == act.success() => {
            Seen::Issued { session: text("session_id"), token: text("refresh_token") }
        }
        Act::ReadEvents if status == act.success() => {
            let ids =
                body["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned());
            Seen::Events(ids.collect())
        }
        _ => Seen::Status(status),
    }
}
