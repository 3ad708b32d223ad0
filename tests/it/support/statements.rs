//! Recording of the statements that the service runs, for the version after this one: `docs/upgrades.md`.

use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::Write as _,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

/// The folder of the records of this process, each with the statements of one database.
const FOLDER: &str = "STAKIS_TEST_RECORD";

/// Records the statements of every connection from now on, where the variable asks for it.
pub(crate) fn record() {
    if std::env::var_os(FOLDER).is_some() {
        set_default_instrumentation(|| Some(Box::new(Recorder::default()))).unwrap();
    }
}

#[derive(Default)]
struct Recorder {
    engine: &'static str,
}

static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => {
                self.engine = if url.starts_with("postgres") { "postgres" } else { "sqlite" };
            }
            InstrumentationEvent::StartQuery { query, .. } => {
                let text = query.to_string();
                let statement = plain(text.split(" -- binds: ").next().unwrap_or_default());
                let is_new = SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(statement.clone());
                if is_new && is_of_service(&statement) {
                    self.write(&statement);
                }
            }
            _ => {}
        }
    }
}

impl Recorder {
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
