//! What one client does to many customers (AD-06).

use serde_json::json;
use stakis_identity::config::{Limit, LimitsConfig};

use super::admin::{Admin, path_of};
use crate::support::{
    Customer, Engine, engine_tests,
    limited::{HOUR, per, with},
};

engine_tests![
    ad_06_mailed_links_addresses_and_erasures_of_a_client_are_one_count,
    ad_06_what_changes_no_address_is_not_counted,
];

const TWO: Limit = per(2, HOUR);

async fn ad_06_mailed_links_addresses_and_erasures_of_a_client_are_one_count(engine: Engine) {
    let app = with(engine, &LimitsConfig { administration: Some(TWO), ..LimitsConfig::default() }).await;
    app.make(&Customer::BOJAN).await;
    let admin = Admin::with(&app, "accounts:write accounts:erase").await;
    let path = path_of(&app, &Customer::BOJAN).await;
    let ana = json!({ "customer_number": "004217", "email": Customer::ANA.email, "send_activation": true });
    admin.post("/v1/accounts", ana).await.assert_status(201);
    admin.patch(&path, json!({ "email": "nova@example.si" })).await.assert_status(200);
    let before = app.dump().only("accounts");
    let another = json!({ "customer_number": "004218", "email": Customer::ANA.email, "send_activation": true });
    for refused in [
        admin.patch(&path, json!({ "email": "druga@example.si" })).await,
        admin.delete(&path).await,
        admin.post("/v1/accounts", another).await,
    ] {
        refused.assert_problem(429, "rate-limited");
        assert!(refused.header("retry-after").parse::<i64>().unwrap() > 0);
    }
    assert_eq!(app.dump().only("accounts"), before);
    let noted = app.audit().into_iter().filter(|line| line.event == "excess_rate_limit_exceeded");
    assert_eq!(noted.map(|line| line.actor).collect::<Vec<_>>(), [format!("client {}", admin.partner.id)]);
    assert_eq!(app.counted(r#"stakis_alarms_total{alarm="administration"}"#), 1);
    // Another client has a count of its own, and time gives this one a new try.
    let other = Admin::with(&app, "accounts:erase").await;
    other.delete(&path).await.assert_status(204);
    app.advance(HOUR);
    let admin = admin.renewed().await;
    let another = json!({ "customer_number": "004218", "email": Customer::ANA.email, "send_activation": true });
    admin.post("/v1/accounts", another).await.assert_status(201);
    app.deliver_all().await;
}

async fn ad_06_what_changes_no_address_is_not_counted(engine: Engine) {
    let app = with(engine, &LimitsConfig { administration: Some(TWO), ..LimitsConfig::default() }).await;
    app.make(&Customer::ANA).await;
    let admin = Admin::with(&app, "accounts:write").await;
    let path = path_of(&app, &Customer::ANA).await;
    for index in 0..5 {
        admin.patch(&path, json!({ "display_name": format!("Name {index}") })).await.assert_status(200);
        admin.patch(&path, json!({ "email": Customer::ANA.email })).await.assert_status(200);
        let number = format!("00000{index}");
        admin.post("/v1/accounts", json!({ "customer_number": number })).await.assert_status(201);
    }
}
