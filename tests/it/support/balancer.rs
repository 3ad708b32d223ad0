//! A load balancer over processes that are replaced.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::Client;
use tokio::{task::JoinHandle, time::sleep};
use url::Url;

/// Sends each call to an instance that was ready at the last look, over connections that it keeps.
pub(crate) struct Balancer {
    instances: Arc<Mutex<Vec<Url>>>,
    over: Arc<AtomicBool>,
    task: JoinHandle<(usize, Vec<String>)>,
}

/// The time between two looks at `/readyz`, as the load balancers of the documentation have it at most.
const LOOK_EVERY: Duration = Duration::from_millis(300);

impl Balancer {
    /// Makes one call after the other until [`Self::finish`]. A call says what failed.
    pub(crate) fn start<Call, Answer>(instances: Vec<Url>, call: Call) -> Self
    where
        Call: Fn(Client, Url) -> Answer + Send + 'static,
        Answer: Future<Output = Result<(), String>> + Send,
    {
        let (instances, over) = (Arc::new(Mutex::new(instances)), Arc::new(AtomicBool::new(false)));
        let (known, ended) = (instances.clone(), over.clone());
        let task = tokio::spawn(async move {
            let client = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
            let (mut calls, mut failures) = (0, Vec::new());
            let (mut ready, mut looked_at) = (Vec::new(), None::<Instant>);
            while !ended.load(Ordering::SeqCst) {
                if looked_at.is_none_or(|looked_at| looked_at.elapsed() > LOOK_EVERY) {
                    let known = known.lock().unwrap().clone();
                    ready = ready_among(&client, known).await;
                    looked_at = Some(Instant::now());
                }
                let Some(url) = ready.get(calls % ready.len().max(1)) else {
                    failures.push("no instance is ready".to_owned());
                    looked_at = None;
                    continue;
                };
                calls += 1;
                failures.extend(call(client.clone(), url.clone()).await.err());
            }
            (calls, failures)
        });
        Self { instances, over, task }
    }

    pub(crate) fn add(&self, url: Url) {
        self.instances.lock().unwrap().push(url);
    }

    /// Sends no further call to an instance, and waits until those under way are over.
    pub(crate) async fn remove(&self, url: &Url) {
        self.instances.lock().unwrap().retain(|other| other != url);
        sleep(4 * LOOK_EVERY).await;
    }

    /// The number of calls, and what failed.
    pub(crate) async fn finish(self) -> (usize, Vec<String>) {
        self.over.store(true, Ordering::SeqCst);
        self.task.await.unwrap()
    }
}

async fn ready_among(client: &Client, known: Vec<Url>) -> Vec<Url> {
    let mut ready = Vec::new();
    for url in known {
        let probed = client.get(url.join("readyz").unwrap()).send().await;
        if probed.is_ok_and(|answer| answer.status() == 200) {
            ready.push(url);
        }
    }
    ready
}
