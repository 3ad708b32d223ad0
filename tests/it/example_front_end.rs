//! The example front end leads through the guide, from an origin of its own: Node runs it in what passes for a browser, and lets
//! through what the CORS protocol (the Fetch standard) lets through.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    support::{Customer, Engine, TestApp, node, run_module, script_tests, typescript_compiler},
    typescript::repository,
};

script_tests![
    the_example_leads_through_the_guide_from_another_origin,
    ap_08_the_example_of_an_origin_that_is_not_listed_reads_nothing,
];

const ORIGIN: &str = "https://stakis.example.com";
const NEW: &str = "Zimske-gume-27";

/// Just as much of a browser as the page and the script use, and its rules for other origins.
const BROWSER: &str = r#"
    const { fetch } = globalThis;
    const safe = ["accept", "accept-language"];
    const preflights = [];
    globalThis.fetch = async (url, { method, headers, body }) => {
        const address = url.replace("http://127.0.0.1:8080", input.url);
        const names = [...headers.keys()].filter((name) => !safe.includes(name));
        const list = (answer, name) => (answer.headers.get(name) ?? "").toLowerCase().split(", ");
        const check = (answer) => {
            if (answer.headers.get("Access-Control-Allow-Origin") !== input.origin) throw new TypeError("another origin");
            return answer;
        };
        if (names.length > 0 || !["GET", "POST"].includes(method)) {
            const asking = { "Access-Control-Request-Method": method, "Access-Control-Request-Headers": names.join() };
            const asked = check(await fetch(address, { method: "OPTIONS", headers: { Origin: input.origin, ...asking } }));
            const allowed = list(asked, "Access-Control-Allow-Headers");
            const fits = list(asked, "Access-Control-Allow-Methods").includes(method.toLowerCase());
            if (!asked.ok || !fits || !names.every((name) => allowed.includes(name))) throw new TypeError("preflight");
            preflights.push(method);
        }
        const sent = new Headers(headers);
        sent.set("Origin", input.origin);
        return check(await fetch(address, { method, headers: sent, body }));
    };

    class Form {
        hidden = true;
        button = { disabled: false };
        constructor(id) { this.id = id; }
        addEventListener(_, act) { this.act = act; }
        querySelector() { return this.button; }
    }
    const forms = input.forms.map((id) => new Form(id));
    forms.namedItem = (id) => forms.find((form) => form.id === id);
    const output = { textContent: "" };
    const link = { addEventListener(_, act) { this.click = act; } };
    globalThis.document = { forms, querySelector: (selector) => (selector === "output" ? output : link) };
    globalThis.FormData = class { constructor(form) { return Object.entries(form.fields); } };
    globalThis.location = { hash: input.hash, pathname: "/" };
    globalThis.history = { replaceState(_, __, path) { location.hash = ""; location.path = path; } };
    const kept = new Map();
    globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };

    await import("./example/main.js");
    const steps = [];
    const look = () => steps.push([forms.filter((form) => !form.hidden).map((form) => form.id).join(), output.textContent]);
    look();
    for (const [id, fields] of input.steps) {
        if (id === "link") link.click();
        else await Object.assign(forms.namedItem(id), { fields }).act({ preventDefault() {} });
        look();
    }
    console.log(JSON.stringify({ steps, preflights, hash: location.hash, kept: [...kept.keys()] }));
"#;

async fn started(listed: &str) -> TestApp {
    let app = TestApp::start_with(Engine::Sqlite, |config| config.cors_origins = vec![listed.to_owned()]).await;
    app.make(&Customer::ANA).await;
    app
}

/// The example, compiled without a look at its types, and the forms of its page.
struct Example {
    folder: TempDir,
    forms: Vec<String>,
}

impl Example {
    async fn compile() -> Self {
        let folder = TempDir::new().unwrap();
        let compiler = typescript_compiler().unwrap();
        let out = folder.path().to_str().unwrap();
        let project = "openapi/typescript/example";
        node(repository(), &[&compiler, "--project", project, "--outDir", out, "--noCheck"]).await;
        fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#).unwrap();
        let page = fs::read_to_string(repository().join("openapi/typescript/example/index.html")).unwrap();
        assert!(page.contains(r#"src="main.js""#) && folder.path().join("example/main.js").exists());
        let forms =
            page.split("<form id=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        Self { folder, forms }
    }

    /// Opens the page with what stands behind its address, and takes steps: a form with its fields, or the link.
    async fn walk(&self, app: &TestApp, hash: &str, steps: Value) -> Value {
        let input = json!({
            "url": app.url.as_str().trim_end_matches('/'),
            "origin": ORIGIN,
            "forms": self.forms,
            "hash": hash,
            "steps": steps,
        });
        run_module(self.folder.path(), BROWSER, input).await
    }
}

async fn the_example_leads_through_the_guide_from_another_origin() {
    let (app, example) = (started(ORIGIN).await, Example::compile().await);
    let number = Customer::ANA.number;
    let asked = example.walk(&app, "", json!([["link", {}], ["request", { "customer_number": number }]])).await;
    assert_eq!(asked["steps"][0], json!(["sign-in", ""]));
    assert_eq!(asked["steps"][1], json!(["request", ""]));
    assert!(asked["steps"][2][1].as_str().unwrap().starts_with("Na vašo zahtevo za spremembo gesla"), "{asked}");
    app.deliver_all().await;

    let token = app.mail_api.mails().await.last().unwrap().token();
    let change = |again: &str| json!(["change", { "customer_number": number, "new_password": NEW, "new_password_confirmation": again }]);
    let steps = json!([change("x"), change(NEW), ["sign-in", { "customer_number": number, "password": NEW }]]);
    let changed = example.walk(&app, &format!("#token={token}"), steps).await;
    assert_eq!(changed["steps"][0], json!(["change", ""]));
    assert_eq!(changed["steps"][1][0], "change");
    assert_ne!(changed["steps"][1][1], "", "{changed}");
    assert_eq!(changed["steps"][2], json!(["sign-in", "Geslo je bilo zamenjano."]));
    assert_eq!(changed["steps"][3], json!(["sign-in", format!("Prijavljeni ste: {number}.")]));
    assert_eq!(changed["hash"], "", "the token is out of the address bar");
    assert_eq!(changed["kept"], json!([format!("device_token {number}")]));
    assert_eq!(changed["preflights"], json!(["POST", "POST", "POST", "GET"]));
    app.deliver_all().await;
    app.finish().await;
}

async fn ap_08_the_example_of_an_origin_that_is_not_listed_reads_nothing() {
    let app = started("https://other.example.com").await;
    let asked = Example::compile()
        .await
        .walk(&app, "", json!([["request", { "customer_number": Customer::ANA.number }]]))
        .await;
    assert_eq!(asked["steps"][1][1], "Povezava ni uspela. Poskusite znova.");
    assert_eq!(asked["preflights"], json!([]));
    app.finish().await;
}
