//! Two mail APIs: the second one takes over while the first one fails, and no mail goes through both.

use std::time::Duration;

use chrono::TimeDelta;
use secrecy::SecretString;
use serde_json::json;
use stakis_identity::{
    config::{MailConfig, MailProviderKind},
    jobs::{self, Background},
    types::{EmailAddress, Locale},
};
use tokio::{sync::watch, time};
use wiremock::{Request, Respond, ResponseTemplate};

use crate::support::{Customer, Engine, MailApi, TestApp, database_tests, engine_tests, execute};

const BOR: Customer = Customer { number: "005328", email: "bor@example.si", password: "Poletne-gume-26" };

/// The second mail API, which is Postmark. The first one is that of most tests.
async fn second_api() -> MailApi {
    let second = MailApi::start().await;
    second.answer_with(ResponseTemplate::new(200).set_body_json(json!({ "MessageID": "second-1" }))).await;
    second
}

async fn start(engine: Engine, second: &MailApi) -> TestApp {
    start_at(engine, second, None).await
}

/// Starts an app with the first mail API at another address.
async fn start_at(engine: Engine, second: &MailApi, first: Option<&str>) -> TestApp {
    TestApp::start_with(engine, |config| {
        config.mail.api_url = first.map(|url| url.parse().unwrap());
        config.mail_fallback = Some(MailConfig {
            provider: MailProviderKind::Postmark,
            api_url: Some(second.url()),
            api_key: Some(SecretString::from("server-token")),
            from: EmailAddress::parse("second@topmotive.eu").unwrap(),
            webhook_secret: None,
        });
    })
    .await
}

/// Queues a mail to a new customer.
async fn queue(app: &TestApp, index: usize) {
    let number = format!("2{index:05}").leak();
    let customer = Customer { number, email: "ana@example.si", password: "" };
    app.create(&customer, Locale::En, None).await;
    app.ask(customer.number).await.assert_status(202);
}

async fn send(app: &TestApp, index: usize) {
    queue(app, index).await;
    app.deliver_all().await;
}

/// The numbers of mails that the first and the second mail API received.
async fn received(app: &TestApp, second: &MailApi) -> (usize, usize) {
    (app.mail_api.mails().await.len(), second.mails().await.len())
}

/// The status, the mail API and the attempts of the last mail.
fn last_mail(app: &TestApp) -> [String; 3] {
    let mail = app.mail_rows().into_iter().max_by_key(|mail| mail.created_at.clone()).unwrap();
    [mail.status, mail.provider, mail.attempts]
}

fn refused() -> impl Respond + 'static {
    ResponseTemplate::new(429)
}

engine_tests![
    ml_08_after_five_failures_the_second_serves_until_the_first_is_back,
    ml_08_a_mail_that_may_have_been_taken_is_never_given_to_the_second,
    ml_08_a_mail_that_timed_out_is_never_given_to_the_second,
    ml_08_a_mail_under_way_at_a_crash_is_never_given_to_the_second,
    ml_08_a_mail_that_was_surely_refused_goes_through_the_second_at_once,
    ml_08_a_refused_connection_sends_the_mail_through_the_second_at_once,
    ml_08_with_a_wrong_key_at_the_first_all_mails_go_through_the_second,
    ml_08_refused_by_both_a_mail_waits_and_goes_out_once,
    ml_08_a_mail_that_the_second_may_have_stays_with_it,
    ml_08_a_mail_refused_for_good_is_not_offered_to_the_second,
];

async fn ml_08_after_five_failures_the_second_serves_until_the_first_is_back(engine: Engine) {
    let second = second_api().await;
    let app = start(engine, &second).await;
    app.mail_api.answer_with(refused()).await;
    for index in 0..5 {
        send(&app, index).await;
    }
    assert_eq!(received(&app, &second).await, (5, 5));
    for index in 5..10 {
        send(&app, index).await;
    }
    assert_eq!(received(&app, &second).await, (5, 10), "the first is left alone");
    app.advance(TimeDelta::seconds(29));
    send(&app, 10).await;
    assert_eq!(received(&app, &second).await, (5, 11));
    // One mail tries the first mail API, fails there, and is still sent.
    app.advance(TimeDelta::seconds(1));
    for index in 11..14 {
        send(&app, index).await;
    }
    assert_eq!(received(&app, &second).await, (6, 14));
    // The first mail API is used again by itself.
    app.mail_api.recover().await;
    app.advance(TimeDelta::seconds(30));
    for index in 14..17 {
        send(&app, index).await;
    }
    assert_eq!(received(&app, &second).await, (3, 14));
    assert_eq!(last_mail(&app), ["handed_over", "mailpit", "1"]);
}

