//! What the fuzzers call with bytes of any kind. Each target feeds them to a reader of the service, and panics where a
//! property of the reader does not hold.
//!
//! `tests/it/fuzzing` replays the kept inputs on each target, and shows for each that a wrong reader is found. The
//! files beside this folder run one target each under libFuzzer: `tests/proof fuzz`.

pub(crate) mod access_tokens;
pub(crate) mod client_address;
pub(crate) mod client_assertions;
pub(crate) mod csv_rows;
mod json_members;
pub(crate) mod mail_events;
mod moment;
pub(crate) mod strict_json;
mod test_keys;
mod token_input;

/// A target with its name.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// Every target. Its kept inputs stand in `tests/fuzz/corpus/<name>`.
pub(crate) const TARGETS: [Target; 6] = [
    ("access_tokens", access_tokens::target),
    ("client_address", client_address::target),
    ("client_assertions", client_assertions::target),
    ("csv_rows", csv_rows::target),
    ("mail_events", mail_events::target),
    ("strict_json", strict_json::target),
];

/// Runs the target of this name.
pub(crate) fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    target(bytes);
}
