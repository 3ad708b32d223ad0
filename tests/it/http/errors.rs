//! Every error is a problem, and no response reveals internals.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time,
};

use crate::support::{Customer, TestApp, database_tests, send};

const SLUGS: [(&str, u64); 21] = [
    ("malformed-request", 400),
    ("validation-failed", 422),
    ("invalid-credentials", 401),
    ("invalid-token", 401),
    ("password-expired", 403),
    ("account-closed", 403),
    ("challenge-required", 403),
    ("insufficient-scope", 403),
    ("forbidden", 403),
    ("not-found", 404),
    ("method-not-allowed", 405),
    ("not-acceptable", 406),
    ("payload-too-large", 413),
    ("unsupported-media-type", 415),
    ("conflict", 409),
    ("precondition-failed", 412),
    ("reset-link-unusable", 410),
    ("email-change-unusable", 410),
    ("rate-limited", 429),
    ("unavailable", 503),
    ("internal-error", 500),
];

/// Sends a request as bytes, which no HTTP client would send.
async fn raw(app: &TestApp, request: &[u8]) -> String {
    let address = format!("{}:{}", app.url.host_str().unwrap(), app.url.port().unwrap());
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The service may answer before everything was sent.
    drop(stream.write_all(request).await);
    let mut answer = Vec::new();
    drop(time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await);
    String::from_utf8_lossy(&answer).into_owned()
}

database_tests![
    ap_01_the_router_answers_problems,
    ap_01_a_problem_in_full,
    ap_01_details_follow_accept_language_and_titles_do_not,
    ap_01_every_kind_of_problem_is_documented,
    ap_01_one_page_lists_every_code,
    ap_02_no_internals_in_any_error,
    ap_03_what_cannot_be_read_is_not_acceptable,
    ap_04_bodies_have_a_limit_declared_or_not,
    rq_06_an_absolute_target_does_not_reach_the_link,
    ap_04_conflicting_lengths_are_refused,
    ap_04_a_connection_is_not_closed_under_the_next_request,
    ap_04_a_head_over_7_kib_is_refused,
    ap_06_head_follows_get_and_other_methods_name_what_is_allowed,
    ap_07_every_response_carries_the_same_safe_headers,
    ap_12_no_field_beyond_the_documented_ones,
    ap_14_a_request_id_is_taken_only_if_it_is_plain,
    lo_07_a_panic_is_one_answer_and_the_service_goes_on,
    op_01_health_without_detail,
];

async fn ap_01_the_router_answers_problems(app: &TestApp) {
    for path in [
        "/index.html",
        "/nowhere",
        "/v1",
        "/v1/",
        "/v1/password-resets/",
        "/V1/password-resets",
        "/v1/password-resets%2fverify",
        "/problems/nothing",
        "/assets/../Cargo.toml",
    ] {
        app.get(path).await.assert_problem(404, "not-found");
    }
    let doubled = raw(
        app,
        b"POST //v1/password-resets HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    assert!(doubled.starts_with("HTTP/1.1 404") && doubled.contains("application/problem+json"), "{doubled}");
}

async fn ap_01_a_problem_in_full(app: &TestApp) {
    let request = app
        .request(Method::POST, "/v1/password-resets")
        .header("x-request-id", "abc-123")
        .json(&json!({ "customer_number": "1" }));
    let answer = send(request).await;
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer.json()).unwrap(), @r##"
    {
      "type": "https://identity.test/problems/validation-failed",
      "title": "Some fields are wrong",
      "status": 422,
      "detail": "Nekatera polja niso pravilno izpolnjena.",
      "code": "validation-failed",
      "request_id": "abc-123",
      "errors": [
        {
          "pointer": "#/customer_number",
          "code": "invalid_format",
          "detail": "Uporabniško ime je šestmestna šifra stranke.",
          "params": {}
        }
      ]
    }
    "##);
}

async fn ap_01_details_follow_accept_language_and_titles_do_not(app: &TestApp) {
    let mut titles = std::collections::BTreeSet::new();
    for (language, detail) in [
        ("sl", "Na tem naslovu ni ničesar."),
        ("de", "Unter dieser Adresse gibt es nichts."),
        ("en", "There is nothing at this address."),
        ("hr", "Na ovoj adresi nema ničega."),
    ] {
        let answer = send(app.request(Method::GET, "/nowhere").header("accept-language", language)).await;
        assert_eq!(answer.json()["detail"], detail);
        assert_eq!(answer.header("content-language"), language);
        titles.insert(answer.json()["title"].to_string());
    }
    assert_eq!(titles.len(), 1);
}

