//! An endpoint that gives no answer delays neither others nor mails.

use serde_json::json;

use super::{
    outcomes::{Worker, until},
    owner::{Owner, start},
    receiver::{Receiver, dead},
};
use crate::{
    events::reader::tell_closings,
    support::{Customer, Engine, engine_tests, execute},
};

engine_tests![
    wh_08_an_endpoint_without_an_answer_delays_no_other_and_no_mail,
    wh_08_several_workers_send_each_event_once,
];

/// Whatever arrives has arrived before the first attempt at the dead ones has ended, which takes 15 seconds.
async fn wh_08_an_endpoint_without_an_answer_delays_no_other_and_no_mail(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owners = [Owner::of(&app).await, Owner::of(&app).await];
    for (index, owner) in owners.iter().enumerate() {
        for place in 0..9 {
            owner.active(&receiver.url(&format!("/{index}{place}"))).await;
        }
    }
    let hook = owners[0].make(json!({ "url": dead().await })).await;
    let statement = format!("UPDATE webhook_endpoints SET state = 'active' WHERE id = '{}'", hook.id);
    execute(&app.database.url, &statement).unwrap();
    app.make(&Customer::ANA).await;
    let worker = Worker::start(&app);
    tell_closings(&app, 3).await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    // A test, three closings, an account, and the request.
    until("all others", async || receiver.all().await.len() == 18 * 6).await;
    until("the mail", async || app.mail_api.mails().await.len() == 1).await;
    assert!(owners[0].deliveries(&hook).await.is_empty(), "the dead one is still being waited for");
    until("the end of the wait", async || !owners[0].deliveries(&hook).await.is_empty()).await;
    let first = owners[0].deliveries(&hook).await[0].clone();
    assert_eq!((&first["outcome"], &first["status"]), (&json!("timed_out"), &json!(null)));
    assert!(first["duration_ms"].as_i64().unwrap() >= 14_000, "{first}");
    worker.stop().await;
    app.deliver_all().await;
}

async fn wh_08_several_workers_send_each_event_once(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    for place in 0..5 {
        owner.active(&receiver.url(&format!("/{place}"))).await;
    }
    let workers = [Worker::start(&app), Worker::start(&app), Worker::start(&app)];
    tell_closings(&app, 60).await;
    until("all", async || receiver.all().await.len() >= 5 * 61).await;
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(receiver.all().await.len(), 5 * 61, "none twice");
    assert!(
        app.column("webhook_endpoints", "lease_until").iter().all(String::is_empty),
        "every lease is given back"
    );
}
