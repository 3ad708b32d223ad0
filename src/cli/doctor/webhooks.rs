//! Whether events for webhook endpoints can be signed.

use super::finding::Finding;
use crate::{
    config::Config,
    crypto::{Keyring, Sealed, WebhookKeyPair, WebhookSecret},
    store::{
        Database,
        webhook_keys::{self, WebhookKey},
    },
};

const CHECK: &str = "webhooks.secrets";
/// How many keys are read at a time.
const BATCH: i64 = 500;

pub(super) async fn check(config: &Config, database: Option<&Database>) -> Finding {
    let Some(database) = database else { return Finding::skipped(CHECK, "no database that could be asked") };
    let Ok(keyring) = Keyring::new(&config.secret_key, config.secret_key_previous.as_ref()) else {
        return Finding::skipped(CHECK, "the secret key cannot be read");
    };
    let (mut all, mut unreadable) = (0_usize, 0_usize);
    let mut last = None;
    loop {
        let after = last.take();
        let keys = database.query(move |tx| webhook_keys::list_of_enabled(tx, after.as_ref(), BATCH)).await;
        let keys = match keys {
            Ok(keys) => keys,
            Err(error) => return Finding::error(CHECK, error.to_string(), "Look at the log of the database."),
        };
        all += keys.len();
        unreadable += keys.iter().filter(|key| !opens(&keyring, key)).count();
        match keys.last() {
            Some(key) => last = Some(key.id.clone()),
            None => return told(all, unreadable),
        }
    }
}

fn opens(keyring: &Keyring, key: &WebhookKey) -> bool {
    let sealed = |text: &str| Sealed { secret_key_id: key.secret_key_id.clone(), text: text.to_owned() };
    let pair = key.sealed_key_pair.as_deref();
    WebhookSecret::open(keyring, &key.endpoint_id, &sealed(&key.sealed_secret)).is_ok()
        && pair.is_none_or(|text| WebhookKeyPair::open(keyring, &key.endpoint_id, &sealed(text)).is_ok())
}

fn told(all: usize, unreadable: usize) -> Finding {
    match (all, unreadable) {
        (0, _) => Finding::ok(CHECK, "no endpoint gets events"),
        (_, 0) => Finding::ok(CHECK, format!("the secrets of all endpoints open ({all})")),
        _ => Finding::error(
            CHECK,
            format!("{unreadable} of {all} secrets of endpoints do not open, so nothing is sent there"),
            "Set the secret key that they were sealed with as STAKIS_SECRET_KEY_PREVIOUS; the upkeep then seals them \
             again. Where it is lost, the owner of each endpoint has to rotate its secret.",
        ),
    }
}
