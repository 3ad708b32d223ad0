//! `docs/asvs.md` goes through every requirement of ASVS 5.0 that applies, and names tests that are there.

use std::collections::{BTreeMap, BTreeSet};

use super::requirements::{defined, ids_in_sentences, ids_in_test_names, is_id, texts_below};
use crate::support::plain_tests;

plain_tests![
    every_requirement_of_the_asvs_stands_in_the_map_once,
    every_row_of_the_asvs_has_tests_that_are_there_or_a_reason,
    the_reading_of_the_asvs_sees_what_is_wrong,
];

const MAP: &str = include_str!("../../../docs/asvs.md");

/// The sections of the chapters that apply, with the number of their requirements of level 1 and 2. In each section they come
/// before those of level 3.
const SECTIONS: [(&str, u8); 68] = [
    ("1.1", 2),
    ("1.2", 9),
    ("1.3", 11),
    ("1.4", 3),
    ("1.5", 2),
    ("2.1", 3),
    ("2.2", 3),
    ("2.3", 4),
    ("2.4", 1),
    ("3.2", 2),
    ("3.3", 4),
    ("3.4", 6),
    ("3.5", 5),
    ("3.7", 2),
    ("4.1", 3),
    ("4.2", 1),
    ("4.3", 2),
    ("4.4", 4),
    ("6.1", 3),
    ("6.2", 12),
    ("6.3", 4),
    ("6.4", 4),
    ("6.5", 5),
    ("6.6", 3),
    ("6.8", 4),
    ("7.1", 3),
    ("7.2", 4),
    ("7.3", 2),
    ("7.4", 5),
    ("7.5", 2),
    ("7.6", 2),
    ("8.1", 2),
    ("8.2", 3),
    ("8.3", 1),
    ("8.4", 1),
    ("9.1", 3),
    ("9.2", 4),
    ("10.1", 2),
    ("10.2", 2),
    ("10.3", 4),
    ("10.4", 11),
    ("10.5", 5),
    ("10.6", 2),
    ("10.7", 3),
    ("11.1", 2),
    ("11.2", 3),
    ("11.3", 3),
    ("11.4", 4),
    ("11.5", 1),
    ("11.6", 1),
    ("12.1", 3),
    ("12.2", 2),
    ("12.3", 4),
    ("13.1", 1),
    ("13.2", 5),
    ("13.3", 2),
    ("13.4", 5),
    ("14.1", 2),
    ("14.2", 4),
    ("14.3", 3),
    ("15.1", 3),
    ("15.2", 3),
    ("15.3", 7),
    ("16.1", 1),
    ("16.2", 5),
    ("16.3", 4),
    ("16.4", 3),
    ("16.5", 3),
];

/// The ways to meet a requirement without a test.
const WITHOUT_TEST: [&str; 6] = ["documented", "by construction", "not applicable", "differs", "operator", "open"];

/// A row of the map.
struct Row<'a> {
    asvs: &'a str,
    requirements: BTreeSet<String>,
    how: &'a str,
}

fn rows(map: &str) -> Vec<Row<'_>> {
    let rows = map.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix('|')?.split('|').map(str::trim).collect();
        let [asvs, sentence, requirements, how] = cells[..] else { panic!("not four columns: {line}") };
        assert!(!sentence.is_empty(), "{line}");
        asvs.starts_with(|first: char| first.is_ascii_digit()).then(|| Row {
            asvs,
            requirements: ids_in_sentences(requirements),
            how,
        })
    });
    rows.collect()
}

fn every_requirement_of_the_asvs_stands_in_the_map_once() {
    let sections =
        SECTIONS.iter().flat_map(|(section, count)| (1..=*count).map(move |one| format!("{section}.{one}")));
    let expected: Vec<String> = sections.collect();
    let there: Vec<String> = rows(MAP).iter().map(|row| row.asvs.to_owned()).collect();
    assert_eq!(there, expected, "in their order, each once");
    assert!(expected.len() > 200, "{}", expected.len());
}

/// What is wrong with a row, or nothing.
fn objection(row: &Row<'_>, tests: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    let asvs = row.asvs;
    if let Some(unknown) = row.requirements.iter().find(|id| !defined().contains(*id)) {
        return Some(format!("{asvs}: {unknown} is not defined"));
    }
    let mut named = 0;
    for name in row.how.split('`').skip(1).step_by(2) {
        let looks_like_test = name.split('_').take(2).collect::<Vec<_>>().join("-").to_uppercase();
        if !is_id(&looks_like_test) {
            continue;
        }
        named += 1;
        let Some(ids) = tests.get(name) else { return Some(format!("{asvs}: there is no test {name}")) };
        if ids.is_disjoint(&row.requirements) {
            return Some(format!("{asvs}: {name} belongs to none of {:?}", row.requirements));
        }
    }
    let way = row.how.strip_prefix('*').and_then(|how| how.split_once('*'));
    match way {
        Some((way, reason)) if WITHOUT_TEST.contains(&way) && reason.trim_matches([':', ' ']).len() > 6 => None,
        Some((way, _)) => Some(format!("{asvs}: {way} is no way, or has no reason")),
        None if named == 0 || row.requirements.is_empty() => Some(format!("{asvs}: neither test nor reason")),
        None => None,
    }
}

/// Every test with the ids in its name.
fn tests() -> BTreeMap<String, BTreeSet<String>> {
    let mut tests = BTreeMap::new();
    for (_, text) in ["src", "tests/it"].into_iter().flat_map(texts_below) {
        for rest in text.split("fn ").skip(1) {
            let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
            let name = rest.split(|character| !is_part(character)).next().unwrap_or("");
            let ids = ids_in_test_names(&format!("fn {name}("));
            if !ids.is_empty() {
                tests.insert(name.to_owned(), ids);
            }
        }
    }
    tests
}

fn every_row_of_the_asvs_has_tests_that_are_there_or_a_reason() {
    let tests = tests();
    assert!(tests.len() > 900, "only {} tests were seen", tests.len());
    let objections: Vec<String> = rows(MAP).iter().filter_map(|row| objection(row, &tests)).collect();
    assert!(objections.is_empty(), "{objections:#?}");
}

fn the_reading_of_the_asvs_sees_what_is_wrong() {
    let tests = BTreeMap::from([("tk_05_a_link_serves_once".to_owned(), BTreeSet::from(["TK-05".to_owned()]))]);
    let objection_to = |row: &str| rows(row).iter().find_map(|row| objection(row, &tests));
    for (row, says) in [
        ("| 6.5.1 | codes serve once | TK-05 | `tk_05_a_link_serves_twice` |", "no test"),
        ("| 6.5.1 | codes serve once | TK-06 | `tk_05_a_link_serves_once` |", "belongs to none"),
        ("| 6.5.1 | codes serve once | TK-99 | `tk_05_a_link_serves_once` |", "not defined"),
        ("| 6.5.1 | codes serve once | TK-05 | it is so |", "neither"),
        ("| 6.5.1 | codes serve once | | *not applicable*: |", "no reason"),
        ("| 6.5.1 | codes serve once | | *we are sure*: it holds |", "no way"),
    ] {
        let objection = objection_to(row).unwrap_or_else(|| panic!("nothing is wrong with {row}"));
        assert!(objection.contains(says), "{objection}");
    }
    assert_eq!(objection_to("| 6.5.1 | codes serve once | TK-05 | `tk_05_a_link_serves_once` |"), None);
    assert_eq!(objection_to("| 1.2.6 | no LDAP is injected | | *not applicable*: no LDAP |"), None);
}
