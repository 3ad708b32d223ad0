//! What each act tells, and what no event holds.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta};
use reqwest::Method;
use serde_json::{Value, json};
use stakis_identity::{
    http,
    identity::{
        self,
        accounts::{AccountChanges, NewName},
        email_change, lock_down, passwords,
    },
    store::epoch::Passwords,
    types::{AccountId, BounceCause, CustomerNumber, DeliveryKind, DisplayName, EmailAddress, Locale},
};

use super::reader::{Reader, of_type, publish, types};
use crate::support::{
    Customer, TestApp, administrator, database_tests,
    delivery_events::{accept_by_id, newest, reset, take, take_bounce},
    reason, send, text,
};

database_tests![
    wh_06_each_act_on_an_account_tells_what_it_was,
    wh_06_mails_tell_what_became_of_them,
    wh_06_an_act_that_changes_nothing_tells_nothing,
    wh_06_a_new_epoch_tells_of_every_account_and_session,
    wh_06_events_hold_no_address_no_number_and_no_secret,
];

const NEW: &str = "Zimske-gume-27";
const NEWER: &str = "Jesenske-gume-28";
const MOVED: &str = "nova@example.si";

fn number() -> CustomerNumber {
    CustomerNumber::parse(Customer::ANA.number).unwrap()
}

/// An event in one line, without the ids.
fn line(event: &Value) -> String {
    let ids = ["version", "account_id", "session_id", "mail_id"];
    let told = event["data"].as_object().unwrap().iter().filter(|(name, _)| !ids.contains(&name.as_str()));
    let told: Vec<String> =
        told.map(|(name, value)| format!(" {name}={}", value.to_string().trim_matches('"'))).collect();
    format!("{}{}", text(event, "type"), told.concat())
}

fn lines(events: &[Value]) -> Vec<String> {
    events.iter().map(line).collect()
}

/// The schema of a type's data in the OpenAPI document, and the whole document.
fn data_schema(event_type: &str) -> (&'static Value, &'static Value) {
    let document = http::document();
    let at = |pointer: &str| document.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
    let hook = at(&format!("/webhooks/{event_type}/post/requestBody/content/application~1json/schema/$ref"));
    let event = at(hook.as_str().unwrap().trim_start_matches('#'));
    let data = event.pointer("/allOf/1/properties/data/$ref").and_then(Value::as_str).unwrap();
    (at(data.trim_start_matches('#')), document)
}

/// Fails unless the event is as the document describes it.
fn assert_as_documented(event: &Value) {
    let members: BTreeSet<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, BTreeSet::from(["id", "type", "timestamp", "data"]), "{event}");
    let id = text(event, "id");
    assert!(id.starts_with("evt_") && id.len() == 30, "{event}");
    let timestamp = text(event, "timestamp");
    assert!(timestamp.ends_with('Z') && DateTime::parse_from_rfc3339(timestamp).is_ok(), "{event}");
    assert!(event.to_string().len() < 20_000);
    let (schema, document) = data_schema(text(event, "type"));
    let properties = schema["properties"].as_object().unwrap();
    let data = event["data"].as_object().unwrap();
    for required in schema["required"].as_array().unwrap() {
        assert!(data.contains_key(required.as_str().unwrap()), "{event} lacks {required}");
    }
    for (name, value) in data {
        let property = properties.get(name).unwrap_or_else(|| panic!("{event}: {name} is not documented"));
        let vocabulary = property["$ref"].as_str().or(property["allOf"][0]["$ref"].as_str());
        if let Some(path) = vocabulary {
            let values = document.pointer(path.trim_start_matches('#')).unwrap()["enum"].as_array().unwrap();
            assert!(values.contains(value), "{event}: {name}");
        }
    }
}

