//! The client itself, and the requests that leave through it.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::{answer::OutboundAnswer, failure::CallFailure};
use crate::{
    telemetry::{OpenSpan, begin_call},
    types::{Fault, is_loopback},
};

/// Time to open a connection, TLS included. The time limit of the whole exchange may end it earlier.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The name by which every call says who is calling.
pub(super) const USER_AGENT: &str = "stakis-identity";

/// The bounds of one exchange.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExchangeLimits {
    /// Time from the start of the call to the last byte of the answer.
    pub(crate) timeout: Duration,
    /// Bytes of the answer's body that are read.
    pub(crate) longest_answer: usize,
}

/// The client for one service, with the service's base address.
pub(crate) struct OutboundClient {
    client: Client,
    base: Url,
    limits: ExchangeLimits,
}

impl OutboundClient {
    /// Sets up TLS and reads the machine's proxy settings (`HTTPS_PROXY`, `NO_PROXY` and their like).
    pub(crate) fn for_service(base: &Url, limits: ExchangeLimits) -> Result<Self, Fault> {
        // A proxy of this machine leads to other machines, and not back to this one.
        let builder = if is_loopback(base) { Client::builder().no_proxy() } else { Client::builder() };
        let client = builder
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(limits.timeout)
            // A redirect would carry the request, and what is secret in it, to an address that an answer chooses.
            .redirect(redirect::Policy::none())
            .user_agent(USER_AGENT)
            .build()
            .map_err(|error| Fault::internal("setting up the client for outbound calls", error))?;
        Ok(Self { client, base: base.clone(), limits })
    }

    /// Starts a `GET` request to a path below the base address.
    pub(crate) fn get(&self, path: &str) -> OutboundRequest {
        self.request("GET", self.client.get(endpoint(&self.base, path)))
    }

    /// Starts a `POST` request to a path below the base address.
    pub(crate) fn post(&self, path: &str) -> OutboundRequest {
        self.request("POST", self.client.post(endpoint(&self.base, path)))
    }

    fn request(&self, method: &'static str, builder: RequestBuilder) -> OutboundRequest {
        let host = self.base.host_str().unwrap_or_default().to_owned();
        OutboundRequest { method, host, builder, longest_answer: self.limits.longest_answer }
    }
}

/// A request to another service that has not been sent.
pub(crate) struct OutboundRequest {
    method: &'static str,
    host: String,
    builder: RequestBuilder,
    longest_answer: usize,
}

impl OutboundRequest {
    /// Adds a header.
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    /// Authenticates with a bearer token (RFC 6750 §2.1).
    pub(crate) fn bearer_auth(self, token: &SecretString) -> Self {
        Self { builder: self.builder.bearer_auth(token.expose_secret()), ..self }
    }

    /// Authenticates with a user name and a password (RFC 7617).
    pub(crate) fn basic_auth(self, user: &str, password: &str) -> Self {
        Self { builder: self.builder.basic_auth(user, Some(password)), ..self }
    }

    /// Sets a JSON body.
    pub(crate) fn json(self, body: &Value) -> Self {
        Self { builder: self.builder.json(body), ..self }
    }

    /// Sends the request, once, and reads the answer. An answer of any status is an answer. Inside a span the call is a
    /// span of its own, which the other side may continue.
    pub(crate) async fn send(self) -> Result<OutboundAnswer, CallFailure> {
        let Some(mut span) = begin_call(self.method) else { return self.exchange().await };
        let traceparent = span.traceparent();
        span.set("http.request.method", self.method);
        span.set("server.address", self.host.clone());
        let request = match traceparent {
            Some(traceparent) => self.header("traceparent", &traceparent),
            None => self,
        };
        let outcome = request.exchange().await;
        note(&mut span, &outcome);
        outcome
    }

    async fn exchange(self) -> Result<OutboundAnswer, CallFailure> {
        let response = self.builder.send().await?;
        Ok(OutboundAnswer::read(response, self.longest_answer).await)
    }

    /// The request as it would be sent.
    #[cfg(test)]
    pub(crate) fn build(self) -> reqwest::Request {
        self.builder.build().unwrap()
    }
}

/// Notes the outcome of a call in its span: the path, which may tell something of a password, is left out.
fn note(span: &mut OpenSpan, outcome: &Result<OutboundAnswer, CallFailure>) {
    match outcome {
        Ok(answer) => {
            span.set("http.response.status_code", i64::from(answer.status.as_u16()));
            if answer.status.is_client_error() || answer.status.is_server_error() {
                span.fail("refused");
            }
        }
        Err(failure) => span.fail(failure),
    }
}

