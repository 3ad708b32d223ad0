//! What stands behind the addresses of endpoints.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use reqwest::header::HeaderMap;
use tokio::{io::AsyncReadExt as _, net::TcpListener};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// A call that a receiver has got.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The id of the event, from the header.
    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A server that remembers its calls. Each path answers as it was told, and with 204 otherwise.
pub(crate) struct Receiver {
    server: MockServer,
    answers: Answers,
}

#[derive(Clone, Default)]
struct Answers(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    by_path: BTreeMap<String, ResponseTemplate>,
    refused: BTreeSet<String>,
}

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let told = self.0.lock().unwrap();
        if told.refused.contains(request.headers["webhook-id"].to_str().unwrap()) {
            return ResponseTemplate::new(500);
        }
        told.by_path.get(request.url.path()).cloned().unwrap_or_else(|| ResponseTemplate::new(204))
    }
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let (server, answers) = (MockServer::start().await, Answers::default());
        Mock::given(any()).respond_with(answers.clone()).mount(&server).await;
        Self { server, answers }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.uri())
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// Sets what a path answers from now on.
    pub(crate) fn answer(&self, path: &str, template: ResponseTemplate) {
        self.answers.0.lock().unwrap().by_path.insert(path.to_owned(), template);
    }

    /// Answers 500 whenever this event comes.
    pub(crate) fn refuse(&self, id: &str) {
        self.answers.0.lock().unwrap().refused.insert(id.to_owned());
    }

    /// The calls so far at a path, in their order.
    pub(crate) async fn at(&self, path: &str) -> Vec<Received> {
        self.all().await.into_iter().filter(|call| call.path == path).collect()
    }

    /// The calls so far.
    pub(crate) async fn all(&self) -> Vec<Received> {
        let requests = self.server.received_requests().await.unwrap();
        let received = |request: Request| Received {
            path: request.url.path().to_owned(),
            headers: request.headers,
            body: String::from_utf8(request.body).unwrap(),
        };
        requests.into_iter().map(received).collect()
    }
}

/// A server that reads a little and closes the connection. Returns its address.
pub(crate) async fn cutting_the_line() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut some = [0; 10];
            drop(stream.read(&mut some).await);
        }
    });
    url
}

/// A server that takes connections and never answers. Returns its address.
pub(crate) async fn dead() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    url
}
