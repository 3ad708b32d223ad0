//! The effect of each published answer on a mail.

use chrono::TimeDelta;
use serde_json::json;
use wiremock::ResponseTemplate;

use super::{
    api::{Api, Fate, answer},
    brevo,
    harness::{APIS, queue, replay, start, state},
    mailpit, postmark, resend, sendgrid,
};
use crate::support::{Engine, MailApi, engine_tests};

engine_tests![
    ml_08_the_published_answers_of_mailpit,
    ml_08_the_published_answers_of_resend,
    ml_08_the_published_answers_of_brevo,
    ml_08_the_published_answers_of_postmark,
    ml_08_the_published_answers_of_sendgrid,
    ml_08_a_redirect_is_followed_nowhere,
    ml_08_an_id_that_no_table_takes_is_left_out,
];

/// Answers that any mail API may give.
fn common_answers() -> Vec<(ResponseTemplate, Fate)> {
    vec![
        (ResponseTemplate::new(429).insert_header("retry-after", "120"), Fate::Later(120)),
        (
            ResponseTemplate::new(503)
                .insert_header("date", "Sun, 22 Nov 2026 12:00:00 GMT")
                .insert_header("retry-after", "Sun, 22 Nov 2026 12:05:00 GMT"),
            Fate::Later(300),
        ),
        (ResponseTemplate::new(429).insert_header("retry-after", "86400000000"), Fate::Later(900)),
        (ResponseTemplate::new(429).insert_header("retry-after", "soon"), Fate::Later(10)),
        (ResponseTemplate::new(500).set_body_string("<html>Internal Server Error</html>"), Fate::Later(10)),
        (ResponseTemplate::new(502), Fate::Later(10)),
        (ResponseTemplate::new(401), Fate::Mending),
        (ResponseTemplate::new(404).set_body_string("<html>Not Found</html>"), Fate::Mending),
        (ResponseTemplate::new(407), Fate::Mending),
        (ResponseTemplate::new(400).set_body_string("{\"name\":"), Fate::Refused),
        (ResponseTemplate::new(422).set_body_string("[".repeat(60_000)), Fate::Refused),
        (ResponseTemplate::new(200).set_body_string("OK"), Fate::Out),
        (ResponseTemplate::new(200).set_body_bytes(vec![0xFF; 100_000]), Fate::Out),
    ]
}

async fn replay_all(engine: Engine, api: Api) {
    let app = Box::pin(start(engine, &api)).await;
    for (index, (template, fate)) in (api.others)().into_iter().chain(common_answers()).enumerate() {
        Box::pin(replay(&app, &api, index, template, fate)).await;
    }
}

async fn ml_08_the_published_answers_of_mailpit(engine: Engine) {
    replay_all(engine, mailpit::API).await;
}

async fn ml_08_the_published_answers_of_resend(engine: Engine) {
    replay_all(engine, resend::API).await;
}

async fn ml_08_the_published_answers_of_brevo(engine: Engine) {
    replay_all(engine, brevo::API).await;
}

async fn ml_08_the_published_answers_of_postmark(engine: Engine) {
    replay_all(engine, postmark::API).await;
}

async fn ml_08_the_published_answers_of_sendgrid(engine: Engine) {
    replay_all(engine, sendgrid::API).await;
}

async fn ml_08_a_redirect_is_followed_nowhere(engine: Engine) {
    let elsewhere = MailApi::start().await;
    for api in &APIS {
        let app = start(engine, api).await;
        for (index, status) in [301, 302, 303, 307, 308].into_iter().enumerate() {
            let redirect = ResponseTemplate::new(status).insert_header("location", elsewhere.url().as_str());
            replay(&app, api, index, redirect, Fate::Later(10)).await;
        }
    }
    assert!(elsewhere.mails().await.is_empty());
}

async fn ml_08_an_id_that_no_table_takes_is_left_out(engine: Engine) {
    let app = start(engine, &resend::API).await;
    for (index, name) in ["a\u{0}b".to_owned(), "x".repeat(5000)].into_iter().enumerate() {
        app.mail_api.answer_with(answer(200, json!({ "id": name }))).await;
        let email = queue(&app, index).await;
        app.deliver_all().await;
        assert_eq!(state(&app, &email), ["handed_over", ""]);
        app.advance(TimeDelta::hours(1));
    }
}
