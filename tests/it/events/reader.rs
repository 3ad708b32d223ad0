//! A system that keeps in step by asking.

use serde_json::Value;
use stakis_identity::{
    identity,
    store::{
        StoreError, Transaction,
        audit_events::{Entry, Event},
    },
    types::{AccountId, RequestContext, UtcTime},
};

use crate::support::{Answer, TestApp, administrator, partner::Partner, send, text};

pub(crate) struct Reader<'a> {
    pub(super) app: &'a TestApp,
    partner: Partner,
}

impl<'a> Reader<'a> {
    pub(crate) async fn of(app: &'a TestApp) -> Self {
        Self { app, partner: Partner::make(app, "events:read").await }
    }

    /// Asks for events. The token is a new one, since tests move the clock.
    pub(super) async fn ask(&self, query: &str) -> Answer {
        let token = self.partner.token(self.app).await;
        send(self.app.request(reqwest::Method::GET, &format!("/v1/events{query}")).bearer_auth(token)).await
    }

    /// A page and the cursor behind it.
    pub(crate) async fn page(&self, query: &str) -> (Vec<Value>, String) {
        let answer = self.ask(query).await;
        answer.assert_status(200);
        let body = answer.json();
        (body["events"].as_array().unwrap().clone(), text(&body, "next").to_owned())
    }

    /// Publishes what has happened, and reads all of it from the beginning.
    pub(crate) async fn all(&self) -> Vec<Value> {
        publish(self.app).await;
        self.all_after(None).await.0
    }

    /// Reads everything behind a cursor, page by page.
    pub(super) async fn all_after(&self, cursor: Option<String>) -> (Vec<Value>, String) {
        let mut query = cursor.map_or("?limit=100".to_owned(), |cursor| format!("?limit=100&after={cursor}"));
        let mut all = Vec::new();
        loop {
            let (events, next) = self.page(&query).await;
            let is_last = events.len() < 100;
            all.extend(events);
            if is_last {
                return (all, next);
            }
            query = format!("?limit=100&after={next}");
        }
    }
}

/// Does what the worker does four times a second.
pub(super) async fn publish(app: &TestApp) -> usize {
    identity::events::publish(&app.app).await.unwrap()
}

pub(super) fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| text(event, "id").to_owned()).collect()
}

pub(super) fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(event, "type")).collect()
}

/// The events of one type.
pub(super) fn of_type<'e>(events: &'e [Value], event_type: &str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["type"] == event_type).collect()
}

/// Writes that an account was closed, and nothing else of such an act.
pub(super) fn tell_closing(tx: &mut Transaction<'_>, account: &AccountId, now: UtcTime) -> Result<(), StoreError> {
    let context: RequestContext = administrator();
    Entry::new(Event::UserClosed, &context, now).account(Some(account)).append(tx)
}

/// Writes that several accounts were closed, in one transaction each.
pub(crate) async fn tell_closings(app: &TestApp, count: usize) {
    for _ in 0..count {
        let now = app.app.clock.now();
        let write = move |tx: &mut Transaction<'_>| tell_closing(tx, &AccountId::mint(), now);
        app.app.database.write(write).await.unwrap();
    }
}
