//! The rate at which events drain to webhook endpoints, and what a dead endpoint costs the others.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use data_encoding::BASE64;
use secrecy::SecretString;
use stakis_identity::{
    config::SecretKeyBytes,
    crypto::{Keyring, WebhookSecret},
    store::{
        StoreError, Transaction,
        audit_events::{Entry, Event},
        clients::{self, NewClient},
        webhook_endpoints::{self, NewWebhookEndpoint},
        webhook_keys::{self, WebhookKey},
    },
    types::{
        AccountId, Actor, ClientId, ClientSecretHash, RequestContext, Scopes, WebhookEndpointId, WebhookKeyId,
        WebhookSignature, WebhookState, WebhookTypes, WebhookUrl, random_bytes,
    },
};
use tokio::time::sleep;

use super::{
    filling::only_customer,
    median,
    service::{Engine, Service},
    sink::Sink,
    verdict,
};

const ENDPOINTS: usize = 10;
const EVENTS: usize = 1000;
const LEAST_A_SECOND: f64 = 300.0;
/// The endpoints beside a dead one, and the most that it may delay them.
const MANY: usize = 999;
/// How often each of them is measured.
const ROUNDS: usize = 7;
const MOST_DELAY: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_mins(3);

/// The key that endpoints' secrets are sealed with, for the settings of a service.
pub(super) struct SealingKey {
    pub(super) text: String,
    keyring: Keyring,
}

impl SealingKey {
    pub(super) fn make() -> Self {
        let text = BASE64.encode(&random_bytes::<32>());
        let bytes = SecretKeyBytes::parse(&SecretString::from(text.clone())).unwrap();
        Self { text, keyring: Keyring::new(&bytes, None).unwrap() }
    }

    /// What a service needs that delivers to this machine.
    pub(super) fn settings(&self) -> [(&str, &str); 2] {
        [("STAKIS_SECRET_KEY", &self.text), ("STAKIS_WEBHOOK_ALLOW", "127.0.0.1:*")]
    }
}

/// Makes active endpoints of one client, which get every event.
pub(super) async fn register(service: &Service, key: &SealingKey, urls: Vec<String>) {
    let sealed = urls.into_iter().map(|url| {
        let id = WebhookEndpointId::mint();
        let sealed = WebhookSecret::generate().seal(&key.keyring, &id).unwrap();
        (id, WebhookUrl::parse(&url).unwrap(), sealed)
    });
    let sealed: Vec<_> = sealed.collect();
    let make = move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        let client = NewClient {
            id: ClientId::mint(),
            name: "ERP".to_owned(),
            scopes: Scopes::parse("webhooks:write").unwrap(),
            secret_hash: ClientSecretHash::none(),
            created_at: tx.now,
            created_by: Actor::CommandLine.name(),
            person: None,
            jwks: None,
        };
        let client = clients::insert(tx, &client)?;
        for (id, url, sealed) in sealed {
            let endpoint = NewWebhookEndpoint {
                id: id.clone(),
                client_id: client.id.clone(),
                url,
                types: WebhookTypes::of(&[]),
                description: None,
                state: WebhookState::Active,
                signature: WebhookSignature::V1,
                created_at: tx.now,
            };
            webhook_endpoints::insert(tx, &endpoint)?;
            let key = WebhookKey {
                id: WebhookKeyId::mint(),
                endpoint_id: id,
                secret_key_id: sealed.secret_key_id,
                sealed_secret: sealed.text,
                sealed_key_pair: None,
                public_key: None,
                created_at: tx.now,
                expires_at: None,
            };
            webhook_keys::insert(tx, &key)?;
        }
        Ok(())
    };
    service.database().write(make).await.unwrap();
}

pub(super) async fn run(engine: &Engine) -> bool {
    println!("\n{}", engine.name());
    let kept = [Box::pin(drain(engine)).await, Box::pin(beside_a_dead_one(engine)).await];
    kept.iter().all(|kept| *kept)
}

async fn start(engine: &Engine, key: &SealingKey) -> Service {
    Service::start(engine, vec![only_customer()], 0, &key.settings()).await
}

/// Lets as many events happen at once.
async fn tell(service: &Service, count: usize) {
    let tell = move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        let context = RequestContext::of(Actor::CommandLine);
        for _ in 0..count {
            Entry::new(Event::UserClosed, &context, tx.now).account(Some(&AccountId::mint())).append(tx)?;
        }
        Ok(())
    };
    service.database().write(tell).await.unwrap();
}

/// Waits until the sink has so many calls, and returns the times of the first and the last one.
async fn until(sink: &Sink, count: usize) -> (Instant, Instant) {
    let begun = Instant::now();
    while sink.taken().len() < count {
        assert!(begun.elapsed() < PATIENCE, "only {} of {count} events came", sink.taken().len());
        sleep(Duration::from_millis(5)).await;
    }
    let taken = sink.taken();
    (taken[0], taken[count - 1])
}

/// Measures from the first event to the last. The database and the sink take their share of the machine.
async fn drain(engine: &Engine) -> bool {
    let (sink, key) = (Sink::start(), SealingKey::make());
    let service = start(engine, &key).await;
    register(&service, &key, (0..ENDPOINTS).map(|index| format!("{}/{index}", sink.url)).collect()).await;
    tell(&service, EVENTS).await;
    let deliveries = EVENTS * ENDPOINTS;
    let (first, last) = until(&sink, deliveries).await;
    let rate = (deliveries - 1) as f64 / (last - first).as_secs_f64();
    let kept = rate >= LEAST_A_SECOND;
    println!(
        "  {EVENTS} events drained to {ENDPOINTS} endpoints of a local sink: {rate:.0} deliveries/s (at least {LEAST_A_SECOND}: {})",
        verdict(kept)
    );
    kept
}

/// Compares how long one event takes to reach all endpoints with the same beside one that gives no answer, in turns.
async fn beside_a_dead_one(engine: &Engine) -> bool {
    let dead = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}/", dead.local_addr().unwrap());
    let mut sites = Vec::new();
    for urls in [Vec::new(), vec![dead]] {
        let (sink, key) = (Sink::start(), SealingKey::make());
        let service = start(engine, &key).await;
        let others = (0..MANY).map(|index| format!("{}/{index}", sink.url));
        register(&service, &key, urls.into_iter().chain(others).collect()).await;
        sites.push((service, sink, Vec::new()));
    }
    for round in 1..=ROUNDS {
        for (service, sink, waits) in &mut sites {
            let told = Instant::now();
            tell(service, 1).await;
            let (_, last) = until(sink, MANY * round).await;
            waits.push((last - told).as_secs_f64());
        }
    }
    let [alone, beside] = [0, 1].map(|site: usize| median(&mut sites[site].2));
    let kept = beside - alone <= MOST_DELAY.as_secs_f64();
    println!(
        "  one event to {MANY} endpoints: {alone:.2} s, beside a dead one {beside:.2} s, medians of {ROUNDS} (at most {MOST_DELAY:?} more: {})",
        verdict(kept)
    );
    kept
}
