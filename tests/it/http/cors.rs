//! Front ends of other origins: the listed ones, exactly, and no others (AP-08).

use std::collections::BTreeSet;

use chrono::TimeDelta;
use reqwest::{Method, RequestBuilder, header::HeaderName};
use serde_json::json;
use stakis_identity::config::{self, Limit, LimitsConfig};

use crate::support::{Answer, Customer, Engine, TestApp, database_tests, engine_tests, plain_tests, send};

const LISTED: &str = "https://stakis.example.com";
/// A front end on this machine. Its port makes it another origin.
const LOCAL: &str = "http://127.0.0.1:5173";

database_tests![ap_08_without_the_setting_no_answer_changes,];

engine_tests![
    ap_08_a_preflight_of_a_listed_origin_is_answered,
    ap_08_what_is_no_preflight_of_a_listed_origin_is_answered_as_ever,
    ap_08_no_other_origin_than_the_listed_ones,
    ap_08_every_answer_to_a_listed_origin_can_be_read,
    ap_08_pages_and_oauth_are_for_no_other_origin,
];

plain_tests![
    ap_08_origins_are_listed_as_browsers_send_them,
    ap_08_what_is_no_origin_gets_a_sentence,
    ap_08_a_preflight_allows_every_documented_method_for_front_ends,
];

async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, |config| config.cors_origins = vec![LISTED.to_owned(), LOCAL.to_owned()]).await
}

fn from_origin(app: &TestApp, method: Method, path: &str, origin: &str) -> RequestBuilder {
    app.request(method, path).header("origin", origin)
}

fn preflight(app: &TestApp, path: &str, origin: &str) -> RequestBuilder {
    from_origin(app, Method::OPTIONS, path, origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,authorization")
}

fn cors_headers(answer: &Answer) -> Vec<&str> {
    answer.headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with("access-control-")).collect()
}

fn varies_by_origin(answer: &Answer) -> bool {
    let lines = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap());
    lines.flat_map(|line| line.split(',')).any(|name| name.trim() == "Origin")
}

#[track_caller]
fn assert_readable(answer: &Answer, origin: &str) {
    assert_eq!(answer.header("access-control-allow-origin"), origin, "{}", answer.text);
    assert_eq!(answer.header("access-control-expose-headers"), "Retry-After, X-Request-Id");
    assert_eq!(cors_headers(answer).len(), 2, "{:?}", answer.headers);
    assert!(varies_by_origin(answer), "{:?}", answer.headers);
}

#[track_caller]
fn assert_not_readable(answer: &Answer) {
    assert_eq!(cors_headers(answer), [""; 0]);
    assert!(varies_by_origin(answer), "{:?}", answer.headers);
}

async fn ap_08_without_the_setting_no_answer_changes(app: &TestApp) {
    for path in ["/v1/password-policy", "/v1/account", "/v1/nowhere", "/openapi.json", "/.well-known/jwks.json"] {
        let plain = app.get(path).await;
        assert!(!varies_by_origin(&plain), "{path}");
        for origin in [LISTED, "null", "https://identity.test"] {
            let answer = send(from_origin(app, Method::GET, path, origin)).await;
            assert_eq!(answer.comparable(), plain.comparable(), "{path} from {origin}");
        }
    }
    let plain = send(app.request(Method::OPTIONS, "/v1/sessions")).await;
    let asked = send(preflight(app, "/v1/sessions", LISTED)).await;
    asked.assert_problem(405, "method-not-allowed");
    assert_eq!(asked.comparable(), plain.comparable());
}

