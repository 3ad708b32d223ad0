//! The length of tests that have a short round and a long one.

/// `STAKIS_TEST_LENGTH`: how many times the short round is run. `tests/run` uses 1, `tests/proof` more.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub(crate) fn length() -> usize {
    let Ok(text) = std::env::var("STAKIS_TEST_LENGTH") else { return 1 };
    text.parse().ok().filter(|length| *length > 0).expect("STAKIS_TEST_LENGTH is a whole number above 0")
}
