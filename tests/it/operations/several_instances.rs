//! Two instances on one database act as one service.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{
    app::App,
    config::JwtAlgorithm,
    identity::{Credentials, passwords, reset, sessions::authenticate, sign_in},
    jobs,
    store::{self, StoreError},
    types::{Clock, CustomerNumber, Locale, Password, SystemClock, UtcTime},
};
use url::Url;

use crate::support::{
    Answer, Customer, Engine, MailApi, ManualClock, PUBLIC_URL, TestApp, TestDatabase, administrator, base_config,
    customer_context, database_tests, dump, engine_tests, issue_link_only, send, text,
};

const NEW: &str = "Zimske-gume-27";

async fn post_to(app: &TestApp, url: &Url, path: &str, body: &serde_json::Value) -> Answer {
    send(app.client.request(Method::POST, url.join(path).unwrap()).json(body)).await
}

database_tests![
    tk_05_fifty_at_once_over_two_instances_and_one_wins,
    tk_14_a_link_asked_of_one_serves_at_the_other,
    rq_10_two_workers_send_one_mail_for_requests_at_the_same_moment,
    a_key_made_by_another_instance_is_known_here_at_once,
    the_fifth_wrong_number_counts_over_parallel_calls,
    three_links_and_a_closing_at_the_same_moment_take_turns,
    ch_06_a_sign_in_that_overlaps_a_reset_leaves_no_old_session,
    op_03_a_job_that_one_instance_dropped_is_done_by_the_other,
    jw_11_refreshes_and_a_change_at_the_same_moment_take_turns,
    lg_11_a_sign_in_that_overlaps_a_reset_expires_no_new_password,
];

async fn jw_11_refreshes_and_a_change_at_the_same_moment_take_turns(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let (second, _) = app.second_instance().await;
    let mut password = Customer::ANA.password.to_owned();
    for round in 0..4 {
        let customer = Customer { password: Box::leak(password.clone().into_boxed_str()), ..Customer::ANA };
        let mut sessions = Vec::new();
        for _ in 0..5 {
            sessions.push(app.session(&customer).await);
        }
        let next = format!("Zimske-gume-{round}x");
        let form = json!({ "current_password": password, "new_password": next, "new_password_confirmation": next });
        let changing = app.change(text(&sessions[0], "access_token"), form);
        let refreshes = join_all(sessions.iter().enumerate().map(|(index, session)| {
            let url = if index % 2 == 0 { &app.url } else { &second };
            let body = json!({ "refresh_token": session["refresh_token"] });
            async move { post_to(app, url, "/v1/sessions/refresh", &body).await }
        }));
        let (changed, refreshes) = tokio::join!(changing, refreshes);
        changed.assert_status(200);
        for (index, answer) in refreshes.iter().enumerate() {
            assert!([200, 401].contains(&answer.status), "{index}: {}", answer.text);
            if answer.status == 200 && index > 0 {
                // This refresh came before the change, which has ended its session.
                let body = answer.json();
                app.account(text(&body, "access_token")).await.assert_problem(401, "invalid-token");
            }
        }
        app.account(text(&changed.json(), "access_token")).await.assert_status(200);
        password = next;
    }
    app.deliver_all().await;
}

async fn lg_11_a_sign_in_that_overlaps_a_reset_expires_no_new_password(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    passwords::expire(&app.app, &administrator(), number, None).await.unwrap();
    let token = app.token_for(&Customer::ANA).await;
    // A thief keeps using the old password.
    let stolen = join_all((0..20).map(|_| app.sign_in(Customer::ANA.number, Customer::ANA.password)));
    let (stolen, reset) = tokio::join!(stolen, app.complete(&token, Customer::ANA.number, NEW));
    reset.assert_status(200);
    assert!(stolen.iter().all(|answer| [401, 403, 429].contains(&answer.status)));
    let device_token = reset.json()["device_token"].as_str().unwrap().to_owned();
    app.sign_in_from(&device_token, Customer::ANA.number, NEW).await.assert_status(201);
    app.deliver_all().await;
}

async fn tk_05_fifty_at_once_over_two_instances_and_one_wins(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let (second, _) = app.second_instance().await;
    let first = app.url.clone();
    let calls = (0..50).map(|index| {
        let url = if index % 2 == 0 { &first } else { &second };
        let password = format!("Zimske-gume-{index}x");
        let body = json!({ "token": token, "customer_number": "004217", "new_password": password, "new_password_confirmation": password });
        let app = &app;
        async move { (password, post_to(app, url, "/v1/password-resets/complete", &body).await) }
    });
    let answers = join_all(calls).await;
    let winners: Vec<_> = answers.iter().filter(|(_, answer)| answer.status == 200).collect();
    assert_eq!(winners.len(), 1);
    for (_, answer) in answers.iter().filter(|(_, answer)| answer.status != 200) {
        answer.assert_link_unusable("used");
    }
    app.sign_in(Customer::ANA.number, &winners[0].0).await.assert_status(201);
    let losers = answers.iter().filter(|(_, answer)| answer.status != 200).take(4);
    for password in losers.map(|(password, _)| password.as_str()).chain([Customer::ANA.password]) {
        app.sign_in(Customer::ANA.number, password).await.assert_problem(401, "invalid-credentials");
    }
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 2, "one link, one notice");
}

