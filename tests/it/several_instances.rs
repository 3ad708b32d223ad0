//! Two instances on one database are one service.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use stakis_identity::jobs;
use url::Url;

use crate::support::{Answer, Customer, TestApp, database_tests, send};

const NEW: &str = "Zimske-gume-27";

async fn post_to(app: &TestApp, url: &Url, path: &str, body: &serde_json::Value) -> Answer {
    send(app.client.request(Method::POST, url.join(path).unwrap()).json(body)).await
}

database_tests! {
    async fn tk_05_fifty_at_once_over_two_instances_and_one_wins(app: TestApp) {
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
        for (password, answer) in &answers {
            let expected = if answer.status == 200 { 201 } else { 401 };
            assert_eq!(app.sign_in(Customer::ANA.number, password).await.status, expected);
        }
        app.deliver_all().await;
        assert_eq!(app.mail_api.mails().await.len(), 2, "one link, one notice");
    }

    async fn tk_14_a_link_asked_of_one_serves_at_the_other(app: TestApp) {
        app.make(&Customer::ANA).await;
        let token = app.token_for(&Customer::ANA).await;
        let (second, _) = app.second_instance().await;
        let body = json!({ "token": token, "customer_number": "004217", "new_password": NEW, "new_password_confirmation": NEW });
        assert_eq!(post_to(&app, &second, "/v1/password-resets/complete", &body).await.status, 200);
        app.verify(&token).await.assert_link_unusable("used");
        app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_problem(401, "invalid-credentials");
        let access_token = app.access_token(&Customer::ANA, NEW).await;
        let account = send(app.client.get(second.join("/v1/account").unwrap()).bearer_auth(access_token)).await;
        assert_eq!(account.status, 200, "both know the signing key");
        app.deliver_all().await;
    }

    async fn rq_10_two_workers_send_one_mail_for_requests_at_the_same_moment(app: TestApp) {
        app.make(&Customer::ANA).await;
        let (_, other) = app.second_instance().await;
        join_all((0..20).map(|_| app.ask(Customer::ANA.number))).await;
        let workers = [app.app.clone(), other.clone(), app.app.clone(), other].map(|app: Arc<_>| async move {
            jobs::run_all_due(&app).await.unwrap()
        });
        let done: usize = join_all(workers).await.into_iter().sum();
        // A worker whose claim was taken by another one stops looking; what it left is done here.
        assert_eq!(done + app.deliver_all().await, 21);
        assert_eq!(app.mail_api.mails().await.len(), 1);
    }

    async fn the_fifth_wrong_number_counts_over_parallel_calls(app: TestApp) {
        app.make(&Customer::ANA).await;
        let token = app.token_for(&Customer::ANA).await;
        let answers = join_all((0..20).map(|_| app.complete(&token, "004218", NEW))).await;
        let told = answers.iter().filter(|answer| answer.status == 422).count();
        assert_eq!(told, 5);
        app.complete(&token, Customer::ANA.number, NEW).await.assert_link_unusable("withdrawn");
    }

    async fn ch_06_a_sign_in_that_overlaps_a_reset_leaves_no_old_session(app: TestApp) {
        app.make(&Customer::ANA).await;
        let token = app.token_for(&Customer::ANA).await;
        let sign_ins = join_all((0..10).map(|_| app.sign_in(Customer::ANA.number, Customer::ANA.password)));
        let (sign_ins, reset) = tokio::join!(sign_ins, app.complete(&token, Customer::ANA.number, NEW));
        assert_eq!(reset.status, 200);
        for answer in sign_ins.iter().filter(|answer| answer.status == 201) {
            let access_token = answer.json()["access_token"].as_str().unwrap().to_owned();
            app.account(&access_token).await.assert_problem(401, "invalid-token");
        }
        app.deliver_all().await;
    }

    async fn op_03_a_job_that_one_instance_dropped_is_done_by_the_other(app: TestApp) {
        app.make(&Customer::ANA).await;
        app.ask(Customer::ANA.number).await;
        let now = stakis_identity::types::Clock::now(&*app.clock);
        let claimed = app.app.database.write(move |connection| -> Result<_, stakis_identity::store::StoreError> {
            stakis_identity::store::jobs::claim_due(connection, now, now + TimeDelta::seconds(60), 1)
        }).await.unwrap();
        assert_eq!(claimed.len(), 1);
        let (_, other) = app.second_instance().await;
        assert_eq!(jobs::run_all_due(&other).await.unwrap(), 0);
        app.advance(TimeDelta::seconds(60));
        assert_eq!(jobs::run_all_due(&other).await.unwrap(), 2);
        assert_eq!(app.mail_api.mails().await.len(), 1);
    }
}
