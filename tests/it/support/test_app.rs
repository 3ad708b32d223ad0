//! The service as `main` builds it, on a free port, with a clock that the test moves.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{dev::ServerHandle, web};
use chrono::TimeDelta;
use data_encoding::BASE64;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use stakis_identity::{
    app::App,
    config::{self, Argon2Config, Config, Limit, LimitsConfig},
    http,
    identity::{
        self, Change,
        accounts::{AccountToCreate, FirstMail},
    },
    inbound::Bounds,
    jobs,
    metrics::Readings,
    store::{self, StoreError},
    types::{
        Actor, Clock, CustomerNumber, EmailAddress, Id, Locale, Password, Reason, RequestContext, random_bytes,
    },
};
use url::Url;

use super::{
    Answer, Dump, Engine, MailApi, ManualClock, TestDatabase, dump,
    leftovers::{Started, unwatched, watch},
    length::instances,
    send,
};

/// The public address in tests. Links hold it, and no server listens there.
pub(crate) const PUBLIC_URL: &str = "https://identity.test";

/// A running service and everything around it.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) mail_api: MailApi,
    pub(crate) database: Arc<TestDatabase>,
    pub(crate) config: Config,
    pub(crate) url: Url,
    pub(crate) client: Client,
    /// The other instances that serve the same database, where `STAKIS_TEST_INSTANCES` asks for some.
    others: Vec<(Url, App)>,
    /// The number of requests, which the instances get in turns.
    requests: AtomicUsize,
    started: Arc<Started>,
}

/// A customer that a test has made.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) number: &'static str,
    pub(crate) email: &'static str,
    pub(crate) password: &'static str,
}

impl Customer {
    pub(crate) const ANA: Self =
        Self { number: "004217", email: "delavnica@example.si", password: "Poletne-gume-26" };
    pub(crate) const BOJAN: Self =
        Self { number: "118503", email: "servis@example.si", password: "Letne-gume-2026" };
}

