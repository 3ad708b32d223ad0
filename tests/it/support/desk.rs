//! The support page on an operations listener, and the people who sign in to it.

use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use stakis_identity::{
    config::{Config, SupportPageConfig},
    http,
    identity::{
        self,
        clients::{RegisteredClient, Registration, Revocation},
    },
    types::{ClientId, Scopes, SupportScopes},
};
use url::Url;

use super::{Answer, Engine, TestApp, administrator, partner::register, send, text};

/// A service with an operations listener.
pub(crate) struct Desk {
    pub(crate) app: TestApp,
    pub(crate) url: Url,
    server: ServerHandle,
}

impl Desk {
    /// Starts a service with the support page.
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::start_with(engine, |_| {}).await
    }

    /// Starts a service with the support page and some other settings changed.
    pub(crate) async fn start_with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::start_with(engine, |config| {
            config.support_page = Some(SupportPageConfig::default());
            change(config);
        })
        .await;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let server = http::start_operations(listener, app.app.clone()).unwrap();
        let handle = server.handle();
        tokio::spawn(server);
        Self { app, url, server: handle }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.client.request(method, self.url.join(path).unwrap())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// The origin of the page.
    pub(crate) fn origin(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    pub(crate) async fn sign_in(&self, id: &str, secret: &str) -> Answer {
        let body = json!({ "client_id": id, "client_secret": secret });
        send(self.request(Method::POST, "/support/session").json(&body)).await
    }

    pub(crate) async fn refresh(&self, cookie: &str) -> Answer {
        send(self.request(Method::POST, "/support/session/refresh").header("cookie", cookie)).await
    }

    /// Ends the listener. A test ends by it, so that no connection outlives the service.
    pub(crate) async fn stop(self) {
        self.server.stop(false).await;
    }
}

/// The cookie of an answer, as the browser sends it back.
pub(crate) fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// A person of support with a client of her own.
pub(crate) struct Person {
    pub(crate) id: ClientId,
    pub(crate) secret: String,
}

impl Person {
    pub(crate) const NAME: &str = "Maja Novak";

    pub(crate) async fn make(app: &TestApp, scopes: &str) -> Self {
        let scopes = SupportScopes::of(Scopes::parse(scopes).unwrap()).unwrap();
        let (name, person) = ("Podpora Maja".to_owned(), Self::NAME.to_owned());
        let RegisteredClient { client, secret } =
            register(app, Registration::of_person(name, scopes, person)).await;
        Self { id: client.id, secret: secret.unwrap().expose().to_owned() }
    }

    /// Signs in, and returns the cookie and the access token.
    pub(crate) async fn sign_in(&self, desk: &Desk) -> (String, String) {
        let answer = desk.sign_in(self.id.as_str(), &self.secret).await;
        answer.assert_status(201);
        (cookie(&answer), text(&answer.json(), "access_token").to_owned())
    }

    pub(crate) async fn revoke(&self, app: &TestApp) -> Revocation {
        identity::clients::revoke(&app.app, &administrator(), self.id.clone()).await.unwrap()
    }
}
