//! A service in which everything has happened that leaves a row.

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::{
    config::LimitsConfig,
    crypto::solve,
    identity::{
        self, Change, abuse,
        import::{
            FileSource, ImportOptions, ImportReport, OnRejection, RawRow, ReadRow, Rejection, Watcher, WhatToDo,
        },
    },
    types::{AllowedTarget, CustomerNumber, DeliveryKind},
};
use wiremock::ResponseTemplate;

use crate::{
    administration::dossier::{Dossier, live_through},
    clients::assertions::{claims, present, with_keys},
    support::{
        Customer, Engine, TestApp, administrator,
        delivery_events::{accept_by_id, reset, take},
        desk::{Desk, Person},
        execute, issue_link_only,
        limited::{HOUR, per},
        partner::{Partner, about},
        signing::ClientKey,
        text,
    },
    webhooks::{
        owner::{Owner, deliver},
        receiver::Receiver,
    },
};

const CENA: Customer = Customer { number: "220011", email: "cena@example.si", password: "Poletne-gume-26" };
const DARJA: Customer = Customer { number: "330022", email: "darja@example.si", password: "Poletne-gume-26" };

/// How long entries of the trail are kept.
pub(super) const TRAIL_KEPT_FOR: TimeDelta = TimeDelta::days(200);

pub(super) struct History {
    pub(super) desk: Desk,
    /// What was lived through with [`Customer::ANA`].
    pub(super) dossier: Dossier,
    /// What stands behind the endpoints. One of them fails.
    _receiver: Receiver,
}

impl History {
    pub(super) fn app(&self) -> &TestApp {
        &self.desk.app
    }

    /// Lives through everything.
    pub(super) async fn of(engine: Engine) -> Self {
        let desk = Desk::start_with(engine, |config| {
            config.webhooks.allow = vec![AllowedTarget::parse("127.0.0.1:*").unwrap()];
            config.audit_keep = Some(TRAIL_KEPT_FOR);
            config.limits = LimitsConfig {
                enforced: true,
                spray: Some(per(10, TimeDelta::minutes(10))),
                reset_source: Some(per(10_000, HOUR)),
                sign_in_numbers: Some(per(10_000, HOUR)),
                ..LimitsConfig::default()
            };
        })
        .await;
        let app = &desk.app;
        accept_by_id(app).await;
        let dossier = live_through(app).await;
        bounce(app).await;
        let receiver = subscribe(app).await;
        fail_for_good(app).await;
        erase_another(app).await;
        import(app).await;
        use_clients(&desk).await;
        seal_and_publish(app).await;
        attack(app).await;
        Self { desk, dossier, _receiver: receiver }
    }
}

/// Mail to Bojan comes back, and the mail API says so.
async fn bounce(app: &TestApp) {
    app.make(&Customer::BOJAN).await;
    app.session(&Customer::BOJAN).await;
    app.deliver_all().await;
    let (_, mail) = reset(app, &Customer::BOJAN).await;
    take(app, &mail, DeliveryKind::BouncedHard).await;
}

/// Work whose job has ended without effect, and a mail that was given up before its first attempt.
async fn fail_for_good(app: &TestApp) {
    app.make(&CENA).await;
    app.deliver_all().await;
    app.ask(CENA.number).await.assert_status(202);
    issue_link_only(&app.app).await;
    // The link is made, and its mail never leaves.
    execute(&app.database.url, "DELETE FROM jobs").unwrap();
    app.ask("777777").await.assert_status(202);
    // Nobody looks the number up.
    execute(&app.database.url, "DELETE FROM jobs").unwrap();
    app.make(&DARJA).await;
    app.ask(DARJA.number).await.assert_status(202);
    issue_link_only(&app.app).await;
    app.close(&DARJA).await;
    // A version after this one has queued what this one cannot read.
    let later = "INSERT INTO jobs (id, payload, run_at, attempts, created_at, priority)
        VALUES ('later', '{\"kind\":\"later/1\"}', '2026-11-22 13:00:00', 0, '2026-11-22 13:00:00', 0)";
    execute(&app.database.url, later).unwrap();
    app.deliver_all().await;
}

