//! Traces: what the collector is told of a reset, and what a caller decides about it.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;
use stakis_identity::{config, jobs};
use wiremock::ResponseTemplate;

use super::production::safe_settings;
use crate::support::{
    Answer, Customer, Engine, ReceivedSpan, TestApp, TraceCollector, engine_tests, execute, plain_tests, send,
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";
/// So many that all are recorded, or none, once in 2^99 runs.
const CALLS: usize = 100;

engine_tests![
    lo_10_one_trace_follows_a_reset_to_its_hand_over,
    lo_10_a_decoy_takes_the_same_steps_and_calls_nobody,
    lo_10_a_refused_mail_is_a_failed_call_in_the_trace,
    lo_10_without_a_collector_no_call_carries_a_trace,
    lo_10_a_caller_names_the_trace_and_forces_no_recording,
    lo_10_what_is_no_traceparent_begins_another_trace,
    lo_10_no_span_holds_a_number_an_address_or_a_path,
    op_05_a_job_of_a_version_before_begins_a_trace_of_its_own,
];

plain_tests![cf_01_no_trace_is_recorded_until_a_collector_is_named];

async fn start(engine: Engine, share: &str) -> (TestApp, TraceCollector) {
    let collector = TraceCollector::start().await;
    let app = TestApp::start_with(engine, |config| config.traces = Some(collector.config(share))).await;
    (app, collector)
}

/// Asks for a reset in a trace of the caller.
async fn ask_within(app: &TestApp, number: &str, traceparent: &str) -> Answer {
    let request = app.request(Method::POST, "/v1/password-resets").header("traceparent", traceparent);
    let answer = send(request.json(&json!({ "customer_number": number }))).await;
    answer.assert_status(202);
    answer
}

/// The one span with a name.
fn only<'a>(spans: &'a [ReceivedSpan], name: &str) -> &'a ReceivedSpan {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    assert_eq!(found.len(), 1, "{name}: {spans:#?}");
    found[0]
}

async fn lo_10_one_trace_follows_a_reset_to_its_hand_over(engine: Engine) {
    let (app, collector) = start(engine, "1").await;
    app.make(&Customer::ANA).await;
    let answer = ask_within(&app, Customer::ANA.number, &format!("00-{TRACE}-{SPAN}-00")).await;
    assert_eq!(app.deliver_all().await, 2);
    app.app.tracer.shut_down().await;
    let spans = collector.spans().await;
    let request = only(&spans, "POST /v1/password-resets");
    let (link, mail) = (only(&spans, "issue_reset_link"), only(&spans, "send_mail"));
    let call = only(&spans, "POST");
    assert_eq!(spans.len(), 4, "{spans:#?}");
    assert!(spans.iter().all(|span| span.trace_id == TRACE && !span.has_failed), "{spans:#?}");
    let parents = [&request.parent, &link.parent, &mail.parent, &call.parent];
    assert_eq!(parents, [SPAN, &request.span_id, &link.span_id, &mail.span_id]);
    // Server, consumer, consumer, client.
    assert_eq!([request, link, mail, call].map(|span| span.kind), [2, 5, 5, 3]);
    assert_eq!(request.attributes["stakis.request_id"], answer.header("x-request-id"));
    assert_eq!(request.attributes["http.response.status_code"], "202");
    assert_eq!([link, mail].map(|span| span.attributes["stakis.outcome"].as_str()), ["link_made", "handed_over"]);
    assert_eq!(mail.attributes["stakis.mail.kind"], "reset_link");
    assert_eq!(call.attributes["http.response.status_code"], "200");
    let sent = &app.mail_api.mails().await[0];
    assert_eq!(sent.headers["traceparent"], format!("00-{TRACE}-{}-01", call.span_id));
}

async fn lo_10_a_decoy_takes_the_same_steps_and_calls_nobody(engine: Engine) {
    let (app, collector) = start(engine, "1").await;
    app.ask("500000").await.assert_status(202);
    assert_eq!(app.deliver_all().await, 2);
    app.app.tracer.shut_down().await;
    let spans = collector.spans().await;
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["POST /v1/password-resets", "issue_reset_link", "send_mail"]);
    let traces: BTreeSet<_> = spans.iter().map(|span| &span.trace_id).collect();
    assert_eq!(traces.len(), 1);
    assert_eq!(spans[0].parent, "");
}

async fn lo_10_a_refused_mail_is_a_failed_call_in_the_trace(engine: Engine) {
    let (app, collector) = start(engine, "1").await;
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(503)).await;
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    app.app.tracer.shut_down().await;
    let spans = collector.spans().await;
    let (mail, call) = (only(&spans, "send_mail"), only(&spans, "POST"));
    assert!(call.has_failed && call.attributes["error.type"] == "refused", "{call:?}");
    assert_eq!(call.attributes["http.response.status_code"], "503");
    // The mail waits for its next attempt, which is no failure of the job.
    assert!(!mail.has_failed && mail.attributes["stakis.outcome"] == "deferred", "{mail:?}");
    app.may_leave_jobs();
}

async fn lo_10_without_a_collector_no_call_carries_a_trace(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    ask_within(&app, Customer::ANA.number, &format!("00-{TRACE}-{SPAN}-01")).await;
    // The log names the trace all the same, so the job has it.
    assert!(app.column("jobs", "traceparent")[0].starts_with(&format!("00-{TRACE}-")));
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 1);
    assert!(!mails[0].headers.contains_key("traceparent"), "{:?}", mails[0].headers);
}

