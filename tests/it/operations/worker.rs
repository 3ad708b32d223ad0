//! `worker` runs the background jobs in a process of their own.

use std::{collections::BTreeMap, net::TcpListener, time::Duration};

use wiremock::ResponseTemplate;

use crate::support::{Engine, JobRow, MailRow, Plant, TestDatabase, engine_tests, run_command};

engine_tests![
    op_03_sigterm_ends_a_worker_after_the_mail_that_is_under_way,
    a_worker_without_a_mail_api_is_refused_with_a_sentence,
];

async fn op_03_sigterm_ends_a_worker_after_the_mail_that_is_under_way(engine: Engine) {
    let slow = ResponseTemplate::new(200).set_body_json(serde_json::json!({ "id": "r1" }));
    let mut plant = Plant::start(engine, slow.set_delay(Duration::from_secs(1))).await;
    // A worker does not listen, so `serve` beside it may have the same settings.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    plant.variables.insert("STAKIS_LISTEN", taken.local_addr().unwrap().to_string());
    plant.queue_requests(1).await;
    let mut worker = plant.start_worker();
    let mut looks = 0;
    while plant.mail_api.mails().await.is_empty() {
        looks += 1;
        assert!(looks < 1000, "no mail came: {}", worker.log());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    worker.signal("TERM");
    let status = worker.child.wait().unwrap();
    assert!(status.success(), "{}", worker.log());
    assert!(worker.log().contains("stopping"));
    let mails = MailRow::all(&plant.database.url);
    assert_eq!(mails.iter().map(|mail| [&mail.status, &mail.attempts]).collect::<Vec<_>>(), [["handed_over", "1"]]);
    assert_eq!(JobRow::all(&plant.database.url), []);
    assert_eq!(plant.mail_api.mails().await.len(), 1);
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
