//! Who may call what. Every operation of the OpenAPI document is called by every kind of caller, and what happens is what the
//! document says (AD-03).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::types::Scope;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time,
};

use crate::support::{
    Answer, Customer, TestApp, database_tests, own_key, part, partner::Partner, send, sign, text,
};

database_tests![
    ad_03_every_operation_admits_whom_the_document_names_alone,
    ad_03_refused_callers_are_told_before_their_body_is_read,
    ad_03_a_client_authenticates_where_the_document_says_so,
];

/// Long enough to be sure that an answer does not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// The mail API authenticates itself in its own ways, which no scheme of the document describes.
const MAIL_EVENTS: &str = "/v1/mail-events/{provider}";

/// Who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Nobody,
    Customer,
    ChangeToken,
    /// A client with this scope alone.
    Scope(Scope),
    /// A client with every scope that was revoked after it got its token.
    Revoked,
    /// A customer's token for another audience, signed with the key of the service.
    CustomerOfOtherAudience,
    /// Such a token of a client with every scope.
    MachineOfOtherAudience,
    RefreshToken,
    DeviceToken,
    /// The secret of a client with every scope.
    ClientSecret,
}

/// The bearer tokens of every kind of caller.
struct Callers {
    tokens: BTreeMap<Kind, String>,
}

impl Callers {
    async fn make(app: &TestApp) -> Self {
        app.make(&Customer::ANA).await;
        app.advance(TimeDelta::days(181));
        let expired = app.sign_in(Customer::ANA.number, Customer::ANA.password).await.json();
        app.make(&Customer::BOJAN).await;
        let session = app.session(&Customer::BOJAN).await;
        let mut tokens = BTreeMap::from([
            (Kind::Customer, text(&session, "access_token").to_owned()),
            (Kind::ChangeToken, text(&expired, "change_token").to_owned()),
            (Kind::RefreshToken, text(&session, "refresh_token").to_owned()),
            (Kind::DeviceToken, text(&session, "device_token").to_owned()),
        ]);
        for &scope in Scope::ALL {
            tokens.insert(Kind::Scope(scope), Partner::make(app, scope.as_str()).await.token(app).await);
        }
        let revoked = Partner::with_every_scope(app).await;
        tokens.insert(Kind::Revoked, revoked.token(app).await);
        revoked.revoke(app).await;
        let partner = Partner::with_every_scope(app).await;
        let machine = partner.token(app).await;
        for (kind, token) in [
            (Kind::CustomerOfOtherAudience, &tokens[&Kind::Customer].clone()),
            (Kind::MachineOfOtherAudience, &machine),
        ] {
            tokens.insert(kind, for_other_audience(app, token).await);
        }
        tokens.insert(Kind::ClientSecret, partner.secret);
        app.deliver_all().await;
        Self { tokens }
    }

    fn kinds(&self) -> impl Iterator<Item = Kind> {
        [Kind::Nobody].into_iter().chain(self.tokens.keys().copied())
    }

    /// The token of a caller. The customer gets a session for each call, since some operations end it.
    async fn token(&self, app: &TestApp, kind: Kind) -> Option<String> {
        match kind {
            Kind::Nobody => None,
            Kind::Customer => Some(app.access_token(&Customer::BOJAN, Customer::BOJAN.password).await),
            other => Some(self.tokens[&other].clone()),
        }
    }
}

async fn for_other_audience(app: &TestApp, token: &str) -> String {
    let (_, key) = own_key(app).await;
    let mut claims = part(token, 1);
    claims["aud"] = json!("https://elsewhere.test");
    sign(&key, &part(token, 0).to_string(), &claims.to_string())
}

/// An operation as the document describes it.
struct Described {
    path: String,
    method: Method,
    /// The alternatives, each a scheme with its scopes.
    security: Vec<(String, Vec<Scope>)>,
    takes_body: bool,
    statuses: BTreeSet<String>,
}