async fn ap_08_a_preflight_of_a_listed_origin_is_answered(engine: Engine) {
    let app = start(engine).await;
    for origin in [LISTED, LOCAL] {
        for path in
            ["/v1/password-resets", "/v1/sessions", "/v1/sessions/x", "/openapi.json", "/.well-known/jwks.json"]
        {
            // Browsers send `Accept: */*` with a preflight. Its answer does not depend on that header.
            let answer = send(preflight(&app, path, origin).header("accept", "text/html")).await;
            answer.assert_status_with(204, format_args!("{path}"));
            assert_eq!(answer.text.as_str(), "", "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), origin);
            assert_eq!(answer.header("access-control-allow-methods"), "GET, HEAD, POST, PATCH, DELETE");
            assert_eq!(
                answer.header("access-control-allow-headers"),
                "Content-Type, Authorization, Accept-Language, X-Request-Id, Idempotency-Key, traceparent, tracestate, \
                 baggage, sentry-trace"
            );
            assert_eq!(answer.header("access-control-max-age"), "7200");
            assert_eq!(cors_headers(&answer).len(), 4, "{:?}", answer.headers);
            assert!(varies_by_origin(&answer));
            // AP-07: a preflight has the headers of every other answer.
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert!(!answer.header("x-request-id").is_empty());
        }
    }
}

async fn ap_08_what_is_no_preflight_of_a_listed_origin_is_answered_as_ever(engine: Engine) {
    let app = start(engine).await;
    for path in ["/v1/nowhere", "/v1/", "/v1/password-resets/", "/v1/sessions/x/y", "/.well-known/nothing"] {
        let answer = send(preflight(&app, path, LISTED)).await;
        answer.assert_problem(404, "not-found");
        assert_readable(&answer, LISTED);
    }
    let answer = send(preflight(&app, "/v1/sessions", "https://other.example.com")).await;
    answer.assert_problem(405, "method-not-allowed");
    assert_not_readable(&answer);
    let answer = send(from_origin(&app, Method::OPTIONS, "/v1/sessions", LISTED)).await;
    answer.assert_problem(405, "method-not-allowed");
    assert_readable(&answer, LISTED);
}

async fn ap_08_no_other_origin_than_the_listed_ones(engine: Engine) {
    let app = start(engine).await;
    for origin in [
        "null",
        "*",
        "",
        "https://stakis.example.com.attacker.example",
        "https://stakis.example.community",
        "https://attacker-stakis.example.com",
        "https://www.stakis.example.com",
        "https://example.com",
        "http://stakis.example.com",
        "https://stakis.example.com:443",
        "https://stakis.example.com:8443",
        "https://stakis.example.com/",
        "https://stakis.example.com.",
        "https://user@stakis.example.com",
        "https://stakis.example.com@attacker.example",
        "https://stakis.example.com%60.attacker.example",
        "https://stakis_example.com",
        "https://stakisXexample.com",
        "HTTPS://STAKIS.EXAMPLE.COM",
        "https://Stakis.example.com",
        "stakis.example.com",
        "https://stakis.example.com https://attacker.example",
        "https://stakis.example.com, https://attacker.example",
        "https://stakis.example.com,http://127.0.0.1:5173",
        "http://127.0.0.1",
        "http://127.0.0.1:51730",
        "http://localhost:5173",
    ] {
        let answer = send(from_origin(&app, Method::GET, "/v1/password-policy", origin)).await;
        answer.assert_status_with(200, format_args!("it is served: {origin}"));
        assert_not_readable(&answer);
        send(preflight(&app, "/v1/password-policy", origin))
            .await
            .assert_status_with(405, format_args!("{origin}"));
    }
    for second in ["https://attacker.example", LISTED] {
        let request = from_origin(&app, Method::GET, "/v1/password-policy", LISTED).header("origin", second);
        assert_not_readable(&send(request).await);
    }
    assert_not_readable(&app.get("/v1/password-policy").await);
}

async fn ap_08_every_answer_to_a_listed_origin_can_be_read(engine: Engine) {
    let sign_in_source = Some(Limit { count: 1, period: TimeDelta::hours(1) });
    let limits = LimitsConfig { enforced: true, sign_in_source, ..LimitsConfig::default() };
    let app = TestApp::start_with(engine, |config| {
        config.cors_origins = vec![LISTED.to_owned()];
        config.limits = limits;
    })
    .await;
    app.make(&Customer::ANA).await;
    let sign_in = json!({ "customer_number": Customer::ANA.number, "password": Customer::ANA.password });
    for (method, path, body, status) in [
        (Method::GET, "/v1/password-policy", None, 200),
        (Method::HEAD, "/v1/password-policy", None, 200),
        (Method::GET, "/openapi.json", None, 200),
        (Method::GET, "/.well-known/jwks.json", None, 200),
        (Method::GET, "/.well-known/change-password", None, 302),
        (Method::POST, "/v1/sessions", Some(sign_in.clone()), 201),
        (Method::POST, "/v1/sessions", Some(sign_in), 429),
        (Method::POST, "/v1/sessions", Some(json!([])), 400),
        (Method::POST, "/v1/password-resets", Some(json!({ "customer_number": "1" })), 422),
        (Method::POST, "/v1/password-resets/verify", Some(json!({ "token": "x" })), 410),
        (Method::POST, "/v1/password-resets", None, 415),
        (Method::GET, "/v1/account", None, 401),
        (Method::GET, "/v1/nowhere", None, 404),
        (Method::DELETE, "/v1/account", None, 405),
        (Method::GET, "/v1/test/panic", None, 500),
    ] {
        let mut request = from_origin(&app, method.clone(), path, LISTED);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = send(request).await;
        answer.assert_status_with(status, format_args!("{method} {path}"));
        assert_readable(&answer, LISTED);
        if status == 429 {
            assert!(!answer.header("retry-after").is_empty());
        }
    }
    let unacceptable = from_origin(&app, Method::GET, "/v1/password-policy", LISTED).header("accept", "text/html");
    let answer = send(unacceptable).await;
    answer.assert_problem(406, "not-acceptable");
    assert_readable(&answer, LISTED);
    app.deliver_all().await;
}

async fn ap_08_pages_and_oauth_are_for_no_other_origin(engine: Engine) {
    let app = start(engine).await;
    for path in ["/", "/change-password", "/docs/", "/livez", "/oauth2/token", "/problems/not-found", "/v1"] {
        let plain = app.get(path).await;
        let answer = send(from_origin(&app, Method::GET, path, LISTED)).await;
        assert_eq!(answer.comparable(), plain.comparable(), "{path}");
        assert_eq!(cors_headers(&answer), [""; 0]);
        let asked = send(preflight(&app, path, LISTED)).await;
        assert!([404, 405].contains(&asked.status), "{path}: {}", asked.status);
        assert_eq!(cors_headers(&asked), [""; 0]);
    }
}

fn read(environment: &str, origins: &str) -> Result<Vec<String>, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let key = data_encoding::BASE64.encode(&stakis_identity::types::random_bytes::<32>());
    let variables = [
        ("STAKIS_ENVIRONMENT", environment),
        ("STAKIS_DATA_DIR", folder.path().to_str().unwrap()),
        ("STAKIS_PUBLIC_URL", "https://identity.example.com"),
        ("STAKIS_DATABASE_URL", "sqlite:stakis.db"),
        ("STAKIS_SECRET_KEY", &key),
        ("STAKIS_MAIL_PROVIDER", "resend"),
        ("STAKIS_MAIL_API_KEY", "re_x"),
        ("STAKIS_CORS_ORIGINS", origins),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    config::read(variables).map(|config| config.cors_origins).map_err(|problems| problems.0)
}

fn ap_08_origins_are_listed_as_browsers_send_them() {
    assert_eq!(read("production", "").unwrap(), [""; 0]);
    let listed =
        "https://stakis.example.com, https://shop.example.com:8443,http://localhost:5173,http://[::1]:3000,";
    let origins = [
        "https://stakis.example.com",
        "https://shop.example.com:8443",
        "http://localhost:5173",
        "http://[::1]:3000",
    ];
    assert_eq!(read("production", listed).unwrap(), origins);
    assert_eq!(read("development", "http://workshop.example").unwrap(), ["http://workshop.example"]);
}

fn ap_08_what_is_no_origin_gets_a_sentence() {
    let everyone = "STAKIS_CORS_ORIGINS must name each origin in full: * and null let everyone in";
    let form = "STAKIS_CORS_ORIGINS must be origins such as https://www.example.com, separated by commas: scheme, host \
                and port as browsers send them, in small letters, without the usual port and with nothing after it";
    for (origin, sentence) in [
        ("*", everyone),
        ("null", everyone),
        ("Null", everyone),
        ("https://*.example.com", everyone),
        ("https://*", everyone),
        ("https://a.example.com,*", everyone),
        ("https://example.com/", form),
        ("https://example.com/path", form),
        ("https://example.com?x", form),
        ("https://example.com#x", form),
        ("https://example.com:443", form),
        ("http://localhost:80", form),
        ("https://example.com:", form),
        ("https://example.com:99999", form),
        ("https://user@example.com", form),
        ("https://Example.com", form),
        ("HTTPS://example.com", form),
        ("https://žiga.example", form),
        ("https://127.1", form),
        ("https:example.com", form),
        ("https://", form),
        ("//example.com", form),
        ("example.com", form),
        ("ftp://example.com", form),
        ("file:///srv", form),
        ("chrome-extension://abcdefgh", form),
        ("https://a.example.com;https://b.example.com", form),
        ("https://a.example.com https://b.example.com", form),
    ] {
        for environment in ["development", "production"] {
            assert_eq!(read(environment, origin).unwrap_err(), [sentence], "{origin}");
        }
    }
    let insecure = "STAKIS_CORS_ORIGINS must be https:// origins in production";
    for origin in ["http://stakis.example.com", "http://localhost.example.com", "http://10.0.0.1:8080"] {
        assert_eq!(read("production", origin).unwrap_err(), [insecure], "{origin}");
    }
    assert_eq!(read("production", "*,x,http://a.example,y").unwrap_err(), [insecure, form, everyone]);
}

/// A front end could not send a request without this, and only a browser would show the failure.
fn ap_08_a_preflight_allows_every_documented_method_for_front_ends() {
    let document = stakis_identity::http::document();
    let paths = document["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/v1/"));
    let methods: BTreeSet<String> =
        paths.flat_map(|(_, item)| item.as_object().unwrap().keys().map(|method| method.to_uppercase())).collect();
    let allowed = ["GET", "HEAD", "POST", "PATCH", "DELETE"];
    assert!(methods.iter().all(|method| allowed.contains(&method.as_str())), "{methods:?}");
}
