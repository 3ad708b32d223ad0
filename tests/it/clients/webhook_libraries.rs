//! Libraries of others verify the signatures of webhooks: `v1` the reference libraries of Standard Webhooks, also where a `v1a`
//! stands beside it, and `v1a` two libraries of Ed25519 that know nothing of webhooks, by the specification's text.

use data_encoding::BASE64;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use stakis_identity::{
    crypto::{WebhookKeyPair, WebhookMessage, WebhookSecret},
    types::{EventId, UtcTime},
};

use super::libraries::{node, python};
use crate::support::{program_tests, script_tests};

script_tests![wh_05_the_npm_library_and_nodes_crypto_verify_what_we_sign,];

program_tests![
    "schemathesis": wh_05_the_pypi_library_and_pynacl_verify_what_we_sign,
];

/// The signature covers every byte: the second body has a line end and a character beyond ASCII.
const BODIES: [&str; 2] = [
    r#"{"id":"evt_w7n3kqz5t2hxv6m4c8rpj9ydsa","type":"account.closed","timestamp":"2026-11-22T13:10:00.000Z","data":{}}"#,
    "{\"type\": \"test\",\n \"note\": \"ž\"}\r\n",
];

#[expect(clippy::disallowed_methods, reason = "the libraries ask the machine's clock")]
fn now() -> UtcTime {
    chrono::Utc::now().naive_utc()
}

/// The keys of one endpoint: those that sign now, and those that they replace.
struct Keys {
    secrets: [WebhookSecret; 2],
    pairs: [WebhookKeyPair; 2],
}

/// One call that a receiver gets, and which of the two secrets and of the two public keys verify it.
struct Call {
    headers: [(&'static str, String); 3],
    body: String,
    verified: Verdict,
}

/// The verdicts of the secrets, and those of the public keys.
type Verdict = [[bool; 2]; 2];

const NOTHING: Verdict = [[false, false], [false, false]];

impl Keys {
    fn make() -> Self {
        Self {
            secrets: [WebhookSecret::generate(), WebhookSecret::generate()],
            pairs: [WebhookKeyPair::generate().unwrap(), WebhookKeyPair::generate().unwrap()],
        }
    }

    /// Signs with so many of the secrets and of the pairs. The verdict follows from the age of the signature.
    fn sign(&self, body: &str, age: i64, secrets: usize, pairs: usize) -> Call {
        let id = EventId::mint_event();
        let timestamp = now().and_utc().timestamp() - age;
        let message = WebhookMessage { id: &id, timestamp, body: body.as_bytes() };
        let headers = message.headers(&self.secrets[..secrets], &self.pairs[..pairs]);
        let verified = if age.abs() > 300 {
            NOTHING
        } else {
            [[0, 1].map(|one| one < secrets), [0, 1].map(|one| one < pairs)]
        };
        Call { headers, body: body.to_owned(), verified }
    }

    fn calls(&self) -> Vec<Call> {
        let [body, other] = BODIES;
        let mut calls = vec![
            self.sign(body, 0, 1, 0),
            self.sign(body, 0, 1, 1),
            self.sign(other, 0, 1, 1),
            self.sign(body, 0, 2, 2),
            // Up to 300 seconds are allowed. Some of them pass while the programs start.
            self.sign(body, 200, 2, 2),
            self.sign(body, -200, 2, 2),
            self.sign(body, 400, 2, 2),
            self.sign(body, -400, 2, 2),
        ];
        let mut changed = |change: fn(&mut Call)| {
            let mut call = self.sign(body, 0, 2, 2);
            change(&mut call);
            calls.push(Call { verified: NOTHING, ..call });
        };
        changed(|call| call.body = call.body.replace("closed", "closeD"));
        changed(|call| call.body.push('\n'));
        changed(|call| call.headers[0].1 = EventId::mint_event().to_string());
        changed(|call| call.headers[1].1 = (now().and_utc().timestamp() - 10).to_string());
        calls
    }
}

/// Has a script verify every call with every key, and compares its verdicts.
async fn assert_verdicts(verify: impl AsyncFn(Value) -> Value) {
    let keys = Keys::make();
    let calls = keys.calls();
    let Keys { secrets, pairs } = keys;
    let described: Vec<Value> = calls
        .iter()
        .map(|call| {
            let headers: serde_json::Map<String, Value> =
                call.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            json!({ "headers": headers, "body": BASE64.encode(call.body.as_bytes()) })
        })
        .collect();
    let public = pairs.map(|pair| json!({ "jwk": pair.public().jwk().unwrap(), "whpk": pair.public().whpk() }));
    let secrets = secrets.map(|secret| secret.reveal().expose_secret().to_owned());
    let verdicts = verify(json!({ "calls": described, "secrets": secrets, "keys": public })).await;
    let verdicts: Vec<Verdict> = serde_json::from_value(verdicts).unwrap();
    assert_eq!(verdicts.len(), calls.len());
    for (call, verdict) in calls.iter().zip(verdicts) {
        assert_eq!(verdict, call.verified, "{:?} {}", call.headers, call.body);
    }
}

async fn wh_05_the_npm_library_and_nodes_crypto_verify_what_we_sign() {
    assert_verdicts(async |input| node(include_str!("../../interoperation/verify_webhooks.mjs"), input).await)
        .await;
}

async fn wh_05_the_pypi_library_and_pynacl_verify_what_we_sign() {
    assert_verdicts(async |input| python(include_str!("../../interoperation/verify_webhooks.py"), input).await)
        .await;
}
