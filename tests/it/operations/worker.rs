//! `worker` runs the background jobs in a process of their own.

use std::{collections::BTreeMap, net::TcpListener, time::Duration};

use serde_json::json;
use wiremock::ResponseTemplate;

use crate::support::{Engine, JobRow, MailRow, Plant, Running, TestDatabase, engine_tests, run_command};

engine_tests![
    op_03_sigterm_ends_a_worker_after_the_mail_that_is_under_way,
    a_process_that_serves_alone_leaves_every_job_to_the_worker,
    a_worker_without_a_mail_api_is_refused_with_a_sentence,
];

async fn op_03_sigterm_ends_a_worker_after_the_mail_that_is_under_way(engine: Engine) {
    let slow = ResponseTemplate::new(200).set_body_json(json!({ "id": "r1" }));
    let mut plant = Plant::start(engine, slow.set_delay(Duration::from_secs(1))).await;
    // A worker does not listen, so `serve` beside it may have the same settings.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    plant.variables.insert("STAKIS_LISTEN", taken.local_addr().unwrap().to_string());
    plant.queue_requests(1).await;
    let mut worker = plant.start_worker();
    plant.mail_api.wait_for_mails(1).await;
    worker.signal("TERM");
    let status = worker.child.wait().unwrap();
    assert!(status.success(), "{}", worker.log());
    assert!(worker.log().contains("stopping"));
    let mails = MailRow::all(&plant.database.url);
    assert_eq!(mails.iter().map(|mail| [&mail.status, &mail.attempts]).collect::<Vec<_>>(), [["handed_over", "1"]]);
    assert_eq!(JobRow::all(&plant.database.url), []);
    assert_eq!(plant.mail_api.mails().await.len(), 1);
}

async fn a_process_that_serves_alone_leaves_every_job_to_the_worker(engine: Engine) {
    let taken = ResponseTemplate::new(200).set_body_json(json!({ "id": "r1" }));
    let mut plant = Plant::start(engine, taken).await;
    plant.variables.insert("STAKIS_LISTEN", "127.0.0.1:0".to_owned());
    plant.queue_requests(1).await;
    let mut serving = Running::start("serve --no-worker", &plant.variables);
    let address = serving.wait_for_address("serving");
    // Longer than any process with jobs takes to the first of them.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(JobRow::all(&plant.database.url).len(), 1);
    assert!(plant.mail_api.mails().await.is_empty());

    let asked = reqwest::Client::new()
        .post(format!("http://{address}/v1/password-resets"))
        .json(&json!({ "customer_number": "100000" }))
        .send()
        .await
        .unwrap();
    assert_eq!(asked.status(), 202);
    let _worker = plant.start_worker();
    plant.mail_api.wait_for_mails(1).await;
    serving.signal("TERM");
    assert!(serving.child.wait().unwrap().success(), "{}", serving.log());
}

async fn a_worker_without_a_mail_api_is_refused_with_a_sentence(engine: Engine) {
    let data = tempfile::tempdir().unwrap();
    let database = TestDatabase::empty(engine);
    let variables = BTreeMap::from([
        ("STAKIS_DATA_DIR", data.path().display().to_string()),
        ("STAKIS_DATABASE_URL", database.url_text.clone()),
    ]);
    let output = run_command(&["worker"], &variables, "");
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("STAKIS_MAIL_API_URL must be set for a worker"), "{text}");
}
