//! Entries that are deleted after their time, in whole batches.

use chrono::TimeDelta;
use stakis_identity::jobs;

use super::tampering::{
    assert_whole, batches, entry_at, fill, found, head, seal, sealed, tamper, verify, verify_against,
};
use crate::support::{Customer, Engine, TestApp, database_tests, engine_tests, execute};

engine_tests![
    lo_06_whole_batches_are_deleted_after_their_time_and_heads_stay,
    lo_06_what_was_deleted_before_its_time_is_named,
];
database_tests![lo_06_the_trail_is_kept_where_the_settings_name_no_time];

/// The first position that is kept.
fn first_kept(app: &TestApp) -> usize {
    app.column("audit_seals", "position").iter().map(|position| position.parse().unwrap()).min().unwrap()
}

async fn start(engine: Engine) -> TestApp {
    let app = TestApp::start_with(engine, |config| config.audit_keep = Some(TimeDelta::days(200))).await;
    fill(&app).await;
    app
}

async fn lo_06_whole_batches_are_deleted_after_their_time_and_heads_stay(engine: Engine) {
    let app = start(engine).await;
    let (early, old) = (head(&app).await, sealed(&app));
    app.advance(TimeDelta::days(199));
    app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await;
    seal(&app).await;
    let (late, number) = (head(&app).await, batches(&app));
    jobs::keep_house(&app.app).await;
    app.deliver_all().await;
    assert_eq!(app.events("audit_trail_cut"), 0);
    seal(&app).await;
    app.advance(TimeDelta::days(2));
    jobs::keep_house(&app.app).await;
    app.deliver_all().await;
    assert_eq!(first_kept(&app), old + 1, "the batch of the day before is kept");
    assert_eq!(app.events("audit_trail_cut"), 1);
    // Before that entry is sealed, and after.
    assert_whole(&verify_against(&app, &[&early, &late]).await);
    seal(&app).await;
    let report = verify_against(&app, &[&early, &late]).await;
    assert_whole(&report);
    assert_eq!(report.deleted_up_to, Some(i64::try_from(old).unwrap()));
    assert!(batches(&app) > number, "the heads of all batches stay");
    // It goes on.
    app.advance(TimeDelta::days(400));
    app.sign_in(Customer::BOJAN.number, "Napacno-geslo-1").await;
    seal(&app).await;
    jobs::keep_house(&app.app).await;
    app.deliver_all().await;
    seal(&app).await;
    let report = verify_against(&app, &[&early, &late]).await;
    assert_whole(&report);
    assert!(report.deleted_up_to > Some(i64::try_from(old).unwrap()));
    // What is kept is verified as before.
    let position = first_kept(&app);
    let id = entry_at(&app, position);
    tamper(&app, &format!("UPDATE audit_events SET actor = 'nobody' WHERE id = '{id}'"));
    assert_eq!(found(&verify(&app).await), [format!("changed {position} {id}")]);
}

async fn lo_06_what_was_deleted_before_its_time_is_named(engine: Engine) {
    let app = start(engine).await;
    let [first, second] = [0, 1].map(|place| app.column("audit_batches", "last_position")[place].clone());
    let first: usize = first.parse().unwrap();
    let second: usize = second.parse().unwrap();
    let remove = format!(
        "DELETE FROM audit_events WHERE id IN (SELECT event_id FROM audit_seals WHERE position <= {second});
         DELETE FROM audit_seals WHERE position <= {second};"
    );
    // With no entry, with one that tells of something else, and with one of this day.
    tamper(&app, &format!("CREATE TABLE kept AS SELECT * FROM audit_batches; {remove}"));
    let gone = [format!("removed 1-{first}"), format!("removed {}-{second}", first + 1)];
    assert_eq!(found(&verify(&app).await), gone);
    let last = app.column("audit_events", "id").pop().unwrap();
    tamper(&app, &format!("UPDATE audit_batches SET cut_by = '{last}' WHERE number <= 2"));
    assert_eq!(found(&verify(&app).await), gone);
    let cut = format!(
        "INSERT INTO audit_events (id, occurred_at, event, actor, detail)
             SELECT 'a-cut', sealed_at, 'audit_trail_cut', 'service', 'up to batch 2, position {second}'
             FROM audit_batches WHERE number = 2;
         UPDATE audit_batches SET cut_by = 'a-cut' WHERE number <= 2;
         INSERT INTO audit_unsealed (event_id, occurred_at) SELECT id, occurred_at FROM audit_events WHERE id = 'a-cut';"
    );
    tamper(&app, &cut);
    seal(&app).await;
    assert_eq!(found(&verify(&app).await), gone);
}

async fn lo_06_the_trail_is_kept_where_the_settings_name_no_time(app: &TestApp) {
    fill(app).await;
    let before = app.audit().len();
    app.advance(TimeDelta::days(4_000));
    jobs::keep_house(&app.app).await;
    app.deliver_all().await;
    assert!(app.audit().len() >= before);
    assert_eq!(app.events("audit_trail_cut"), 0);
    let refused = execute(&app.database.url, "DELETE FROM audit_events").unwrap_err();
    assert!(refused.to_string().contains("append-only"), "{refused}");
}
