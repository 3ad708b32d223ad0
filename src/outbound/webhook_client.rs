//! The client for webhooks, whose addresses other people choose.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use reqwest::{
    Client, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header, redirect,
};
use tokio::time;
use url::Url;

use super::{
    client::{CONNECT_TIMEOUT, USER_AGENT},
    failure::CallFailure,
    retry_after::retry_after,
    target_guard::{TargetGuard, TargetNotAllowed, TargetRules},
};
use crate::types::Fault;

/// Time from the start of a call to the head of the answer. Standard Webhooks asks for 15 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes of an answer's body that are read. Nothing is made of them: a body that ends by then leaves its connection usable.
const LONGEST_BODY: usize = 16 * 1024;
/// How long the body is read. The status has arrived by then, and decides.
const BODY_TIMEOUT: Duration = Duration::from_secs(1);
/// Connections to one endpoint that wait for a next call, and for how long.
const IDLE_CONNECTIONS: usize = 4;
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The client for webhooks. It opens connections to addresses alone that its guard lets pass, follows no redirect and
/// takes no proxy of the environment, which would look names up by itself.
pub(crate) struct WebhookClient {
    client: Client,
    guard: Arc<TargetGuard>,
}

/// The head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WebhookAnswer {
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// The wait that `Retry-After` asks for.
    pub(crate) retry_after: Option<Duration>,
}

impl WebhookClient {
    /// Sets up TLS.
    pub(crate) fn new(rules: TargetRules) -> Result<Self, Fault> {
        let guard = Arc::new(TargetGuard::new(rules));
        let client = Client::builder()
            .no_proxy()
            .dns_resolver(GuardedResolver(guard.clone()))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .user_agent(USER_AGENT)
            .build()
            .map_err(|error| Fault::internal("setting up the client for webhooks", error))?;
        Ok(Self { client, guard })
    }

    /// Checks an address that is to be registered.
    pub(crate) async fn check(&self, url: &Url) -> Result<(), TargetNotAllowed> {
        self.guard.check(url).await
    }

    /// Posts a JSON body once. An answer of any status is an answer; what becomes of its body does not matter.
    pub(crate) async fn post(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<WebhookAnswer, CallFailure> {
        self.guard.check_before_call(url).await.map_err(|TargetNotAllowed| CallFailure::NotAllowed)?;
        let request = self.client.post(url.clone()).header(header::CONTENT_TYPE, "application/json");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let response = request.body(body).send().await?;
        let answer = WebhookAnswer { status: response.status(), retry_after: retry_after(response.headers()) };
        // An error here is the other side's matter: it has answered.
        time::timeout(BODY_TIMEOUT, drain(response)).await.unwrap_or_default();
        Ok(answer)
    }
}

/// Reads a body to its end, unless it is too long.
async fn drain(mut response: Response) {
    let mut room = LONGEST_BODY;
    while let Ok(Some(chunk)) = response.chunk().await {
        let Some(left) = room.checked_sub(chunk.len()) else { return };
        room = left;
    }
}

/// Resolves names for the client, to addresses alone that the guard lets pass.
struct GuardedResolver(Arc<TargetGuard>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let addresses = guard.resolve(name.as_str()).await?;
            let addresses: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

    use super::*;
    use crate::types::AllowedTarget;

    fn client(allow: &[&str]) -> WebhookClient {
        let allow = allow.iter().map(|text| AllowedTarget::parse(text).unwrap()).collect();
        WebhookClient::new(TargetRules { ports: vec![443], allow, own_host: None }).unwrap()
    }

    async fn answering(template: ResponseTemplate) -> (MockServer, Url) {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(template).mount(&server).await;
        let url = server.uri().parse().unwrap();
        (server, url)
    }

    #[tokio::test]
    async fn wh_08_the_status_decides_whatever_the_body_is() {
        let client = client(&["127.0.0.1:*"]);
        for (status, length) in [(200, 0), (204, 0), (200, 10 * 1024 * 1024), (503, 10 * 1024 * 1024)] {
            let template = ResponseTemplate::new(status).set_body_bytes(vec![b'x'; length]);
            let (_server, url) = answering(template.insert_header("retry-after", "7")).await;
            let answer = client.post(&url, &[], Vec::new()).await.unwrap();
            assert_eq!((answer.status.as_u16(), answer.retry_after), (status, Some(Duration::from_secs(7))));
        }
    }

    #[tokio::test]
    async fn wh_07_nothing_is_sent_where_the_address_is_not_allowed() {
        let (server, url) = answering(ResponseTemplate::new(200)).await;
        let port = url.port().unwrap();
        let elsewhere = format!("127.0.0.1:{}", if port == 1 { 2 } else { 1 });
        for allow in [vec![], vec![elsewhere.as_str()]] {
            for url in [url.clone(), format!("http://localhost:{port}/").parse().unwrap()] {
                let refused = client(&allow).post(&url, &[], Vec::new()).await;
                assert_eq!(refused, Err(CallFailure::NotAllowed), "{url}");
            }
        }
        // The connection itself is refused too: here the check before it is passed over.
        let unchecked = client(&[]);
        let url: Url = format!("https://localhost:{port}/").parse().unwrap();
        let failure = CallFailure::from(unchecked.client.get(url).send().await.unwrap_err());
        assert_eq!(failure, CallFailure::NotAllowed);
        assert!(server.received_requests().await.unwrap().is_empty());
    }
}