async fn wh_06_each_act_on_an_account_tells_what_it_was(app: &TestApp) {
    let reader = Reader::of(app).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    app.deliver_all().await;
    let form = json!({
        "current_password": Customer::ANA.password, "new_password": NEW, "new_password_confirmation": NEW,
    });
    let answer = app.change(text(&session, "access_token"), form).await;
    answer.assert_status(200);
    app.deliver_all().await;
    app.advance(TimeDelta::minutes(31));
    let link = app.token_for(&Customer::ANA).await;
    app.complete(&link, Customer::ANA.number, NEWER).await.assert_status(200);
    app.deliver_all().await;
    let session = app.sign_in(Customer::ANA.number, NEWER).await.json();
    app.deliver_all().await;
    let form = json!({ "email": MOVED, "current_password": NEWER });
    let asked = app.request(Method::POST, "/v1/account/email").bearer_auth(text(&session, "access_token"));
    send(asked.json(&form)).await.assert_status(202);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    let confirms = mails.iter().rfind(|mail| mail.to() == MOVED).unwrap().token();
    let form = json!({ "token": confirms, "customer_number": Customer::ANA.number });
    app.post("/v1/email-changes/confirm", form).await.assert_status(200);
    app.deliver_all().await;
    let back = EmailAddress::parse(Customer::ANA.email).unwrap();
    email_change::set(&app.app, &administrator(), number(), back, None).await.unwrap();
    passwords::expire(&app.app, &administrator(), number(), None).await.unwrap();
    lock_down::by_administrator(&app.app, &administrator(), number(), None).await.unwrap();
    identity::accounts::close(&app.app, &administrator(), number(), None).await.unwrap();
    identity::accounts::reopen(&app.app, &administrator(), number(), None).await.unwrap();
    let account = app.column("accounts", "id").remove(0);
    let id = AccountId::parse(&account).unwrap();
    let name = NewName::Set(DisplayName::parse("Avtoservis Novak").unwrap());
    let changes = AccountChanges { email: None, locale: Some(Locale::De), display_name: Some(name) };
    identity::accounts::update(&app.app, &administrator(), id, changes, |_| true).await.unwrap();
    app.deliver_all().await;
    identity::accounts::erase(&app.app, &administrator(), number(), None).await.unwrap();
    app.deliver_all().await;
    let all = reader.all().await;
    all.iter().for_each(assert_as_documented);
    assert_eq!(
        lines(&all),
        [
            "account.created by=administrator",
            "session.started",
            "password.changed set_by=change",
            "password.reset_requested by=owner",
            "session.ended reason=password_reset",
            "password.changed set_by=reset",
            "session.started",
            "email.changed by=owner",
            "email.changed by=administrator",
            "password.expired reason=administrative",
            "session.ended reason=password_expired",
            "password.expired reason=locked_down",
            "account.locked_down by=administrator contested=false",
            "account.closed by=administrator",
            "account.reopened by=administrator",
            "account.updated changed=[\"locale\",\"display_name\"] by=administrator",
            "password.reset_requested by=service",
            "account.erased by=administrator",
        ]
    );
    // All of them are about the one account, and name it by its id.
    assert!(all.iter().all(|event| event["data"]["account_id"] == account), "{all:?}");
    let started = of_type(&all, "session.started");
    assert_eq!(started[1]["data"]["session_id"], session["session_id"]);
}

async fn wh_06_mails_tell_what_became_of_them(app: &TestApp) {
    let reader = Reader::of(app).await;
    accept_by_id(app).await;
    app.make(&Customer::ANA).await;
    let (_, first) = reset(app, &Customer::ANA).await;
    take(app, &first, DeliveryKind::Deferred).await;
    take(app, &first, DeliveryKind::Delivered).await;
    // A mail API repeats its events.
    take(app, &first, DeliveryKind::Delivered).await;
    let (_, second) = reset(app, &Customer::ANA).await;
    take_bounce(app, &second, DeliveryKind::BouncedSoft, BounceCause::MailboxFull, None).await;
    let (_, third) = reset(app, &Customer::ANA).await;
    take_bounce(app, &third, DeliveryKind::BouncedHard, BounceCause::NoSuchMailbox, Some("550 5.1.1")).await;
    take(app, "no-such-mail", DeliveryKind::BouncedHard).await;
    let all = reader.all().await;
    all.iter().for_each(assert_as_documented);
    let mails: Vec<&Value> = all.iter().filter(|event| text(event, "type").starts_with("mail.")).collect();
    let told: Vec<String> = mails.iter().map(|event| line(event)).collect();
    assert_eq!(
        told,
        [
            "mail.delivered mail=reset_link",
            "mail.bounced mail=reset_link permanent=false cause=mailbox_full",
            "mail.bounced mail=reset_link permanent=true cause=no_such_mailbox",
        ]
    );
    let ids: Vec<&str> = mails.iter().map(|event| text(&event["data"], "mail_id")).collect();
    assert_eq!(ids, [first, second, third]);
    assert_eq!(newest(app).0, "handed_over");
}

