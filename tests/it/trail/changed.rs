//! Entries that were changed, removed, inserted, moved or cut off.

use stakis_identity::identity::audit::Verdict;

use super::tampering::{
    assert_whole, batches, entry_at, fill, found, head, seal, sealed, tamper, verify, verify_against,
};
use crate::support::{TestApp, database_tests};

database_tests![
    lo_06_each_changed_column_of_an_entry_is_named,
    lo_06_each_changed_column_of_a_seal_is_named,
    lo_06_a_removed_entry_is_named_wherever_it_stood,
    lo_06_an_inserted_entry_is_named_however_it_was_put_in,
    lo_06_entries_that_have_changed_places_are_named,
    lo_06_cutting_the_newest_entries_is_found_by_a_head_that_left,
    lo_06_what_was_never_sealed_cannot_vanish_unseen,
];

const BEFORE: &str = "CREATE TABLE before AS SELECT * FROM ";

async fn lo_06_each_changed_column_of_an_entry_is_named(app: &TestApp) {
    fill(app).await;
    let id = entry_at(app, 9);
    tamper(app, &format!("{BEFORE} audit_events"));
    for (column, value) in [
        ("occurred_at", "'2026-01-01 00:00:00'"),
        ("event", "'authn_login_success'"),
        ("event", "'no_event_of_this_service'"),
        ("actor", "'command line: nobody'"),
        ("customer_number", "'999999'"),
        ("account_id", "'aaaaaaaaaaaaaaaaaaaaaaaaaa'"),
        ("reset_request_id", "'aaaaaaaaaaaaaaaaaaaaaaaaaa'"),
        ("source", "'198.51.100.0/24'"),
        ("source", "''"),
        ("request_id", "'another'"),
        ("detail", "'another'"),
        ("session_id", "'another'"),
        ("device_id", "'another'"),
    ] {
        tamper(app, &format!("UPDATE audit_events SET {column} = {value} WHERE id = '{id}'"));
        let report = verify(app).await;
        let changed: Vec<String> = found(&report).into_iter().filter(|one| !one.starts_with("backdated")).collect();
        assert_eq!(changed, [format!("changed 9 {id}")], "{column} = {value}");
        assert_eq!(report.verdict(), Verdict::Broken);
        let back = format!("(SELECT {column} FROM before WHERE before.id = audit_events.id)");
        tamper(app, &format!("UPDATE audit_events SET {column} = {back} WHERE id = '{id}'"));
        assert_whole(&verify(app).await);
    }
    let other = "a".repeat(26);
    tamper(app, &format!("UPDATE audit_events SET id = '{other}' WHERE id = '{id}'"));
    assert_eq!(found(&verify(app).await), [format!("removed 9 {id}"), format!("inserted {other}")]);
}

/// Who changes a seal with its entry breaks the head of the batch.
async fn lo_06_each_changed_column_of_a_seal_is_named(app: &TestApp) {
    fill(app).await;
    let (id, hash) = (entry_at(app, 9), "0".repeat(64));
    tamper(app, &format!("{BEFORE} audit_seals"));
    for (column, value, expected) in [
        ("salt", "'00'", vec![format!("changed 9 {id}")]),
        ("salt", "NULL", vec![format!("changed 9 {id}")]),
        ("commitment", hash.as_str(), vec![format!("changed 9 {id}")]),
        ("row_hash", hash.as_str(), vec!["batch_changed of".to_owned(), format!("changed 9 {id}")]),
    ] {
        let value = if value.len() == 64 { format!("'{value}'") } else { value.to_owned() };
        tamper(app, &format!("UPDATE audit_seals SET {column} = {value} WHERE position = 9"));
        let found = found(&verify(app).await);
        assert_eq!(found.len(), expected.len(), "{column}: {found:?}");
        assert!(found.iter().zip(&expected).all(|(one, start)| one.starts_with(start)), "{column}: {found:?}");
        let back = format!("(SELECT {column} FROM before WHERE before.position = 9)");
        tamper(app, &format!("UPDATE audit_seals SET {column} = {back} WHERE position = 9"));
        assert_whole(&verify(app).await);
    }
}

async fn lo_06_a_removed_entry_is_named_wherever_it_stood(app: &TestApp) {
    fill(app).await;
    let last = sealed(app);
    for position in [1, 9, last] {
        let id = entry_at(app, position);
        tamper(app, &format!("DELETE FROM audit_events WHERE id = '{id}'"));
        let found = found(&verify(app).await);
        assert!(found.contains(&format!("removed {position} {id}")), "{found:?}");
    }
    // With the seals the ids are gone too, and an entry whose seal is gone is no sealed one.
    let left = entry_at(app, 10);
    tamper(app, "DELETE FROM audit_seals WHERE position IN (9, 10)");
    let found = found(&verify(app).await);
    for expected in ["removed 9", "removed 10", &format!("inserted {left}")] {
        assert!(found.iter().any(|one| one == expected), "{expected}: {found:?}");
    }
}

