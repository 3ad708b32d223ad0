//! What is left of a customer once the account is erased: the trail with a pseudonym, and a count that is the number's.

use std::collections::BTreeSet;

use super::{
    admin::Admin,
    dossier::{Dossier, live_through},
};
use crate::support::{Customer, TestApp, database_tests, execute};

database_tests![
    dp_06_no_table_tells_of_an_erased_customer,
    dp_06_the_trail_stays_under_a_pseudonym,
    lo_06_nobody_changes_the_trail_but_an_erasure,
];

/// The rows that hold one of the texts.
pub(crate) fn rows_with<'a>(app: &TestApp, texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let texts: Vec<&str> = texts.into_iter().collect();
    let dump = app.dump();
    let holds = |row: &&String| texts.iter().any(|text| row.contains(text));
    let tables = dump.counts().into_keys();
    tables
        .flat_map(|table| {
            let rows: Vec<String> =
                dump.rows(table).iter().filter(holds).map(|row| format!("{table}: {row}")).collect();
            rows
        })
        .collect()
}

pub(crate) fn tables_of(rows: &[String]) -> BTreeSet<&str> {
    rows.iter().map(|row| row.split(':').next().unwrap()).collect()
}

async fn dp_06_no_table_tells_of_an_erased_customer(app: &TestApp) {
    let Dossier { id, path, traces, sessions } = live_through(app).await;
    app.make(&Customer::BOJAN).await;
    app.session(&Customer::BOJAN).await;
    let traces: Vec<&str> = traces.iter().map(String::as_str).collect();
    let ids = || [id.as_str(), &sessions[0], &sessions[1]];
    let before = rows_with(app, traces.iter().copied().chain(ids()));
    // Every table of a customer has rows of this one, or the test would prove less than it says.
    for table in [
        "accounts",
        "sessions",
        "refresh_tokens",
        "devices",
        "former_devices",
        "password_history",
        "failed_sign_ins",
        "sign_in_failures",
        "reset_requests",
        "swallowed_requests",
        "reset_links",
        "mails",
        "suppressions",
        "suppression_liftings",
        "email_changes",
        "lock_down_links",
        "caller_codes",
        "hashes_to_wrap",
        "idempotency_keys",
        "tried_numbers",
        "audit_events",
    ] {
        assert!(tables_of(&before).contains(table), "{table} tells nothing of the customer: {before:#?}");
    }
    let of_bojan = rows_with(app, [Customer::BOJAN.number, Customer::BOJAN.email]);
    let admin = Admin::with(app, "accounts:erase").await;
    admin.delete(&path).await.assert_status(204);
    app.deliver_all().await;

    let counted = format!("number/{}", Customer::ANA.number);
    let left = rows_with(app, traces.iter().copied());
    let left: Vec<&String> = left.iter().filter(|row| !row.contains(&counted)).collect();
    assert!(left.is_empty(), "{left:#?}");
    // The count of the number is what strangers meet, with an account or without (LG-05).
    assert_eq!(tables_of(&rows_with(app, [counted.as_str()])), BTreeSet::from(["sign_in_failures"]));
    // Both tell what happened to an id that stands for nobody any more.
    assert_eq!(tables_of(&rows_with(app, ids())), BTreeSet::from(["audit_events", "events"]));
    assert_eq!(rows_with(app, [Customer::BOJAN.number, Customer::BOJAN.email]), of_bojan);
}

async fn dp_06_the_trail_stays_under_a_pseudonym(app: &TestApp) {
    let Dossier { id, path, .. } = live_through(app).await;
    let shape = || -> Vec<(String, String)> {
        let theirs = app.audit().into_iter().filter(|line| line.account_id == id);
        theirs.map(|line| (line.event, line.actor)).collect()
    };
    let before = shape();
    assert!(before.len() > 20, "{before:?}");
    let admin = Admin::with(app, "accounts:erase").await;
    admin.delete(&path).await.assert_status(204);
    let mut after = shape();
    assert_eq!(after.pop().unwrap().0, "user_deleted");
    assert_eq!(after, before);
    for line in app.audit().into_iter().filter(|line| line.account_id == id && line.event != "user_deleted") {
        let emptied = [line.customer_number.as_str(), line.source.as_str(), line.detail.as_str()];
        assert_eq!(emptied, [""; 3], "{}", line.event);
    }
    app.deliver_all().await;
}

async fn lo_06_nobody_changes_the_trail_but_an_erasure(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    app.close(&Customer::ANA).await;
    let refuses = |statement: &str| {
        let error = execute(&app.database.url, statement).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{statement}: {error}");
    };
    let erases = "UPDATE audit_events SET customer_number = NULL, source = NULL, detail = NULL";
    // The customer still has an account.
    refuses(erases);
    let admin = Admin::with(app, "accounts:erase").await;
    admin.delete(&super::admin::path_of(app, &Customer::ANA).await).await.assert_status(204);
    app.deliver_all().await;
    let trail = app.dump().only("audit_events");
    let about_it = "WHERE event = 'user_closed'";
    for changed in [
        "detail = 'another'",
        "detail = NULL, source = NULL, customer_number = NULL, event = 'user_reopened'",
        "detail = NULL, source = NULL, customer_number = NULL, actor = 'customer'",
        "detail = NULL, source = NULL, customer_number = NULL, occurred_at = '2020-01-01 00:00:00'",
        "detail = NULL, source = NULL, customer_number = NULL, account_id = NULL",
        "detail = NULL, source = NULL, customer_number = NULL, session_id = 'another'",
        "customer_number = '118503'",
    ] {
        refuses(&format!("UPDATE audit_events SET {changed} {about_it}"));
    }
    refuses(&format!("DELETE FROM audit_events {about_it}"));
    // What is about no customer is never emptied.
    refuses("UPDATE audit_events SET detail = NULL WHERE event = 'client_created'");
    assert_eq!(app.dump().only("audit_events"), trail);
}
