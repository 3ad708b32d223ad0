//! A machine client of a partner, and the endpoint that issues its tokens.

use reqwest::Method;
use stakis_identity::{
    identity::{
        self, IdentityError, Refusal,
        clients::{Machine, RegisteredClient, Revocation},
    },
    types::{ClientId, Scope, Scopes},
};

use super::{Answer, TestApp, administrator, send, text};

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
            identity::clients::create(&app.app, &administrator(), "Partner d.o.o.".into(), scopes).await.unwrap();
        Self { id: client.id, secret: secret.expose().to_owned() }
    }

    pub(crate) async fn ask(&self, app: &TestApp, form: &str) -> Answer {
        ask_as(app, self.id.as_str(), &self.secret, form).await
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

pub(crate) async fn ask_as(app: &TestApp, id: &str, secret: &str, form: &str) -> Answer {
    let request = app.request(Method::POST, "/oauth2/token").basic_auth(id, Some(secret));
    send(request.header("content-type", FORM).body(form.to_owned())).await
}

pub(crate) async fn enter(app: &TestApp, token: &str, scope: Scope) -> Result<Machine, Refusal> {
    identity::clients::authenticate(&app.app, token, scope).await.map_err(|error| match error {
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