async fn lo_06_an_inserted_entry_is_named_however_it_was_put_in(app: &TestApp) {
    fill(app).await;
    let columns = "id, occurred_at, event, actor";
    let values = "'2026-11-20 12:00:00', 'authn_login_success', 'customer'";
    let [first, second] = ["a", "b"].map(|letter| letter.repeat(26));
    tamper(app, &format!("INSERT INTO audit_events ({columns}) VALUES ('{first}', {values})"));
    assert_eq!(found(&verify(app).await), [format!("inserted {first}")]);
    // With a seal behind the last one.
    let (position, hash) = (sealed(app) + 1, "0".repeat(64));
    let seal = |id: &str, position: usize| {
        format!(
            "INSERT INTO audit_seals (position, event_id, salt, commitment, row_hash)
             VALUES ({position}, '{id}', '00', '{hash}', '{hash}');"
        )
    };
    tamper(app, &seal(&first, position));
    assert_eq!(found(&verify(app).await), [format!("inserted {position} {first}")]);
    tamper(app, &format!("DELETE FROM audit_seals WHERE position = {position}"));
    // Between two others, which move out of its way.
    tamper(app, &format!("DELETE FROM audit_events WHERE id = '{first}'"));
    assert_whole(&verify(app).await);
    let last = sealed(app);
    let moved: Vec<String> = (9..=last)
        .rev()
        .map(|position| format!("UPDATE audit_seals SET position = {} WHERE position = {position};", position + 1))
        .collect();
    let moved = moved.concat();
    let inserted = format!("INSERT INTO audit_events ({columns}) VALUES ('{second}', {values});");
    let ids: Vec<String> = (9..=last).map(|position| entry_at(app, position)).collect();
    tamper(app, &[moved, inserted, seal(&second, 9)].concat());
    let report = verify(app).await;
    let found = found(&report);
    assert!(found.contains(&format!("changed 9 {second}")), "{found:?}");
    assert!(found.contains(&format!("inserted {} {}", last + 1, ids.last().unwrap())), "{found:?}");
    for (position, id) in (10..=last).zip(&ids) {
        assert!(found.contains(&format!("reordered {position} {id}")), "{position}: {found:?}");
    }
}

async fn lo_06_entries_that_have_changed_places_are_named(app: &TestApp) {
    fill(app).await;
    let [one, other] = [8, 11].map(|position| entry_at(app, position));
    let expected = |found: &[String], one: &str, other: &str| {
        assert!(found.contains(&format!("reordered 8 {one}")), "{found:?}");
        assert!(found.contains(&format!("reordered 11 {other}")), "{found:?}");
        assert!(!found.iter().any(|one| one.starts_with("changed")), "{found:?}");
    };
    // With their seals.
    let swap = "UPDATE audit_seals SET position = -8 WHERE position = 8;
        UPDATE audit_seals SET position = 8 WHERE position = 11;
        UPDATE audit_seals SET position = 11 WHERE position = -8;";
    tamper(app, swap);
    expected(&found(&verify(app).await), &other, &one);
    tamper(app, swap);
    assert_whole(&verify(app).await);
    // The seals stay where they are.
    let swap = format!(
        "UPDATE audit_seals SET event_id = 'x' WHERE position = 8;
         UPDATE audit_seals SET event_id = '{one}' WHERE position = 11;
         UPDATE audit_seals SET event_id = '{other}' WHERE position = 8;"
    );
    tamper(app, &swap);
    expected(&found(&verify(app).await), &other, &one);
}

async fn lo_06_cutting_the_newest_entries_is_found_by_a_head_that_left(app: &TestApp) {
    fill(app).await;
    let earlier = head(app).await;
    app.sign_in(crate::support::Customer::ANA.number, "Napacno-geslo-1").await;
    seal(app).await;
    let newest = head(app).await;
    assert_whole(&verify_against(app, &[&earlier, &newest]).await);
    let (last, number) = (sealed(app), batches(app));
    let first = app.column("audit_batches", "first_position").last().unwrap().clone();
    tamper(
        app,
        &format!(
            "DELETE FROM audit_events WHERE id IN (SELECT event_id FROM audit_seals WHERE position >= {first});
             DELETE FROM audit_seals WHERE position >= {first};
             DELETE FROM audit_batches WHERE number = {number};"
        ),
    );
    assert_whole(&verify_against(app, &[&earlier]).await);
    let report = verify_against(app, &[&earlier, &newest]).await;
    assert_eq!(found(&report), [format!("cut_off {first}-{last}")]);
    // What is sealed in their place leads to another head.
    app.sign_in(crate::support::Customer::ANA.number, "Napacno-geslo-2").await;
    seal(app).await;
    let report = verify_against(app, &[&earlier, &newest]).await;
    assert_eq!(found(&report), [format!("head_differs of {number}")]);
}

async fn lo_06_what_was_never_sealed_cannot_vanish_unseen(app: &TestApp) {
    fill(app).await;
    app.sign_in(crate::support::Customer::ANA.number, "Napacno-geslo-1").await;
    let id = app.column("audit_unsealed", "event_id").pop().unwrap();
    tamper(app, &format!("DELETE FROM audit_events WHERE id = '{id}'"));
    assert_eq!(found(&verify(app).await), [format!("removed {id}")]);
    // The seal passes it over, and takes what comes after.
    tamper(app, "UPDATE audit_unsealed SET event_id = event_id");
    app.advance(chrono::TimeDelta::seconds(61));
    assert_eq!(seal(app).await, 0);
    assert!(found(&verify(app).await).contains(&"unsealed".to_owned()));
}
