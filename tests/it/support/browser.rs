//! Chromium, driven by the scripts in `tests/browser`.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use chrono::TimeDelta;
use serde_json::{Value, json};
use stakis_identity::{brand::Brand, texts, types::Locale};
use tokio::sync::mpsc;

use tempfile::TempDir;

use super::{ReceivedMail, TestApp, node, typescript_compiler};

#[expect(clippy::disallowed_methods, reason = "settings of the tests")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The path of Chromium, if the setting names one.
pub(crate) fn chromium() -> Option<String> {
    setting("STAKIS_TEST_CHROMIUM").filter(|_| typescript_compiler().is_some())
}

/// The sentences of the pages in a language, by their keys.
pub(crate) fn words(locale: Locale, keys: &[&str]) -> Value {
    let brand = Brand::standard().unwrap();
    let word = |key| texts::brand_text(&brand, locale, key, &[("time", "{time}".into())]);
    keys.iter().map(|key| ((*key).to_owned(), json!(word(key)))).collect::<serde_json::Map<_, _>>().into()
}

/// The TypeScript client and the example front end that uses it, compiled.
pub(crate) async fn compiled_example() -> TempDir {
    let folder = TempDir::new().unwrap();
    let (compiler, out) = (typescript_compiler().unwrap(), folder.path().to_str().unwrap());
    let arguments = [compiler.as_str(), "--project", "openapi/typescript/example", "--outDir", out, "--noCheck"];
    node(Path::new(env!("CARGO_MANIFEST_DIR")), &arguments).await;
    std::fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#).unwrap();
    folder
}

/// Runs `tests/browser/{script}.mjs` to its end, and fails with its output unless it succeeds. While it runs, it may
/// ask for `mail`, the last one and all of them after everything due has been done, and for time to pass.
pub(crate) async fn browse(app: &TestApp, script: &str, input: Value) -> Value {
    let given = json!({
        "chromium": chromium().unwrap(),
        "modules": Path::new(&typescript_compiler().unwrap()).ancestors().nth(3).unwrap(),
        "screenshots": setting("STAKIS_TEST_SCREENSHOTS"),
        "url": app.url.as_str().trim_end_matches('/'),
        "given": input,
    });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(format!("{script}.mjs"));
    let mut child = Command::new("node")
        .arg(path)
        .arg(given.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node is installed");
    let (mut answers, asked) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let (sender, mut lines) = mpsc::unbounded_channel();
    let reader = thread::spawn(move || asked.lines().try_for_each(|line| sender.send(line.unwrap())));
    let mut done = None;
    while let Some(line) = lines.recv().await {
        let line: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        let answer = match line["ask"].as_str() {
            Some("mail") => mail(app).await,
            Some("advance") => {
                app.advance(TimeDelta::seconds(line["seconds"].as_i64().unwrap()));
                json!({})
            }
            Some(other) => panic!("{other}"),
            None => {
                done = Some(line["done"].clone());
                continue;
            }
        };
        writeln!(answers, "{answer}").unwrap();
    }
    reader.join().unwrap().unwrap();
    assert!(child.wait().unwrap().success(), "{script} has failed: see above");
    app.deliver_all().await;
    done.expect("the script says when it is done")
}

async fn mail(app: &TestApp) -> Value {
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    let mail = mails.last().expect("a mail has arrived");
    let mut answer = told(mail);
    answer["count"] = mails.len().into();
    answer["all"] = mails.iter().map(told).collect();
    answer
}

fn told(mail: &ReceivedMail) -> Value {
    let html = &mail.body["HTML"];
    json!({ "to": mail.to(), "subject": mail.subject(), "text": mail.text(), "html": html })
}
