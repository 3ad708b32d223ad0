//! The TypeScript client and the code of the guides fit the OpenAPI document, and do what they say.

use std::fs;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    Customer, Engine, PUBLIC_URL, TestApp,
    guides::{compile, compiled, guides, repository, sources},
    node, npm_modules, own_key, part, plain_tests, run_module, script_tests, sign, text,
};

script_tests![
    the_committed_types_are_the_generated_ones,
    the_guides_code_and_the_example_have_no_wrong_type,
    the_guides_lead_through_a_reset,
    the_guides_lead_through_an_expired_password,
    the_client_reads_every_kind_of_answer,
    jw_02_the_guides_code_takes_our_customers_tokens_and_no_others,
];

plain_tests![the_guides_name_only_what_exists,];

const NEW: &str = "Zimske-gume-27";

/// Runs a script beside the client and the code of the guides, with the parts of a browser that they need. `PUBLIC_URL`
/// is this service, and the time is that of the test.
async fn run(app: &TestApp, script: &str, input: Value) -> Value {
    const BROWSER: &str = r#"
        const { fetch, setTimeout, Date: RealDate } = globalThis;
        globalThis.fetch = (url, options) => fetch(String(url).replace(input.public_url, input.url), options);
        globalThis.Date = class extends RealDate {
            constructor(...given) { super(...(given.length ? given : [input.now])); }
            static now() { return input.now; }
        };
        const kept = new Map();
        globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
        globalThis.location = { hash: `#token=${input.given.token}`, pathname: "/" };
        globalThis.history = { replaceState() {} };
        globalThis.setTimeout = (act, wait, ...rest) => (wait > 60_000 ? 0 : setTimeout(act, wait, ...rest));
        const field = { setAttribute() {}, setCustomValidity(text) { this.text = text; }, focus() {} };
        globalThis.document = { querySelector: () => field };
        const failure = (promise) => promise.then(() => "none", (error) => error);
        const tell = (value) => console.log(JSON.stringify(value));
    "#;
    let input = json!({
        "public_url": PUBLIC_URL,
        "url": app.url.as_str().trim_end_matches('/'),
        "now": app.app.clock.now().and_utc().timestamp_millis(),
        "given": input,
    });
    run_module(compiled().await.path(), &format!("{BROWSER}{script}"), input).await
}

async fn the_committed_types_are_the_generated_ones() {
    let generator = npm_modules().join("openapi-typescript/bin/cli.js");
    let folder = TempDir::new().unwrap();
    let made = folder.path().join("schema.ts");
    let generate = [generator.to_str().unwrap(), "openapi/openapi.json", "--output"];
    node(repository(), &[&generate[..], &[made.to_str().unwrap()]].concat()).await;
    let committed = fs::read_to_string(repository().join("openapi/typescript/schema.ts")).unwrap();
    let made = fs::read_to_string(made).unwrap();
    assert!(made == committed, "run: tests/generate");
}

/// The code is compiled as strictly as the client itself.
async fn the_guides_code_and_the_example_have_no_wrong_type() {
    compile(sources().path(), &["--noEmit"]).await;
    compile(&repository().join("openapi/typescript/example"), &["--noEmit"]).await;
}

async fn the_guides_lead_through_a_reset() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.make(&Customer::ANA).await;
    let number = Customer::ANA.number;
    let asked = run(
        &app,
        r#"
        const { requestMail } = await import("./build-the-reset-form.js");
        const wrong = await failure(requestMail("4217"));
        tell({ message: await requestMail(input.given.number), wrong: wrong.body.errors });
        "#,
        json!({ "number": number }),
    )
    .await;
    assert!(text(&asked, "message").starts_with("Na vašo zahtevo za spremembo gesla"));
    assert_eq!(
        (&asked["wrong"][0]["pointer"], &asked["wrong"][0]["code"]),
        (&json!("#/customer_number"), &json!("invalid_format"))
    );
    app.deliver_all().await;
    let token = app.mail_api.mails().await.last().unwrap().token();
    let walked = run(
        &app,
        r#"
        const guide = await import("./build-the-reset-form.js");
        const { number, password } = input.given;
        const rules = await guide.passwordRules();
        const usable = await guide.whyUnusable() === undefined;
        const differs = await failure(guide.setPassword(number, password, `${password}!`));
        guide.markFields(differs);
        const message = await guide.setPassword(number, password, password);
        const account = (await guide.signIn(number, password)).account;
        const wrong = await failure(guide.signIn(number, "Wrong-password-1"));
        const sentences = [await guide.whyUnusable(), (await failure(guide.withdraw())).body.detail];
        tell({ rules: rules.length, usable, marked: field.text, message, account, wrong: wrong.message, sentences });
        "#,
        json!({ "number": number, "password": NEW, "token": token }),
    )
    .await;
    assert!(walked["rules"].as_u64().unwrap() > 4 && walked["usable"] == true, "{walked}");
    assert_eq!(walked["message"], "Geslo je bilo zamenjano.");
    assert!(!text(&walked, "marked").is_empty(), "{walked}");
    assert_eq!(
        (&walked["account"]["customer_number"], &walked["wrong"]),
        (&json!(number), &json!("401 invalid-credentials"))
    );
    assert_eq!(walked["sentences"][0], walked["sentences"][1]);
    app.deliver_all().await;
}

