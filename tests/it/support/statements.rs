//! Recording of the statements that the service runs: for the version after this one (`docs/upgrades.md`), and for
//! tests that compare them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::OpenOptions,
    io::Write as _,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use diesel::connection::{DebugQuery, Instrumentation, InstrumentationEvent, set_default_instrumentation};

use super::{
    TestDatabase,
    crash::{Life, Side},
};

/// The folder of the records of this process, each with the statements of one database.
const FOLDER: &str = "STAKIS_TEST_RECORD";

/// Records the statements of every connection from now on, where the variable asks for it.
pub(crate) fn record() {
    if std::env::var_os(FOLDER).is_some() {
        watch_statements();
    }
}

/// Watches the statements of every connection that is opened from now on.
pub(crate) fn watch_statements() {
    set_default_instrumentation(|| Some(Box::new(Recorder::default()))).unwrap();
}

/// The statements of the service on one database, over connections that are opened from its making on.
pub(crate) struct Capture {
    /// A part of the address that no other database has.
    place: String,
}

static CAPTURED: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());

impl Capture {
    pub(crate) fn of(database: &TestDatabase) -> Self {
        let address = &database.url_text;
        let place = address.strip_prefix("sqlite:").or(address.rsplit('/').next()).unwrap().to_owned();
        CAPTURED.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone(), Vec::new());
        watch_statements();
        Self { place }
    }

    /// Takes the statements since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        let mut captured = CAPTURED.lock().unwrap_or_else(PoisonError::into_inner);
        captured.get_mut(&self.place).map(std::mem::take).unwrap_or_default()
    }
}

#[derive(Default)]
struct Recorder {
    engine: &'static str,
    url: String,
    is_in_transaction: bool,
    /// The instance that the connection belongs to, where a test ends it at a statement.
    life: Option<Arc<Life>>,
}

static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                url.clone_into(&mut self.url);
                self.engine = if url.starts_with("postgres") { "postgres" } else { "sqlite" };
                self.life = Life::of(url);
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                let statement = text_of(query);
                if let Some(life) = &self.life {
                    life.meet(Side::Before, &statement, self.is_in_transaction);
                }
                if is_of_service(&statement) {
                    self.capture(&statement);
                }
                let is_new = SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(statement.clone());
                if is_new && is_of_service(&statement) && std::env::var_os(FOLDER).is_some() {
                    self.write(&statement);
                }
            }
            InstrumentationEvent::FinishQuery { query, .. } => {
                let statement = text_of(query);
                match statement.split([' ', ';']).next() {
                    Some("BEGIN") => self.is_in_transaction = true,
                    Some("COMMIT" | "ROLLBACK") => self.is_in_transaction = false,
                    _ => {}
                }
                if let Some(life) = &self.life {
                    life.meet(Side::After, &statement, self.is_in_transaction);
                }
            }
            _ => {}
        }
    }
}

/// The text of a statement, without its values.
fn text_of(query: &dyn DebugQuery) -> String {
    plain(query.to_string().split(" -- binds: ").next().unwrap_or_default())
}

impl Recorder {
    fn capture(&self, statement: &str) {
        let mut captured = CAPTURED.lock().unwrap_or_else(PoisonError::into_inner);
        let own = captured.iter_mut().find(|(place, _)| self.url.contains(place.as_str()));
        if let Some((_, statements)) = own {
            statements.push(statement.to_owned());
        }
    }

    /// Appends a line. Tests that run side by side are processes of their own, with files of their own.
    fn write(&self, statement: &str) {
        let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
        let file = folder.join(format!("{}.{}.sql", self.engine, std::process::id()));
        let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
        writeln!(file, "{statement};").unwrap();
    }
}

/// A statement on one line, in which a list of any length has one element.
fn plain(text: &str) -> String {
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    while words.contains("?, ?") && words.contains(" IN (?, ?") {
        words = words.replacen(" IN (?, ?", " IN (?", 1);
    }
    words
}

/// Whether the service itself runs it. A test writes its values into its statements, and reads tables as a whole.
fn is_of_service(statement: &str) -> bool {
    let kinds = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
    kinds.iter().any(|kind| statement.starts_with(kind))
        && !statement.contains(['\'', ';'])
        && !statement.contains("SELECT *")
        && statement.contains(['?', '$'])
}
