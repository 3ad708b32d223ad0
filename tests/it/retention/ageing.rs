//! A full database, two years later.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use stakis_identity::{
    identity::{self, Change, upkeep::FORGETTING},
    jobs,
    types::{Clock as _, CustomerNumber, EmailAddress, UtcTime},
};

use super::{
    document::table_rows,
    history::{History, TRAIL_KEPT_FOR},
};
use crate::{
    administration::erasure_of_all::{rows_with, tables_of},
    support::{Customer, Engine, TestApp, administrator, columns_of, desk::Person, engine_tests},
    webhooks::owner::deliver,
};

engine_tests![
    dp_02_after_two_years_nothing_is_past_its_period,
    dp_02_what_no_job_finishes_is_forgotten_like_the_rest,
    dp_02_an_address_stays_suppressed_while_an_account_has_it,
    dp_06_an_erasure_in_a_full_database_leaves_a_pseudonym,
];

/// How much later than its time a row may go: the length of a round.
const ROUND: TimeDelta = TimeDelta::minutes(1);
/// The longest of all periods but that of the trail.
const LONGEST: TimeDelta = TimeDelta::days(180);

/// A time as both databases compare it with a column.
fn sql(time: UtcTime) -> String {
    format!("'{}'", time.format("%F %T"))
}

fn count(app: &TestApp, table: &str, condition: &str) -> usize {
    app.column(&format!("{table} WHERE {condition}"), "1").len()
}

/// Does what the workers and the upkeep do all the time.
async fn work(app: &TestApp) {
    app.deliver_all().await;
    deliver(app).await;
    identity::audit::seal_all(&app.app).await.unwrap();
    jobs::keep_house(&app.app).await;
    app.deliver_all().await;
}

/// Fails where a row is past the period of its task.
fn assert_nothing_is_past_its_period(app: &TestApp) {
    let now = app.clock.now();
    for task in FORGETTING {
        let retention = task.retention.unwrap();
        let Some(kept_for) = (retention.kept_for)(&app.config) else { continue };
        let (rows, until) = (retention.rows, now - kept_for - ROUND);
        let until = match rows.since() {
            "empty_at" => until.and_utc().timestamp_micros().to_string(),
            _ => sql(until),
        };
        let others = if rows.condition().is_empty() { "" } else { " AND " };
        let condition = format!("{} < {until}{others}{}", rows.since(), rows.condition());
        assert_eq!(count(app, rows.table(), &condition), 0, "{} at {now}: {condition}", task.name);
    }
}

/// The columns of a table that hold times.
fn time_columns(app: &TestApp, table: &str) -> Vec<String> {
    let columns = columns_of(&app.database.url).remove(table).unwrap();
    let is_time = |type_name: &str| type_name.to_lowercase().starts_with("timestamp");
    columns.into_iter().filter(|column| is_time(&column.type_name)).map(|column| column.name).collect()
}

/// Every table of which no row stays. A table in two rows of the document stays where one of them does.
fn passing_tables() -> BTreeSet<&'static str> {
    let kept = table_rows();
    let lasting: BTreeSet<&str> = kept.iter().filter(|row| row.is_lasting()).map(|row| row.table).collect();
    kept.iter().map(|row| row.table).filter(|table| !lasting.contains(table)).collect()
}

async fn dp_02_after_two_years_nothing_is_past_its_period(engine: Engine) {
    let history = History::of(engine).await;
    let app = history.app();
    let empty: Vec<_> = app.dump().counts().into_iter().filter(|(_, rows)| *rows == 0).collect();
    assert!(empty.is_empty(), "a history that leaves these empty proves nothing of them: {empty:?}");
    let steps =
        [(6, TimeDelta::hours(12)), (6, TimeDelta::days(1)), (6, TimeDelta::days(5)), (24, TimeDelta::days(30))];
    for (times, step) in steps {
        for _ in 0..times {
            app.advance(step);
            work(app).await;
            assert_nothing_is_past_its_period(app);
        }
    }
    // Whatever the conditions of the tasks are: nothing else stays that old. The times of suppressions and endpoints are
    // those of what they belong to.
    let now = app.clock.now();
    for table in passing_tables() {
        let longest = if table.starts_with("audit_") { TRAIL_KEPT_FOR } else { LONGEST };
        for column in time_columns(app, table).iter().filter(|_| table != "suppressions") {
            let condition = format!("{column} < {}", sql(now - longest - TimeDelta::days(30)));
            assert_eq!(count(app, table, &condition), 0, "{table}.{column}");
        }
    }
    let left: Vec<_> =
        app.dump().counts().into_iter().filter(|(_, rows)| *rows > 0).map(|(table, _)| table).collect();
    let lasting: BTreeSet<&str> = left.iter().copied().filter(|table| !passing_tables().contains(table)).collect();
    let young: BTreeSet<&str> = left.iter().copied().filter(|table| passing_tables().contains(table)).collect();
    assert!(young.is_subset(&BTreeSet::from(YOUNG)), "{young:?}");
    for table in ["accounts", "clients", "password_history", "signing_keys", "audit_batches", "suppressions"] {
        assert!(lasting.contains(table) || young.contains(table), "{table} was emptied");
    }
    history.desk.stop().await;
}