async fn the_guides_lead_through_an_expired_password() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::days(181));
    let walked = run(
        &app,
        r#"
        const guide = await import("./handle-expired-passwords.js");
        const { number, old, password, last } = input.given;
        const { kind, changeToken } = await guide.signIn(number, old);
        const short = await failure(guide.changeExpired(number, changeToken, "x", "x"));
        const message = await guide.changeExpired(number, changeToken, password, password);
        const session = await guide.signIn(number, password);
        const changed = await guide.change(number, session.accessToken, password, last, last);
        const wrong = await guide.signIn(number, "Wrong-password-1");
        tell({ kind, short: short.message, message, session: session.kind, changed: changed.kind, wrong: wrong.kind });
        "#,
        json!({ "number": Customer::ANA.number, "old": Customer::ANA.password, "password": NEW, "last": "Letne-pnevmatike-28" }),
    )
    .await;
    let expected = json!({
        "kind": "choose a new password",
        "short": "422 validation-failed",
        "message": "Geslo je bilo zamenjano.",
        "session": "signed in",
        "changed": "signed in",
        "wrong": "say",
    });
    assert_eq!(walked, expected);
    app.deliver_all().await;
}

async fn the_client_reads_every_kind_of_answer() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.make(&Customer::ANA).await;
    let bearer = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let seen = run(
        &app,
        r#"
        const { Client, Problem, withProof } = await import("./client.js");
        const { inspect } = await import("node:util");
        const { bearer } = input.given;
        const client = new Client(`${input.public_url}/`, "de");
        const { sessions } = await client.call("get", "/v1/sessions", { bearer });
        const missing = await failure(client.call("delete", "/v1/sessions/{id}", { bearer, path: { id: "a/../b?c" } }));
        const ended = await client.call("delete", "/v1/sessions/{id}", { bearer, path: { id: sessions[0].id } });
        const over = await failure(client.call("get", "/v1/account", { bearer }));
        const aborted = await failure(client.call("get", "/v1/account", { bearer, signal: AbortSignal.abort() }));
        const secret = new Problem({ ...over.body, change_token: "secret" });

        globalThis.fetch = async () => new Response("<h1>Bad gateway</h1>", { status: 502, statusText: "Bad Gateway" });
        const foreign = await failure(client.call("get", "/v1/account", { bearer }));
        globalThis.fetch = async () => { throw new TypeError("fetch failed"); };
        const unreachable = await failure(client.call("get", "/v1/account", { bearer }));
        const busy = { "Content-Type": "application/problem+json", "Retry-After": "15" };
        globalThis.fetch = async () => new Response(JSON.stringify(over.body), { status: 429, headers: busy });
        const limited = await failure(client.call("get", "/v1/account", { bearer }));

        let sent = 0;
        const challenge = { ...over.body, code: "challenge-required", challenge: "x", difficulty: 1 };
        const refused = await failure(withProof(() => { sent += 1; throw new Problem(challenge); }));
        tell({
            sessions: sessions.length, missing: missing.message, ended: ended === undefined, over: over.body.detail,
            aborted: aborted.name, leaks: inspect(secret).includes("secret"), foreign: [foreign.message, foreign.body.title],
            unreachable: unreachable.name, limited: limited.retryAfterSeconds, sent, refused: refused.body.code,
        });
        "#,
        json!({ "bearer": bearer }),
    )
    .await;
    let over = crate::support::send(
        app.request(Method::GET, "/v1/account").bearer_auth(&bearer).header("accept-language", "de"),
    )
    .await;
    let expected = json!({
        "sessions": 1, "missing": "404 not-found", "ended": true, "over": over.json()["detail"],
        "aborted": "AbortError", "leaks": false, "foreign": ["502 unknown", "Bad Gateway"],
        "unreachable": "TypeError", "limited": 15, "sent": 4, "refused": "challenge-required",
    });
    assert_eq!(seen, expected);
    app.deliver_all().await;
}

