//! The solver in TypeScript, and the pages that use it.

use std::{fs, path::Path, process::Command};

use chrono::TimeDelta;
use serde_json::{Value, json};
use stakis_identity::{
    brand::Brand,
    config::{Limit, LimitsConfig},
    crypto::solve,
    pages,
};
use tempfile::TempDir;

use crate::support::{Customer, Engine, TestApp, run_module, script_tests, typescript_compiler};

script_tests![
    the_pages_solver_is_the_typescript_one,
    rl_05_the_script_finds_what_the_service_finds,
    rl_05_the_script_can_be_ended_and_holds_nothing_up,
    rl_05_the_service_takes_what_the_script_finds,
    rl_05_the_pages_answer_challenges_but_not_for_ever,
];

/// Runs a script in a folder with the assets.
async fn run_script(script: &str, input: Value) -> Value {
    let folder = TempDir::new().unwrap();
    for name in ["api.js", "proof-of-work.js"] {
        let asset = pages::asset(&Brand::standard().unwrap(), name).unwrap();
        fs::write(folder.path().join(name), asset.content).unwrap();
    }
    fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#).unwrap();
    run_module(folder.path(), script, input).await
}

/// The committed asset is the output of the compiler for the committed TypeScript, so there is one solver to maintain.
async fn the_pages_solver_is_the_typescript_one() {
    let compare = || {
        let folder = TempDir::new().unwrap();
        let compiler = typescript_compiler().unwrap();
        let compile = [compiler.as_str(), "--project", "openapi/typescript", "--outDir"];
        let output = Command::new("node")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(compile)
            .arg(folder.path())
            .output()
            .expect("Node is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let made = fs::read_to_string(folder.path().join("proof-of-work.js")).unwrap();
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages/assets/proof-of-work.js");
        let committed = fs::read_to_string(committed).unwrap();
        assert!(made == committed, "run: node {} src/pages/assets", compile.join(" "));
    };
    tokio::task::spawn_blocking(compare).await.unwrap();
}

/// The lengths are around one, two and three blocks of SHA-256, so that the number and the padding begin everywhere in
/// a block.
async fn rl_05_the_script_finds_what_the_service_finds() {
    let mut challenges: Vec<(String, u32)> = (0..200).map(|length| ("x".repeat(length), 5)).collect();
    let real = "nB7mT3xQ0aVd2KfY.12.1795356300.u2Zr0pQmT1c8Xo5dLk9VbW3eJfHs6yNaGi7tCqRz4Mw";
    challenges.push((real.to_owned(), 12));
    let found = run_script(
        r#"
        import { solve } from "./proof-of-work.js";
        const proofs = [];
        for (const [challenge, difficulty] of input) proofs.push(await solve(challenge, difficulty));
        console.log(JSON.stringify(proofs));
        "#,
        json!(challenges),
    )
    .await;
    let expected: Vec<String> = challenges.iter().map(|(text, difficulty)| solve(text, *difficulty)).collect();
    assert_eq!(found, json!(expected));
}

async fn rl_05_the_script_can_be_ended_and_holds_nothing_up() {
    let seen = run_script(
        r#"
        import { solve } from "./proof-of-work.js";
        const failure = (work) => work.then(() => "none", (error) => error.name);
        const wrong = [];
        for (const difficulty of [0, 33, 12.5, NaN, "12"]) wrong.push(await failure(solve("x", difficulty)));
        const before = await failure(solve("x", 1, AbortSignal.abort()));
        let turns = 0;
        const timer = setInterval(() => { turns += 1; }, 20);
        const meanwhile = await failure(solve("x", 32, AbortSignal.timeout(1000)));
        clearInterval(timer);
        console.log(JSON.stringify({ wrong, before, meanwhile, held_up: turns < 5 }));
        "#,
        Value::Null,
    )
    .await;
    let wrong = ["RangeError"; 5];
    let expected = json!({ "wrong": wrong, "before": "AbortError", "meanwhile": "TimeoutError", "held_up": false });
    assert_eq!(seen, expected);
}

/// Ten requested numbers count as an attack in these tests.
async fn attacked() -> TestApp {
    let reset_surge = Some(Limit { count: 10, period: TimeDelta::minutes(10) });
    let limits = LimitsConfig { enforced: true, reset_surge, ..LimitsConfig::default() };
    let app = TestApp::start_with(Engine::Sqlite, |config| config.limits = limits).await;
    for index in 0..10 {
        app.ask(&format!("{index:06}")).await.assert_status(202);
    }
    app
}

async fn rl_05_the_service_takes_what_the_script_finds() {
    let app = attacked().await;
    let asked = app.ask(Customer::ANA.number).await;
    asked.assert_problem(403, "challenge-required");
    let proof = run_script(
        r#"
        import { solve } from "./proof-of-work.js";
        console.log(JSON.stringify(await solve(input.challenge, input.difficulty)));
        "#,
        asked.json(),
    )
    .await;
    let body = json!({ "customer_number": Customer::ANA.number, "proof": proof });
    app.post("/v1/password-resets", body).await.assert_status(202);
    app.deliver_all().await;
}

/// Runs `call` as the pages use it, with the parts of a browser that it needs.
const PAGE: &str = r#"
    globalThis.document = { documentElement: { lang: "sl" }, querySelector: () => ({ dataset: {} }) };
    const statuses = [];
    const { fetch } = globalThis;
    globalThis.fetch = async (path, options) => {
        const answer = await fetch(new URL(path, input.url), options);
        statuses.push(answer.status);
        return input.refuse ? Response.json(input.refuse, { status: 403 }) : answer;
    };
    const { call } = await import("./api.js");
    const { status, body } = await call("POST", "/v1/password-resets", { customer_number: input.number });
    console.log(JSON.stringify({ statuses, status, code: body.code }));
"#;

async fn rl_05_the_pages_answer_challenges_but_not_for_ever() {
    let app = attacked().await;
    let number = Customer::ANA.number;
    let seen = run_script(PAGE, json!({ "url": app.url.as_str(), "number": number })).await;
    assert_eq!(seen, json!({ "statuses": [403, 202], "status": 202 }));
    // Each proof is answered with another challenge. The page gives up after three.
    let refuse = json!({ "code": "challenge-required", "detail": "…", "challenge": "x", "difficulty": 1 });
    let seen = run_script(PAGE, json!({ "url": app.url.as_str(), "number": number, "refuse": refuse })).await;
    assert_eq!(seen["statuses"].as_array().unwrap().len(), 4);
    assert_eq!((&seen["status"], &seen["code"]), (&json!(403), &json!("challenge-required")));
    app.deliver_all().await;
}