async fn ap_01_every_kind_of_problem_is_documented(app: &TestApp) {
    for (slug, status) in SLUGS {
        let answer = app.get(&format!("/problems/{slug}")).await;
        let body = answer.json();
        answer.assert_status_with(200, format_args!("{slug}"));
        assert_eq!(&body["status"], &json!(status), "{slug}");
        assert!(body["cause"].as_str().unwrap().len() > 20 && body["remedy"].as_str().unwrap().len() > 10);
        let page = send(
            app.request(Method::GET, &format!("/problems/{slug}"))
                .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
        )
        .await;
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.text.contains(slug));
    }
}

/// Every code has its cause and its remedy, for programs and for people.
async fn ap_01_one_page_lists_every_code(app: &TestApp) {
    let listed = app.get("/problems").await.json();
    let problems = listed["problems"].as_array().unwrap();
    assert_eq!(problems.len(), SLUGS.len());
    for (slug, _) in SLUGS {
        let problem = problems.iter().find(|problem| problem["code"] == slug).unwrap();
        assert_eq!(*problem, app.get(&format!("/problems/{slug}")).await.json());
    }
    let page = send(app.request(Method::GET, "/problems").header("accept", "text/html")).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let document = stakis_identity::http::document();
    for (list, vocabulary) in [("field_errors", "FieldCode"), ("findings", "FindingCode")] {
        let codes = document["components"]["schemas"][vocabulary]["enum"].as_array().unwrap();
        let listed = listed[list].as_array().unwrap();
        assert_eq!(listed.iter().map(|one| &one["code"]).collect::<Vec<_>>(), codes.iter().collect::<Vec<_>>());
        for one in listed {
            assert!(one["explanation"].as_str().unwrap().split_whitespace().count() >= 4, "{one}");
            assert!(page.text.contains(&format!("id=\"{}\"", one["code"].as_str().unwrap())), "{one}");
        }
    }
    assert!(SLUGS.iter().all(|(slug, _)| page.text.contains(&format!("id=\"{slug}\""))));
}

async fn ap_02_no_internals_in_any_error(app: &TestApp) {
    for answer in [
        app.get("/nowhere").await,
        app.get("/test/panic").await,
        app.post("/v1/sessions", json!({ "customer_number": "'; DROP TABLE accounts; --", "password": "x" })).await,
    ] {
        let whole = format!("{:?} {}", answer.headers, answer.text).to_lowercase();
        for word in [
            "actix",
            "diesel",
            "sqlite",
            "postgres",
            "rust",
            "src/",
            "panicked",
            "server",
            "x-powered-by",
            "drop table",
        ] {
            assert!(!whole.contains(word), "{word} in {whole}");
        }
    }
}

async fn ap_03_what_cannot_be_read_is_not_acceptable(app: &TestApp) {
    for accept in ["text/html", "application/xml", "application/json;q=0", "image/*"] {
        let request = app.request(Method::GET, "/v1/password-policy").header("accept", accept);
        send(request).await.assert_problem(406, "not-acceptable");
    }
    for accept in
        ["*/*", "application/*", "application/json", "application/problem+json", "text/html, */*;q=0.1", "garbage"]
    {
        let request = app.request(Method::GET, "/v1/password-policy").header("accept", accept);
        send(request).await.assert_status_with(200, format_args!("{accept}"));
    }
}

