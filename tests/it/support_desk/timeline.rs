//! The timeline of a diagnosis: its words, and what is no part of it.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Customer, TestApp, database_tests,
    diagnosis::{asked, events, token},
    issue_link_only, send, text,
};

database_tests![
    ad_10_the_timeline_speaks_the_asked_language,
    ad_10_a_decoy_never_shows_as_a_mail,
    ad_03_the_account_s_id_is_for_those_who_may_act,
];

async fn ask(app: &TestApp, number: &str, language: &str, token: &str) -> Value {
    let call = app.request(Method::POST, "/v1/support/diagnosis").bearer_auth(token);
    let call = call.header("accept-language", language).json(&json!({ "customer_number": number }));
    let answer = send(call).await;
    answer.assert_status(200);
    answer.json()
}

async fn ad_10_the_timeline_speaks_the_asked_language(app: &TestApp) {
    asked(app).await;
    app.ask(Customer::ANA.number).await;
    app.ask(Customer::ANA.number).await;
    app.deliver_all().await;
    for (language, words) in [
        (
            "sl",
            [
                "Zahteva ni sprožila novega sporočila: prekmalu po prejšnjem sporočilu (2×)",
                "Sporočilo je bilo predano v dostavo",
            ],
        ),
        (
            "de",
            [
                "Auf die Anfrage folgte keine neue Nachricht: zu bald nach der vorigen Nachricht (2×)",
                "Die Nachricht wurde zur Zustellung übergeben",
            ],
        ),
        (
            "en",
            [
                "The request led to no new message: too soon after the message before (2×)",
                "The message was handed over for delivery",
            ],
        ),
        (
            "hr",
            [
                "Zahtjev nije doveo do nove poruke: prerano nakon prethodne poruke (2×)",
                "Poruka je predana na dostavu",
            ],
        ),
    ] {
        let diagnosis = ask(app, Customer::ANA.number, language, &token(app).await).await;
        let told: Vec<&str> =
            diagnosis["timeline"].as_array().unwrap().iter().map(|entry| text(entry, "message")).collect();
        assert!(words.iter().all(|words| told.contains(words)), "{language}: {told:?}");
    }
}

/// Nobody took the decoy in time, as it happens to a mail while no worker runs.
async fn ad_10_a_decoy_never_shows_as_a_mail(app: &TestApp) {
    let [unserved, served] = ["999998", "999997"];
    app.ask(unserved).await;
    issue_link_only(&app.app).await;
    app.advance(TimeDelta::hours(25));
    app.deliver_all().await;
    assert_eq!(app.events("mail_given_up"), 1, "the trail has an entry about the decoy");
    app.ask(served).await;
    app.deliver_all().await;
    assert_eq!(app.events("mail_handed_over"), 1, "and one about a decoy that was handed over to nobody");
    for number in [unserved, served] {
        let diagnosis = ask(app, number, "sl", &token(app).await).await;
        let mut shown = events(&diagnosis);
        shown.sort_unstable();
        assert_eq!(shown, ["reset_processed", "reset_requested"]);
    }
}

async fn ad_03_the_account_s_id_is_for_those_who_may_act(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let may_look = token(app).await;
    assert_eq!(ask(app, Customer::ANA.number, "sl", &may_look).await["account_id"], Value::Null);
    let partner = crate::support::partner::Partner::make(app, "support:act support:read").await;
    let may_act = partner.token(app).await;
    let id = app.column("accounts", "id").remove(0);
    assert_eq!(ask(app, Customer::ANA.number, "sl", &may_act).await["account_id"], id.as_str());
    assert_eq!(ask(app, "999998", "sl", &may_act).await["account_id"], Value::Null);
}