async fn tk_14_a_link_asked_of_one_serves_at_the_other(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let (second, _) = app.second_instance().await;
    let body = json!({ "token": token, "customer_number": "004217", "new_password": NEW, "new_password_confirmation": NEW });
    post_to(app, &second, "/v1/password-resets/complete", &body).await.assert_status(200);
    app.verify(&token).await.assert_link_unusable("used");
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(401, "invalid-credentials");
    let access_token = app.access_token(&Customer::ANA, NEW).await;
    let account = send(app.client.get(second.join("/v1/account").unwrap()).bearer_auth(access_token)).await;
    account.assert_status_with(200, "both know the signing key");
    app.deliver_all().await;
}

async fn rq_10_two_workers_send_one_mail_for_requests_at_the_same_moment(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let (_, other) = app.second_instance().await;
    join_all((0..20).map(|_| app.ask(Customer::ANA.number))).await;
    let workers = [app.app.clone(), other.clone(), app.app.clone(), other]
        .map(|app: App| async move { jobs::run_all_due(&app).await.unwrap() });
    let done: usize = join_all(workers).await.into_iter().sum();
    // A worker whose claim was taken by another one stops looking, so this call does the rest.
    assert_eq!(done + app.deliver_all().await, 21);
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn a_key_made_by_another_instance_is_known_here_at_once(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut config = app.config.clone();
    config.jwt_algorithm = JwtAlgorithm::EdDsa;
    let other = app.instance_with(&config).await;
    let number = CustomerNumber::parse(Customer::ANA.number).unwrap();
    let password = Password::new(Customer::ANA.password.to_owned());
    // The new key signs ten minutes later, and this instance has not read it yet.
    app.advance(TimeDelta::minutes(10));
    let context = customer_context();
    let credentials = Credentials {
        customer_number: Some(number.as_str().to_owned()),
        password: Some(password),
        device_token: None,
        proof: None,
    };
    let signed_in = sign_in(&other, &context, credentials).await.ok().unwrap();
    assert_eq!(jsonwebtoken::decode_header(&signed_in.access_token).unwrap().alg, jsonwebtoken::Algorithm::EdDSA);
    app.account(&signed_in.access_token).await.assert_status(200);
    assert_eq!(app.get("/.well-known/jwks.json").await.json()["keys"].as_array().unwrap().len(), 2);
}

async fn the_fifth_wrong_number_counts_over_parallel_calls(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let answers = join_all((0..20).map(|_| app.complete(&token, "004218", NEW))).await;
    let told = answers.iter().filter(|answer| answer.status == 422).count();
    assert_eq!(told, 5);
    app.complete(&token, Customer::ANA.number, NEW).await.assert_link_unusable("withdrawn");
}

async fn three_links_and_a_closing_at_the_same_moment_take_turns(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(app.token_for(&Customer::ANA).await);
        app.advance(TimeDelta::minutes(5));
    }
    let completions = join_all(tokens.iter().map(|token| app.complete(token, Customer::ANA.number, NEW)));
    let (answers, ()) = tokio::join!(completions, app.close(&Customer::ANA));
    let winners = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(winners <= 1 && answers.iter().all(|answer| [200, 410].contains(&answer.status)), "{answers:?}");
    let password = if winners == 1 { NEW } else { Customer::ANA.password };
    app.sign_in(Customer::ANA.number, password).await.assert_problem(403, "account-closed");
    app.deliver_all().await;
}

async fn ch_06_a_sign_in_that_overlaps_a_reset_leaves_no_old_session(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let sign_ins = join_all((0..10).map(|_| app.sign_in(Customer::ANA.number, Customer::ANA.password)));
    let (sign_ins, reset) = tokio::join!(sign_ins, app.complete(&token, Customer::ANA.number, NEW));
    reset.assert_status(200);
    for answer in sign_ins.iter().filter(|answer| answer.status == 201) {
        let access_token = answer.json()["access_token"].as_str().unwrap().to_owned();
        app.account(&access_token).await.assert_problem(401, "invalid-token");
    }
    app.deliver_all().await;
}