/// What the upkeep itself leaves behind: the trail tells of its acts, and other systems of some.
const YOUNG: [&str; 8] = [
    "audit_events",
    "audit_seals",
    "audit_unsealed",
    "events",
    "mails",
    "suppressions",
    "webhook_attempts",
    "webhook_deliveries",
];

async fn dp_02_what_no_job_finishes_is_forgotten_like_the_rest(engine: Engine) {
    let history = History::of(engine).await;
    let app = history.app();
    let (unsent, unfinished, unserved) = (
        "expires_at IS NULL AND mail_finished_at IS NOT NULL AND token_hash <> id",
        "finished_at IS NULL",
        "outcome IS NULL",
    );
    let counts = || {
        [("reset_links", unsent), ("mails", unfinished), ("reset_requests", unserved)]
            .map(|(table, condition)| count(app, table, condition))
    };
    let hashes = count(app, "reset_links", unsent);
    assert_eq!(counts(), [hashes, 1, 1]);
    assert!(hashes > 0);
    app.advance(TimeDelta::hours(73));
    work(app).await;
    assert_eq!(counts(), [0, 1, 1]);
    assert_eq!(app.column("jobs", "id"), ["later"]);
    app.advance(TimeDelta::days(12));
    work(app).await;
    assert!(app.column("jobs", "id").is_empty(), "a job is given up after two weeks");
    app.advance(TimeDelta::days(16));
    work(app).await;
    assert_eq!(counts(), [0, 0, 0]);
    history.desk.stop().await;
}

async fn dp_02_an_address_stays_suppressed_while_an_account_has_it(engine: Engine) {
    let history = History::of(engine).await;
    let app = history.app();
    let addresses = || app.column("suppressions", "address").into_iter().collect::<BTreeSet<_>>();
    assert_eq!(addresses(), BTreeSet::from([Customer::ANA.email.to_owned(), Customer::BOJAN.email.to_owned()]));
    // Ana has another address by now, and the row is one of the release before, which notes no review.
    work(app).await;
    assert_eq!(addresses(), BTreeSet::from([Customer::BOJAN.email.to_owned()]));
    for _ in 0..4 {
        app.advance(TimeDelta::days(31));
        work(app).await;
        assert_eq!(addresses().len(), 1);
    }
    let number = CustomerNumber::parse(Customer::BOJAN.number).unwrap();
    let email = EmailAddress::parse("drugje@example.si").unwrap();
    identity::email_change::set(&app.app, &administrator(), number, email, None).await.unwrap();
    app.advance(TimeDelta::days(29));
    work(app).await;
    app.advance(TimeDelta::days(2));
    work(app).await;
    assert!(addresses().is_empty());
    history.desk.stop().await;
}

async fn dp_06_an_erasure_in_a_full_database_leaves_a_pseudonym(engine: Engine) {
    let history = History::of(engine).await;
    let app = history.app();
    let traces: Vec<&str> = history.dossier.traces.iter().map(String::as_str).collect();
    assert!(tables_of(&rows_with(app, traces.iter().copied())).len() > 15);
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    let change = identity::accounts::erase(&app.app, &administrator(), number, None).await.unwrap();
    assert_eq!(change, Change::Changed);
    app.may_leave_jobs();
    work(app).await;
    let counted = format!("number/{}", Customer::ANA.number);
    let left = rows_with(app, traces.iter().copied());
    // A person of support has the same family name.
    let is_of_others = |row: &String| row.contains(&counted) || row.contains(Person::NAME);
    let left: Vec<&String> = left.iter().filter(|row| !is_of_others(row)).collect();
    assert!(left.is_empty(), "{left:#?}");
    let of_id = rows_with(app, [history.dossier.id.as_str()]);
    assert!(tables_of(&of_id).contains("audit_events"), "the trail keeps the pseudonym");
    history.desk.stop().await;
}
