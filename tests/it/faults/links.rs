//! Owners who use the links in their mails while something fails. Each sends the call twice at the same moment, and again until
//! the service says that the link is used.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::time::sleep;

use super::load::{Load, Seen, seen};

pub(super) const PASSWORD: &str = "Zimske-gume-27";
/// The time between two owners.
const PAUSE: Duration = Duration::from_millis(400);
const AGAIN_AFTER: Duration = Duration::from_millis(200);
/// An owner gives up where a link is neither used nor refused for this long.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) async fn use_links(load: Arc<Load>) {
    let mut seen_keys = BTreeSet::new();
    while !load.is_over() {
        let mails = load.received.reset_mails();
        // The newest mail is the one whose owner is reading now.
        let newest = mails.into_iter().rev().find(|mail| !seen_keys.contains(&mail.key));
        if let Some(mail) = newest {
            seen_keys.insert(mail.key);
            let successes = use_link(&load, &mail.number, &mail.token).await;
            load.links.lock().unwrap().push((mail.number, successes));
        }
        sleep(PAUSE).await;
    }
}

/// Returns how many calls the service has answered with success.
async fn use_link(load: &Load, number: &str, token: &str) -> usize {
    let body = json!({
        "token": token,
        "customer_number": number,
        "new_password": PASSWORD,
        "new_password_confirmation": PASSWORD,
    });
    let complete = || {
        let url = load.balancer.next().join("v1/password-resets/complete").unwrap();
        seen(load.client.post(url).json(&body))
    };
    let began = Instant::now();
    let mut successes = 0;
    loop {
        let ((first, _), (second, _)) = tokio::join!(complete(), complete());
        let mut is_used = false;
        for answer in [first, second] {
            match answer {
                Seen::Status(200) => successes += 1,
                Seen::Status(410) => is_used = true,
                Seen::Status(503) | Seen::NoAnswer => {}
                Seen::Status(other) => panic!("a link was answered with {other}"),
            }
        }
        if is_used {
            return successes;
        }
        assert!(began.elapsed() < PATIENCE, "the link to {number} stays in doubt");
        sleep(AGAIN_AFTER).await;
    }
}
