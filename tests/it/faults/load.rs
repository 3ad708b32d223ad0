//! Callers who ask for resets, sign in, refresh and read their account while something fails, and a record of every call.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use url::Url;

use super::{
    links::use_links,
    received::Received,
    site::{FIRST_ASKING, PASSWORD, asking, number_of},
};

const CALLERS: usize = 4;
/// The time between two calls of one caller.
const PAUSE: Duration = Duration::from_millis(60);
/// How long a caller waits for an answer, which is longer than the service may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a load balancer looks which instances are ready.
const LOOK_EVERY: Duration = Duration::from_millis(200);
const LOOK_FOR: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Reset,
    SignIn,
    Refresh,
    Account,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Reset, Self::SignIn, Self::Refresh, Self::Account];

    /// The status with which the call succeeds.
    const fn success(self) -> u16 {
        match self {
            Self::Reset => 202,
            Self::SignIn => 201,
            Self::Refresh | Self::Account => 200,
        }
    }
}

/// What a caller saw: a status, or no answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    Status(u16),
    NoAnswer,
}

#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) kind: Kind,
    pub(super) began: Instant,
    pub(super) ended: Instant,
    pub(super) seen: Seen,
}

impl Call {
    pub(super) fn is_good(&self) -> bool {
        self.seen == Seen::Status(self.kind.success())
    }
}

/// A session that the service has acknowledged, with its newest refresh token.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) access_token: String,
    pub(super) refresh_token: String,
}

impl Session {
    fn from_body(body: &Value) -> Self {
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Self { access_token: text("access_token"), refresh_token: text("refresh_token") }
    }
}

/// The instances, as a load balancer knows them.
pub(super) struct Balancer {
    urls: Vec<Url>,
    ready: Vec<AtomicBool>,
    turn: AtomicUsize,
}

impl Balancer {
    fn new(urls: Vec<Url>) -> Self {
        let ready = urls.iter().map(|_| AtomicBool::new(true)).collect();
        Self { urls, ready, turn: AtomicUsize::new(0) }
    }

    /// An instance that was ready at the last look, or any where none was.
    pub(super) fn next(&self) -> Url {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let ready: Vec<&Url> = self
            .urls
            .iter()
            .zip(&self.ready)
            .filter(|(_, ready)| ready.load(Ordering::Relaxed))
            .map(|(url, _)| url)
            .collect();
        let among = if ready.is_empty() { self.urls.iter().collect() } else { ready };
        among[turn % among.len()].clone()
    }

    async fn look(&self, client: &Client) {
        for (url, ready) in self.urls.iter().zip(&self.ready) {
            let probe = client.get(url.join("readyz").unwrap()).send();
            let answered = timeout(LOOK_FOR, probe).await;
            ready.store(matches!(answered, Ok(Ok(answer)) if answer.status() == 200), Ordering::Relaxed);
        }
    }
}

/// What the callers share.
pub(super) struct Load {
    pub(super) client: Client,
    pub(super) balancer: Balancer,
    pub(super) received: Received,
    calls: Mutex<Vec<Call>>,
    /// The numbers whose requests were accepted, and when.
    pub(super) accepted: Mutex<BTreeMap<String, Instant>>,
    /// The sessions that callers have put aside.
    pub(super) sessions: Mutex<Vec<Session>>,
    /// What became of each link that was used: the number and how many calls succeeded.
    pub(super) links: Mutex<Vec<(String, usize)>>,
    next_number: AtomicUsize,
    over: AtomicBool,
}

/// A load that goes on until it is ended.
pub(super) struct Running {
    pub(super) load: Arc<Load>,
    callers: Vec<JoinHandle<()>>,
}

impl Running {
    pub(super) fn start(urls: Vec<Url>, received: Received) -> Self {
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let has_several = urls.len() > 1;
        let load = Arc::new(Load {
            client,
            balancer: Balancer::new(urls),
            received,
            calls: Mutex::default(),
            accepted: Mutex::default(),
            sessions: Mutex::default(),
            links: Mutex::default(),
            next_number: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        });
        let mut callers: Vec<JoinHandle<()>> =
            (0..CALLERS).map(|index| tokio::spawn(Caller::new(index, load.clone()).run())).collect();
        callers.push(tokio::spawn(use_links(load.clone())));
        if has_several {
            let load = load.clone();
            callers.push(tokio::spawn(async move {
                while !load.is_over() {
                    load.balancer.look(&load.client).await;
                    sleep(LOOK_EVERY).await;
                }
            }));
        }
        Self { load, callers }
    }

