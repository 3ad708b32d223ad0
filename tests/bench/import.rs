//! How long a million customers take to come in with the hashes of their passwords, and how much memory that takes.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use diesel::{Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection, sql_query};
use secrecy::ExposeSecret as _;
use stakis_identity::{config::DatabaseUrl, types::random_below};

use super::{empty_database::EmptyDatabase, service::Engine, verdict};

/// The rows of a file unless another number is asked for: every customer number.
pub(super) const ROWS: u32 = 1_000_000;
/// The bounds for a million rows, on PostgreSQL.
const MOST_IMPORT: Duration = Duration::from_secs(90);
const MOST_DRY_RUN: Duration = Duration::from_secs(45);
/// The most memory beyond that of an import of one row, in MiB.
const MOST_MEMORY: f64 = 64.0;

/// One run of the command.
struct Run {
    time: Duration,
    peak_mib: f64,
}

/// Makes a file, and runs the command over it: for a single row, as a dry run, and in earnest.
pub(super) fn run(engine: &Engine, rows: u32) -> bool {
    println!("\n{}, an import of {rows} customers with hashes", engine.name());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("customers.csv");
    write_rows(&file, rows);
    let single = folder.path().join("single.csv");
    write_rows(&single, 1);
    let idle = {
        let other = tempfile::tempdir().unwrap();
        let database = EmptyDatabase::make(engine, other.path());
        let idle = import(&database, other.path(), &single, &[]);
        database.remove();
        idle
    };
    let database = EmptyDatabase::make(engine, folder.path());
    let dry = import(&database, folder.path(), &file, &["--dry-run"]);
    let real = import(&database, folder.path(), &file, &[]);
    let stored = count(&database.url);
    database.remove();
    assert_eq!(stored, i64::from(rows), "every row is an account");
    // The bounds are those of a million rows on PostgreSQL.
    let part = f64::from(rows) / f64::from(ROWS);
    let mut kept = true;
    for (name, run, most) in [("dry run", &dry, MOST_DRY_RUN), ("import", &real, MOST_IMPORT)] {
        let (seconds, most) = (run.time.as_secs_f64(), most.as_secs_f64() * part.max(0.1));
        let above = run.peak_mib - idle.peak_mib;
        let is_bound = matches!(engine, Engine::Postgres(_));
        let is_kept = (seconds <= most || !is_bound) && above <= MOST_MEMORY;
        kept &= is_kept;
        println!(
            "  {name:<8} {seconds:.1} s ({:.0} rows a second{}), {above:.1} MiB above idle (at most {MOST_MEMORY}): {}",
            f64::from(rows) / seconds,
            if is_bound { format!(", at most {most:.0} s") } else { String::new() },
            verdict(is_kept)
        );
    }
    println!("  idle: {:.1} MiB", idle.peak_mib);
    kept
}

/// Writes rows as an export has them: every scheme, each with a salt of its own.
fn write_rows(path: &Path, rows: u32) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "customer_number,email,locale,display_name,password_hash,password_changed_at").unwrap();
    for row in 0..rows {
        let number = row % 1_000_000;
        let salt = random_below(10_u64.pow(16));
        let hash = match row % 4 {
            0 => format!("$2b$10${salt:022}u/6bQdPQVyyJAWtH8uLnBpV2SJu9d0W"),
            1 => format!("pbkdf2_sha256$30000${salt:016}$EW6iKX8NYYfzF+dwSyp6/Qe8b+EPGq4x/1YV9ZflCpQ="),
            2 => format!(
                "$6$rounds=5000${salt:016}$pQ1KLQsUh3pWTWkcPqbLZ1JHKtS5wtg9wvmCrY0B2UMrxx663E/9mOSnchgIw8HXKsJhLZ1eivDGRMm2ZjKr81"
            ),
            _ => format!(
                "{{SSHA}}/iraHHDaZ/0EI87FdL12MpX9p6yudU4{}",
                ["A", "B", "C", "D"][usize::try_from(salt % 4).unwrap()]
            ),
        };
        writeln!(
            file,
            "{number:06},delavnica-{number}@podjetje.si,sl,\"Avtoservis št. {number}, d.o.o.\",{hash},2026-03-01T08:00:00Z"
        )
        .unwrap();
    }
}

fn import(database: &EmptyDatabase, folder: &Path, file: &Path, more: &[&str]) -> Run {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_stakis-identity"))
        .args(["account", "import"])
        .arg(file)
        .args(more)
        .env_clear()
        .env("STAKIS_DATA_DIR", folder)
        .env("STAKIS_DATABASE_URL", &database.text)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut peak_mib: f64 = 0.0;
    let status = loop {
        peak_mib = peak_mib.max(peak(child.id()).unwrap_or(0.0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let time = started.elapsed();
    assert!(status.success(), "the command fails");
    Run { time, peak_mib }
}

/// The greatest memory that a process has held, in MiB; `None` once it has ended.
fn peak(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kib| kib / 1024.0)
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

fn count(url: &DatabaseUrl) -> i64 {
    let count = sql_query("SELECT count(*) AS count FROM accounts");
    let counted: Count = match url {
        DatabaseUrl::Sqlite(path) => {
            count.get_result(&mut SqliteConnection::establish(path.to_str().unwrap()).unwrap()).unwrap()
        }
        DatabaseUrl::Postgres(url) => {
            count.get_result(&mut PgConnection::establish(url.expose_secret()).unwrap()).unwrap()
        }
    };
    counted.count
}
