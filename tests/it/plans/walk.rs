//! Calls every operation, and notes which statements each of them runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::TimeDelta;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use stakis_identity::{
    http,
    identity::{audit, events, measurements},
    jobs,
    types::AllowedTarget,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::support::{
    Answer, Customer, Engine, Life, MailApi, ManualClock, TestApp, TestDatabase, base_config,
    delivery_events::accept_by_id,
    execute,
    partner::{FORM, GRANT, Partner},
    send, text, watch_statements,
};

const NEW: &str = "Zimske-gume-27";

/// The statements that ran, each with the operations that ran it.
pub(super) type Statements = BTreeMap<String, BTreeSet<String>>;

struct Walk {
    app: TestApp,
    life: Arc<Life>,
    statements: Statements,
    called: BTreeSet<String>,
    machine: String,
}

/// Calls every operation of the document on a database of its own, which it returns.
pub(super) async fn walk(engine: Engine) -> (Arc<TestDatabase>, Statements) {
    watch_statements();
    let database = TestDatabase::migrated(engine);
    let (life, url) = Life::begin(&database);
    let mut config = base_config(&database);
    config.database.url = url;
    config.webhooks.allow = vec![AllowedTarget::parse("127.0.0.1:*").unwrap()];
    config.limits.support_diagnosis = None;
    let app = TestApp::start_on(database, config, Arc::new(ManualClock::new()), MailApi::start().await).await;
    app.may_leave_jobs();
    accept_by_id(&app).await;
    let mut walk =
        Walk { app, life, statements: Statements::new(), called: BTreeSet::new(), machine: String::new() };
    Box::pin(walk.public()).await;
    Box::pin(walk.reset()).await;
    Box::pin(walk.sessions()).await;
    Box::pin(walk.own_account()).await;
    Box::pin(walk.machine()).await;
    Box::pin(walk.accounts()).await;
    Box::pin(walk.webhooks()).await;
    Box::pin(walk.erasure()).await;
    let documented: BTreeSet<String> = http::document()["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|operations| operations.as_object().unwrap().values())
        .filter_map(|operation| operation["operationId"].as_str().map(str::to_owned))
        .collect();
    let missing: Vec<&String> = documented.difference(&walk.called).collect();
    assert!(missing.is_empty(), "these were not called: {missing:?}");
    walk.app.stop().await;
    (walk.app.database.clone(), walk.statements)
}

impl Walk {
    /// Makes one call that succeeds, and notes its statements.
    async fn call(&mut self, operation: &str, request: RequestBuilder) -> Answer {
        self.life.take_statements();
        let answer = send(request).await;
        assert!(answer.status < 400, "{operation}: {answer}");
        self.note(operation);
        self.called.insert(operation.to_owned());
        answer
    }

    fn note(&mut self, operation: &str) {
        for statement in self.life.take_statements() {
            let is_query = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
            if is_query.iter().any(|start| statement.starts_with(start)) {
                self.statements.entry(statement).or_default().insert(operation.to_owned());
            }
        }
    }

    fn to(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, path)
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.to(Method::POST, path).json(body)
    }

    fn of_machine(&self, method: Method, path: &str) -> RequestBuilder {
        self.to(method, path).bearer_auth(&self.machine)
    }

    /// What workers do, whose statements find their rows too.
    async fn work(&mut self) {
        self.life.take_statements();
        self.app.deliver_all().await;
        self.note("jobs");
        events::publish(&self.app.app).await.unwrap();
        jobs::deliver_due_webhooks(&self.app.app).await.unwrap();
        self.note("webhooks");
        audit::seal_all(&self.app.app).await.unwrap();
        self.note("seal");
        measurements::read_stored(&self.app.app).await.unwrap();
        self.note("metrics");
    }

    async fn public(&mut self) {
        for (operation, path) in [
            ("getLiveness", "/livez"),
            ("getReadiness", "/readyz"),
            ("getJwks", "/.well-known/jwks.json"),
            ("getServerMetadata", "/.well-known/oauth-authorization-server"),
            ("getOpenidConfiguration", "/.well-known/openid-configuration"),
            ("getWebhookKeys", "/.well-known/webhook-keys.json"),
            ("getChangePasswordPage", "/.well-known/change-password"),
            ("listProblemTypes", "/problems"),
            ("getProblemType", "/problems/not-found"),
            ("getPasswordPolicy", "/v1/password-policy"),
        ] {
            let request = self.to(Method::GET, path);
            self.call(operation, request).await;
        }
        let challenge = self.post("/v1/challenges", &json!({ "customer_number": Customer::ANA.number }));
        self.call("createChallenge", challenge).await;
    }

    /// Asks for a reset and returns the token of its mail.
    async fn link(&mut self) -> String {
        self.app.advance(TimeDelta::hours(2));
        let ask = self.post("/v1/password-resets", &json!({ "customer_number": Customer::ANA.number }));
        self.call("createPasswordReset", ask).await;
        self.work().await;
        self.app.mail_api.mails().await.last().unwrap().token()
    }

    async fn reset(&mut self) {
        self.app.make(&Customer::ANA).await;
        let unknown = self.post("/v1/password-resets", &json!({ "customer_number": "999999" }));
        self.call("createPasswordReset", unknown).await;
        self.work().await;
        let token = self.link().await;
        let verify = self.post("/v1/password-resets/verify", &json!({ "token": token }));
        self.call("verifyPasswordReset", verify).await;
        let form = json!({ "token": token, "customer_number": Customer::ANA.number });
        let withdraw = self.post("/v1/password-resets/withdraw", &form);
        self.call("withdrawPasswordReset", withdraw).await;
        let token = self.link().await;
        let form = json!({
            "token": token, "customer_number": Customer::ANA.number,
            "new_password": NEW, "new_password_confirmation": NEW,
        });
        let complete = self.post("/v1/password-resets/complete", &form);
        self.call("completePasswordReset", complete).await;
        self.work().await;
    }

    async fn session(&mut self) -> Value {
        let form = json!({ "customer_number": Customer::ANA.number, "password": NEW });
        let sign_in = self.post("/v1/sessions", &form);
        let session = self.call("createSession", sign_in).await.json();
        self.work().await;
        session
    }

    async fn sessions(&mut self) {
        self.app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await.assert_status(401);
        self.note("createSession with a wrong password");
        let (first, second) = (self.session().await, self.session().await);
        let device = json!({
            "customer_number": Customer::ANA.number, "password": NEW, "device_token": first["device_token"],
        });
        let sign_in = self.post("/v1/sessions", &device);
        let third = self.call("createSession", sign_in).await.json();
        let access = text(&first, "access_token").to_owned();
        let of = |walk: &Self, method: Method, path: &str| walk.to(method, path).bearer_auth(&access);
        for (operation, path) in [
            ("getAccount", "/v1/account"),
            ("listActivity", "/v1/account/activity"),
            ("listSessions", "/v1/sessions"),
        ] {
            let request = of(self, Method::GET, path);
            self.call(operation, request).await;
        }
        let path = format!("/v1/sessions/{}", text(&second, "session_id"));
        let name = of(self, Method::PATCH, &path).json(&json!({ "name": "Pult 1" }));
        self.call("nameSession", name).await;
        let refresh = self.post("/v1/sessions/refresh", &json!({ "refresh_token": third["refresh_token"] }));
        self.call("refreshSession", refresh).await;
        let refresh = self.post("/v1/sessions/refresh", &json!({ "refresh_token": third["refresh_token"] }));
        self.call("refreshSession", refresh).await;
        let end = of(self, Method::DELETE, &path);
        self.call("endSession", end).await;
        let end = of(self, Method::DELETE, "/v1/sessions");
        self.call("endOtherSessions", end).await;
        let end = of(self, Method::DELETE, "/v1/sessions/current");
        self.call("endCurrentSession", end).await;
    }

    async fn own_account(&mut self) {
        let session = self.session().await;
        let access = text(&session, "access_token").to_owned();
        let of = |walk: &Self, method: Method, path: &str| walk.to(method, path).bearer_auth(&access);
        let confirm = of(self, Method::POST, "/v1/account/email/confirmation");
        self.call("confirmPresentEmail", confirm).await;
        for (address, path, operation) in [
            ("prva@example.si", "/v1/email-changes/withdraw", "withdrawEmailChange"),
            ("nova@example.si", "/v1/email-changes/confirm", "confirmEmailChange"),
        ] {
            let body = json!({ "email": address, "current_password": NEW });
            let ask = of(self, Method::POST, "/v1/account/email").json(&body);
            self.call("changeEmail", ask).await;
            self.work().await;
            let to = if operation == "confirmEmailChange" { address } else { Customer::ANA.email };
            let mails = self.app.mail_api.mails().await;
            let token = mails.iter().rfind(|mail| mail.to() == to).unwrap().token();
            let form = json!({ "token": token, "customer_number": Customer::ANA.number });
            let request = self.post(path, &form);
            self.call(operation, request).await;
            self.work().await;
        }
        let body = json!({ "current_password": NEW, "new_password": "Jesenske-gume-28",
            "new_password_confirmation": "Jesenske-gume-28" });
        let change = of(self, Method::POST, "/v1/account/password").json(&body);
        self.call("changePassword", change).await;
        self.work().await;
        // The notice to the address before has the link that locks down.
        let mails = self.app.mail_api.mails().await;
        let notice = mails.iter().rfind(|mail| mail.text().contains("/not-me#token=")).unwrap().token();
        let form = json!({ "token": notice, "customer_number": Customer::ANA.number });
        let lock = self.post("/v1/lock-downs", &form);
        self.call("createLockDown", lock).await;
        self.work().await;
        let back = "UPDATE accounts SET contested_since = NULL, password_expired_because = NULL,
            password_expired_at = NULL, email_cools_off_until = NULL";
        execute(&self.app.database.url, back).unwrap();
        let form = json!({ "customer_number": Customer::ANA.number, "password": "Jesenske-gume-28" });
        let sign_in = self.post("/v1/sessions", &form);
        let session = self.call("createSession", sign_in).await.json();
        let lock = self.to(Method::POST, "/v1/account/lock-down").bearer_auth(text(&session, "access_token"));
        self.call("lockDownAccount", lock).await;
        self.work().await;
        execute(&self.app.database.url, back).unwrap();
    }

    async fn machine(&mut self) {
        let partner = Partner::with_every_scope(&self.app).await;
        let form = |walk: &Self, path: &str, body: String| {
            let request = walk.to(Method::POST, path).basic_auth(&partner.id, Some(&partner.secret));
            request.header("content-type", FORM).body(body)
        };
        let token = form(self, "/oauth2/token", GRANT.to_owned());
        let first = self.call("createToken", token).await.json();
        let first = text(&first, "access_token").to_owned();
        let introspect = form(self, "/oauth2/introspect", format!("token={first}"));
        self.call("introspectToken", introspect).await;
        let revoke = form(self, "/oauth2/revoke", format!("token={first}"));
        self.call("revokeToken", revoke).await;
        let token = form(self, "/oauth2/token", GRANT.to_owned());
        let second = self.call("createToken", token).await.json();
        text(&second, "access_token").clone_into(&mut self.machine);
        for (operation, path) in [("listAuditEvents", "/v1/audit-events"), ("listEvents", "/v1/events")] {
            let request = self.of_machine(Method::GET, path);
            self.call(operation, request).await;
        }
    }

    async fn accounts(&mut self) {
        let body = json!({ "customer_number": Customer::BOJAN.number, "email": Customer::BOJAN.email,
            "send_activation": true });
        let create = self.of_machine(Method::POST, "/v1/accounts").header("idempotency-key", "one").json(&body);
        self.call("createAccount", create).await;
        let again = self.of_machine(Method::POST, "/v1/accounts").header("idempotency-key", "one").json(&body);
        self.call("createAccount", again).await;
        let rows = json!({ "accounts": [{ "customer_number": "100001", "email": "prva@example.si" }] });
        let import = self.of_machine(Method::POST, "/v1/accounts/import").json(&rows);
        self.call("importAccounts", import).await;
        self.work().await;
        let by_email = json!({ "email": Customer::BOJAN.email });
        let search = self.of_machine(Method::POST, "/v1/accounts/search").json(&by_email);
        self.call("searchAccounts", search).await;
        let by_number = json!({ "customer_number": Customer::ANA.number });
        let search = self.of_machine(Method::POST, "/v1/accounts/search").json(&by_number);
        let found = self.call("searchAccounts", search).await.json();
        let path = format!("/v1/accounts/{}", text(&found["accounts"][0], "id"));
        for (operation, path) in [("getAccountById", path.clone()), ("exportAccount", format!("{path}/export"))] {
            let request = self.of_machine(Method::GET, &path);
            self.call(operation, request).await;
        }
        let body = json!({ "display_name": "Avtoservis", "email": "tretja@example.si" });
        let update = self.of_machine(Method::PATCH, &path).json(&body);
        self.call("updateAccount", update).await;
        let body = json!({ "email": "tretja@example.si" });
        let decide = self.of_machine(Method::POST, &format!("{path}/email-decision")).json(&body);
        self.call("decideEmail", decide).await;
        for (operation, act) in [
            ("closeAccount", "close"),
            ("reopenAccount", "reopen"),
            ("expirePassword", "expire-password"),
            ("unlockAccount", "unlock"),
            ("liftSuppression", "lift-suppression"),
            ("lockDownAccountById", "lock-down"),
        ] {
            let request = self.of_machine(Method::POST, &format!("{path}/{act}"));
            self.call(operation, request.json(&json!({ "reason": "zahteva" }))).await;
            self.work().await;
        }
        let end = self.of_machine(Method::DELETE, &format!("{path}/sessions"));
        self.call("endSessionsOfAccount", end).await;
        self.app.advance(TimeDelta::seconds(5));
        let bojan = json!({ "customer_number": Customer::BOJAN.number });
        let search = self.of_machine(Method::POST, "/v1/accounts/search").json(&bojan);
        let found = self.call("searchAccounts", search).await.json();
        let path = format!("/v1/accounts/{}/password-resets", text(&found["accounts"][0], "id"));
        let reset = self.of_machine(Method::POST, &path);
        self.call("requestResetForOwner", reset).await;
        self.work().await;
        let mails = self.app.mail_rows();
        let mail = mails.iter().rfind(|mail| mail.status == "handed_over").unwrap();
        let body = json!({ "ID": mail.provider_message_id, "Created": "2026-11-22T12:59:00.123+01:00" });
        let event = self.to(Method::POST, "/v1/mail-events/mailpit").json(&body);
        self.call("receiveMailEvents", event.basic_auth("mailpit", Some("a-long-password-of-ours"))).await;
        let body = json!({ "customer_number": Customer::BOJAN.number, "deliver_to": "mail" });
        let ask = self.of_machine(Method::POST, "/v1/support/caller-codes").json(&body);
        let asked = self.call("askCallerCode", ask).await.json();
        let path = format!("/v1/support/caller-codes/{}/check", text(&asked, "id"));
        let check = self.of_machine(Method::POST, &path).json(&json!({ "code": "000000" }));
        self.call("checkCallerCode", check).await;
        let diagnose = self.of_machine(Method::POST, "/v1/support/diagnosis").json(&by_number);
        self.call("diagnoseMail", diagnose).await;
        let link = self.app.mail_api.mails().await;
        let link = link.iter().rfind(|mail| mail.to() == Customer::BOJAN.email && mail.text().contains("#token="));
        let token = link.unwrap().token();
        self.app.complete(&token, Customer::BOJAN.number, Customer::BOJAN.password).await.assert_status(200);
        let session = self.app.session(&Customer::BOJAN).await;
        let body = json!({ "customer_number": Customer::BOJAN.number, "deliver_to": "page" });
        let ask = self.of_machine(Method::POST, "/v1/support/caller-codes").json(&body);
        self.call("askCallerCode", ask).await;
        let show = self.to(Method::POST, "/v1/account/caller-code").bearer_auth(text(&session, "access_token"));
        self.call("showCallerCode", show).await;
        self.work().await;
    }

    async fn webhooks(&mut self) {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&server).await;
        let path = "/v1/webhook-endpoints";
        let create = self.of_machine(Method::POST, path).json(&json!({ "url": server.uri() }));
        let made = self.call("createWebhookEndpoint", create).await.json();
        let one = format!("{path}/{}", text(&made, "id"));
        let list = self.of_machine(Method::GET, path);
        self.call("listWebhookEndpoints", list).await;
        let get = self.of_machine(Method::GET, &one);
        self.call("getWebhookEndpoint", get).await;
        let update = self.of_machine(Method::PATCH, &one).json(&json!({ "description": "ERP" }));
        self.call("updateWebhookEndpoint", update).await;
        let test = self.of_machine(Method::POST, &format!("{one}/test"));
        self.call("testWebhookEndpoint", test).await;
        self.work().await;
        self.app.session(&Customer::BOJAN).await;
        self.work().await;
        let list = self.of_machine(Method::GET, &format!("{one}/deliveries"));
        let log = self.call("listWebhookDeliveries", list).await.json();
        let of_event = log["deliveries"].as_array().unwrap().iter().find(|one| one["type"] != "webhook.test");
        let delivery = text(of_event.unwrap(), "id").to_owned();
        let replay = self.of_machine(Method::POST, &format!("{one}/deliveries/{delivery}/replay"));
        self.call("replayWebhookDelivery", replay).await;
        self.work().await;
        let span = json!({ "from": "2026-11-01T00:00:00Z", "to": "2026-12-24T00:00:00Z" });
        let replays = self.of_machine(Method::POST, &format!("{one}/replays")).json(&span);
        self.call("replayWebhookEvents", replays).await;
        self.work().await;
        let rotate = self.of_machine(Method::POST, &format!("{one}/rotate-secret"));
        self.call("rotateWebhookSecret", rotate).await;
        let delete = self.of_machine(Method::DELETE, &one);
        self.call("deleteWebhookEndpoint", delete).await;
        // The tables keep a row of each kind, from which the filling starts.
        let again = self.of_machine(Method::POST, path).json(&json!({ "url": server.uri() }));
        self.call("createWebhookEndpoint", again).await;
    }

    async fn erasure(&mut self) {
        let by_number = json!({ "customer_number": "100001" });
        let search = self.of_machine(Method::POST, "/v1/accounts/search").json(&by_number);
        let found = self.call("searchAccounts", search).await.json();
        let path = format!("/v1/accounts/{}", text(&found["accounts"][0], "id"));
        let erase = self.of_machine(Method::DELETE, &path);
        self.call("eraseAccount", erase).await;
        self.app.ask(Customer::ANA.number).await.assert_status(202);
    }
}