impl Described {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// An address of the operation. What its parts name does not exist.
    fn address(&self) -> String {
        let parts = self.path.split('/').map(|part| match part {
            "{provider}" => "mailpit",
            part if part.starts_with('{') => "aaaaaaaaaaaaaaaaaaaaaaaaaa",
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }

    fn has_scheme(&self, name: &str) -> bool {
        self.security.iter().any(|(scheme, _)| scheme == name)
    }

    /// The scope that the operation needs of a machine client.
    fn scope(&self) -> Option<Scope> {
        self.security.iter().find(|(scheme, _)| scheme == "machine").map(|(_, scopes)| scopes[0])
    }

    /// Whether a token in `Authorization` decides about the call.
    fn asks_for_bearer(&self) -> bool {
        ["customer", "change", "machine"].into_iter().any(|scheme| self.has_scheme(scheme))
    }

    fn admits(&self, kind: Kind) -> bool {
        match kind {
            Kind::Customer => self.has_scheme("customer"),
            Kind::ChangeToken => self.has_scheme("change"),
            Kind::Scope(scope) => self.scope() == Some(scope),
            _ => false,
        }
    }

    /// The status and the code with which the caller is refused.
    fn refusal(&self, kind: Kind) -> (u16, &'static str) {
        match (kind, self.scope()) {
            (Kind::Scope(_), Some(_)) => (403, "insufficient-scope"),
            _ => (401, "invalid-token"),
        }
    }
}

/// Every operation of the document, in its order.
fn described() -> Vec<Described> {
    let document = stakis_identity::http::document().clone();
    assert!(document["security"].is_null(), "each operation says by itself who may call it");
    let mut described = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let alternatives = operation["security"].as_array().cloned().unwrap_or_default();
            let security = alternatives.iter().map(|alternative| {
                let [(scheme, scopes)] = &alternative.as_object().unwrap().iter().collect::<Vec<_>>()[..] else {
                    panic!("one scheme each: {alternative}");
                };
                let scopes = scopes.as_array().unwrap().iter().map(|scope| Scope::parse(scope.as_str().unwrap()));
                ((*scheme).clone(), scopes.collect::<Result<Vec<_>, _>>().unwrap())
            });
            described.push(Described {
                path: path.clone(),
                method: method.to_uppercase().parse().unwrap(),
                security: security.collect(),
                takes_body: operation["requestBody"].is_object(),
                statuses: operation["responses"].as_object().unwrap().keys().cloned().collect(),
            });
        }
    }
    assert!(described.len() > 40, "only {} operations were read", described.len());
    described
}

/// Whether the answer refuses the caller, and not what the call asks for.
fn is_refused(answer: &Answer) -> bool {
    answer.status == 401 || answer.status == 403 && answer.text.contains("insufficient-scope")
}

async fn ad_03_every_operation_admits_whom_the_document_names_alone(app: &TestApp) {
    let callers = Callers::make(app).await;
    let mut admitted = BTreeSet::new();
    for operation in described() {
        let name = operation.name();
        assert_eq!(operation.asks_for_bearer() || operation.path == MAIL_EVENTS, is_guarded(&operation), "{name}");
        for kind in callers.kinds() {
            // No operation takes a body of this form, so nobody does anything by the call but to read and to end sessions.
            let mut request = app.request(operation.method.clone(), &operation.address());
            if ![Method::GET, Method::DELETE].contains(&operation.method) {
                request = request.header("content-type", "text/plain").body("x");
            }
            if let Some(token) = callers.token(app, kind).await {
                request = request.bearer_auth(token);
            }
            let answer = send(request).await;
            let note = format!("{name} by {kind:?}");
            if operation.asks_for_bearer() && !operation.admits(kind) {
                let (status, code) = operation.refusal(kind);
                answer.assert_status_with(status, &note);
                answer.assert_problem(status, code);
                assert!(operation.statuses.contains(&status.to_string()), "{note}: the document does not say so");
                let challenge = answer.header("www-authenticate");
                match operation.scope().filter(|_| status == 403) {
                    Some(scope) => {
                        assert!(challenge.contains(&format!("scope=\"{scope}\"")), "{note}: {challenge}");
                    }
                    None => assert_eq!(challenge, "Bearer error=\"invalid_token\"", "{note}"),
                }
            } else if !operation.has_scheme("client") && operation.path != MAIL_EVENTS {
                assert!(!is_refused(&answer), "{note}: {answer}");
                assert_ne!(answer.status, 500, "{note}: {answer}");
                admitted.extend(operation.asks_for_bearer().then_some((name.clone(), kind)));
            }
        }
    }
    // Each operation that asks for a token has let in each caller that it names.
    for operation in described().into_iter().filter(Described::asks_for_bearer) {
        let count = admitted.iter().filter(|(name, _)| *name == operation.name()).count();
        assert_eq!(count, operation.security.len(), "{}", operation.name());
    }
    app.deliver_all().await;
}

