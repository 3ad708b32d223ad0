//! A machine client of a partner, and the endpoint that issues its tokens.

use reqwest::Method;
use stakis_identity::{
    identity::{
        self, IdentityError, Refusal,
        clients::{Machine, RegisteredClient, Registration, Revocation},
    },
    types::{ClientId, Scope, Scopes},
};

use url::form_urlencoded;

use super::{Answer, TestApp, administrator, customer_context, send, text};

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) const GRANT: &str = "grant_type=client_credentials";

pub(crate) struct Partner {
    pub(crate) id: ClientId,
    pub(crate) secret: String,
}

impl Partner {
    pub(crate) async fn make(app: &TestApp, scopes: &str) -> Self {
        let scopes = Scopes::parse(scopes).unwrap();
        let RegisteredClient { client, secret } =
            register(app, Registration::of_program("Partner d.o.o.".into(), scopes)).await;
        Self { id: client.id, secret: secret.unwrap().expose().to_owned() }
    }

    pub(crate) async fn ask(&self, app: &TestApp, form: &str) -> Answer {
        ask_as(app, self.id.as_str(), &self.secret, form).await
    }

    pub(crate) async fn with_every_scope(app: &TestApp) -> Self {
        let scopes: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        Self::make(app, &scopes.join(" ")).await
    }

    pub(crate) async fn token(&self, app: &TestApp) -> String {
        let answer = self.ask(app, GRANT).await;
        answer.assert_status(200);
        text(&answer.json(), "access_token").to_owned()
    }

    pub(crate) async fn revoke(&self, app: &TestApp) -> Revocation {
        identity::clients::revoke(&app.app, &administrator(), self.id.clone()).await.unwrap()
    }
}

/// Calls an endpoint of OAuth 2.0 about a token, with the credentials of a client.
pub(crate) async fn about(app: &TestApp, path: &str, partner: &Partner, token: &str) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
    let request = app.request(Method::POST, path).basic_auth(&partner.id, Some(&partner.secret));
    send(request.header("content-type", FORM).body(form)).await
}

/// Registers a client as the command line does.
pub(crate) async fn register(app: &TestApp, registration: Registration) -> RegisteredClient {
    identity::clients::register(&app.app, &administrator(), registration).await.unwrap()
}

pub(crate) async fn ask_as(app: &TestApp, id: &str, secret: &str, form: &str) -> Answer {
    let request = app.request(Method::POST, "/oauth2/token").basic_auth(id, Some(secret));
    send(request.header("content-type", FORM).body(form.to_owned())).await
}

pub(crate) async fn enter(app: &TestApp, token: &str, scope: Scope) -> Result<Machine, Refusal> {
    let called = identity::clients::authenticate(&app.app, &customer_context(), token, scope).await;
    called.outcome.map_err(|error| match error {
        IdentityError::Refused(refusal) => refusal,
        IdentityError::Fault(fault) => panic!("{}", fault.chain()),
    })
}

/// Fails unless this is an error in the form of RFC 6749 §5.2.
#[track_caller]
pub(crate) fn assert_error(answer: &Answer, status: u16, code: &str) {
    answer.assert_status(status);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(answer.json()["error"], code, "{}", answer.text);
    assert!(answer.json()["error_description"].is_string());
    let challenge = if status == 401 { r#"Basic realm="stakis-identity""# } else { "" };
    assert_eq!(answer.header("www-authenticate"), challenge);
}
