//! The lock file of the fuzzers.

use std::collections::BTreeSet;

use crate::support::plain_tests;

plain_tests![the_fuzzers_are_built_with_the_versions_of_the_service,];

/// The name and the version of every package in a lock file.
fn packages(lock: &str) -> BTreeSet<(&str, &str)> {
    let of_package = |package| {
        let value = |name: &str| str::lines(package).find_map(|line| line.strip_prefix(name)).unwrap();
        (value("name = "), value("version = "))
    };
    lock.split("[[package]]").skip(1).map(of_package).collect()
}

/// The head of `tests/fuzz/Cargo.toml` has the command for a lock file that is behind.
fn the_fuzzers_are_built_with_the_versions_of_the_service() {
    let service = packages(include_str!("../../../Cargo.lock"));
    let fuzzers = packages(include_str!("../../fuzz/Cargo.lock"));
    assert!(fuzzers.len() > 300, "only {} packages were seen", fuzzers.len());
    let names: Vec<&str> = fuzzers.difference(&service).map(|(name, _)| name.trim_matches('"')).collect();
    assert_eq!(names, ["arbitrary", "libfuzzer-sys", "stakis-identity-fuzz"]);
}