/// Whether the document says that a caller may be refused as such.
fn is_guarded(operation: &Described) -> bool {
    let is_of_client = operation.has_scheme("client");
    // A sign-in and a refresh answer 401 too: about what is in the body.
    let by_body = ["/v1/sessions", "/v1/sessions/refresh"].contains(&operation.path.as_str())
        && operation.method == Method::POST;
    operation.statuses.contains("401") && !is_of_client && !by_body
}

/// The head of the call announces a body that never comes. A service that waited for it would not answer.
async fn ad_03_refused_callers_are_told_before_their_body_is_read(app: &TestApp) {
    let callers = Callers::make(app).await;
    let address = format!("{}:{}", app.url.host_str().unwrap(), app.url.port().unwrap());
    let mut told = 0;
    for operation in described().into_iter().filter(|operation| operation.takes_body && operation.asks_for_bearer())
    {
        for kind in callers.kinds().filter(|kind| !operation.admits(*kind)) {
            let token = callers.token(app, kind).await;
            let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
            let head = format!(
                "{} {} HTTP/1.1\r\nHost: localhost\r\n{authorization}Content-Type: application/json\r\n\
                 Content-Length: 1000\r\n\r\n",
                operation.method,
                operation.address()
            );
            let mut stream = TcpStream::connect(&address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut beginning = [0; 12];
            let answered = time::timeout(PATIENCE, stream.read_exact(&mut beginning)).await;
            let note = format!("{} by {kind:?}", operation.name());
            answered.unwrap_or_else(|_| panic!("{note}: the body is waited for")).unwrap();
            let (status, _) = operation.refusal(kind);
            assert_eq!(String::from_utf8_lossy(&beginning), format!("HTTP/1.1 {status}"), "{note}");
            told += 1;
        }
    }
    assert!(told > 200, "only {told} calls were made");
}

/// The operations of OAuth answer in its form. The client itself gets in by its secret, and nobody by a bearer token.
async fn ad_03_a_client_authenticates_where_the_document_says_so(app: &TestApp) {
    let callers = Callers::make(app).await;
    let partner = Partner::make(app, "support:read").await;
    let operations: Vec<_> = described().into_iter().filter(|operation| operation.has_scheme("client")).collect();
    assert!(operations.iter().any(|operation| operation.path == "/oauth2/token"));
    for operation in operations {
        let form = "grant_type=client_credentials&token=x";
        let request = || {
            app.request(operation.method.clone(), &operation.address())
                .header("content-type", crate::support::partner::FORM)
                .body(form)
        };
        for kind in callers.kinds() {
            let note = format!("{} by {kind:?}", operation.name());
            let request = match callers.token(app, kind).await {
                Some(token) => request().bearer_auth(token),
                None => request(),
            };
            let answer = send(request).await;
            answer.assert_status_with(401, &note);
            assert_eq!(answer.json()["error"], "invalid_client", "{note}");
            assert!(operation.statuses.contains("401"), "{note}");
        }
        let wrong = send(request().basic_auth(partner.id.as_str(), Some("stk_wrong"))).await;
        assert_eq!(wrong.json()["error"], "invalid_client", "{}", operation.name());
        let right = send(request().basic_auth(partner.id.as_str(), Some(&partner.secret))).await;
        right.assert_status_with(200, operation.name());
    }
    assert!(matches!(part(&partner.token(app).await, 1), Value::Object(_)));
}
