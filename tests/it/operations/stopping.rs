//! The start, the probes and the stop of a process among load balancers.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{Client, StatusCode};
use tokio::{task::spawn_blocking, time::sleep};
use url::Url;

use crate::support::{
    Engine, Plant, Serving, TestDatabase, balancer::Balancer, command, engine_tests, postgres_tests, run_command,
};
use wiremock::ResponseTemplate;

engine_tests![
    op_03_an_instance_that_drains_serves_and_says_that_it_is_not_ready,
    op_03_a_second_signal_ends_the_draining,
    op_03_a_signal_right_after_the_start_is_not_lost,
    op_01_the_health_check_finds_serve_and_worker_alive,
];

postgres_tests![op_03_no_call_fails_while_two_instances_are_replaced,];

fn client() -> Client {
    Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap()
}

fn draining(seconds: u64) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("STAKIS_DRAIN_SECONDS", seconds.to_string())])
}

async fn status(url: &Url, path: &str) -> StatusCode {
    client().get(url.join(path).unwrap()).send().await.unwrap().status()
}

async fn wait_for_end(mut serving: Serving) -> Duration {
    let started = Instant::now();
    spawn_blocking(move || assert!(serving.process.child.wait().unwrap().success(), "{}", serving.log()))
        .await
        .unwrap();
    started.elapsed()
}

async fn op_03_an_instance_that_drains_serves_and_says_that_it_is_not_ready(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let serving = Serving::start(&database, &draining(2));
    assert_eq!(status(&serving.url, "readyz").await, 200);
    serving.signal("TERM");
    while !serving.log().contains("draining") {
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(status(&serving.url, "readyz").await, 503);
    assert_eq!(status(&serving.url, "livez").await, 204);
    let answer = client().get(serving.url.join("v1/password-policy").unwrap()).send().await.unwrap();
    assert_eq!((answer.status(), &answer.headers()["connection"]), (StatusCode::OK, &"close".parse().unwrap()));
    assert!(wait_for_end(serving).await > Duration::from_secs(1));
}

async fn op_03_a_second_signal_ends_the_draining(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let serving = Serving::start(&database, &draining(300));
    serving.signal("TERM");
    while !serving.log().contains("draining") {
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(200)).await;
    serving.signal("TERM");
    assert!(wait_for_end(serving).await < Duration::from_secs(10));
}

/// The process listens from its start on, and not only once it waits for the signal.
async fn op_03_a_signal_right_after_the_start_is_not_lost(engine: Engine) {
    for _ in 0..5 {
        // Each start makes a secret key of its own.
        let database = TestDatabase::migrated(engine);
        let serving = Serving::start(&database, &draining(0));
        serving.signal("TERM");
        assert!(wait_for_end(serving).await < Duration::from_secs(10));
    }
}

async fn op_03_no_call_fails_while_two_instances_are_replaced(engine: Engine) {
    let database = Arc::new(TestDatabase::migrated(engine));
    let mut variables = draining(1);
    let key = data_encoding::BASE64.encode(&stakis_identity::types::random_bytes::<32>());
    variables.insert("STAKIS_SECRET_KEY", key);
    let start = async |database: &Arc<TestDatabase>| {
        let (database, variables) = (database.clone(), variables.clone());
        spawn_blocking(move || Serving::start(&database, &variables)).await.unwrap()
    };
    let mut running = vec![start(&database).await, start(&database).await];
    let instances = running.iter().map(|serving| serving.url.clone()).collect();
    let balancer = Balancer::start(instances, async |client, url| {
        match client.get(url.join("v1/password-policy").unwrap()).send().await {
            Ok(answer) if answer.status() == 200 => Ok(()),
            Ok(answer) => Err(answer.status().to_string()),
            Err(error) => Err(format!("{error:?}")),
        }
    });
    for _ in 0..2 {
        let next = start(&database).await;
        balancer.add(next.url.clone());
        sleep(Duration::from_millis(500)).await;
        let replaced = running.remove(0);
        let url = replaced.url.clone();
        replaced.signal("TERM");
        wait_for_end(replaced).await;
        balancer.remove(&url).await;
        running.push(next);
    }
    let (calls, failures) = balancer.finish().await;
    assert!(calls > 100 && failures.is_empty(), "{calls} calls, {failures:?}");
}

async fn op_01_the_health_check_finds_serve_and_worker_alive(engine: Engine) {
    let check = |variables: &BTreeMap<&str, String>| run_command(&["healthcheck"], variables, "").status.success();
    let database = TestDatabase::migrated(engine);
    let serving = Serving::start(&database, &BTreeMap::new());
    let data = tempfile::tempdir().unwrap();
    let mut variables = BTreeMap::from([
        ("STAKIS_DATA_DIR", data.path().display().to_string()),
        ("STAKIS_LISTEN", format!("0.0.0.0:{}", serving.url.port().unwrap())),
        ("STAKIS_OPS_LISTEN", "off".to_owned()),
    ]);
    assert!(check(&variables));
    variables.insert("STAKIS_LISTEN", "127.0.0.1:1".to_owned());
    assert!(!check(&variables));

    let plant = Plant::start(engine, ResponseTemplate::new(200)).await;
    let mut worker = plant.start_worker();
    let operations = worker.wait_for_address("metrics listener");
    worker.wait_for_line("working");
    variables.insert("STAKIS_OPS_LISTEN", operations.clone());
    assert!(check(&variables));
    let url = Url::parse(&format!("http://{operations}")).unwrap();
    assert_eq!(status(&url, "livez").await, 204);
    assert_eq!(status(&url, "readyz").await, 200);
    // It tells nothing of the way it was asked.
    let output = command(&["healthcheck"], &variables).output().unwrap();
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
}
