//! How many statements one reset takes. Each is a round trip to the database, and an outage or a slow line multiplies it.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::support::{
    Capture, Customer, Engine, MailApi, ManualClock, TestApp, TestDatabase, base_config, engine_tests,
};

engine_tests![op_10_a_reset_takes_few_round_trips];

/// The most statements from a request to the hand-over of its mail. SQLite takes as many; PostgreSQL takes 34, as it claims jobs
/// in one.
const MOST: usize = 40;

async fn op_10_a_reset_takes_few_round_trips(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let statements = Capture::of(&database);
    let config = base_config(&database);
    let app = TestApp::start_on(database, config, Arc::new(ManualClock::new()), MailApi::start().await).await;
    app.make(&Customer::ANA).await;
    // What an instance reads once, at its start and at its first mail.
    app.token_for(&Customer::ANA).await;
    app.advance(TimeDelta::hours(2));
    statements.take();
    app.ask(Customer::ANA.number).await.assert_status(202);
    let of_request = statements.take();
    app.deliver_all().await;
    let of_job = statements.take();
    let told =
        format!("{} + {}:\n{}\n--\n{}", of_request.len(), of_job.len(), of_request.join("\n"), of_job.join("\n"));
    assert!((10..=MOST).contains(&(of_request.len() + of_job.len())), "{told}");
}
