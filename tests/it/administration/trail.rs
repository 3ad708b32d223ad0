//! The audit trail, for auditors.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::admin::{Admin, path_of};
use crate::support::{Answer, Customer, TestApp, database_tests, text};

database_tests![
    ad_04_an_auditor_reads_who_did_what_to_whom_and_why,
    ap_13_every_event_is_on_one_page_however_pages_are_cut,
    ap_13_events_are_filtered_by_account_event_and_time,
    ap_13_a_wrong_parameter_is_named,
    ap_13_a_cursor_is_opaque_and_serves_for_a_day,
    ad_10_the_trail_says_once_an_hour_that_it_is_read,
];

fn events(answer: &Answer) -> Vec<Value> {
    answer.assert_status(200);
    answer.json()["events"].as_array().unwrap().clone()
}

fn names(answer: &Answer) -> Vec<String> {
    events(answer).iter().map(|event| text(event, "event").to_owned()).collect()
}

async fn ad_04_an_auditor_reads_who_did_what_to_whom_and_why(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let admin = Admin::with(app, "accounts:write audit:read").await;
    let path = path_of(app, &Customer::ANA).await;
    let closed = admin.post(&format!("{path}/close"), json!({ "reason": "odpovedal pogodbo" })).await;
    app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await;
    app.deliver_all().await;
    let page = admin.get("/v1/audit-events?event=user_closed").await;
    let event = events(&page).pop().unwrap();
    let mut members: Vec<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["account_id", "actor", "at", "detail", "event", "id", "outcome", "request_id"]);
    assert_eq!(text(&event, "actor"), format!("client {}", admin.partner.id));
    assert_eq!(format!("/v1/accounts/{}", text(&event, "account_id")), path);
    assert_eq!((text(&event, "outcome"), text(&event, "detail")), ("success", "odpovedal pogodbo"));
    assert_eq!(text(&event, "request_id"), closed.header("x-request-id"));
    let failed = events(&admin.get("/v1/audit-events?event=authn_login_fail").await).pop().unwrap();
    assert_eq!((text(&failed, "outcome"), text(&failed, "actor")), ("failure", "customer"));
    // The number and the address are in no event.
    let whole = admin.get("/v1/audit-events?limit=100").await.text;
    for hidden in [Customer::ANA.number, Customer::ANA.email] {
        assert!(!whole.contains(hidden), "{hidden}: {whole}");
    }
}

async fn ap_13_every_event_is_on_one_page_however_pages_are_cut(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for _ in 0..3 {
        app.session(&Customer::ANA).await;
        app.advance(TimeDelta::seconds(1));
    }
    let admin = Admin::with(app, "audit:read").await;
    admin.get("/v1/audit-events?limit=1").await.assert_status(200);
    let whole = admin.get("/v1/audit-events?limit=100").await;
    assert_eq!(whole.json()["next"], json!(null));
    let whole = events(&whole);
    assert!(whole.len() > 6 && whole.is_sorted_by(|one, next| text(one, "at") >= text(next, "at")));
    for limit in [1, 2, 7, whole.len()] {
        let (mut read, mut after) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("/v1/audit-events?limit={limit}{after}")).await;
            read.extend(events(&page));
            // What comes meanwhile moves nothing.
            app.advance(TimeDelta::seconds(1));
            app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await;
            match page.json()["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let from = read.iter().position(|event| event["id"] == whole[0]["id"]).unwrap();
        assert_eq!(&read[from..], whole, "{limit}");
    }
    app.deliver_all().await;
}

async fn ap_13_events_are_filtered_by_account_event_and_time(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    app.advance(TimeDelta::seconds(1));
    app.session(&Customer::ANA).await;
    let admin = Admin::with(app, "audit:read").await;
    let path = path_of(app, &Customer::ANA).await;
    let id = path.rsplit('/').next().unwrap();
    let of_ana = admin.get(&format!("/v1/audit-events?account_id={id}")).await;
    assert_eq!(names(&of_ana), ["authn_login_success", "user_created"]);
    let both = admin.get(&format!("/v1/audit-events?account_id={id}&event=user_created")).await;
    assert_eq!(names(&both), ["user_created"]);
    let at = text(&events(&both)[0], "at").to_owned();
    app.advance(TimeDelta::hours(1));
    app.session(&Customer::ANA).await;
    let admin = admin.renewed().await;
    let of_account = format!("/v1/audit-events?account_id={id}");
    let cut = format!("{}:30:00Z", &at[..13]);
    for (filter, expected) in [
        (format!("from={cut}"), vec!["authn_login_success"]),
        (format!("to={cut}"), vec!["authn_login_success", "user_created"]),
        (format!("from={cut}&to={cut}"), vec![]),
        (
            "from=1970-01-01T00:00:00Z&to=9999-01-01T00:00:00%2B01:00&event=user_created".to_owned(),
            vec!["user_created"],
        ),
    ] {
        let answer = admin.get(&format!("{of_account}&{filter}")).await;
        assert_eq!(names(&answer), expected, "{filter}: {answer}");
    }
    let unknown = admin.get("/v1/audit-events?account_id=p4tmx3rj5kq2vw7c6hzn7ydsae").await;
    assert_eq!(names(&unknown), [""; 0]);
}

async fn ap_13_a_wrong_parameter_is_named(app: &TestApp) {
    let admin = Admin::with(app, "audit:read").await;
    for (query, errors) in [
        ("account_id=004217", vec!["#/account_id invalid_format"]),
        ("event=Nothing", vec!["#/event invalid_format"]),
        ("event=user_closed&event=user_created", vec!["#/event invalid_format"]),
        ("from=yesterday&to=2026-13-01", vec!["#/from invalid_format", "#/to invalid_format"]),
        ("after=x&limit=0", vec!["#/after invalid_format", "#/limit invalid_format"]),
        ("limit=101", vec!["#/limit invalid_format"]),
        ("account_id=", vec!["#/account_id invalid_format"]),
    ] {
        let answer = admin.get(&format!("/v1/audit-events?{query}")).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), errors, "{query}");
    }
}

async fn ap_13_a_cursor_is_opaque_and_serves_for_a_day(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    let admin = Admin::with(app, "audit:read").await;
    let page = admin.get("/v1/audit-events?limit=1").await.json();
    let next = text(&page, "next").to_owned();
    let changed = admin.get(&format!("/v1/audit-events?after={next}A")).await;
    assert_eq!(changed.field_errors(), ["#/after invalid_format"]);
    admin.get(&format!("/v1/audit-events?after={next}")).await.assert_status(200);
    app.advance(TimeDelta::days(1));
    let admin = admin.renewed().await;
    let old = admin.get(&format!("/v1/audit-events?after={next}")).await;
    assert_eq!(old.field_errors(), ["#/after invalid_format"]);
}

async fn ad_10_the_trail_says_once_an_hour_that_it_is_read(app: &TestApp) {
    let admin = Admin::with(app, "audit:read").await;
    for _ in 0..3 {
        admin.get("/v1/audit-events").await.assert_status(200);
    }
    assert_eq!(app.events("sensitive_read"), 1);
    app.advance(TimeDelta::hours(1));
    let admin = admin.renewed().await;
    admin.get("/v1/audit-events").await.assert_status(200);
    let reads: Vec<_> = app.audit().into_iter().filter(|line| line.event == "sensitive_read").collect();
    assert_eq!((reads.len(), reads[1].detail.as_str()), (2, "audit trail"));
    assert_eq!(reads[1].actor, format!("client {}", admin.partner.id));
}
