//! The mail API, in the form of Resend. It records every mail, and puts the links into the mailboxes of their owners.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, Mutex},
    time::Duration,
};

use wiremock::{Request, Respond, ResponseTemplate};

use super::{history::Mail, recorder::Recorder};

/// What leads to the token in the link that sets a password.
const LINK: &str = "/change-password#token=";

/// How the mail API works at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Takes,
    /// It answers that it is not available.
    Refuses,
    /// It takes mails, and its answer comes so late that the line may be cut before.
    TakesSlowly,
}

/// How late an answer comes, at most, in milliseconds.
const SLOWNESS: u64 = 600;

#[derive(Clone)]
pub(super) struct Mailbox {
    recorder: Arc<Recorder>,
    way: Arc<Mutex<Way>>,
    /// The tokens of the links to each number that nobody has used yet, the oldest first.
    links: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
}

/// A checksum by which two bodies can be compared.
pub(super) fn checksum(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}

impl Respond for Mailbox {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let address = body["to"][0].as_str().unwrap();
        let number = address.trim_start_matches("delavnica-").split('@').next().unwrap().to_owned();
        let (_, rest) = body["text"].as_str().unwrap().split_once(LINK).unwrap_or_default();
        let token = rest.split_whitespace().next().map(str::to_owned);
        let way = *self.way.lock().unwrap();
        let is_taken = way != Way::Refuses;
        let checksum = checksum(&request.body);
        let key = request.headers["idempotency-key"].to_str().unwrap().to_owned();
        if let Some(token) = token.clone().filter(|_| is_taken) {
            let mut links = self.links.lock().unwrap();
            let links = links.entry(number).or_default();
            if !links.contains(&token) {
                links.push(token);
            }
        }
        self.recorder.mail(Mail { at: self.recorder.now(), key, token, checksum, is_taken });
        let answer = ResponseTemplate::new(200).set_body_json(serde_json::json!({ "id": "p1" }));
        match way {
            Way::Takes => answer,
            Way::TakesSlowly => answer.set_delay(Duration::from_millis(checksum % SLOWNESS)),
            Way::Refuses => ResponseTemplate::new(503),
        }
    }
}

impl Mailbox {
    pub(super) fn new(recorder: Arc<Recorder>) -> Self {
        Self { recorder, way: Arc::new(Mutex::new(Way::Takes)), links: Arc::default() }
    }

    pub(super) fn set(&self, way: Way) {
        *self.way.lock().unwrap() = way;
    }

    /// Takes the newest link to a number out of its owner's mailbox.
    pub(super) fn take_link(&self, number: &str) -> Option<String> {
        self.links.lock().unwrap().get_mut(number)?.pop()
    }

    /// The newest link to a number.
    pub(super) fn newest_link(&self, number: &str) -> Option<String> {
        self.links.lock().unwrap().get(number)?.last().cloned()
    }
}
