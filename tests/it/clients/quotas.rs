//! What a limit leaves to a client, in the headers of every answer to it (draft-ietf-httpapi-ratelimit-headers).

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::config::{Limit, LimitsConfig};

use crate::support::{
    Answer, Customer, Engine, TestApp, database_tests, engine_tests,
    limited::{HOUR, per, with},
    partner::{FORM, GRANT, Partner, about, assert_error},
    send,
};

database_tests![rl_13_without_a_limit_there_is_nothing_to_tell];

engine_tests![
    rl_13_every_answer_to_a_client_says_what_is_left,
    rl_13_whatever_the_answer_is_a_known_client_is_told,
    rl_13_a_client_that_has_run_out_waits_alone,
    rl_13_every_instance_counts_the_same_calls,
    rl_13_tokens_are_counted_by_themselves,
    rl_11_strangers_and_customers_are_told_of_no_quota,
];

const MINUTE: TimeDelta = TimeDelta::minutes(1);

async fn service(engine: Engine, client: Limit) -> TestApp {
    with(engine, &LimitsConfig { client: Some(client), ..LimitsConfig::default() }).await
}

async fn diagnose(app: &TestApp, token: &str) -> Answer {
    let request = app.request(Method::POST, "/v1/support/diagnosis").bearer_auth(token);
    send(request.json(&json!({ "customer_number": "004217" }))).await
}

/// The headers of an answer.
fn told(answer: &Answer) -> (&str, &str) {
    (answer.header("ratelimit"), answer.header("ratelimit-policy"))
}