/// The mail stays with the first mail API, even if that refuses it later.
async fn assert_stays_with_the_first(app: &TestApp, second: &MailApi) {
    for answer in [ResponseTemplate::new(429), ResponseTemplate::new(401), ResponseTemplate::new(500)] {
        app.mail_api.answer_with(answer).await;
        for _ in 0..8 {
            app.advance(TimeDelta::minutes(17));
            app.deliver_all().await;
            assert_eq!(last_mail(app)[..2], ["queued", "mailpit"]);
        }
        assert_eq!(received(app, second).await, (8, 0));
    }
    app.mail_api.recover().await;
    app.advance(TimeDelta::minutes(17));
    app.deliver_all().await;
    assert_eq!(last_mail(app)[..2], ["handed_over", "mailpit"]);
    assert_eq!(received(app, second).await, (1, 0));
}

async fn ml_08_a_mail_that_may_have_been_taken_is_never_given_to_the_second(engine: Engine) {
    for status in [500, 502, 503, 504, 302] {
        let second = second_api().await;
        let app = start(engine, &second).await;
        app.mail_api.answer_with(ResponseTemplate::new(status)).await;
        send(&app, 0).await;
        assert_eq!(last_mail(&app), ["queued", "mailpit", "1"], "{status}");
        assert_stays_with_the_first(&app, &second).await;
    }
}

async fn ml_08_a_mail_that_timed_out_is_never_given_to_the_second(engine: Engine) {
    let second = second_api().await;
    let app = start(engine, &second).await;
    app.mail_api.answer_with(ResponseTemplate::new(200).set_delay(Duration::from_mins(1))).await;
    send(&app, 0).await;
    assert_eq!(last_mail(&app), ["queued", "mailpit", "1"]);
    assert_stays_with_the_first(&app, &second).await;
}

async fn ml_08_a_mail_under_way_at_a_crash_is_never_given_to_the_second(engine: Engine) {
    let second = second_api().await;
    let app = start(engine, &second).await;
    app.mail_api.answer_with(refused()).await;
    queue(&app, 0).await;
    crate::support::issue_link_only(&app.app).await;
    // The row has this state while the call is running.
    execute(&app.database.url, "UPDATE mails SET attempts = 1, provider = 'mailpit'").unwrap();
    app.deliver_all().await;
    assert_eq!(last_mail(&app), ["queued", "mailpit", "2"]);
    assert_stays_with_the_first(&app, &second).await;
}

async fn ml_08_a_mail_that_was_surely_refused_goes_through_the_second_at_once(engine: Engine) {
    let second = second_api().await;
    let app = start(engine, &second).await;
    for (index, status) in [429, 401, 402, 403, 404, 408].into_iter().enumerate() {
        app.mail_api.answer_with(ResponseTemplate::new(status).insert_header("retry-after", "30")).await;
        send(&app, index).await;
        assert_eq!(received(&app, &second).await, (1, index + 1), "{status}");
        assert_eq!(last_mail(&app), ["handed_over", "postmark", "2"], "{status}");
        app.advance(TimeDelta::minutes(20));
    }
    let mail = second.mails().await.remove(0);
    assert_eq!(mail.body["From"], "STAkis <second@topmotive.eu>");
    assert_eq!(mail.headers["x-postmark-server-token"], "server-token");
}

async fn ml_08_a_refused_connection_sends_the_mail_through_the_second_at_once(engine: Engine) {
    let second = second_api().await;
    let app = start_at(engine, &second, Some("http://127.0.0.1:9")).await;
    for index in 0..7 {
        send(&app, index).await;
    }
    assert_eq!(second.mails().await.len(), 7);
    assert_eq!(last_mail(&app), ["handed_over", "postmark", "1"], "the first is left alone by then");
}

async fn ml_08_with_a_wrong_key_at_the_first_all_mails_go_through_the_second(engine: Engine) {
    let second = second_api().await;
    let app = start(engine, &second).await;
    app.mail_api.answer_with(ResponseTemplate::new(401)).await;
    for index in 0..4 {
        send(&app, index).await;
    }
    assert_eq!(received(&app, &second).await, (1, 4));
    // The key stays wrong. A mail that tries it now and then is sent all the same.
    for index in 4..8 {
        app.advance(TimeDelta::minutes(30));
        send(&app, index).await;
    }
    assert_eq!(received(&app, &second).await, (5, 8));
}

async fn ml_08_refused_by_both_a_mail_waits_and_goes_out_once(engine: Engine) {
    let second = second_api().await;
    let app = start(engine, &second).await;
    app.mail_api.answer_with(ResponseTemplate::new(401)).await;
    second.answer_with(refused()).await;
    send(&app, 0).await;
    assert_eq!(received(&app, &second).await, (1, 1));
    assert_eq!(last_mail(&app), ["queued", "", "2"]);
    second.answer_with(ResponseTemplate::new(200)).await;
    app.advance(TimeDelta::minutes(2));
    app.deliver_all().await;
    assert_eq!(last_mail(&app)[..2], ["handed_over", "postmark"]);
    assert_eq!(second.mails().await.len(), 1);
}