async fn ap_04_bodies_have_a_limit_declared_or_not(app: &TestApp) {
    let fits = format!(r#"{{"customer_number":"{}"}}"#, "1".repeat(16 * 1024 - 22));
    assert_eq!(fits.len(), 16 * 1024);
    for (body, status) in [(fits.clone(), 422), (format!("{fits} "), 413), ("x".repeat(1_000_000), 413)] {
        let request = app
            .request(Method::POST, "/v1/password-resets")
            .header("content-type", "application/json")
            .body(body.clone());
        send(request).await.assert_status(status);
        let mut chunked = b"POST /v1/password-resets HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in body.as_bytes().chunks(1000) {
            chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            chunked.extend_from_slice(chunk);
            chunked.extend_from_slice(b"\r\n");
        }
        chunked.extend_from_slice(b"0\r\n\r\n");
        let answer = raw(app, &chunked).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    let deep = format!(r#"{{"customer_number":{}{}}}"#, "[".repeat(7000), "]".repeat(7000));
    let request =
        app.request(Method::POST, "/v1/password-resets").header("content-type", "application/json").body(deep);
    send(request).await.assert_problem(400, "malformed-request");
}

async fn rq_06_an_absolute_target_does_not_reach_the_link(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let body = r#"{"customer_number":"004217"}"#;
    let request = format!(
        "POST http://evil.example/v1/password-resets HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(raw(app, request.as_bytes()).await.starts_with("HTTP/1.1 202"));
    app.deliver_all().await;
    assert!(!String::from_utf8_lossy(&app.mail_api.mails().await[0].raw).contains("evil"));
}

async fn ap_04_conflicting_lengths_are_refused(app: &TestApp) {
    let answer = raw(app, b"POST /v1/password-resets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
}

async fn ap_04_a_connection_is_not_closed_under_the_next_request(app: &TestApp) {
    let address = format!("{}:{}", app.url.host_str().unwrap(), app.url.port().unwrap());
    let mut stream = TcpStream::connect(address).await.unwrap();
    for pause in [6, 0] {
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = [0; 2048];
        let length = stream.read(&mut answer).await.unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 204 "), "{}", String::from_utf8_lossy(&answer[..length]));
        time::sleep(Duration::from_secs(pause)).await;
    }
}

async fn ap_04_a_head_over_7_kib_is_refused(app: &TestApp) {
    let fits = format!("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: {:0>7110}\r\n\r\n", "");
    assert_eq!(fits.len(), 7 * 1024);
    assert!(raw(app, fits.as_bytes()).await.starts_with("HTTP/1.1 204 "));
    let too_large = fits.replace("X-A", "X-Ab");
    assert!(raw(app, too_large.as_bytes()).await.starts_with("HTTP/1.1 431 "));
    for path in ["/livez", "/readyz", "/.well-known/jwks.json"] {
        let asked = format!("GET {path}?{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(9000));
        let answer = raw(app, asked.as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 431 ") && answer.contains("content-length: 0\r\n"),
            "{path}: {answer}"
        );
    }
}

async fn ap_06_head_follows_get_and_other_methods_name_what_is_allowed(app: &TestApp) {
    for path in [
        "/v1/password-policy",
        "/.well-known/jwks.json",
        "/livez",
        "/problems/not-found",
        "/openapi.json",
        "/change-password",
        "/confirm-email",
        "/withdraw-email",
        "/not-me",
    ] {
        let get = app.get(path).await;
        let head = send(app.request(Method::HEAD, path)).await;
        head.assert_status_with(get.status, format_args!("{path}"));
        assert_eq!(head.text.as_str(), "", "{path}");
        for method in [Method::POST, Method::DELETE, Method::OPTIONS, Method::TRACE] {
            let answer = send(app.request(method, path)).await;
            answer.assert_problem(405, "method-not-allowed");
            assert_eq!(answer.header("allow"), "GET, HEAD");
        }
    }
}

async fn ap_07_every_response_carries_the_same_safe_headers(app: &TestApp) {
    for path in [
        "/v1/password-policy",
        "/nowhere",
        "/livez",
        "/test/panic",
        "/v1/account",
        "/change-password",
        "/confirm-email",
        "/withdraw-email",
        "/not-me",
        "/docs/",
        "/openapi.json",
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000; includeSubDomains", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!answer.header("cache-control").is_empty(), "{path}");
    }
    assert_eq!(app.get("/v1/account").await.header("cache-control"), "no-store");
}

async fn ap_12_no_field_beyond_the_documented_ones(app: &TestApp) {
    for key in ["role", "verified", "password_hash", "status", "session_id", "is_admin"] {
        let mut body = json!({ "customer_number": "004217", "password": "x" });
        body[key] = "x".into();
        app.post("/v1/sessions", body).await.assert_problem(400, "malformed-request");
    }
}

async fn ap_14_a_request_id_is_taken_only_if_it_is_plain(app: &TestApp) {
    for (sent, taken) in [
        ("abc-123", true),
        (&*"a".repeat(64), true),
        (&*"a".repeat(65), false),
        ("a b", false),
        ("a\tb", false),
        ("<x>", false),
        ("", false),
    ] {
        let answer = send(app.request(Method::GET, "/livez").header("x-request-id", sent)).await;
        let id = answer.header("x-request-id");
        assert_eq!(id == sent, taken, "{sent:?}");
        assert!(!id.is_empty() && id.len() <= 64);
    }
}

async fn lo_07_a_panic_is_one_answer_and_the_service_goes_on(app: &TestApp) {
    for _ in 0..5 {
        let answer = app.get("/test/panic").await;
        answer.assert_problem(500, "internal-error");
        assert!(!answer.text.contains("secret"));
    }
    assert_eq!(app.get("/readyz").await.text, "ready");
}

async fn op_01_health_without_detail(app: &TestApp) {
    let live = app.get("/livez").await;
    live.assert_status(204);
    assert_eq!(live.text.as_str(), "");
    app.get("/readyz").await.assert_status(200);
    app.get("/metrics").await.assert_status(404);
}
