//! The code of the guide "Keep the ERP in step" runs as it stands there, against this service.

use std::{fs, process::Command};

use chrono::TimeDelta;
use serde_json::{Value, json};
use stakis_identity::jobs;

use super::reader::{Reader, ids, publish, tell_closings};
use crate::support::{
    Engine, TestApp,
    guides::{compiled, guides},
    partner::Partner,
    program_tests, run_module, run_program, script_tests,
};

script_tests![the_guides_typescript_keeps_in_step_and_starts_over,];

program_tests!["python3": the_guides_python_keeps_in_step_and_starts_over,];

/// How much is told before the first run, in the second page of which the database of the partner fails once; and after it.
const FIRST: usize = 230;
const SECOND: usize = 5;

/// A service with its client, and what one run of the partner's program gets and says: its cursor, how often its database
/// fails, what it has seen, and how often it has started over.
struct Erp {
    app: TestApp,
    partner: Partner,
}

impl Erp {
    async fn start() -> Self {
        let app = TestApp::start(Engine::Sqlite).await;
        let partner = Partner::make(&app, "events:read").await;
        Self { app, partner }
    }

    fn input(&self, cursor: &Value, failures: usize) -> Value {
        json!({
            "address": self.app.url.as_str().trim_end_matches('/'),
            "id": self.partner.id.as_str(),
            "secret": self.partner.secret,
            "cursor": cursor,
            "failures": failures,
        })
    }

    async fn tell(&self, count: usize) {
        tell_closings(&self.app, count).await;
        publish(&self.app).await;
    }
}

/// Runs the program three times: at first with a failure in it, then after more has happened, then after a month away.
async fn assert_keeps_in_step(erp: &Erp, run: impl AsyncFn(Value) -> Value) {
    let reader = Reader::of(&erp.app).await;
    erp.tell(FIRST).await;
    let first = run(erp.input(&Value::Null, 1)).await;
    let all = ids(&reader.all().await);
    assert_eq!(first["seen"], json!(all), "each event once, although a transaction was rolled back");
    assert_eq!((&first["failed"], &first["started_over"]), (&json!(1), &json!(0)));
    erp.tell(SECOND).await;
    let second = run(erp.input(&first["cursor"], 0)).await;
    let all = ids(&reader.all().await);
    assert_eq!(second["seen"], json!(all[FIRST..]), "only what is new");
    let third = run(erp.input(&second["cursor"], 0)).await;
    assert_eq!(third["seen"], json!([]));
    erp.app.advance(TimeDelta::days(1));
    erp.tell(2).await;
    erp.app.advance(TimeDelta::days(31));
    jobs::keep_house(&erp.app.app).await;
    erp.tell(3).await;
    let last = run(erp.input(&third["cursor"], 0)).await;
    assert_eq!(last["started_over"], 1);
    assert_eq!(last["seen"], json!(ids(&reader.all().await)));
    assert_eq!(last["seen"].as_array().unwrap().len(), 3);
}

async fn the_guides_typescript_keeps_in_step_and_starts_over() {
    let erp = Erp::start().await;
    let folder = compiled().await;
    let run = async |input| {
        let script = r#"
            const { Machine, catchUp } = await import("./keep-the-erp-in-step.js");
            let { cursor, failures } = input;
            const said = { seen: [], failed: 0, started_over: 0 };
            const books = {
                async cursor() { return cursor ?? undefined; },
                async workIn(events, next) {
                    if (said.seen.length >= 100 && failures-- > 0) throw new Error("the database is down");
                    said.seen.push(...events.map((event) => event.id));
                    cursor = next;
                },
                async startOver() { said.started_over += 1; cursor = null; },
            };
            const machine = new Machine(input.address, input.id, input.secret);
            for (;;) {
                try {
                    await catchUp(machine, books);
                    break;
                } catch (error) {
                    if (error.message !== "the database is down") throw error;
                    said.failed += 1;
                }
            }
            console.log(JSON.stringify({ ...said, cursor }));
        "#;
        run_module(folder.path(), script, input).await
    };
    assert_keeps_in_step(&erp, run).await;
}

async fn the_guides_python_keeps_in_step_and_starts_over() {
    const MAIN: &str = r#"
import json, sqlite3, sys
from keep_in_step import Machine, catch_up

given = json.load(sys.stdin)
said = {"failed": 0, "started_over": 0}
database = sqlite3.connect(":memory:")
database.execute("CREATE TABLE seen (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)")
if given["cursor"] is not None:
    database.execute("CREATE TABLE identity_cursor (cursor TEXT NOT NULL)")
    database.execute("INSERT INTO identity_cursor VALUES (?)", (given["cursor"],))
    database.commit()

def work_in(connection, event):
    count = connection.execute("SELECT count(*) FROM seen").fetchone()[0]
    if count == 150 and said["failed"] < given["failures"]:
        raise OSError("the database is down")
    connection.execute("INSERT INTO seen (id) VALUES (?)", (event["id"],))

def compare_all(connection):
    said["started_over"] += 1

machine = Machine(given["address"], given["id"], given["secret"])
while True:
    try:
        catch_up(machine, database, work_in, compare_all)
        break
    except OSError as error:
        if str(error) != "the database is down":
            raise
        said["failed"] += 1
said["seen"] = [row[0] for row in database.execute("SELECT id FROM seen ORDER BY place")]
said["cursor"] = database.execute("SELECT cursor FROM identity_cursor").fetchone()[0]
print(json.dumps(said))
"#;
    let erp = Erp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (_, guide) = guides().into_iter().find(|(name, _)| name == "keep-the-erp-in-step").unwrap();
    let code = guide.split_once("\n```python\n").unwrap().1.split_once("\n```\n").unwrap().0;
    fs::write(folder.path().join("keep_in_step.py"), code).unwrap();
    fs::write(folder.path().join("main.py"), MAIN).unwrap();
    let run = async |input: Value| {
        let mut command = Command::new("python3");
        command.current_dir(folder.path()).arg("main.py").env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
        let output = run_program(command, &input.to_string()).await;
        serde_json::from_slice(&output).unwrap()
    };
    assert_keeps_in_step(&erp, run).await;
}
