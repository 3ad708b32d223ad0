//! The length of tests that have a short round and a long one, and how many instances serve a test.

use stakis_identity::config::DatabaseUrl;

use super::TestDatabase;

/// `STAKIS_TEST_LENGTH`: how many times the short round is run. `tests/run` uses 1, `tests/proof` more.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub(crate) fn length() -> usize {
    let Ok(text) = std::env::var("STAKIS_TEST_LENGTH") else { return 1 };
    text.parse().ok().filter(|length| *length > 0).expect("STAKIS_TEST_LENGTH is a whole number above 0")
}

/// How many instances serve a test on this database: as many as `STAKIS_TEST_INSTANCES` says on PostgreSQL, else one.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub(crate) fn instances(database: &TestDatabase) -> usize {
    match (&database.url, std::env::var("STAKIS_TEST_INSTANCES")) {
        (DatabaseUrl::Postgres(_), Ok(number)) => number.parse().expect("STAKIS_TEST_INSTANCES is a whole number"),
        _ => 1,
    }
}