async fn op_03_a_job_that_one_instance_dropped_is_done_by_the_other(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.ask(Customer::ANA.number).await;
    let now = app.clock.now();
    let claimed = app
        .app
        .database
        .write(move |tx| -> Result<_, StoreError> {
            store::jobs::claim_due(tx, now + TimeDelta::seconds(60), store::jobs::LAST, 1)
        })
        .await
        .unwrap();
    assert_eq!(claimed.len(), 1);
    let (_, other) = app.second_instance().await;
    assert_eq!(jobs::run_all_due(&other).await.unwrap(), 0);
    app.advance(TimeDelta::seconds(60));
    assert_eq!(jobs::run_all_due(&other).await.unwrap(), 2);
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

engine_tests![
    two_instances_that_start_together_make_one_signing_key,
    cf_03_the_secret_key_can_be_changed_without_losing_a_link_or_a_session,
    cf_03_a_link_made_under_a_new_key_waits_for_an_instance_that_has_it,
    pw_13_an_unknown_number_costs_what_stored_hashes_cost,
    op_04_instances_follow_the_database_server_s_clock,
];

/// A machine's clock that is two minutes ahead.
#[derive(Default)]
struct FastClock(SystemClock);

impl Clock for FastClock {
    fn now(&self) -> UtcTime {
        self.0.now() + TimeDelta::minutes(2)
    }

    fn adjust_by(&self, difference: TimeDelta) {
        self.0.adjust_by(difference);
    }
}

async fn op_04_instances_follow_the_database_server_s_clock(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let config = base_config(&database);
    let clock = Arc::new(FastClock::default());
    let public_url: Url = PUBLIC_URL.parse().unwrap();
    let app = App::build(&config, &public_url, PUBLIC_URL.parse().unwrap(), clock).await.unwrap();
    let ahead = |app: &App| (app.clock.now() - SystemClock::default().now()).num_seconds();
    // SQLite runs on the machine's own clock, so there is no other to follow.
    let expected = if engine == Engine::Postgres { 0 } else { 119 };
    assert!((expected..=expected + 1).contains(&ahead(&app)), "{}", ahead(&app));
    stakis_identity::identity::upkeep::follow_server_clock(&app).await.unwrap();
    assert!((expected..=expected + 1).contains(&ahead(&app)), "once is enough");
}

async fn two_instances_that_start_together_make_one_signing_key(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let config = base_config(&database);
    let mail_api = MailApi::start().await;
    let public_url: Url = PUBLIC_URL.parse().unwrap();
    let clock = Arc::new(ManualClock::new());
    let build = || App::build(&config, &public_url, mail_api.url(), clock.clone());
    let apps = join_all((0..6).map(|_| build())).await;
    let kids: std::collections::BTreeSet<String> =
        apps.into_iter().map(|app| serde_json::to_string(&app.unwrap().signer.jwks()).unwrap()).collect();
    assert_eq!(kids.len(), 1);
    assert_eq!(dump(&database.url).counts()["signing_keys"], 1);
}

async fn cf_03_the_secret_key_can_be_changed_without_losing_a_link_or_a_session(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    let access_token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let mut config = app.config.clone();
    config.secret_key_previous =
        Some(std::mem::replace(&mut config.secret_key, base_config(&app.database).secret_key));
    let rotating = app.instance_with(&config).await;
    assert!(authenticate(&rotating, &access_token).await.is_ok());
    let context = customer_context();
    assert!(reset::verify_link(&rotating, &context, &token).await.is_ok());
    // Starting has sealed the values with the new key, so the old key can go.
    config.secret_key_previous = None;
    let rotated = app.instance_with(&config).await;
    assert!(authenticate(&rotated, &access_token).await.is_ok());
}

async fn cf_03_a_link_made_under_a_new_key_waits_for_an_instance_that_has_it(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let mut config = app.config.clone();
    config.secret_key_previous =
        Some(std::mem::replace(&mut config.secret_key, base_config(&app.database).secret_key));
    let rotated = app.instance_with(&config).await;
    app.ask(Customer::ANA.number).await;
    issue_link_only(&rotated).await;
    // The old instance claims the mail, and cannot make its link.
    app.deliver_all().await;
    assert!(app.mail_api.mails().await.is_empty());
    app.advance(TimeDelta::seconds(12));
    assert_eq!(jobs::run_all_due(&rotated).await.unwrap(), 1);
    assert_eq!(app.mail_api.mails().await.len(), 1);
}

async fn pw_13_an_unknown_number_costs_what_stored_hashes_cost(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    // The settings are raised after the password was set, so the stored hash stays as cheap as it was.
    let mut config = app.config.clone();
    config.argon2.memory_kib = 256 * 1024;
    config.argon2.iterations = 2;
    let raised = app.instance_with(&config).await;
    let context = customer_context();
    let time = async |number: &str| {
        let mut best = std::time::Duration::MAX;
        for _ in 0..3 {
            let number = CustomerNumber::parse(number).unwrap();
            let password = Password::new("Napacno-geslo-1".to_owned());
            let started = std::time::Instant::now();
            let credentials = Credentials {
                customer_number: Some(number.as_str().to_owned()),
                password: Some(password),
                device_token: None,
                proof: None,
            };
            assert!(sign_in(&raised, &context, credentials).await.is_err());
            best = best.min(started.elapsed());
        }
        best
    };
    let without_password = Customer { number: "100003", email: "new@example.si", password: "" };
    app.create(&without_password, Locale::Sl, None).await;
    let known = time(Customer::ANA.number).await;
    for number in ["999999", without_password.number] {
        let took = time(number).await;
        // A hash at the raised cost writes half a gibibyte and takes a hundred times as long.
        assert!(took < known * 20, "known {known:?}, {number} {took:?}");
    }
}
