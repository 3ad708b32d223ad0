//! The secret key, the files of secrets, and the keys that sign access tokens.

use chrono::TimeDelta;

use super::finding::Finding;
use crate::{
    config::Config,
    crypto::{Keyring, Sealed},
    store::{Database, signing_keys},
    types::{Clock as _, SystemClock, UtcTime},
};

/// A signing key that is older should have a successor (NIST SP 800-57 Part 1, §5.3.6: one to three years).
const OLDEST: TimeDelta = TimeDelta::days(365);

pub(super) async fn check(config: &Config, database: Option<&Database>) -> Vec<Finding> {
    let mut findings = files(config);
    findings.push(match &config.secret_key_previous {
        None => Finding::ok("keys.secret", "one secret key"),
        Some(_) => Finding::warning(
            "keys.secret",
            "a previous secret key is accepted too",
            "Take STAKIS_SECRET_KEY_PREVIOUS away 24 hours after the change; at once where it has leaked.",
        ),
    });
    findings.push(match database {
        None => Finding::skipped("keys.signing", "no database that could be asked"),
        Some(database) => signing(config, database).await,
    });
    findings
}

fn files(config: &Config) -> Vec<Finding> {
    if config.warnings.is_empty() {
        return vec![Finding::ok("keys.files", "no file with a secret can be read by others")];
    }
    let advice = "Whoever can read it can do whatever the service can.";
    config.warnings.iter().map(|warning| Finding::warning("keys.files", warning, advice)).collect()
}

async fn signing(config: &Config, database: &Database) -> Finding {
    const CHECK: &str = "keys.signing";
    let rows = match database.query(signing_keys::list).await {
        Ok(rows) => rows,
        Err(error) => return Finding::error(CHECK, error.to_string(), "Look at the log of the database."),
    };
    let Some(newest) = rows.first() else {
        return Finding::ok(CHECK, "there is none yet; the first start makes it");
    };
    let opens = |keyring: &Keyring| {
        rows.iter().all(|row| {
            let sealed = Sealed { secret_key_id: row.secret_key_id.clone(), text: row.sealed_private_key.clone() };
            keyring.open(&row.id, &sealed).is_ok()
        })
    };
    let keyring = Keyring::new(&config.secret_key, config.secret_key_previous.as_ref());
    if !keyring.as_ref().is_ok_and(opens) {
        return Finding::error(
            CHECK,
            "the secret key is not the one that this database was used with",
            "Set that one as STAKIS_SECRET_KEY, or as STAKIS_SECRET_KEY_PREVIOUS while you change to a new one.",
        );
    }
    of_age(&newest.algorithm, newest.created_at, SystemClock::default().now())
}

fn of_age(algorithm: &str, created_at: UtcTime, now: UtcTime) -> Finding {
    let age = now - created_at;
    let seen = format!("{algorithm}, {} days old", age.num_days().max(0));
    if age <= OLDEST {
        return Finding::ok("keys.signing", seen);
    }
    Finding::warning(
        "keys.signing",
        seen,
        "`stakis-identity key rotate` makes the next one, which no caller notices.",
    )
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::cli::doctor::finding::Severity;

    #[test]
    fn op_11_a_signing_key_of_more_than_a_year_is_told() {
        let made = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
        assert_eq!(of_age("ES256", made, made + OLDEST).severity, Severity::Ok);
        let old = of_age("ES256", made, made + OLDEST + TimeDelta::days(1));
        assert_eq!((old.severity, old.seen.as_str()), (Severity::Warning, "ES256, 366 days old"));
    }
}