async fn wh_06_an_act_that_changes_nothing_tells_nothing(app: &TestApp) {
    let reader = Reader::of(app).await;
    app.make(&Customer::ANA).await;
    identity::accounts::close(&app.app, &administrator(), number(), None).await.unwrap();
    passwords::expire(&app.app, &administrator(), number(), None).await.unwrap();
    let before = reader.all().await;
    for _ in 0..2 {
        identity::accounts::close(&app.app, &administrator(), number(), None).await.unwrap();
        passwords::expire(&app.app, &administrator(), number(), None).await.unwrap();
        let same = EmailAddress::parse(Customer::ANA.email).unwrap();
        email_change::set(&app.app, &administrator(), number(), same, None).await.unwrap();
        app.sign_in(Customer::ANA.number, "Napacno-geslo-1").await.assert_status(401);
        app.sign_in("999999", "Napacno-geslo-1").await.assert_status(401);
        app.verify("no-such-link").await.assert_link_unusable("unknown");
    }
    app.deliver_all().await;
    assert_eq!(reader.all().await, before);
}

async fn wh_06_a_new_epoch_tells_of_every_account_and_session(app: &TestApp) {
    let reader = Reader::of(app).await;
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    app.session(&Customer::ANA).await;
    app.session(&Customer::BOJAN).await;
    app.session(&Customer::BOJAN).await;
    app.deliver_all().await;
    reader.all().await;
    let (_, before) = reader.all_after(None).await;
    identity::upkeep::begin_new_epoch(&app.app, &administrator(), Passwords::Expired).await.unwrap();
    publish(app).await;
    // The token of the reader is from the new epoch too.
    let (told, _) = reader.all_after(Some(before)).await;
    told.iter().for_each(assert_as_documented);
    let mut told: Vec<String> = lines(&told);
    told.sort();
    assert_eq!(
        told,
        [
            "password.expired reason=administrative",
            "password.expired reason=administrative",
            "session.ended reason=new_epoch",
            "session.ended reason=new_epoch",
            "session.ended reason=new_epoch",
        ]
    );
}

async fn wh_06_events_hold_no_address_no_number_and_no_secret(app: &TestApp) {
    let reader = Reader::of(app).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    app.deliver_all().await;
    let link = app.token_for(&Customer::ANA).await;
    app.complete(&link, Customer::ANA.number, NEW).await.assert_status(200);
    identity::accounts::close(&app.app, &administrator(), number(), reason("neplačani računi")).await.unwrap();
    app.deliver_all().await;
    let all = reader.all().await;
    assert!(types(&all).contains(&"account.closed"), "{all:?}");
    let shown = Value::from(all).to_string();
    let stored = app.dump().only("events").text();
    let names = ["access_token", "refresh_token", "device_token"].map(|name| text(&session, name).to_owned());
    let others = [Customer::ANA.number, Customer::ANA.email, "example.si", "127.0.0", "neplač", NEW, &link];
    for secret in names.iter().map(String::as_str).chain(others) {
        assert!(!shown.contains(secret), "{secret}: {shown}");
        assert!(!stored.contains(secret), "{secret}: {stored}");
    }
}
