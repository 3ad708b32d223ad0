//! The letters: what they tell and how they travel, their HTML, and what mail programs show of it.

use std::{collections::BTreeMap, fs, path::Path};

use chrono::TimeDelta;
use serde_json::json;
use stakis_identity::{texts::moment_text, types::Locale};
use tempfile::TempDir;
use wiremock::ResponseTemplate;

use crate::support::{
    Customer, TestApp, database_tests, guides::repository, node, run_command, script_tests, typescript_compiler,
};

database_tests![ml_01_a_mail_tells_the_time_of_its_request_however_late_it_goes,];

script_tests![
    ml_05_the_letters_are_valid_html_that_mail_programs_show,
    ml_05_a_letter_that_mail_programs_would_not_show_is_found,
];

/// The mail API takes the mail at the second attempt.
async fn ml_01_a_mail_tells_the_time_of_its_request_however_late_it_goes(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.mail_api.answer_with(ResponseTemplate::new(500)).await;
    let asked_at = app.app.clock.now();
    app.ask(Customer::ANA.number).await;
    app.advance(TimeDelta::minutes(7));
    app.deliver_all().await;
    let first = app.mail_api.mails().await.remove(0);
    app.mail_api.recover().await;
    app.advance(TimeDelta::hours(3));
    app.deliver_all().await;
    let second = app.mail_api.mails().await.remove(0);
    assert_eq!(first.raw, second.raw);
    let fact = format!("Čas zahteve: {}", moment_text(Locale::Sl, asked_at));
    assert!(second.text().contains(&fact), "{}", second.text());
    assert_eq!(second.body["From"]["Name"], "STAkis");
    assert_eq!(second.body["ReplyTo"], json!([{ "Email": "stakis.support@stahlgruber.si" }]));
    assert_eq!(second.body["Headers"]["Auto-Submitted"], "auto-generated");
    assert_eq!(second.body["Headers"].get("List-Unsubscribe"), None, "nobody unsubscribes from security");
}

/// What html-validate and the data of Can I email have to say about the HTML files in a folder.
async fn problems(folder: &Path) -> Vec<String> {
    let compiler = typescript_compiler().unwrap();
    let modules = Path::new(&compiler).ancestors().nth(4).unwrap();
    let arguments = ["tests/letters/check.mjs", modules.to_str().unwrap(), folder.to_str().unwrap()];
    serde_json::from_slice(&node(repository(), &arguments).await).unwrap()
}

/// A folder with all letters.
fn letters() -> TempDir {
    let folder = TempDir::new().unwrap();
    let company = ("STAKIS_BRAND_COMPANY", "Deli & sinovi, d. o. o., Cesta 1, 1000 Ljubljana".to_owned());
    let variables = BTreeMap::from([company]);
    let output = run_command(&["mail", "preview", folder.path().to_str().unwrap()], &variables, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

async fn ml_05_the_letters_are_valid_html_that_mail_programs_show() {
    assert_eq!(problems(letters().path()).await, Vec::<String>::new());
}

async fn ml_05_a_letter_that_mail_programs_would_not_show_is_found() {
    let folder = letters();
    let file = folder.path().join("reset_link.sl.html");
    let letter = fs::read_to_string(&file).unwrap();
    for (change, into, problem) in [
        ("</h1>", "</h2>", "close-order"),
        ("<html lang=\"sl\">", "<html>", "element-required-attributes"),
        ("style=\"margin:0\">Pozdravljeni", "style=\"margin:0;display:grid\">Pozdravljeni", "`display:grid`"),
    ] {
        let broken = letter.replace(change, into);
        assert_ne!(broken, letter, "{change}");
        fs::write(&file, broken).unwrap();
        let found = problems(folder.path()).await;
        let is_found = |line: &String| line.starts_with("reset_link.sl.html") && line.contains(problem);
        assert!(found.iter().any(is_found), "{problem}: {found:#?}");
    }
}
