//! What somebody does who owns the database.

use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection, connection::SimpleConnection as _, sql_query};
use stakis_identity::{
    config::DatabaseUrl,
    identity::audit::{self, Finding, LeftHead, Report, Verdict},
};

use crate::support::{Customer, TestApp, execute};

#[derive(diesel::QueryableByName)]
struct Trigger {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    sql: String,
}

/// Runs statements with all triggers switched off.
pub(super) fn tamper(app: &TestApp, statements: &str) {
    match &app.database.url {
        DatabaseUrl::Postgres(_) => {
            execute(&app.database.url, &format!("SET session_replication_role = replica; {statements}")).unwrap();
        }
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
            let triggers: Vec<Trigger> = sql_query("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                .load(&mut connection)
                .unwrap();
            assert!(triggers.len() > 5);
            let off: Vec<String> =
                triggers.iter().map(|Trigger { name, .. }| format!("DROP TRIGGER {name};")).collect();
            let on: Vec<&str> = triggers.iter().map(|trigger| trigger.sql.as_str()).collect();
            let (off, on) = (off.concat(), on.join(";"));
            connection.batch_execute(&format!("BEGIN; {off} {statements}; {on}; COMMIT")).unwrap();
        }
    }
}

/// Lets two customers do something, and seals it in several batches.
pub(super) async fn fill(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    seal(app).await;
    for _ in 0..3 {
        app.session(&Customer::ANA).await;
        app.sign_in(Customer::BOJAN.number, "Napacno-geslo-1").await.assert_status(401);
        let token = app.token_for(&Customer::BOJAN).await;
        app.verify(&token).await.assert_status(200);
        seal(app).await;
        app.advance(chrono::TimeDelta::hours(2));
    }
    assert_whole(&verify(app).await);
}

pub(super) async fn seal(app: &TestApp) -> usize {
    audit::seal_all(&app.app).await.unwrap()
}

pub(super) async fn verify(app: &TestApp) -> Report {
    verify_against(app, &[]).await
}

/// Verifies the trail against heads that have left.
pub(super) async fn verify_against(app: &TestApp, heads: &[&str]) -> Report {
    let heads = heads.iter().map(|head| LeftHead::parse(&app.app.keyring, head).unwrap()).collect();
    audit::verify(&app.app, heads).await.unwrap()
}

#[track_caller]
pub(super) fn assert_whole(report: &Report) {
    assert_eq!((report.verdict(), report.findings.as_slice()), (Verdict::Whole, &[][..]));
}

/// The findings in short: the kind, and the position and the entry where there are any.
pub(super) fn found(report: &Report) -> Vec<String> {
    let short = |Finding { kind, place, .. }: &Finding| {
        let position = match (place.position, place.last_position) {
            (Some(first), Some(last)) => format!(" {first}-{last}"),
            (Some(position), None) => format!(" {position}"),
            (None, _) => place.batch.map_or(String::new(), |batch| format!(" of {batch}")),
        };
        let entry = place.event_id.as_ref().map_or(String::new(), |id| format!(" {id}"));
        format!("{kind}{position}{entry}")
    };
    report.findings.iter().map(short).collect()
}

/// The id of the entry that was sealed at a position.
pub(super) fn entry_at(app: &TestApp, position: usize) -> String {
    let (positions, ids) = (app.column("audit_seals", "position"), app.column("audit_seals", "event_id"));
    let place = positions.iter().position(|one| *one == position.to_string()).unwrap();
    ids[place].clone()
}

/// How many entries are sealed.
pub(super) fn sealed(app: &TestApp) -> usize {
    app.column("audit_seals", "position").len()
}

/// How many batches there are.
pub(super) fn batches(app: &TestApp) -> usize {
    app.column("audit_batches", "number").len()
}

/// The newest head, as `audit head --json` prints it.
pub(super) async fn head(app: &TestApp) -> String {
    serde_json::to_string(&audit::find_head(&app.app).await.unwrap().unwrap()).unwrap()
}