/// The flag that asks for a recording is not followed, and one id gives no other chance than the next.
async fn lo_10_a_caller_names_the_trace_and_forces_no_recording(engine: Engine) {
    let (app, collector) = start(engine, "0").await;
    app.make(&Customer::ANA).await;
    ask_within(&app, Customer::ANA.number, &format!("00-{TRACE}-{SPAN}-01")).await;
    let queued = app.column("jobs", "traceparent");
    assert!(queued[0].starts_with(&format!("00-{TRACE}-")) && queued[0].ends_with("-00"), "{queued:?}");
    app.deliver_all().await;
    app.app.tracer.shut_down().await;
    assert_eq!(collector.bodies().await, [""; 0]);
    assert!(app.mail_api.mails().await[0].headers["traceparent"].to_str().unwrap().ends_with("-00"));

    let (app, collector) = start(engine, "0.5").await;
    for _ in 0..CALLS {
        let request = app.request(Method::GET, "/v1/password-policy");
        send(request.header("traceparent", format!("00-{TRACE}-{SPAN}-01"))).await.assert_status(200);
    }
    app.app.tracer.shut_down().await;
    let recorded = collector.spans().await.len();
    assert!((1..CALLS).contains(&recorded), "{recorded}");
}

async fn lo_10_what_is_no_traceparent_begins_another_trace(engine: Engine) {
    let (app, collector) = start(engine, "1").await;
    let good = format!("00-{TRACE}-{SPAN}-01");
    let zero = format!("00-{}-{SPAN}-01", "0".repeat(32));
    for sent in [&[good.as_str(), good.as_str()][..], &["004217"], &[&zero], &[&good[1..]]] {
        let mut request = app.request(Method::GET, "/v1/password-policy");
        for value in sent {
            request = request.header("traceparent", *value);
        }
        send(request).await.assert_status(200);
    }
    app.app.tracer.shut_down().await;
    let spans = collector.spans().await;
    assert_eq!(spans.len(), 4);
    assert!(spans.iter().all(|span| span.trace_id != TRACE && span.parent.is_empty()), "{spans:#?}");
}

/// Also where a caller writes them into a path, a query or the method.
async fn lo_10_no_span_holds_a_number_an_address_or_a_path(engine: Engine) {
    let (app, collector) = start(engine, "1").await;
    app.make(&Customer::ANA).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, "Zimske-gume-27").await.assert_status(200);
    app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(401);
    let bearer = app.access_token(&Customer::ANA, "Zimske-gume-27").await;
    app.account(&bearer).await.assert_status(200);
    let odd = Method::from_bytes(Customer::ANA.number.as_bytes()).unwrap();
    send(app.request(odd, &format!("/v1/{}?email={}", Customer::ANA.number, Customer::ANA.email))).await;
    app.deliver_all().await;
    jobs::keep_house(&app.app).await;
    app.app.tracer.shut_down().await;
    assert!(collector.spans().await.len() > 8);
    for body in collector.bodies().await {
        for secret in [
            token.as_str(),
            &bearer,
            Customer::ANA.email,
            Customer::ANA.password,
            "Zimske-gume-27",
            "127.0.0.0/24",
            "account_id",
            "?email",
        ] {
            assert!(!body.contains(secret), "{secret}: {body}");
        }
        // Six digits may be a part of a time or of an id, and are never a value.
        assert!(!body.contains("\"004217") && !body.contains("/004217"), "{body}");
    }
}

/// A version before queues jobs without a trace, and what stands there may be of a version behind.
async fn op_05_a_job_of_a_version_before_begins_a_trace_of_its_own(engine: Engine) {
    let (app, collector) = start(engine, "1").await;
    app.make(&Customer::ANA).await;
    for (position, stored) in ["NULL", "'01-later'"].into_iter().enumerate() {
        app.ask(Customer::ANA.number).await.assert_status(202);
        let forget = format!("UPDATE jobs SET request_id = NULL, traceparent = {stored}");
        execute(&app.database.url, &forget).unwrap();
        assert_eq!(app.deliver_all().await, 2);
        assert_eq!(app.mail_api.mails().await.len(), position + 1);
        app.advance(chrono::TimeDelta::hours(1));
    }
    app.app.tracer.shut_down().await;
    let spans = collector.spans().await;
    let begun: Vec<_> = spans.iter().filter(|span| span.name == "issue_reset_link").collect();
    assert_eq!(begun.iter().map(|span| span.parent.as_str()).collect::<Vec<_>>(), ["", ""]);
    let traces: BTreeSet<_> = spans.iter().map(|span| &span.trace_id).collect();
    assert_eq!(traces.len(), 4, "two requests and two jobs: {spans:#?}");
}

fn cf_01_no_trace_is_recorded_until_a_collector_is_named() {
    let read = |more: &[(&str, &str)]| {
        let given = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let safe = safe_settings().into_iter().map(|(name, value)| (name.to_owned(), value));
        config::read(safe.chain(given)).unwrap().traces
    };
    assert!(read(&[("STAKIS_TRACES_SAMPLE", "1")]).is_none());
    let url = ("STAKIS_TRACES_URL", "http://collector.example:4318/v1/traces");
    let traces = read(&[url]).unwrap();
    assert_eq!(
        (traces.url.as_str(), traces.sample.to_string().as_str()),
        ("http://collector.example:4318/", "0.1")
    );
    assert_eq!(read(&[url, ("STAKIS_TRACES_SAMPLE", "0.25")]).unwrap().sample.to_string(), "0.25");
}