async fn ml_08_a_mail_that_the_second_may_have_stays_with_it(engine: Engine) {
    let second = second_api().await;
    let app = start(engine, &second).await;
    app.mail_api.answer_with(refused()).await;
    second.answer_with(ResponseTemplate::new(500)).await;
    send(&app, 0).await;
    assert_eq!(last_mail(&app), ["queued", "postmark", "2"]);
    app.mail_api.recover().await;
    for _ in 0..5 {
        app.advance(TimeDelta::minutes(17));
        app.deliver_all().await;
    }
    assert_eq!(received(&app, &second).await, (0, 6));
    second.answer_with(ResponseTemplate::new(200)).await;
    app.advance(TimeDelta::minutes(17));
    app.deliver_all().await;
    assert_eq!(received(&app, &second).await, (0, 1));
    assert_eq!(last_mail(&app)[..2], ["handed_over", "postmark"]);
}

async fn ml_08_a_mail_refused_for_good_is_not_offered_to_the_second(engine: Engine) {
    let second = second_api().await;
    let app = start(engine, &second).await;
    app.mail_api.answer_with(ResponseTemplate::new(400)).await;
    send(&app, 0).await;
    assert_eq!(received(&app, &second).await, (1, 0));
    assert_eq!(last_mail(&app), ["refused", "mailpit", "1"]);
}

database_tests![
    ml_08_without_a_second_mails_wait_and_none_is_lost,
    ml_10_a_reset_goes_before_a_reminder_that_was_queued_earlier,
    ml_10_after_an_outage_the_resets_go_before_the_reminders,
    ml_10_reminders_that_hang_leave_slots_for_resets,
];

async fn ml_08_without_a_second_mails_wait_and_none_is_lost(app: &TestApp) {
    app.mail_api.answer_with(refused()).await;
    for index in 0..8 {
        send(app, index).await;
    }
    assert_eq!(app.mail_api.mails().await.len(), 5, "after five failures it is left alone");
    for _ in 0..120 {
        app.advance(TimeDelta::minutes(10));
        app.deliver_all().await;
    }
    app.mail_api.recover().await;
    for _ in 0..3 {
        app.advance(TimeDelta::minutes(17));
        app.deliver_all().await;
    }
    assert_eq!(app.mail_api.mails().await.len(), 8);
    assert!(app.mail_rows().iter().all(|mail| mail.status == "handed_over"));
}

/// Makes two accounts whose reminders are due. One of them asks for a reset after the reminders were queued.
async fn queue_reminders_and_then_a_reset(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.make(&BOR).await;
    app.advance(TimeDelta::days(166));
    jobs::keep_house(&app.app).await;
    app.advance(TimeDelta::minutes(1));
    app.ask(BOR.number).await.assert_status(202);
}

async fn ml_10_a_reset_goes_before_a_reminder_that_was_queued_earlier(app: &TestApp) {
    queue_reminders_and_then_a_reset(app).await;
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 3);
    assert_eq!(mails[0].to(), BOR.email);
    assert!(mails[0].text().contains("#token=") && mails[1..].iter().all(|mail| !mail.text().contains("#token=")));
}

async fn ml_10_after_an_outage_the_resets_go_before_the_reminders(app: &TestApp) {
    queue_reminders_and_then_a_reset(app).await;
    app.mail_api.answer_with(ResponseTemplate::new(503)).await;
    app.deliver_all().await;
    app.mail_api.recover().await;
    app.advance(TimeDelta::minutes(17));
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 3);
    assert!(mails[0].text().contains("#token="));
}

/// Answers to reset mails, and lets every other mail wait.
struct AnswersResets;

impl Respond for AnswersResets {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let is_reset = String::from_utf8_lossy(&request.body).contains("#token=");
        ResponseTemplate::new(200).set_delay(if is_reset { Duration::ZERO } else { Duration::from_mins(1) })
    }
}

async fn ml_10_reminders_that_hang_leave_slots_for_resets(app: &TestApp) {
    // More than jobs run at the same time.
    let numbers = (0..40).map(|index| format!("3{index:05}"));
    for number in numbers {
        let email = format!("{number}@example.si").leak();
        app.make(&Customer { number: number.leak(), email, password: "Poletne-gume-26" }).await;
    }
    app.advance(TimeDelta::days(166));
    app.mail_api.answer_with(AnswersResets).await;
    jobs::keep_house(&app.app).await;
    let (_stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(jobs::run(app.app.clone(), Background::Everything, stopped));
    app.mail_api.wait_for_mails(24).await;
    // A reminder that took a slot of the others would do so now.
    time::sleep(Duration::from_millis(200)).await;
    assert_eq!(app.mail_api.mails().await.len(), 24);
    app.ask("300007").await.assert_status(202);
    app.mail_api.wait_for_mails(25).await;
    assert!(app.mail_api.mails().await[24].text().contains("#token="));
    worker.abort();
    app.may_leave_jobs();
}
