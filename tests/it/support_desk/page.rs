//! The page of support: where it is, and who may call it at all.

use reqwest::Method;
use serde_json::json;
use stakis_identity::config::{self, SupportPageConfig};

use crate::support::{
    Customer, Engine, PUBLIC_URL,
    desk::{Desk, Person, cookie},
    engine_tests,
    partner::{FORM, GRANT},
    plain_tests, send,
};

engine_tests![
    ad_02_without_the_setting_the_page_is_not_there,
    ad_02_the_public_listener_has_no_page,
    ad_02_the_page_and_its_operations_stand_beside_the_metrics,
    ad_02_the_page_answers_under_known_names_alone,
    ad_02_whoever_is_not_on_the_machine_comes_by_https,
    ad_02_another_origin_is_refused,
    ap_08_the_operations_listener_shares_with_no_origin,
    ap_09_the_page_has_the_headers_of_the_hosted_pages,
    ap_01_every_error_beside_the_page_is_a_problem,
];

plain_tests![ad_02_the_settings_of_the_page_are_safe_as_a_whole];

const QUESTION: &str = "/v1/support/diagnosis";
const LISTED: &str = "https://www.example.com";

fn ad_02_the_settings_of_the_page_are_safe_as_a_whole() {
    let read = |more: &[(&str, &str)]| {
        let key = ("STAKIS_SECRET_KEY", "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=");
        let variables = [&[key], more].concat();
        let read = config::read(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        read.map(|config| config.support_page.map(|page| page.hosts)).map_err(|problems| problems.0)
    };
    let on = ("STAKIS_SUPPORT_PAGE", "on");
    assert_eq!(read(&[]).unwrap(), None);
    assert_eq!(read(&[("STAKIS_SUPPORT_HOSTS", "desk.example.si")]).unwrap(), None);
    assert_eq!(read(&[on]).unwrap(), Some(Vec::new()));
    let hosts = read(&[on, ("STAKIS_SUPPORT_HOSTS", " desk.example.si, desk ,")]).unwrap();
    assert_eq!(hosts, Some(vec!["desk.example.si".to_owned(), "desk".to_owned()]));
    for (setting, sentence) in [
        (("STAKIS_SUPPORT_HOSTS", "*"), "STAKIS_SUPPORT_HOSTS must be names such as"),
        (("STAKIS_SUPPORT_HOSTS", "https://desk.example.si"), "STAKIS_SUPPORT_HOSTS must be names such as"),
        (("STAKIS_SUPPORT_HOSTS", "desk.example.si:443"), "STAKIS_SUPPORT_HOSTS must be names such as"),
        (("STAKIS_OPS_LISTEN", "off"), "STAKIS_SUPPORT_PAGE needs the operations listener"),
    ] {
        let problems = read(&[on, setting]).unwrap_err();
        assert!(problems.len() == 1 && problems[0].starts_with(sentence), "{problems:?}");
    }
}

async fn ad_02_without_the_setting_the_page_is_not_there(engine: Engine) {
    let desk = Desk::start_with(engine, |config| config.support_page = None).await;
    for path in ["/support", "/support/session", "/assets/support.js", "/oauth2/token", QUESTION] {
        let answer = desk.get(path).await;
        answer.assert_status_with(404, path);
        assert!(answer.text.is_empty(), "{path}: {}", answer.text);
        send(desk.request(Method::POST, path)).await.assert_status_with(404, path);
    }
    desk.get("/metrics").await.assert_status(200);
    desk.stop().await;
}

async fn ad_02_the_public_listener_has_no_page(engine: Engine) {
    let desk = Desk::start(engine).await;
    desk.app.get("/support").await.assert_problem(404, "not-found");
    desk.app.post("/support/session", json!({})).await.assert_problem(404, "not-found");
    for file in ["support.js", "support.css", "support-acts.js"] {
        desk.app.get(&format!("/assets/{file}")).await.assert_problem(404, "not-found");
    }
    desk.stop().await;
}

async fn ad_02_the_page_and_its_operations_stand_beside_the_metrics(engine: Engine) {
    let desk = Desk::start(engine).await;
    let metrics = desk.get("/metrics").await;
    metrics.assert_status(200);
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    desk.get("/support").await.assert_status(200);
    for file in
        ["pages.css", "support.css", "support.js", "support-acts.js", "support-answer.js", "support-session.js"]
    {
        desk.get(&format!("/assets/{file}")).await.assert_status_with(200, file);
    }
    let maja = Person::make(&desk.app, "support:read").await;
    let token = desk.request(Method::POST, "/oauth2/token").basic_auth(&maja.id, Some(&maja.secret));
    let token = send(token.header("content-type", FORM).body(GRANT)).await;
    token.assert_status(200);
    let bearer = token.json()["access_token"].as_str().unwrap().to_owned();
    let asked = desk.request(Method::POST, QUESTION).bearer_auth(&bearer);
    send(asked.json(&json!({ "customer_number": "999998" }))).await.assert_status(200);
    // Nothing else of the API is served here.
    for path in
        ["/v1/account", "/v1/sessions", "/v1/password-policy", "/sign-in", "/openapi.json", "/docs/", "/livez"]
    {
        desk.get(path).await.assert_problem(404, "not-found");
    }
    desk.stop().await;
}

async fn ad_02_the_page_answers_under_known_names_alone(engine: Engine) {
    let desk = Desk::start_with(engine, |config| {
        config.support_page = Some(SupportPageConfig { hosts: vec!["desk.example.si".into()] });
    })
    .await;
    for host in ["localhost", "localhost:9090", "127.0.0.1:1", "[::1]:9090"] {
        send(desk.request(Method::GET, "/support").header("host", host)).await.assert_status_with(200, host);
    }
    // A call under a listed name has come through a proxy, even if the proxy does not say so.
    for host in ["desk.example.si", "DESK.example.si:80"] {
        let answer = send(desk.request(Method::GET, "/support").header("host", host)).await;
        answer.assert_problem(403, "forbidden");
    }
    for host in ["evil.example", "desk.example.si.evil.example", "localhost.", "10.0.0.5", "localhost@evil.example"]
    {
        for (method, path) in [
            (Method::GET, "/support"),
            (Method::GET, "/assets/support.js"),
            (Method::POST, "/support/session"),
            (Method::POST, "/oauth2/token"),
            (Method::POST, QUESTION),
        ] {
            let answer = send(desk.request(method, path).header("host", host)).await;
            answer.assert_problem(404, "not-found");
        }
    }
    desk.stop().await;
}

/// The proxy of this test is on the machine itself, and calls for somebody elsewhere.
async fn ad_02_whoever_is_not_on_the_machine_comes_by_https(engine: Engine) {
    let desk = Desk::start_with(engine, |config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        config.support_page = Some(SupportPageConfig { hosts: vec!["desk.example.si".into()] });
    })
    .await;
    let maja = Person::make(&desk.app, "support:read").await;
    let call = |method: Method, path: &str, proto: Option<&str>| {
        let call =
            desk.request(method, path).header("host", "desk.example.si").header("x-forwarded-for", "203.0.113.7");
        proto.into_iter().fold(call, |call, proto| call.header("x-forwarded-proto", proto))
    };
    let body = json!({ "client_id": maja.id, "client_secret": maja.secret });
    for proto in [None, Some("http"), Some("https, http")] {
        for (method, path) in
            [(Method::GET, "/support"), (Method::POST, "/support/session"), (Method::POST, QUESTION)]
        {
            let refused = send(call(method, path, proto).json(&body)).await;
            refused.assert_problem(403, "forbidden");
            assert!(!refused.text.contains("203.0.113") && !refused.text.contains("https,"), "{refused}");
        }
    }
    send(call(Method::GET, "/support", Some("https"))).await.assert_status(200);
    let signed_in = send(call(Method::POST, "/support/session", Some("https")).json(&body)).await;
    signed_in.assert_status(201);
    let set = signed_in.header("set-cookie");
    assert!(set.starts_with("__Host-stakis-support="), "{set}");
    assert!(set.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{set}");
    // The cookie of the one line does not count on the other.
    let refresh =
        call(Method::POST, "/support/session/refresh", Some("https")).header("cookie", cookie(&signed_in));
    send(refresh).await.assert_status(200);
    desk.refresh(&cookie(&signed_in)).await.assert_problem(401, "invalid-token");
    desk.stop().await;
}

async fn ad_02_another_origin_is_refused(engine: Engine) {
    let desk = Desk::start_with(engine, |config| config.cors_origins = vec![LISTED.into()]).await;
    let maja = Person::make(&desk.app, "support:read").await;
    let (cookie, token) = maja.sign_in(&desk).await;
    let port = desk.url.port().unwrap();
    let others = [
        LISTED.to_owned(),
        "null".to_owned(),
        format!("https://127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
        format!("http://127.0.0.1:{}", port - 1),
        "http://127.0.0.1".to_owned(),
    ];
    let calls = |origin: &str| {
        let call = |method: Method, path: &str| desk.request(method, path).header("origin", origin);
        [
            call(Method::POST, "/support/session")
                .json(&json!({ "client_id": maja.id, "client_secret": maja.secret })),
            call(Method::POST, "/support/session/refresh").header("cookie", &cookie),
            call(Method::POST, QUESTION).bearer_auth(&token).json(&json!({ "customer_number": "999998" })),
            call(Method::DELETE, "/support/session").header("cookie", &cookie),
        ]
    };
    for origin in &others {
        for call in calls(origin) {
            send(call).await.assert_problem(403, "forbidden");
        }
    }
    let [sign_in, refresh, ask, sign_out] = calls(desk.origin());
    send(sign_in).await.assert_status(201);
    send(refresh).await.assert_status(200);
    send(ask).await.assert_status(200);
    send(sign_out).await.assert_status(204);
    desk.stop().await;
}

async fn ap_08_the_operations_listener_shares_with_no_origin(engine: Engine) {
    let desk = Desk::start_with(engine, |config| config.cors_origins = vec![LISTED.into()]).await;
    let preflight = |path: &str| {
        let call = desk.request(Method::OPTIONS, path).header("access-control-request-method", "POST");
        call.header("origin", LISTED)
    };
    let mut answers = vec![desk.get("/support").await, send(desk.request(Method::POST, QUESTION)).await];
    for path in [QUESTION, "/oauth2/token", "/support/session"] {
        let refused = send(preflight(path)).await;
        refused.assert_problem(403, "forbidden");
        answers.push(refused);
        let own = send(preflight(path).header("origin", desk.origin())).await;
        assert!(!(200..300).contains(&own.status), "{own}");
        answers.push(own);
    }
    for answer in answers {
        let shares = |name: &str| name.starts_with("access-control-");
        assert!(!answer.headers.keys().any(|name| shares(name.as_str())), "{answer}");
    }
    desk.stop().await;
}

async fn ap_09_the_page_has_the_headers_of_the_hosted_pages(engine: Engine) {
    let desk = Desk::start(engine).await;
    for (language, word) in
        [("sl", "Zakaj stranka ni dobila"), ("de", "Warum hat der Kunde"), ("hr", "Zašto kupac nije dobio")]
    {
        let page = desk.get(&format!("/support?lang={language}")).await;
        let hosted = desk.app.get(&format!("/sign-in?lang={language}")).await;
        page.assert_status(200);
        for name in [
            "content-security-policy",
            "cross-origin-opener-policy",
            "content-type",
            "cache-control",
            "referrer-policy",
            "strict-transport-security",
            "vary",
            "x-content-type-options",
        ] {
            assert_eq!(page.header(name), hosted.header(name), "{name}");
        }
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(
            page.text.contains(&format!("<html lang=\"{language}\">")) && page.text.contains(word),
            "{language}"
        );
        assert!(!page.text.contains("http://") && !page.text.contains("https://"), "a foreign resource");
        assert!(!page.text.contains("<style") && !page.text.contains(" style=") && !page.text.contains("<script>"));
        // The script offers those of the acts that the person's scopes allow.
        assert_eq!(page.text.matches("data-scope=\"support:act\"").count(), 6);
    }
    desk.stop().await;
}

async fn ap_01_every_error_beside_the_page_is_a_problem(engine: Engine) {
    let desk = Desk::start(engine).await;
    let wrong_method = send(desk.request(Method::PUT, "/support/session")).await;
    wrong_method.assert_problem(405, "method-not-allowed");
    assert_eq!(wrong_method.header("allow"), "POST, DELETE");
    desk.get("/support/session/refresh").await.assert_problem(405, "method-not-allowed");
    let post = || desk.request(Method::POST, "/support/session");
    send(post().body("x")).await.assert_problem(415, "unsupported-media-type");
    send(post().json(&json!([]))).await.assert_problem(400, "malformed-request");
    send(post().json(&json!({ "client_id": 1 }))).await.assert_problem(400, "malformed-request");
    let unknown = send(post().json(&json!({ "customer_number": Customer::ANA.number }))).await;
    unknown.assert_problem(400, "malformed-request");
    assert!(unknown.json()["type"].as_str().unwrap().starts_with(PUBLIC_URL));
    send(post().json(&json!({}))).await.assert_problem(401, "invalid-credentials");
    desk.stop().await;
}
