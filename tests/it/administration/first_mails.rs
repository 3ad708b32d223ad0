//! The first mails of new accounts are in bulk: what somebody waits for goes before them (ML-10).

use chrono::TimeDelta;
use serde_json::json;
use wiremock::ResponseTemplate;

use super::admin::Admin;
use crate::support::{Customer, TestApp, database_tests, issue_link_only};

database_tests![
    ml_10_a_reset_goes_before_the_first_mails_of_new_accounts,
    ml_10_a_first_mail_that_is_asked_for_again_waits_in_bulk_no_more,
    ml_10_a_deferred_first_mail_that_is_asked_for_waits_in_bulk_no_more,
];

/// Has an account made whose owner gets the first mail.
async fn make_with_first_mail(app: &TestApp, customer: &Customer) {
    let admin = Admin::with(app, "accounts:write").await;
    let body = json!({ "customer_number": customer.number, "email": customer.email, "send_activation": true });
    admin.post("/v1/accounts", body).await.assert_status(201);
}

/// The priorities of the jobs, the oldest job first.
fn priorities(app: &TestApp) -> Vec<String> {
    app.column("jobs", "priority")
}

async fn ml_10_a_reset_goes_before_the_first_mails_of_new_accounts(app: &TestApp) {
    app.make(&Customer::ANA).await;
    make_with_first_mail(app, &Customer::BOJAN).await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    assert_eq!(priorities(app), ["10", "0"]);
    app.deliver_all().await;
    assert_eq!(app.mail_api.recipients().await, [Customer::ANA.email, Customer::BOJAN.email]);
    for (urgency, count) in [("at_once", 1), ("in_bulk", 1)] {
        let handed_over = format!(
            r#"stakis_mail_hand_over_seconds_count{{kind="reset_link",provider="mailpit",urgency="{urgency}"}}"#
        );
        assert_eq!(app.counted(&handed_over), count, "{urgency}");
    }
}

async fn ml_10_a_first_mail_that_is_asked_for_again_waits_in_bulk_no_more(app: &TestApp) {
    make_with_first_mail(app, &Customer::ANA).await;
    issue_link_only(&app.app).await;
    assert_eq!(priorities(app), ["10"]);
    app.ask(Customer::ANA.number).await.assert_status(202);
    issue_link_only(&app.app).await;
    assert_eq!(priorities(app), ["0"], "the request is answered by the mail that waits");
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn ml_10_a_deferred_first_mail_that_is_asked_for_waits_in_bulk_no_more(app: &TestApp) {
    app.mail_api.answer_with(ResponseTemplate::new(503)).await;
    make_with_first_mail(app, &Customer::ANA).await;
    app.deliver_all().await;
    assert_eq!(priorities(app), ["10"], "it waits for its next attempt");
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(priorities(app), ["0"]);
    app.mail_api.recover().await;
    app.advance(TimeDelta::minutes(1));
    app.deliver_all().await;
    assert!(priorities(app).is_empty());
}
