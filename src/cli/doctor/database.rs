//! The database: whether it answers, has the tables of this version, takes writes, agrees about the time, and gives its user
//! what the service needs and no more.

use std::{
    fmt::Display,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;

use super::finding::Finding;
use crate::{
    config::{Config, DatabaseUrl},
    store::{
        Database, MigrationState, MigrationsError, StoreError,
        inspection::{self, Inspection, ServerInspection},
        readiness, server_time,
    },
    types::{Clock as _, SystemClock},
};

/// How often the way to the database and back is measured.
const ROUND_TRIPS: usize = 9;
/// A reset takes 39 statements, a sign-in about six.
const SLOW_ROUND_TRIP: Duration = Duration::from_millis(10);
/// What the service takes for the time that an answer takes.
const NEGLIGIBLE: TimeDelta = TimeDelta::milliseconds(500);
/// A skew that is safe (OP-04).
const BORNE: TimeDelta = TimeDelta::minutes(2);
/// The oldest major version that its makers maintain. Tests run on 15.
const OLDEST_MAINTAINED: u32 = 14;

/// What was found, and the database, where its tables can be read.
pub(super) struct Checked {
    pub(super) findings: Vec<Finding>,
    pub(super) usable: Option<Database>,
}

pub(super) async fn check(config: &Config) -> Checked {
    let database = Database::new(&config.database, Arc::new(SystemClock::default()));
    let to_look_at = database.clone();
    // It blocks.
    let state = tokio::task::spawn_blocking(move || to_look_at.migration_state()).await;
    let (reached, is_usable) = match state {
        Ok(state) => of_state(config, state),
        Err(error) => (vec![unreachable(config, &error)], false),
    };
    let mut findings = reached;
    if !is_usable {
        let rest = ["database.version", "database.latency", "database.clock", "database.writes", "database.rights"];
        findings.extend(rest.map(|check| Finding::skipped(check, "no database that could be asked")));
        return Checked { findings, usable: None };
    }
    findings.extend(look_closer(config, &database).await);
    Checked { findings, usable: Some(database) }
}

const MIGRATE: &str = "Run `stakis-identity migrate`, as the owner of the tables.";

fn of_state(config: &Config, state: Result<MigrationState, MigrationsError>) -> (Vec<Finding>, bool) {
    let place = &config.database.url;
    let reached = Finding::ok("database.reached", place.to_string());
    let migrations = |seen: String, advice: &str| Finding::error("database.migrations", seen, advice);
    match state {
        Ok(MigrationState::UpToDate) => {
            (vec![reached, Finding::ok("database.migrations", "the tables are those of this version")], true)
        }
        Ok(MigrationState::Behind(count)) => {
            (vec![reached, migrations(format!("{count} migrations are missing"), MIGRATE)], false)
        }
        Ok(MigrationState::Missing) => {
            let seen = format!("there is no database with tables at {place}");
            (vec![Finding::error("database.reached", seen, MIGRATE)], false)
        }
        Err(MigrationsError::Open(_, error)) => (vec![unreachable(config, &error)], false),
        Err(error @ MigrationsError::Newer(_)) => {
            (vec![reached, migrations(error.to_string(), "Install that version or a later one.")], false)
        }
        Err(error @ MigrationsError::Failed(_)) => {
            let advice = "Look at the rights of the user, and at the log of the server.";
            (vec![reached, migrations(error.to_string(), advice)], false)
        }
    }
}

fn unreachable(config: &Config, error: &dyn Display) -> Finding {
    let seen = format!("{} does not answer: {}", config.database.url, error.to_string().trim());
    Finding::error(
        "database.reached",
        seen,
        "Look at address, user and password in STAKIS_DATABASE_URL, and whether the server runs and lets this machine in.",
    )
}

async fn look_closer(config: &Config, database: &Database) -> Vec<Finding> {
    let failed = |check, error: &StoreError| {
        Finding::error(check, chain(error), "Look at the log of the server, and at the rights of its user.")
    };
    let latency = measure(database).await.unwrap_or_else(|error| failed("database.latency", &error));
    let clock = compare_clocks(database).await.unwrap_or_else(|error| failed("database.clock", &error));
    let writes = match database.write(readiness::write).await {
        Ok(()) => Finding::ok("database.writes", "a row was written"),
        Err(error) => failed("database.writes", &error),
    };
    let mut findings = match database.query(inspection::inspect).await {
        Ok(inspection) => of_inspection(config, &inspection),
        Err(error) => vec![failed("database.rights", &error)],
    };
    findings.extend([latency, clock, writes]);
    findings
}

fn chain(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.trim().to_owned()
}

async fn measure(database: &Database) -> Result<Finding, StoreError> {
    database.query(inspection::ping).await?;
    let mut times = Vec::new();
    for _ in 0..ROUND_TRIPS {
        let began = Instant::now();
        database.query(inspection::ping).await?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let median = times.get(ROUND_TRIPS / 2).copied().unwrap_or_default();
    Ok(of_latency(median))
}

fn of_latency(median: Duration) -> Finding {
    let seen = format!("a statement takes {:.1} ms", median.as_secs_f64() * 1000.0);
    if median < SLOW_ROUND_TRIP {
        return Finding::ok("database.latency", seen);
    }
    let advice =
        "A sign-in takes about six statements and a reset up to 39: bring service and database nearer together.";
    Finding::warning("database.latency", seen, advice)
}

async fn compare_clocks(database: &Database) -> Result<Finding, StoreError> {
    let machine = SystemClock::default();
    let before = machine.now();
    let Some(of_server) = database.query(server_time).await? else {
        return Ok(Finding::ok("database.clock", "SQLite follows the clock of this machine"));
    };
    // The server is taken to have answered half-way between the two readings.
    Ok(of_difference(of_server - (before + (machine.now() - before) / 2)))
}

fn of_difference(difference: TimeDelta) -> Finding {
    let milliseconds = difference.num_milliseconds();
    let seen = format!("the server's clock differs from that of this machine by {milliseconds} ms");
    let advice = "Let both follow a time server. The service follows the database; certificates and signatures are checked by \
                  the clock of this machine.";
    if difference.abs() <= NEGLIGIBLE {
        Finding::ok("database.clock", seen)
    } else if difference.abs() <= BORNE {
        Finding::warning("database.clock", seen, advice)
    } else {
        Finding::error("database.clock", seen, advice)
    }
}

fn of_inspection(config: &Config, inspection: &Inspection) -> Vec<Finding> {
    let Inspection { version, server } = inspection;
    match (server, &config.database.url) {
        (Some(server), _) => {
            let mut findings = vec![of_version(version), of_rights(config, server), of_connections(config, server)];
            findings.push(of_encryption(config, server));
            findings
        }
        (None, DatabaseUrl::Sqlite(path)) => {
            vec![Finding::ok("database.version", format!("SQLite {version}, for one instance")), of_file(path)]
        }
        (None, DatabaseUrl::Postgres(_)) => vec![of_version(version)],
    }
}

fn of_version(version: &str) -> Finding {
    let seen = format!("PostgreSQL {version}");
    let major = version.split(|c: char| !c.is_ascii_digit()).next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major >= OLDEST_MAINTAINED) {
        return Finding::ok("database.version", seen);
    }
    Finding::warning(
        "database.version",
        seen,
        "Its makers maintain it no more. The service is tested on PostgreSQL 15.",
    )
}

fn of_rights(config: &Config, server: &ServerInspection) -> Finding {
    const CHECK: &str = "database.rights";
    let ServerInspection { superuser, may_change_tables, closed_tables, .. } = server;
    if !closed_tables.is_empty() {
        let advice = "Grant SELECT, INSERT, UPDATE and DELETE on every table in the schema to this user.";
        return Finding::error(CHECK, format!("the user cannot read and write {closed_tables}"), advice);
    }
    if *superuser {
        let advice = "Make a user without it: a hole in the service would else open every database of the server.";
        return Finding::warning(CHECK, "the user is a superuser", advice);
    }
    if *may_change_tables && config.environment.is_production() && !config.auto_migrate {
        let advice = "Run `migrate` as the owner of the tables, and the service as a user that may read and write rows alone.";
        return Finding::warning(CHECK, "the user may make and change tables", advice);
    }
    let seen = if *may_change_tables {
        "the user reads and writes every table, and may migrate"
    } else {
        "the user reads and writes every table, and changes none"
    };
    Finding::ok(CHECK, seen)
}

fn of_connections(config: &Config, server: &ServerInspection) -> Finding {
    let (own, most) = (config.database.pool_size, server.most_connections);
    let seen = format!("this instance opens up to {own} of the server's {most} connections");
    // Some are left to superusers, to migrations and to backups.
    if i64::from(own) * 10 <= most * 9 || config.database.pooler {
        return Finding::ok("database.connections", seen);
    }
    let advice = "Lower STAKIS_DATABASE_POOL_SIZE, or raise max_connections: every instance opens as many.";
    Finding::warning("database.connections", seen, advice)
}

fn of_encryption(config: &Config, server: &ServerInspection) -> Finding {
    if server.encrypted {
        Finding::ok("database.encryption", "the connection is encrypted")
    } else if config.environment.is_production() {
        // Production refuses to start where the server is on another host.
        Finding::ok("database.encryption", "the connection is not encrypted, and stays on this machine")
    } else {
        Finding::ok("database.encryption", "the connection is not encrypted")
    }
}

fn of_file(path: &Path) -> Finding {
    const OTHERS: u32 = 0o077;
    const CHECK: &str = "database.rights";
    let path_text = path.display();
    match fs::metadata(path) {
        Err(error) => Finding::error(CHECK, format!("{path_text}: {error}"), "Let the service read its file."),
        Ok(file) if file.permissions().mode() & OTHERS != 0 => Finding::warning(
            CHECK,
            format!("others on this machine can read or write {path_text}"),
            format!("chmod 600 {path_text}"),
        ),
        Ok(_) => Finding::ok(CHECK, format!("{path_text} belongs to its owner alone")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::finding::Severity;

    #[test]
    fn op_11_a_clock_may_differ_by_two_minutes() {
        let severity = |milliseconds| of_difference(TimeDelta::milliseconds(milliseconds)).severity;
        for (milliseconds, expected) in [
            (0, Severity::Ok),
            (-500, Severity::Ok),
            (501, Severity::Warning),
            (-120_000, Severity::Warning),
            (120_001, Severity::Error),
        ] {
            assert_eq!(severity(milliseconds), expected, "{milliseconds}");
        }
    }

    #[test]
    fn op_11_a_slow_database_and_an_old_one_are_told() {
        assert_eq!(of_latency(Duration::from_micros(9_999)).severity, Severity::Ok);
        assert_eq!(of_latency(Duration::from_millis(10)).severity, Severity::Warning);
        assert_eq!(of_version("15.12 (Debian 15.12-0+deb12u2)").severity, Severity::Ok);
        assert_eq!(of_version("13.9").severity, Severity::Warning);
        assert_eq!(of_version("18beta1").severity, Severity::Ok);
    }
}
