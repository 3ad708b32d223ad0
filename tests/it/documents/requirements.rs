//! `docs/requirements.md` defines every id that is cited, and every id in it has a test.

use std::{collections::BTreeSet, fs, path::Path};

use crate::support::plain_tests;

plain_tests![
    every_cited_requirement_is_defined,
    every_defined_requirement_has_a_test,
    requirements_are_defined_once_and_in_order,
    the_reading_sees_ids_in_sentences_and_names,
];

const DEFINITIONS: &str = include_str!("../../../docs/requirements.md");

/// The places where ids are cited: code, tests, served files, documents and settings of tools.
const CITING: [&str; 9] =
    ["src", "tests", "openapi", "docs", "migrations", ".deny.toml", "README.md", "CONTRIBUTING.md", "SECURITY.md"];

/// The text of every file below a path of the repository. The files that define the ids or speak about their form are
/// left out.
pub(super) fn texts_below(path: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting = vec![root.join(path)];
    let mut texts = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Ok(text) = fs::read_to_string(&path) {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if !name.ends_with("/requirements.md")
                && !name.ends_with("/requirements.rs")
                && !name.ends_with("/asvs.rs")
            {
                texts.push((name, text));
            }
        }
    }
    texts
}

/// Finds ids such as `AB-12`, with no letter, digit or hyphen at either side.
pub(super) fn ids_in_sentences(text: &str) -> BTreeSet<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '-';
    text.split(|character| !is_part(character)).filter(|word| is_id(word)).map(str::to_owned).collect()
}

pub(super) fn is_id(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 5
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2] == b'-'
        && bytes[3..].iter().all(u8::is_ascii_digit)
}

/// Finds the ids in names such as `fn ab_12_…`. A name may carry several ids.
pub(super) fn ids_in_test_names(text: &str) -> BTreeSet<String> {
    let names = text.split("fn ").skip(1).map(|rest| {
        rest.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_')).next().unwrap_or("")
    });
    let mut ids = BTreeSet::new();
    for name in names {
        let parts: Vec<&str> = name.split('_').collect();
        ids.extend(parts.windows(2).map(|pair| pair.join("-").to_uppercase()).filter(|id| is_id(id)));
    }
    ids
}

pub(super) fn defined() -> BTreeSet<String> {
    in_definition_order().into_iter().collect()
}

fn in_definition_order() -> Vec<String> {
    let heads = DEFINITIONS.lines().filter_map(|line| line.strip_prefix("- **"));
    heads.map(|rest| rest.split("**").next().unwrap().to_owned()).collect()
}

fn every_cited_requirement_is_defined() {
    let defined = defined();
    let mut cited = 0;
    for (file, text) in CITING.into_iter().flat_map(texts_below) {
        for id in ids_in_sentences(&text).into_iter().chain(ids_in_test_names(&text)) {
            assert!(defined.contains(&id), "{file} cites {id}, which docs/requirements.md does not define");
            cited += 1;
        }
    }
    assert!(cited > 300, "only {cited} citations were seen: the reading is broken");
}

fn every_defined_requirement_has_a_test() {
    let mut tested = BTreeSet::new();
    for (_, text) in ["src", "tests/it"].into_iter().flat_map(texts_below) {
        tested.extend(ids_in_test_names(&text));
    }
    let untested: Vec<_> = defined().into_iter().filter(|id| !tested.contains(id)).collect();
    assert!(untested.is_empty(), "no test is named by {untested:?}");
}

fn requirements_are_defined_once_and_in_order() {
    let all = in_definition_order();
    assert!(all.iter().all(|id| is_id(id)), "{all:?}");
    assert_eq!(all.len(), defined().len(), "an id is defined twice");
    for pair in all.windows(2) {
        assert!(pair[0][..2] != pair[1][..2] || pair[0] < pair[1], "{} stands before {}", pair[0], pair[1]);
    }
    for line in DEFINITIONS.lines().filter(|line| line.starts_with("- ")) {
        assert!(line.starts_with("- **") && line.len() > 30, "no sentence: {line}");
    }
}

fn the_reading_sees_ids_in_sentences_and_names() {
    let sentence = "As AB-12 says (CD-34), not AB-123, XAB-12, ab-12 or SP 800-63B-4.";
    assert_eq!(ids_in_sentences(sentence).into_iter().collect::<Vec<_>>(), ["AB-12", "CD-34"]);
    let code = "async fn ab_12_cd_34_two_rules() {} fn of_2() {} fn abc_12_none() {}";
    assert_eq!(ids_in_test_names(code).into_iter().collect::<Vec<_>>(), ["AB-12", "CD-34"]);
}