/// The address of a path below a service's base address, which may end in a slash or not.
fn endpoint(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

    use super::*;

    const LIMITS: ExchangeLimits = ExchangeLimits { timeout: Duration::from_secs(5), longest_answer: 10 };

    async fn answered_by(template: ResponseTemplate) -> (MockServer, Url) {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(template).mount(&server).await;
        let url = server.uri().parse().unwrap();
        (server, url)
    }

    async fn get(base: Url, limits: ExchangeLimits) -> Result<OutboundAnswer, CallFailure> {
        OutboundClient::for_service(&base, limits).unwrap().get("path").send().await
    }

    /// Sends `answer` to the first connection, and keeps the connection open.
    async fn raw_server(answer: &'static str) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            while stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        url
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let (elsewhere, target) = answered_by(ResponseTemplate::new(200)).await;
        for status in [301, 302, 303, 307, 308] {
            let redirect = ResponseTemplate::new(status).insert_header("location", target.as_str());
            let (_server, url) = answered_by(redirect).await;
            let answer = get(url, LIMITS).await.unwrap();
            assert_eq!(answer.status, StatusCode::from_u16(status).unwrap());
        }
        assert!(elsewhere.received_requests().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_body_up_to_the_limit_is_whole_and_a_longer_one_is_cut() {
        for (length, received, whole) in [(0, 0, true), (9, 9, true), (10, 10, true), (11, 10, false)] {
            let (_server, url) = answered_by(ResponseTemplate::new(200).set_body_string("x".repeat(length))).await;
            let answer = get(url, LIMITS).await.unwrap();
            assert_eq!(answer.received().len(), received, "{length}");
            let expected = if whole { Ok("x".repeat(length).into_bytes()) } else { Err(CallFailure::TooLong) };
            assert_eq!(answer.whole_body(), expected, "{length}");
        }
    }

    #[tokio::test]
    async fn a_body_that_stops_half_way_keeps_its_status_and_is_not_whole() {
        let url = raw_server("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
        let limits = ExchangeLimits { timeout: Duration::from_millis(300), ..LIMITS };
        let answer = get(url, limits).await.unwrap();
        assert_eq!((answer.status, answer.received()), (StatusCode::OK, b"half".as_slice()));
        assert_eq!(answer.whole_body(), Err(CallFailure::Timeout));
    }

    /// It also says whether the request may have arrived.
    #[tokio::test]
    async fn a_call_without_an_answer_says_why() {
        let (_server, slow) = answered_by(ResponseTemplate::new(200).set_delay(Duration::from_secs(20))).await;
        let limits = ExchangeLimits { timeout: Duration::from_millis(300), ..LIMITS };
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let gone = format!("http://{gone}").parse().unwrap();
        let nonsense = raw_server("this is not HTTP\r\n\r\n").await;
        let plain: Url = raw_server("HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let plain = plain.as_str().replace("http:", "https:").parse().unwrap();
        for (url, failure, text, is_before_request) in [
            (slow, CallFailure::Timeout, "timeout", false),
            (gone, CallFailure::Refused, "connection refused", true),
            (
                "http://no-such-host.invalid".parse().unwrap(),
                CallFailure::NameNotFound,
                "host name not found",
                true,
            ),
            (plain, CallFailure::Tls, "TLS failed", true),
            (nonsense, CallFailure::Transport, "transport error", false),
        ] {
            let found = get(url, limits).await.err().unwrap();
            assert_eq!((found, found.to_string().as_str()), (failure, text));
            assert_eq!(found.is_before_request(), is_before_request, "{text}");
        }
    }

    #[tokio::test]
    async fn a_request_that_cannot_be_written_was_not_sent() {
        let (server, url) = answered_by(ResponseTemplate::new(200)).await;
        let client = OutboundClient::for_service(&url, LIMITS).unwrap();
        let key = SecretString::from("a-key\n");
        let failure = client.post("path").bearer_auth(&key).send().await.err().unwrap();
        assert_eq!((failure, failure.is_before_request()), (CallFailure::Unwritable, true));
        assert!(server.received_requests().await.unwrap().is_empty());
    }

    #[test]
    fn an_endpoint_lies_below_its_base_address() {
        for (base, expected) in [
            ("https://api.test", "https://api.test/v3/mail"),
            ("https://api.test/", "https://api.test/v3/mail"),
            ("https://api.test/mail/api", "https://api.test/mail/api/v3/mail"),
            ("https://api.test/mail/api/", "https://api.test/mail/api/v3/mail"),
        ] {
            assert_eq!(endpoint(&base.parse().unwrap(), "v3/mail").as_str(), expected);
        }
    }
}