async fn jw_02_the_guides_code_takes_our_customers_tokens_and_no_others() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.make(&Customer::ANA).await;
    let session = app.session(&Customer::ANA).await;
    let good = text(&session, "access_token");
    let (_, key) = own_key(&app).await;
    let forged = |index: usize, name: &str, value: Value| {
        let mut parts = [part(good, 0), part(good, 1)];
        parts[index][name] = value;
        // A null stands for a missing claim.
        parts[index].as_object_mut().unwrap().retain(|_, value| !value.is_null());
        sign(&key, &parts[0].to_string(), &parts[1].to_string())
    };
    let now = app.app.clock.now().and_utc().timestamp();
    let unsigned = good.rsplit_once('.').unwrap().0;
    let wrong = [
        forged(0, "typ", json!("JWT")),
        forged(0, "alg", json!("none")),
        forged(0, "alg", json!("HS256")),
        forged(0, "kid", json!("unknown")),
        forged(1, "iss", json!(format!("{PUBLIC_URL}/"))),
        forged(1, "aud", json!("https://other.example.com")),
        forged(1, "exp", json!(now - 31)),
        forged(1, "exp", json!(null)),
        forged(1, "client_id", json!("partner")),
        forged(1, "jti", json!(null)),
        format!("{unsigned}."),
        format!("{good}x"),
        "x".to_owned(),
    ];
    let script = r#"
        const { customer } = await import("./verify-our-tokens.js");
        const seen = [];
        for (const token of input.given.tokens) seen.push(await customer(token) ?? null);
        tell(seen);
    "#;
    let tokens: Vec<&str> = [good].into_iter().chain(wrong.iter().map(String::as_str)).collect();
    let seen = run(&app, script, json!({ "tokens": tokens })).await;
    assert_eq!(seen[0], session["account"]["id"]);
    let refused = &seen.as_array().unwrap()[1..];
    assert_eq!(refused.iter().position(|answer| !answer.is_null()), None, "{seen}");
    assert_eq!(refused.len(), wrong.len());
    app.deliver_all().await;
}

/// The test looks up calls, statuses with their codes, and files.
fn the_guides_name_only_what_exists() {
    let document = stakis_identity::http::document();
    let described = |response: &'static Value| {
        let response = response["$ref"].as_str().map_or(Some(response), |path| document.pointer(&path[1..]));
        response.unwrap()["description"].as_str().unwrap()
    };
    let responses: Vec<(&String, &str)> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .flat_map(|operation| operation["responses"].as_object().unwrap())
        .map(|(status, response)| (status, described(response)))
        .collect();
    let mut named = 0;
    for (name, guide) in guides() {
        let pieces: Vec<&str> = guide.split('`').collect();
        for pair in pieces.windows(2) {
            let (before, code) = (pair[0], pair[1]);
            if let Some((method, path)) =
                code.split_once(" /").filter(|(method, _)| ["GET", "POST", "DELETE"].contains(method))
            {
                assert!(document["paths"][format!("/{path}")][method.to_lowercase()].is_object(), "{name}: {code}");
                named += 1;
            }
            let status = before.trim_end().rsplit(' ').next().unwrap_or_default();
            if before.ends_with(' ') && status.len() == 3 && status.starts_with('4') && code.contains('-') {
                let slug = format!("`{code}`");
                let is_so = responses.iter().any(|(answer, text)| *answer == status && text.contains(&slug));
                assert!(is_so, "{name}: {status} {slug}");
                named += 1;
            }
        }
        for link in guide.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let exists = link.starts_with("https://") || repository().join("openapi/guides").join(link).exists();
            assert!(exists, "{name}: {link}");
        }
    }
    assert!(named > 20, "only {named} names were seen: the reading is broken");
}