    /// Lets every caller finish what is under way.
    pub(super) async fn end(self) -> Arc<Load> {
        self.load.over.store(true, Ordering::Relaxed);
        for caller in self.callers {
            caller.await.unwrap();
        }
        self.load
    }
}

impl Load {
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Every call so far.
    pub(super) fn all(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Makes a call and records it. Returns the body where it succeeded.
    async fn call(&self, kind: Kind, request: RequestBuilder) -> Option<Value> {
        let began = Instant::now();
        let (seen, body) = seen(request).await;
        let call = Call { kind, began, ended: Instant::now(), seen };
        let is_good = call.is_good();
        self.calls.lock().unwrap().push(call);
        is_good.then_some(body)
    }
}

/// Makes a call. An answer that breaks off is none.
pub(super) async fn seen(request: RequestBuilder) -> (Seen, Value) {
    let Ok(answer) = request.send().await else { return (Seen::NoAnswer, Value::Null) };
    let status = Seen::Status(answer.status().as_u16());
    match answer.bytes().await {
        Ok(body) => (status, serde_json::from_slice(&body).unwrap_or_default()),
        Err(_) => (Seen::NoAnswer, Value::Null),
    }
}

/// One caller, who makes a call after the other.
struct Caller {
    index: usize,
    load: Arc<Load>,
    /// The number for which no request has been accepted yet.
    number: Option<String>,
    session: Option<Session>,
    /// Whether the last refresh had no success: the service may have made it all the same.
    in_doubt: bool,
}

impl Caller {
    fn new(index: usize, load: Arc<Load>) -> Self {
        Self { index, load, number: None, session: None, in_doubt: false }
    }

    async fn run(mut self) {
        for turn in self.index.. {
            if self.load.is_over() {
                break;
            }
            match turn % 4 {
                0 => self.ask().await,
                1 if !self.in_doubt => self.sign_in(turn).await,
                1 | 2 => self.refresh().await,
                _ => self.read_account().await,
            }
            sleep(PAUSE).await;
        }
        if !self.in_doubt {
            self.load.sessions.lock().unwrap().extend(self.session);
        }
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.load.client.post(self.load.balancer.next().join(path).unwrap()).json(body)
    }

    async fn ask(&mut self) {
        let number = self.number.take().unwrap_or_else(|| {
            let next = self.load.next_number.fetch_add(1, Ordering::Relaxed);
            // The last one is left to the tests.
            assert!(next + 1 < asking(), "there are too few customers");
            (FIRST_ASKING + next).to_string()
        });
        let request = self.post("v1/password-resets", &json!({ "customer_number": number }));
        if self.load.call(Kind::Reset, request).await.is_some() {
            self.load.accepted.lock().unwrap().insert(number, Instant::now());
        } else {
            self.number = Some(number);
        }
    }

    async fn sign_in(&mut self, turn: usize) {
        let number = number_of(turn / 4 * 4 + self.index);
        let request = self.post("v1/sessions", &json!({ "customer_number": number, "password": PASSWORD }));
        if let Some(body) = self.load.call(Kind::SignIn, request).await {
            let before = self.session.replace(Session::from_body(&body));
            self.load.sessions.lock().unwrap().extend(before);
        }
    }

    async fn refresh(&mut self) {
        let Some(session) = &self.session else { return };
        let request = self.post("v1/sessions/refresh", &json!({ "refresh_token": session.refresh_token }));
        let body = self.load.call(Kind::Refresh, request).await;
        self.in_doubt = body.is_none();
        if let Some(body) = body {
            self.session = Some(Session::from_body(&body));
        }
    }

    async fn read_account(&self) {
        let Some(session) = &self.session else { return };
        let url = self.load.balancer.next().join("v1/account").unwrap();
        self.load.call(Kind::Account, self.load.client.get(url).bearer_auth(&session.access_token)).await;
    }
}
