//! How long the tests go on that have a short round and a long one.

/// `STAKIS_TEST_LENGTH`: how many times the short round. `tests/run` takes 1, `tests/proof` takes more.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
pub(crate) fn length() -> usize {
    let Ok(text) = std::env::var("STAKIS_TEST_LENGTH") else { return 1 };
    text.parse().ok().filter(|length| *length > 0).expect("STAKIS_TEST_LENGTH is a whole number above 0")
}
