//! Entries that a version before has written, and goes on writing during a rolling upgrade.

use super::tampering::{assert_whole, fill, seal, verify};
use crate::support::{Customer, TestApp, database_tests, execute};

database_tests![
    lo_06_entries_of_the_version_before_are_sealed_too,
    lo_06_an_erasure_by_the_version_before_is_told_as_erased,
    lo_06_entries_from_before_the_seal_are_sealed_by_their_time,
];

/// Appends an entry as versions did that knew of no seal.
fn append(app: &TestApp, id: &str, at: &str, event: &str, account: &str) {
    let number = if account.is_empty() { "NULL".to_owned() } else { format!("'{}'", Customer::ANA.number) };
    let account = if account.is_empty() { "NULL".to_owned() } else { format!("'{account}'") };
    let insert = format!(
        "INSERT INTO audit_events (id, occurred_at, event, actor, customer_number, account_id, reset_request_id, source,
             request_id, detail, session_id, device_id)
         VALUES ('{id}', '{at}', '{event}', 'customer', {number}, {account}, NULL, '192.0.2.0/24', 'r', 'x', NULL, NULL)"
    );
    execute(&app.database.url, &insert).unwrap();
}

async fn lo_06_entries_of_the_version_before_are_sealed_too(app: &TestApp) {
    fill(app).await;
    append(app, "one", "2026-11-28 12:00:00.5", "authn_login_fail", "");
    // A later version may know events that this one does not.
    append(app, "two", "2026-11-28 12:00:00", "no_event_of_this_version", "");
    assert_eq!(seal(app).await, 2);
    assert_whole(&verify(app).await);
}

async fn lo_06_an_erasure_by_the_version_before_is_told_as_erased(app: &TestApp) {
    fill(app).await;
    for id in ["one", "two"] {
        append(app, id, "2026-11-28 12:00:00", "authn_login_fail", "an-account-of-then");
    }
    seal(app).await;
    // What it ran, once the account was deleted.
    let erasure = "BEGIN;
        UPDATE audit_events SET customer_number = NULL, source = NULL, detail = NULL
            WHERE account_id = 'an-account-of-then' OR customer_number = '777777';
        INSERT INTO audit_events (id, occurred_at, event, actor, account_id, detail)
            VALUES ('three', '2026-11-28 13:00:00', 'user_deleted', 'customer', 'an-account-of-then', 'x');
        COMMIT";
    // The customer number of the entries has no account either.
    let other = format!(
        "UPDATE accounts SET customer_number = '777778' WHERE customer_number = '{}'",
        Customer::ANA.number
    );
    execute(&app.database.url, &other).unwrap();
    execute(&app.database.url, erasure).unwrap();
    seal(app).await;
    let report = verify(app).await;
    assert_whole(&report);
    assert_eq!(report.erased, 2);
    let salts = app.column("audit_seals", "salt");
    assert_eq!(salts.iter().filter(|salt| salt.is_empty()).count(), 2);
}

/// The queue as the migration fills it.
async fn lo_06_entries_from_before_the_seal_are_sealed_by_their_time(app: &TestApp) {
    for (id, at) in [("c", "2024-03-01"), ("a", "2024-02-01"), ("b", "2024-01-01")] {
        append(app, id, &format!("{at} 00:00:00"), "authn_login_fail", "");
    }
    let name = "2026-11-28-000028_trail_before_seals/up.sql";
    let folder = match app.database.url {
        stakis_identity::config::DatabaseUrl::Sqlite(_) => "sqlite",
        stakis_identity::config::DatabaseUrl::Postgres(_) => "postgres",
    };
    let path = format!("{}/migrations/{folder}/{name}", env!("CARGO_MANIFEST_DIR"));
    let migration = std::fs::read_to_string(path).unwrap();
    execute(&app.database.url, "DELETE FROM audit_unsealed").unwrap();
    execute(&app.database.url, &format!("{migration} {migration}")).unwrap();
    let entries = app.audit().len();
    assert_eq!(seal(app).await, entries, "each once");
    assert_eq!(app.column("audit_seals", "event_id")[..3], ["b", "a", "c"]);
    assert_whole(&verify(app).await);
}