/// The configuration of tests: the defaults of development, on this database and with cheap hashes.
pub(crate) fn base_config(database: &TestDatabase) -> Config {
    let secret_key = BASE64.encode(&random_bytes::<32>());
    let variables = [
        ("STAKIS_LISTEN", "127.0.0.1:0"),
        ("STAKIS_OPS_LISTEN", "off"),
        ("STAKIS_PUBLIC_URL", PUBLIC_URL),
        ("STAKIS_DATABASE_URL", &database.url_text),
        ("STAKIS_SECRET_KEY", &secret_key),
        ("STAKIS_MAIL_WEBHOOK_SECRET", "mailpit:a-long-password-of-ours"),
        ("STAKIS_HASH_CONCURRENCY", "2"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut config = config::read(variables).unwrap();
    config.argon2 = Argon2Config { memory_kib: 64, iterations: 1, ..config.argon2 };
    // All tests call from one source, so its limits are off unless a test sets them.
    config.limits = LimitsConfig {
        enforced: true,
        support_diagnosis: Some(Limit { count: 3, period: TimeDelta::minutes(1) }),
        ..LimitsConfig::default()
    };
    config
}

impl TestApp {
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::start_with(engine, |_| {}).await
    }

    /// Starts the service with some settings changed.
    pub(crate) async fn start_with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::migrated(engine);
        let mut config = base_config(&database);
        change(&mut config);
        Self::start_on(database, config, Arc::new(ManualClock::new()), MailApi::start().await).await
    }

    /// Starts the service as `main` does. Every test builds it here.
    pub(crate) async fn start_on(
        database: TestDatabase,
        config: Config,
        clock: Arc<ManualClock>,
        mail_api: MailApi,
    ) -> Self {
        Self::start_bounded(database, config, clock, mail_api, Bounds::of_this_process(8)).await
    }

    /// Starts the service with other bounds on connections.
    pub(crate) async fn start_bounded(
        database: TestDatabase,
        config: Config,
        clock: Arc<ManualClock>,
        mail_api: MailApi,
        bounds: Bounds,
    ) -> Self {
        let database = Arc::new(database);
        let (app, url, server) = open(&config, clock.clone(), &mail_api, bounds.clone()).await;
        let started = watch(database.clone(), server);
        let mut others = Vec::new();
        for _ in 1..instances(&database) {
            let (app, url, _) = open(&config, clock.clone(), &mail_api, bounds.clone()).await;
            others.push((url, app));
        }
        let (client, requests) = (client(), AtomicUsize::new(0));
        Self { app, clock, mail_api, database, config, url, client, others, requests, started }
    }

    /// Starts a second instance on the same database, clock and mail API. Returns its address and parts.
    pub(crate) async fn second_instance(&self) -> (Url, App) {
        let (app, url, _) =
            open(&self.config, self.clock.clone(), &self.mail_api, Bounds::of_this_process(8)).await;
        (url, app)
    }

    /// Starts an instance on another database, with the same mail API. Its test stops it, and checks by itself what
    /// it leaves.
    pub(crate) async fn instance_on(
        &self,
        database: Arc<TestDatabase>,
        config: Config,
        clock: Arc<ManualClock>,
    ) -> Self {
        let bounds = Bounds::of_this_process(8);
        let (app, url, server) = open(&config, clock.clone(), &self.mail_api, bounds).await;
        let started = unwatched(database.clone(), server);
        let (mail_api, others, requests) = (self.mail_api.clone(), Vec::new(), AtomicUsize::new(0));
        Self { app, clock, mail_api, database, config, url, client: client(), others, requests, started }
    }

    /// Ends the listener, and with it the requests under way.
    pub(crate) async fn stop(&self) {
        self.started.server.stop(false).await;
    }

    /// Starts another instance whose clock is ahead, and returns its address.
    pub(crate) async fn instance_ahead(&self, by: TimeDelta) -> Url {
        let clock = Arc::new(ManualClock::at(self.clock.now() + by));
        open(&self.config, clock, &self.mail_api, Bounds::of_this_process(8)).await.1
    }

    /// Builds the parts of another instance with other settings, on the same database and clock.
    pub(crate) async fn instance_with(&self, config: &Config) -> App {
        let public_url = config.public_url.clone().unwrap();
        App::build(config, &public_url, self.mail_api.url(), self.clock.clone()).await.unwrap()
    }

    /// Allows jobs to be left when the test ends. Without this call they fail the test.
    pub(crate) fn may_leave_jobs(&self) {
        self.started.may_leave_jobs.store(true, Ordering::Relaxed);
    }

    /// Runs the real worker until no job is due. Returns the number of jobs.
    pub(crate) async fn deliver_all(&self) -> usize {
        jobs::run_all_due(&self.app).await.unwrap()
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    pub(crate) fn dump(&self) -> Dump {
        dump(&self.database.url)
    }

    /// The value of a metric, of all instances together; 0 where it has counted nothing.
    pub(crate) fn counted(&self, series: &str) -> i64 {
        let counted = |app: &App| {
            let text = app.metrics.text(&Readings::default()).unwrap();
            let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
            line.map_or(0, |value| value.parse::<i64>().unwrap())
        };
        counted(&self.app) + self.others.iter().map(|(_, app)| counted(app)).sum::<i64>()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let turn = self.requests.fetch_add(1, Ordering::Relaxed) % (self.others.len() + 1);
        let url = turn.checked_sub(1).map_or(&self.url, |other| &self.others[other].0);
        self.client.request(method, url.join(path).unwrap())
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// Makes an account with a password.
    pub(crate) async fn make(&self, customer: &Customer) {
        self.create(customer, Locale::Sl, Some(customer.password)).await;
    }

    pub(crate) async fn create(&self, customer: &Customer, locale: Locale, password: Option<&str>) {
        let account = AccountToCreate {
            customer_number: CustomerNumber::parse(customer.number).unwrap(),
            email: Some(EmailAddress::parse(customer.email).unwrap()),
            locale,
            password: password.map(|text| Password::new(text.to_owned())),
            display_name: None,
            first_mail: FirstMail::None,
        };
        identity::accounts::create(&self.app, &administrator(), account).await.unwrap();
    }

    /// Closes access, and delivers the mail that tells the owner.
    pub(crate) async fn close(&self, customer: &Customer) {
        let number = CustomerNumber::parse(customer.number).unwrap();
        let changed = identity::accounts::close(&self.app, &administrator(), number, None).await.unwrap();
        assert_eq!(changed, Change::Changed);
        self.deliver_all().await;
    }

    pub(crate) async fn ask(&self, number: &str) -> Answer {
        self.post("/v1/password-resets", json!({ "customer_number": number })).await
    }

    /// Asks for a reset, delivers the mail, and reads the token out of it.
    pub(crate) async fn token_for(&self, customer: &Customer) -> String {
        let before = self.mail_api.mails().await.len();
        self.ask(customer.number).await.assert_status(202);
        self.deliver_all().await;
        let mails = self.mail_api.mails().await;
        assert_eq!(mails.len(), before + 1, "one mail was expected");
        let mail = mails.last().unwrap();
        assert_eq!(mail.to(), customer.email);
        mail.token()
    }

    pub(crate) async fn verify(&self, token: &str) -> Answer {
        self.post("/v1/password-resets/verify", json!({ "token": token })).await
    }

    pub(crate) async fn withdraw(&self, token: &str, number: &str) -> Answer {
        self.post("/v1/password-resets/withdraw", json!({ "token": token, "customer_number": number })).await
    }

    pub(crate) async fn complete(&self, token: &str, number: &str, password: &str) -> Answer {
        self.complete_with(token, number, password, password).await
    }

    pub(crate) async fn complete_with(&self, token: &str, number: &str, password: &str, again: &str) -> Answer {
        let body = json!({
            "token": token,
            "customer_number": number,
            "new_password": password,
            "new_password_confirmation": again,
        });
        self.post("/v1/password-resets/complete", body).await
    }

    pub(crate) async fn sign_in(&self, number: &str, password: &str) -> Answer {
        self.post("/v1/sessions", json!({ "customer_number": number, "password": password })).await
    }

    /// Signs in and returns the answer's body.
    pub(crate) async fn session(&self, customer: &Customer) -> Value {
        let answer = self.sign_in(customer.number, customer.password).await;
        answer.assert_status(201);
        answer.json()
    }

    pub(crate) async fn sign_in_from(&self, device_token: &str, number: &str, password: &str) -> Answer {
        let body = json!({ "customer_number": number, "password": password, "device_token": device_token });
        self.post("/v1/sessions", body).await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/v1/sessions/refresh", json!({ "refresh_token": refresh_token })).await
    }

    /// Makes a call with a bearer token.
    pub(crate) async fn call(&self, method: Method, path: &str, bearer: &str) -> Answer {
        send(self.request(method, path).bearer_auth(bearer)).await
    }

    pub(crate) async fn change(&self, bearer: &str, body: Value) -> Answer {
        send(self.request(Method::POST, "/v1/account/password").bearer_auth(bearer).json(&body)).await
    }

    /// Signs in and returns the access token.
    pub(crate) async fn access_token(&self, customer: &Customer, password: &str) -> String {
        let answer = self.sign_in(customer.number, password).await;
        answer.assert_status(201);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn account(&self, access_token: &str) -> Answer {
        send(self.request(Method::GET, "/v1/account").bearer_auth(access_token)).await
    }
}

/// Makes the link of the only request, and leaves its mail waiting for the hand-over.
pub(crate) async fn issue_link_only(app: &App) {
    let now = app.clock.now();
    let claimed = app
        .database
        .write(move |tx| -> Result<_, StoreError> {
            store::jobs::claim_due(tx, now + TimeDelta::seconds(60), store::jobs::LAST, 1)
        })
        .await
        .unwrap();
    let payload: Value = serde_json::from_str(&claimed[0].payload).unwrap();
    let request_id = Id::from_text(payload["reset_request_id"].as_str().unwrap().to_owned());
    identity::reset::issue_link(app, &RequestContext::of(Actor::Service), &claimed[0], request_id).await.unwrap();
}

fn client() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(30))
        .user_agent("it")
        .build()
        .unwrap()
}

async fn open(
    config: &Config,
    clock: Arc<ManualClock>,
    mail_api: &MailApi,
    bounds: Bounds,
) -> (App, Url, ServerHandle) {
    let clock: Arc<dyn Clock> = clock;
    let public_url = config.public_url.clone().unwrap();
    let mail_api_url = config.mail.api_url.clone().unwrap_or_else(|| mail_api.url());
    let app = App::build(config, &public_url, mail_api_url, clock).await.unwrap();
    let listener = TcpListener::bind(config.listen).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let parts = http::Parts { pages: config.pages, docs: config.docs };
    let server = http::start_with(listener, app.clone(), parts, bounds, |service| {
        service.route("/test/panic", web::get().to(panicking));
        service.route("/v1/test/panic", web::get().to(panicking));
    })
    .unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    (app, url, handle)
}

async fn panicking() -> &'static str {
    panic!("a secret that no answer may repeat")
}

/// The reason of an act of an administrator.
#[expect(clippy::unnecessary_wraps, reason = "an act may have no reason")]
pub(crate) fn reason(text: &str) -> Option<Reason> {
    Some(Reason::parse(text).unwrap())
}

/// The context of an administrator on the command line.
pub(crate) fn administrator() -> RequestContext {
    RequestContext::of(Actor::CommandLine)
}

/// The context of a customer's request that comes from no address.
pub(crate) fn customer_context() -> RequestContext {
    RequestContext { request_id: Some("r".into()), ..RequestContext::of(Actor::Customer) }
}
