//! The program of `docs/audit-trail.md`, which verifies an export of the tables by itself.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use stakis_identity::{config::DatabaseUrl, identity};

use super::tampering::{assert_whole, entry_at, fill, head, seal, tamper, verify};
use crate::support::{
    Customer, DirectConnection, Engine, TestApp, administrator, columns_of, engine_tests, python_program,
    run_program, text,
};

engine_tests![with "schemathesis": lo_06_another_program_verifies_the_trail_from_an_export];

/// Writes the rows of a table as JSON, one a line, as the document has it.
fn export(url: &DatabaseUrl, table: &str, folder: &Path) {
    let query = match url {
        DatabaseUrl::Postgres(_) => format!("SELECT to_jsonb(t)::text AS text FROM {table} t"),
        DatabaseUrl::Sqlite(_) => {
            let members: Vec<String> =
                columns_of(url)[table].iter().map(|column| format!("'{}', {}", column.name, column.name)).collect();
            format!("SELECT json_object({}) AS text FROM {table}", members.join(", "))
        }
    };
    let lines = DirectConnection::open(url).texts(&query);
    fs::write(folder.join(format!("{table}.json")), lines.join("\n")).unwrap();
}

/// Runs the program on an export, and returns what it says.
async fn run(app: &TestApp, public_key: &str, is_whole: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    for table in ["audit_seals", "audit_events", "audit_batches", "audit_erasures"] {
        export(&app.database.url, table, folder.path());
    }
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/audit-trail.md")).unwrap();
    let program = document.split_once("\n```python\n").unwrap().1.split_once("\n```\n").unwrap().0;
    fs::write(folder.path().join("verify.py"), program).unwrap();
    let mut command = Command::new(if is_whole { python_program("python").unwrap() } else { "sh".to_owned() });
    command.current_dir(folder.path());
    if !is_whole {
        // The status says that something is wrong.
        command.args(["-c", "\"$@\" && exit 1; exit 0", "sh", &python_program("python").unwrap()]);
    }
    command.args(["verify.py", public_key]);
    String::from_utf8(run_program(command, "").await).unwrap()
}

async fn lo_06_another_program_verifies_the_trail_from_an_export(engine: Engine) {
    let app = TestApp::start(engine).await;
    fill(&app).await;
    let number = stakis_identity::types::CustomerNumber::parse(Customer::BOJAN.number).unwrap();
    identity::accounts::erase(&app.app, &administrator(), number, None).await.unwrap();
    app.deliver_all().await;
    seal(&app).await;
    assert_whole(&verify(&app).await);
    let value: Value = serde_json::from_str(&head(&app).await).unwrap();
    let key = text(&value, "public_key");
    let told = run(&app, key, true).await;
    assert_eq!(told.trim(), format!("whole up to {}:{}", value["batch"], text(&value, "hash")));
    tamper(&app, &format!("UPDATE audit_events SET actor = 'nobody' WHERE id = '{}'", entry_at(&app, 9)));
    assert_eq!(run(&app, key, false).await.trim(), "position 9 is not what was sealed");
    let other = data_encoding::BASE64URL_NOPAD.encode(&[1; 32]);
    assert!(run(&app, &other, false).await.contains("batch 1 has a wrong signature"));
}