async fn erase_another(app: &TestApp) {
    const GONE: Customer = Customer { number: "440033", email: "gone@example.si", password: "Poletne-gume-26" };
    app.make(&GONE).await;
    app.session(&GONE).await;
    app.deliver_all().await;
    let number = CustomerNumber::parse(GONE.number).unwrap();
    let change = identity::accounts::erase(&app.app, &administrator(), number, None).await.unwrap();
    assert_eq!(change, Change::Changed);
    app.deliver_all().await;
}

struct Silent;

impl Watcher for Silent {
    fn rejected(&mut self, rejection: &Rejection) {
        panic!("{rejection:?}");
    }
    fn passed_over(&mut self, _: u64, _: &'static str) {}
    fn unlikely_address(&mut self, _: u64) {}
    fn changed(&mut self, _: u64, _: &str) {}
    fn progress(&mut self, _: &ImportReport) {}
}

async fn import(app: &TestApp) {
    let row = RawRow { customer_number: Some("550044".to_owned()), ..RawRow::default() };
    let rows = vec![Ok(ReadRow { line: 2, fields: Ok(row) })].into_iter();
    let source = FileSource { rows, identity: Some("a file".to_owned()) };
    let options =
        ImportOptions { what: WhatToDo::Create, on_rejection: OnRejection::GoOn, dry_run: false, spread: None };
    let report = identity::import::import_file(&app.app, &administrator(), source, options, Silent).await.unwrap();
    assert_eq!(report.created, 1);
}

/// Clients present secrets, keys and tokens, and a person of support signs in to the page.
async fn use_clients(desk: &Desk) {
    let app = &desk.app;
    let partner = Partner::make(app, "support:read").await;
    let token = partner.token(app).await;
    about(app, "/oauth2/revoke", &partner, &token).await.assert_status(200);
    let key = ClientKey::p256("one");
    let id = with_keys(app, &[&key]).await;
    let assertion = key.sign(r#"{"alg":"ES256"}"#, &claims(app, &id).to_string());
    present(app, &assertion, "").await.assert_status(200);
    Person::make(app, "support:read").await.sign_in(desk).await;
}

/// Endpoints get events. One of them fails, and its key is replaced.
async fn subscribe(app: &TestApp) -> Receiver {
    let receiver = Receiver::start().await;
    let owner = Owner::of(app).await;
    let hook = owner.active(&receiver.url("/")).await;
    owner.post(&format!("/{}/rotate-secret", hook.id)).await.assert_status(200);
    let failing = owner.active(&receiver.url("/failing")).await;
    receiver.answer("/failing", ResponseTemplate::new(500));
    app.session(&Customer::BOJAN).await;
    app.deliver_all().await;
    deliver(app).await;
    assert_eq!(owner.show(&failing).await["state"], "active");
    receiver
}

async fn seal_and_publish(app: &TestApp) {
    deliver(app).await;
    identity::audit::seal_all(&app.app).await.unwrap();
    app.sign_in(Customer::BOJAN.number, "Napacno-geslo-1").await.assert_status(401);
}

/// Somebody tries many numbers, so strangers prove work.
async fn attack(app: &TestApp) {
    for index in 0..10 {
        app.sign_in(&format!("{index:06}"), "Ugibanje-26").await.assert_problem(401, "invalid-credentials");
    }
    let asked = app.sign_in("500000", "Ugibanje-26").await;
    asked.assert_problem(403, "challenge-required");
    let challenge = asked.json();
    let difficulty = u32::try_from(challenge["difficulty"].as_u64().unwrap()).unwrap();
    let proof = solve(text(&challenge, "challenge"), difficulty);
    let body = json!({ "customer_number": "500000", "password": "Ugibanje-26", "proof": proof });
    app.post("/v1/sessions", body).await.assert_problem(401, "invalid-credentials");
    abuse::share_pressure(&app.app).await.unwrap();
}
