//! The mail API of the test, which remembers what was handed over.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Instant,
};

use wiremock::{Request, Respond, ResponseTemplate};

/// What leads to the token in the link that sets a password.
const LINK: &str = "/change-password#token=";

/// A mail with a link that sets a password, as it was handed over.
#[derive(Debug, Clone)]
pub(super) struct ResetMail {
    pub(super) number: String,
    pub(super) key: String,
    pub(super) token: String,
    pub(super) at: Instant,
}

/// Accepts every mail, in the form of Resend.
#[derive(Clone, Default)]
pub(super) struct Received(Arc<Mutex<Vec<ResetMail>>>);

impl Respond for Received {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let text = body["text"].as_str().unwrap();
        // Notices have no such link.
        if let Some((_, rest)) = text.split_once(LINK) {
            let address = body["to"][0].as_str().unwrap();
            let mail = ResetMail {
                number: address.trim_start_matches("delavnica-").split('@').next().unwrap().to_owned(),
                key: request.headers["idempotency-key"].to_str().unwrap().to_owned(),
                token: rest.split_whitespace().next().unwrap().to_owned(),
                at: Instant::now(),
            };
            self.0.lock().unwrap().push(mail);
        }
        ResponseTemplate::new(200).set_body_json(serde_json::json!({ "id": "p1" }))
    }
}

impl Received {
    /// Every hand-over, the oldest first. A mail that was handed over again comes twice, under the same key.
    pub(super) fn reset_mails(&self) -> Vec<ResetMail> {
        self.0.lock().unwrap().clone()
    }

    /// The idempotency keys of the reset mails to each number.
    pub(super) fn keys(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for mail in self.reset_mails() {
            keys.entry(mail.number).or_default().insert(mail.key);
        }
        keys
    }
}
