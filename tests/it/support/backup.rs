//! Backups, made while the service runs.

use std::process::{Command, Stdio};

use super::{Engine, TestDatabase, execute};

/// A copy of a database as operators make it: the file on SQLite, a dump that is restored on PostgreSQL.
pub(crate) fn back_up(engine: Engine, from: &TestDatabase) -> TestDatabase {
    let copy = TestDatabase::empty(engine);
    match engine {
        Engine::Sqlite => {
            let path = copy.url_text.strip_prefix("sqlite:").unwrap();
            execute(&from.url, &format!("VACUUM INTO '{path}'")).unwrap();
        }
        Engine::Postgres => {
            let mut dump = Command::new("pg_dump")
                .arg(&from.url_text)
                .stdout(Stdio::piped())
                .spawn()
                .expect("pg_dump is there");
            let restored = Command::new("psql")
                .args(["--quiet", "--set", "ON_ERROR_STOP=1", &copy.url_text])
                .stdin(dump.stdout.take().unwrap())
                .stdout(Stdio::null())
                .status()
                .expect("psql is there");
            assert!(dump.wait().unwrap().success() && restored.success());
        }
    }
    copy
}
