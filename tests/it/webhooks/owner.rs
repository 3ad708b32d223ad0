//! A machine client with endpoints of webhooks.

use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{app::App, config::DatabaseUrl, identity, jobs, types::AllowedTarget};

use crate::{
    events::reader::tell_closings,
    support::{Answer, Engine, TestApp, execute, partner::Partner, send, text},
};

const PATH: &str = "/v1/webhook-endpoints";

/// An app that may deliver to receivers of the tests.
pub(crate) async fn start(engine: Engine) -> TestApp {
    let app = TestApp::start_with(engine, |config| {
        config.webhooks.allow = vec![AllowedTarget::parse("127.0.0.1:*").unwrap()];
    })
    .await;
    tell_no_head(&app.app, &app.database.url).await;
    app
}

/// A worker seals the trail too. Its head was told, and is not told again while tests count their events.
pub(crate) async fn tell_no_head(app: &App, url: &DatabaseUrl) {
    identity::audit::seal_all(app).await.unwrap();
    execute(url, "UPDATE audit_batches SET told_at = '2099-01-01 00:00:00'").unwrap();
}

pub(crate) struct Owner<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) partner: Partner,
}

/// An endpoint that a test has made.
pub(crate) struct Hook {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl<'a> Owner<'a> {
    pub(crate) async fn of(app: &'a TestApp) -> Self {
        Self { app, partner: Partner::make(app, "webhooks:write").await }
    }

    /// Calls a path below that of the endpoints. The token is a new one, since tests move the clock.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let token = self.partner.token(self.app).await;
        let request = self.app.request(method, &format!("{PATH}{path}")).bearer_auth(token);
        send(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.call(Method::POST, path, None).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn create(&self, body: Value) -> Answer {
        self.call(Method::POST, "", Some(body)).await
    }

    /// Makes an endpoint, which is pending.
    pub(crate) async fn make(&self, body: Value) -> Hook {
        let answer = self.create(body).await;
        answer.assert_status(201);
        let body = answer.json();
        Hook { id: text(&body, "id").to_owned(), secret: text(&body, "secret").to_owned() }
    }

    /// Makes an endpoint that gets every event. The receiver has answered the test event.
    pub(crate) async fn active(&self, url: &str) -> Hook {
        self.active_with(json!({ "url": url })).await
    }

    pub(crate) async fn active_with(&self, body: Value) -> Hook {
        let hook = self.make(body).await;
        self.activate(&hook).await;
        hook
    }

    /// Tries an endpoint out, which becomes active.
    pub(crate) async fn activate(&self, hook: &Hook) {
        self.post(&format!("/{}/test", hook.id)).await.assert_status(202);
        deliver(self.app).await;
        assert_eq!(self.show(hook).await["state"], "active");
    }

    pub(crate) async fn show(&self, hook: &Hook) -> Value {
        let answer = self.get(&format!("/{}", hook.id)).await;
        answer.assert_status(200);
        answer.json()
    }

    /// The attempts at an endpoint, the newest first, without tests.
    pub(crate) async fn deliveries(&self, hook: &Hook) -> Vec<Value> {
        let all = self.all_deliveries(hook).await;
        all.into_iter().filter(|attempt| attempt["type"] != "webhook.test").collect()
    }

    /// The attempts at an endpoint, the newest first.
    pub(crate) async fn all_deliveries(&self, hook: &Hook) -> Vec<Value> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let answer = self.get(&format!("/{}/deliveries?limit=100{after}", hook.id)).await;
            answer.assert_status(200);
            let page = answer.json();
            all.extend(page["deliveries"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { return all };
            after = format!("&after={next}");
        }
    }

    /// The outcomes of the attempts at an endpoint, the oldest first, without tests.
    pub(crate) async fn outcomes(&self, hook: &Hook) -> Vec<String> {
        let deliveries = self.deliveries(hook).await;
        deliveries.iter().rev().map(|attempt| text(attempt, "outcome").to_owned()).collect()
    }
}

/// Does what the workers do all the time: publishes events, queues them and sends what is due. Returns the number of
/// attempts.
pub(crate) async fn deliver(app: &TestApp) -> usize {
    stakis_identity::identity::events::publish(&app.app).await.unwrap();
    jobs::deliver_due_webhooks(&app.app).await.unwrap()
}

/// Lets as many events happen, and delivers them once.
pub(crate) async fn tell(app: &TestApp, count: usize) -> usize {
    tell_closings(app, count).await;
    deliver(app).await
}
