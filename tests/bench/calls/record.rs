//! The figures of a run: printed as a table, kept as JSON, and compared with those of the run before.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use serde::{Deserialize, Serialize};
use stakis_identity::types::{Clock as _, SystemClock};

use super::{figure::Figure, history::Size, load::Used};
use crate::{process::processor, service::Engine, verdict};

/// A run on one engine.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    /// When it ended, in UTC.
    date: String,
    commit: String,
    /// Whether files differed from the commit.
    is_changed: bool,
    cores: usize,
    processor: String,
    database: String,
    accounts: u32,
    /// The reset requests, and as many entries of the trail.
    rows: u32,
    figures: Vec<Figure>,
}

impl Record {
    pub(super) fn new(engine: &Engine, size: Size, figures: Vec<Figure>) -> Self {
        let changes = git(&["status", "--porcelain", "--untracked-files=no"]);
        Self {
            date: SystemClock::default().now().format("%FT%TZ").to_string(),
            commit: git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".to_owned()),
            is_changed: changes.is_none_or(|changes| !changes.is_empty()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            processor: processor(),
            database: engine.name().to_owned(),
            accounts: size.accounts,
            rows: size.rows,
            figures,
        }
    }

    pub(super) fn is_kept(&self) -> bool {
        self.figures.iter().all(|figure| figure.is_kept)
    }

    /// Prints the table beside the figures of the run before, and takes that run's place.
    pub(super) fn publish(&self) {
        let path = self.path();
        let former = Self::read(&path);
        self.print(former.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, serde_json::to_string_pretty(self).unwrap()).unwrap();
        println!("\nKept in {}", path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&path).display());
    }

    /// Runs of a build for tests are kept apart.
    fn path(&self) -> PathBuf {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let build = if cfg!(debug_assertions) { "-unoptimized" } else { "" };
        target.join("benchmarks").join(format!("calls-{}{build}.json", self.database.to_lowercase()))
    }

    /// The run that is kept; `None` where there is none, or one of another form.
    fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    fn print(&self, former: Option<&Self>) {
        let Self { database, accounts, rows, cores, processor, commit, .. } = self;
        println!(
            "\n{database}, {accounts} accounts with {rows} requests and {rows} entries of the trail; {cores} cores, \
             {processor}; commit {commit}{}",
            if self.is_changed { " with changes" } else { "" }
        );
        match former {
            Some(former) => println!(
                "The run before: {}, commit {}, {} cores, {}, {} accounts.",
                former.date, former.commit, former.cores, former.processor, former.accounts
            ),
            None => println!("There is no run before."),
        }
        println!(
            "\n| figure | value | p50 | p99 | bar | ÷ run before | CPU s: service, database, load, others | limit |"
        );
        println!("|---|---|---|---|---|---|---|---|");
        for figure in &self.figures {
            let before = former.and_then(|former| former.figures.iter().find(|one| one.name == figure.name));
            println!("{}", row(figure, before));
        }
        for figure in self.figures.iter().filter(|figure| !figure.statements.is_empty()) {
            println!("\n{}: the dearest statements", figure.name);
            for statement in &figure.statements {
                let each = statement.milliseconds / statement.calls.max(1) as f64;
                println!(
                    "- {:.0} ms in {} calls ({each:.3} ms each): `{}`",
                    statement.milliseconds, statement.calls, statement.query
                );
            }
        }
    }
}

fn row(figure: &Figure, before: Option<&Figure>) -> String {
    let milliseconds = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1} ms"));
    let bar =
        figure.bar.as_ref().map_or_else(|| "–".to_owned(), |bar| format!("{bar}: {}", verdict(figure.is_kept)));
    let used = figure.used.map_or_else(
        || "–".to_owned(),
        |Used { service, database, load_generator, others, .. }| {
            format!("{service:.1}, {database:.1}, {load_generator:.1}, {others:.1}")
        },
    );
    let digits = if figure.value >= 100.0 { 0 } else { 3 };
    format!(
        "| {} | {:.digits$} {} | {} | {} | {bar} | {} | {used} | {} |",
        figure.name,
        figure.value,
        figure.unit,
        milliseconds(figure.p50_milliseconds),
        milliseconds(figure.p99_milliseconds),
        before.map_or_else(|| "–".to_owned(), |before| format!("{:.2}", figure.value / before.value)),
        figure.limited_by.as_deref().unwrap_or("–"),
    )
}

/// What git answers; `None` outside of a repository.
fn git(words: &[&str]) -> Option<String> {
    let output = Command::new("git").current_dir(env!("CARGO_MANIFEST_DIR")).args(words).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
