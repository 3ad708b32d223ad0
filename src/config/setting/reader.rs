//! The variables of the service, and everything that is wrong with them.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::Path};

use secrecy::SecretString;

use super::secrecy::Secrecy;
use crate::config::environment::Environment;

/// Holds the variables and collects problems, so that all of them are reported at once.
pub(crate) struct Reader {
    values: BTreeMap<String, String>,
    environment: Environment,
    problems: Vec<String>,
    warnings: Vec<String>,
}

impl Reader {
    /// Keeps the variables whose names begin with `STAKIS_`. Until [`Reader::set_environment`] is called, it reads for
    /// development.
    pub(crate) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let values = variables
            .into_iter()
            .filter(|(name, value)| name.starts_with("STAKIS_") && !is_passed_over(name, value))
            .collect();
        Self { values, environment: Environment::Development, problems: Vec::new(), warnings: Vec::new() }
    }

    /// The environment that settings are read for.
    pub(crate) fn environment(&self) -> Environment {
        self.environment
    }

    /// Sets the environment that further settings are read for.
    pub(crate) fn set_environment(&mut self, environment: Environment) {
        self.environment = environment;
    }

    /// The names of all variables, those with an empty value included.
    pub(crate) fn names(&self) -> Vec<String> {
        self.values.keys().cloned().collect()
    }

    /// Adds a problem: a sentence that names the setting and what is allowed, and never the value of a secret.
    pub(crate) fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    /// Warns of a file with a secret that other users of the machine can read.
    pub(crate) fn warn_of_readers(&mut self, path: &Path) {
        const OTHERS: u32 = 0o077;
        if fs::metadata(path).is_ok_and(|file| file.permissions().mode() & OTHERS != 0) {
            let path = path.display();
            self.warnings
                .push(format!("{path} holds a secret, and others can read it; chmod 600 {path} mends that"));
        }
    }

    /// All warnings that were added.
    pub(crate) fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// All problems that were added.
    pub(crate) fn into_problems(self) -> Vec<String> {
        self.problems
    }

    /// Whether a value or, for a secret, the path of its file is set.
    pub(crate) fn is_given(&self, name: &str, secrecy: Secrecy) -> bool {
        self.text(name).is_some() || (secrecy == Secrecy::Secret && self.text(&file_name(name)).is_some())
    }

    /// The value of a variable. The value of a secret may also be the content of the file that `<name>_FILE` names, without
    /// the white space around it.
    pub(crate) fn given(&mut self, name: &str, secrecy: Secrecy) -> Option<SecretString> {
        let value = self.text(name).map(SecretString::from);
        if secrecy == Secrecy::Open {
            return value;
        }
        let file_name = file_name(name);
        let Some(path) = self.text(&file_name).map(str::to_owned) else { return value };
        if value.is_some() {
            self.problem(format!("{name} and {file_name} are both set; keep one"));
            return None;
        }
        self.warn_of_readers(Path::new(&path));
        match fs::read_to_string(&path) {
            Ok(content) => Some(SecretString::from(content.trim())),
            Err(error) => {
                self.problem(format!("{file_name}: cannot read {path}: {error}"));
                None
            }
        }
    }

    /// White space around a value is no part of it: a line end at the end of a key would make every call with it fail. An
    /// empty value counts as unset, because Compose files pass unset variables on as empty ones.
    fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

fn file_name(name: &str) -> String {
    format!("{name}_FILE")
}

/// Whether a variable is ignored: it belongs to the test suite, or Kubernetes sets it for every service of a namespace.
fn is_passed_over(name: &str, value: &str) -> bool {
    name.starts_with("STAKIS_TEST_")
        || name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || (name.contains("_PORT")
            && ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme)))
        || (name.contains("_PORT_") && ["_PROTO", "_PORT", "_ADDR"].iter().any(|end| name.ends_with(end)))
}
