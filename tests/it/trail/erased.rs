//! Entries that an erasure has emptied, and entries that somebody has emptied.

use reqwest::Method;
use stakis_identity::{identity, types::CustomerNumber};

use super::tampering::{assert_whole, entry_at, fill, found, seal, tamper, verify};
use crate::support::{Customer, TestApp, database_tests, partner::Partner, send};

database_tests![
    lo_06_an_erased_customer_is_told_as_erased_and_nothing_can_be_guessed,
    lo_06_an_emptied_entry_without_an_erasure_is_named,
    lo_06_an_entry_that_is_added_to_an_erasure_is_found,
    lo_06_an_erasure_before_the_seal_is_sealed_as_it_is,
    lo_06_a_number_that_is_given_again_keeps_both_trails_apart,
    lo_06_an_erasure_that_overtakes_the_seal_leaves_no_salt,
];

/// Erases a customer as an administrator does. Returns the id of the account.
async fn erase(app: &TestApp, customer: &Customer) -> String {
    let number = CustomerNumber::parse(customer.number).unwrap();
    let found = identity::accounts::find(&app.app, number).await.unwrap().unwrap();
    let id = found.account.id.as_str().to_owned();
    let token = Partner::make(app, "accounts:erase").await.token(app).await;
    let call = app.request(Method::DELETE, &format!("/v1/accounts/{id}"));
    send(call.bearer_auth(token)).await.assert_status(204);
    app.deliver_all().await;
    id
}

fn salts(app: &TestApp) -> usize {
    app.column("audit_seals", "salt").iter().filter(|salt| !salt.is_empty()).count()
}

async fn lo_06_an_erased_customer_is_told_as_erased_and_nothing_can_be_guessed(app: &TestApp) {
    // A stranger names the number, before it has an account.
    app.sign_in(Customer::BOJAN.number, "Napacno-geslo-1").await.assert_status(401);
    fill(app).await;
    let before = salts(app);
    let emptied = app.audit().iter().filter(|line| line.customer_number == Customer::BOJAN.number).count();
    assert!(emptied > 8, "{emptied}");
    erase(app, &Customer::BOJAN).await;
    // The entry of the erasure waits for its seal, and says enough.
    assert_eq!(found(&verify(app).await), [""; 0]);
    seal(app).await;
    let report = verify(app).await;
    assert_whole(&report);
    let erased = usize::try_from(report.erased).unwrap();
    assert!(erased >= emptied, "{erased} of {emptied}");
    assert_eq!(salts(app), app.audit().len() - erased, "{before}");
    // No column of the seal is the hash of something that has few values.
    for line in app.audit().iter().filter(|line| line.event != "user_deleted") {
        assert_ne!(line.customer_number, Customer::BOJAN.number);
    }
    app.session(&Customer::ANA).await;
    seal(app).await;
    assert_whole(&verify(app).await);
}

async fn lo_06_an_emptied_entry_without_an_erasure_is_named(app: &TestApp) {
    fill(app).await;
    let id = entry_at(app, 9);
    let empty =
        format!("UPDATE audit_events SET customer_number = NULL, source = NULL, detail = NULL WHERE id = '{id}';");
    tamper(app, &empty);
    assert_eq!(found(&verify(app).await), [format!("emptied 9 {id}")]);
    // As an erasure would leave it, but for its entry.
    tamper(app, &format!("UPDATE audit_seals SET salt = NULL WHERE event_id = '{id}'"));
    assert_eq!(found(&verify(app).await), [format!("emptied 9 {id}")]);
    tamper(app, &format!("INSERT INTO audit_erasures (event_id, erased_by) VALUES ('{id}', 'no such entry')"));
    assert_eq!(found(&verify(app).await), [format!("emptied 9 {id}")]);
    // An entry that tells of something else.
    let other = entry_at(app, 10);
    tamper(app, &format!("UPDATE audit_erasures SET erased_by = '{other}'"));
    assert_eq!(found(&verify(app).await), [format!("emptied 9 {id}")]);
}

/// Somebody hides what he did behind the erasure of another customer.
async fn lo_06_an_entry_that_is_added_to_an_erasure_is_found(app: &TestApp) {
    fill(app).await;
    erase(app, &Customer::BOJAN).await;
    seal(app).await;
    assert_whole(&verify(app).await);
    let erasure = app.column("audit_erasures", "erased_by").pop().unwrap();
    let place = app.column("audit_seals", "event_id").iter().position(|id| *id == erasure).unwrap();
    let position = app.column("audit_seals", "position")[place].clone();
    let hide = |id: &str| {
        format!(
            "UPDATE audit_events SET customer_number = NULL, source = NULL, detail = NULL WHERE id = '{id}';
             UPDATE audit_seals SET salt = NULL WHERE event_id = '{id}';
             INSERT INTO audit_erasures (event_id, erased_by) VALUES ('{id}', '{erasure}');"
        )
    };
    let numbers = app.column("audit_events", "customer_number");
    let of_ana = numbers.iter().rposition(|number| number == Customer::ANA.number).unwrap();
    let of_ana = app.column("audit_events", "id")[of_ana].clone();
    tamper(app, &format!("CREATE TABLE kept AS SELECT * FROM audit_erasures; {}", hide(&of_ana)));
    let report = found(&verify(app).await);
    assert!(report.iter().any(|one| one.starts_with("emptied") && one.ends_with(&of_ana)), "{report:?}");
    assert!(report.contains(&format!("changed {position} {erasure}")), "{report:?}");
    // Nor can the list be shortened.
    tamper(app, "DELETE FROM audit_erasures");
    let report = found(&verify(app).await);
    assert!(report.contains(&format!("changed {position} {erasure}")), "{report:?}");
    assert!(report.iter().filter(|one| one.starts_with("emptied")).count() > 5, "{report:?}");
}

async fn lo_06_an_erasure_before_the_seal_is_sealed_as_it_is(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    erase(app, &Customer::ANA).await;
    assert!(!app.column("audit_erasures", "event_id").is_empty());
    seal(app).await;
    let report = verify(app).await;
    assert_whole(&report);
    assert_eq!(report.erased, 0, "they were never sealed otherwise");
}

async fn lo_06_a_number_that_is_given_again_keeps_both_trails_apart(app: &TestApp) {
    fill(app).await;
    erase(app, &Customer::BOJAN).await;
    seal(app).await;
    let first = verify(app).await.erased;
    app.make(&Customer::BOJAN).await;
    app.session(&Customer::BOJAN).await;
    seal(app).await;
    let report = verify(app).await;
    assert_whole(&report);
    assert_eq!(report.erased, first, "the new customer's entries are no erased ones");
    app.advance(chrono::TimeDelta::hours(2));
    erase(app, &Customer::BOJAN).await;
    seal(app).await;
    let report = verify(app).await;
    assert_whole(&report);
    assert!(report.erased > first, "{} and {first}", report.erased);
}

/// The entries are read for their seal, and are emptied before it is stored.
async fn lo_06_an_erasure_that_overtakes_the_seal_leaves_no_salt(app: &TestApp) {
    for _ in 0..3 {
        app.make(&Customer::BOJAN).await;
        for _ in 0..3 {
            app.session(&Customer::BOJAN).await;
            app.deliver_all().await;
        }
        let sealing = async {
            while seal(app).await == 0 {
                tokio::task::yield_now().await;
            }
            seal(app).await;
        };
        tokio::join!(erase(app, &Customer::BOJAN), sealing);
        seal(app).await;
        assert_whole(&verify(app).await);
        app.advance(chrono::TimeDelta::hours(2));
    }
}
