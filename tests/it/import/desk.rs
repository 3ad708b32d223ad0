//! The command on a database of its own, with files in a folder.

use std::{collections::BTreeMap, fs, process::Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Dump, Engine, TestDatabase, column, dump, run_command};

pub(super) struct Desk {
    pub(super) database: TestDatabase,
    pub(super) variables: BTreeMap<&'static str, String>,
    folder: TempDir,
}

impl Desk {
    pub(super) fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::migrated(engine);
        let variables = BTreeMap::from([
            ("STAKIS_DATA_DIR", folder.path().display().to_string()),
            ("STAKIS_DATABASE_URL", database.url_text.clone()),
        ]);
        // The first command of a database makes its signing key.
        run_command(&["account", "show", "--customer-number", "999999"], &variables, "");
        Self { database, variables, folder }
    }

    /// Writes a file and returns its path.
    pub(super) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// Runs `account import` over a file with this name and content.
    pub(super) fn import(&self, name: &str, content: impl AsRef<[u8]>, more: &[&str]) -> Imported {
        let path = self.file(name, content);
        self.import_file(&path, more)
    }

    pub(super) fn import_file(&self, path: &str, more: &[&str]) -> Imported {
        let words = [&["account", "import", path, "--json"], more].concat();
        Imported::of(&run_command(&words, &self.variables, ""))
    }

    /// Runs any other command, which has to succeed.
    pub(super) fn run(&self, words: &[&str], input: &str) -> String {
        let output = run_command(words, &self.variables, input);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A column of the accounts, sorted.
    pub(super) fn accounts(&self, name: &str) -> Vec<String> {
        let mut values = column(&self.database.url, "accounts", name);
        values.sort();
        values
    }

    /// The rows of the accounts, sorted.
    pub(super) fn account_rows(&self) -> Vec<String> {
        let mut rows = self.dump().rows("accounts").to_vec();
        rows.sort();
        rows
    }

    pub(super) fn dump(&self) -> Dump {
        dump(&self.database.url)
    }
}

/// What `account import --json` has said.
#[derive(Debug)]
pub(super) struct Imported {
    pub(super) is_success: bool,
    pub(super) lines: Vec<Value>,
    pub(super) errors: String,
}

impl Imported {
    fn of(output: &Output) -> Self {
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        Self {
            is_success: output.status.success(),
            lines: text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
            errors: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// The report at the end of an import that has succeeded.
    #[track_caller]
    pub(super) fn report(&self) -> &Value {
        assert!(self.is_success, "{self:?}");
        self.any_report()
    }

    /// The report at the end, whatever the exit status.
    #[track_caller]
    pub(super) fn any_report(&self) -> &Value {
        let last = self.lines.last().unwrap_or_else(|| panic!("{self:?}"));
        assert_eq!(last["kind"], "report", "{self:?}");
        last
    }

    /// `line column field code` of everything that was rejected.
    pub(super) fn rejected(&self) -> Vec<String> {
        let rejected = self.lines.iter().filter(|line| line["kind"] == "rejected");
        let part = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        rejected.map(|line| ["line", "column", "field", "code"].map(|name| part(&line[name])).join(" ")).collect()
    }

    /// The lines of a kind.
    pub(super) fn of_kind(&self, kind: &str) -> Vec<&Value> {
        self.lines.iter().filter(|line| line["kind"] == kind).collect()
    }
}