async fn rl_13_every_answer_to_a_client_says_what_is_left(engine: Engine) {
    let app = service(engine, per(3, MINUTE)).await;
    let partner = Partner::make(&app, "support:read").await;
    let token = partner.token(&app).await;
    let policy = r#""calls";q=3;w=60"#;
    for (left, answer) in [
        (r#""calls";r=2;t=20"#, diagnose(&app, &token).await),
        (r#""calls";r=1;t=40"#, about(&app, "/oauth2/introspect", &partner, &token).await),
        (r#""calls";r=0;t=60"#, about(&app, "/oauth2/revoke", &partner, "made-up").await),
    ] {
        answer.assert_status(200);
        assert_eq!(told(&answer), (left, policy));
    }
    for _ in 0..2 {
        let refused = diagnose(&app, &token).await;
        refused.assert_problem(429, "rate-limited");
        assert_eq!(told(&refused), (r#""calls";r=0;t=60"#, policy));
        assert_eq!(refused.header("retry-after"), "60");
    }
    for path in ["/oauth2/introspect", "/oauth2/revoke"] {
        let refused = about(&app, path, &partner, &token).await;
        assert_error(&refused, 429, "temporarily_unavailable");
        assert_eq!((told(&refused), refused.header("retry-after")), ((r#""calls";r=0;t=60"#, policy), "60"));
    }
    app.advance(TimeDelta::seconds(20));
    assert_eq!(told(&diagnose(&app, &token).await), (r#""calls";r=0;t=60"#, policy));
    app.advance(TimeDelta::seconds(60));
    assert_eq!(told(&diagnose(&app, &token).await), (r#""calls";r=2;t=20"#, policy));
}

async fn rl_13_whatever_the_answer_is_a_known_client_is_told(engine: Engine) {
    let app = service(engine, per(100, MINUTE)).await;
    let partner = Partner::make(&app, "accounts:read support:read").await;
    let token = partner.token(&app).await;
    let post = |path: &str| app.request(Method::POST, path).bearer_auth(&token);
    let unknown = app.call(Method::GET, "/v1/accounts/aaaaaaaaaaaaaaaaaaaaaaaaaa", &token).await;
    let forbidden = app.call(Method::POST, "/v1/accounts/aaaaaaaaaaaaaaaaaaaaaaaaaa/unlock", &token).await;
    for (status, answer) in [
        (400, send(post("/v1/support/diagnosis").header("content-type", "application/json").body("{")).await),
        (422, send(post("/v1/support/diagnosis").json(&json!({}))).await),
        (415, send(post("/v1/support/diagnosis").header("content-type", "text/plain").body("x")).await),
        (404, unknown),
        (403, forbidden),
    ] {
        answer.assert_status(status);
        assert!(answer.header("ratelimit").starts_with(r#""calls";r=9"#), "{status}: {answer}");
        assert_eq!(answer.header("ratelimit-policy"), r#""calls";q=100;w=60"#);
    }
    let forged = format!("{token}x");
    let wrong_secret = Partner { id: partner.id.clone(), secret: "guess".to_owned() };
    for answer in [diagnose(&app, &forged).await, about(&app, "/oauth2/introspect", &wrong_secret, "x").await] {
        answer.assert_status(401);
        assert_eq!(told(&answer), ("", ""));
    }
}

async fn rl_13_a_client_that_has_run_out_waits_alone(engine: Engine) {
    let app = service(engine, per(2, HOUR)).await;
    let [busy, other] = [Partner::make(&app, "support:read").await, Partner::make(&app, "support:read").await];
    let [busy_token, other_token] = [busy.token(&app).await, other.token(&app).await];
    for _ in 0..2 {
        diagnose(&app, &busy_token).await.assert_status(200);
    }
    diagnose(&app, &busy_token).await.assert_problem(429, "rate-limited");
    let after_one = app.dump().text();
    for _ in 0..4 {
        diagnose(&app, &busy_token).await.assert_problem(429, "rate-limited");
    }
    assert_eq!(app.dump().text(), after_one, "further calls cost the database nothing");
    diagnose(&app, &other_token).await.assert_status(200);
    busy.ask(&app, GRANT).await.assert_status_with(200, "a token is counted by itself");
    let noted: Vec<_> = app.audit().into_iter().filter(|line| line.event == "excess_rate_limit_exceeded").collect();
    assert_eq!(noted.len(), 1);
    assert_eq!((noted[0].detail.as_str(), noted[0].actor.as_str()), ("client", &*format!("client {}", busy.id)));
    assert_eq!(app.counted(r#"stakis_rate_limited_total{limit="client"}"#), 5);
}

async fn rl_13_every_instance_counts_the_same_calls(engine: Engine) {
    let app = service(engine, per(4, HOUR)).await;
    let partner = Partner::make(&app, "support:read").await;
    let token = partner.token(&app).await;
    let (beside, _) = app.second_instance().await;
    for left in [3, 1] {
        let here = diagnose(&app, &token).await;
        assert!(here.header("ratelimit").starts_with(&format!(r#""calls";r={left};"#)), "{here}");
        let request = app.client.post(beside.join("/v1/support/diagnosis").unwrap()).bearer_auth(&token);
        let there = send(request.json(&json!({ "customer_number": "004217" }))).await;
        assert!(there.header("ratelimit").starts_with(&format!(r#""calls";r={};"#, left - 1)), "{there}");
    }
    diagnose(&app, &token).await.assert_problem(429, "rate-limited");
}

async fn rl_13_tokens_are_counted_by_themselves(engine: Engine) {
    let limits = LimitsConfig {
        client: Some(per(100, MINUTE)),
        client_tokens: Some(per(2, HOUR)),
        ..LimitsConfig::default()
    };
    let app = with(engine, &limits).await;
    let partner = Partner::make(&app, "support:read").await;
    let policy = r#""tokens";q=2;w=3600"#;
    let first = partner.ask(&app, GRANT).await;
    assert_eq!((first.status, told(&first)), (200, (r#""tokens";r=1;t=1800"#, policy)));
    let second = partner.ask(&app, &format!("{GRANT}&scope=audit:read")).await;
    assert_error(&second, 400, "invalid_scope");
    assert_eq!(told(&second), (r#""tokens";r=0;t=3600"#, policy));
    let refused = partner.ask(&app, GRANT).await;
    assert_error(&refused, 429, "temporarily_unavailable");
    assert_eq!((told(&refused), refused.header("retry-after")), ((r#""tokens";r=0;t=3600"#, policy), "3600"));
}

async fn rl_13_without_a_limit_there_is_nothing_to_tell(app: &TestApp) {
    let partner = Partner::make(app, "support:read").await;
    let answer = partner.ask(app, GRANT).await;
    assert_eq!((answer.status, told(&answer)), (200, ("", "")));
    let token = partner.token(app).await;
    let answer = diagnose(app, &token).await;
    assert_eq!((answer.status, told(&answer)), (200, ("", "")));
}

async fn rl_11_strangers_and_customers_are_told_of_no_quota(engine: Engine) {
    let app = with(engine, &LimitsConfig::standard()).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let access = session["access_token"].as_str().unwrap();
    let nobody = app.request(Method::POST, "/oauth2/token").header("content-type", FORM).body(GRANT);
    for answer in [
        app.account(access).await,
        app.call(Method::GET, "/v1/sessions", access).await,
        app.sign_in(Customer::ANA.number, "a wrong one").await,
        app.ask(Customer::ANA.number).await,
        app.get("/v1/password-policy").await,
        app.get("/.well-known/oauth-authorization-server").await,
        app.get("/nowhere").await,
        send(nobody).await,
    ] {
        assert_eq!(told(&answer), ("", ""), "{answer}");
    }
    app.deliver_all().await;
}
