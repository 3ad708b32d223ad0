//! `docs/configuration.md` is what the definitions of the settings render to.

use std::{env, fs, path::Path};

use stakis_identity::config::{self, configuration_reference, describe_settings};

use crate::support::plain_tests;

plain_tests![
    the_configuration_page_is_rendered_from_the_definitions,
    the_configuration_page_has_a_full_row_for_every_setting,
    the_configuration_page_is_linked_from_the_readme,
    the_defaults_on_the_configuration_page_hold_where_nothing_is_set,
];

/// With `STAKIS_TEST_WRITE=1` the test writes the page instead of comparing it.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
fn the_configuration_page_is_rendered_from_the_definitions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let rendered = configuration_reference();
    if env::var("STAKIS_TEST_WRITE").is_ok_and(|value| !value.is_empty()) {
        fs::write(&path, &rendered).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == rendered, "run: STAKIS_TEST_WRITE=1 cargo test --test it configuration");
}

fn the_configuration_page_has_a_full_row_for_every_setting() {
    let page = configuration_reference();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| `STAKIS_"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), describe_settings().count());
    for (row, setting) in rows.iter().zip(describe_settings()) {
        let &[name, secret, default, allowed, sentence] = row.as_slice() else { panic!("five columns: {row:?}") };
        assert_eq!(name, format!("`{}`", setting.name));
        assert_eq!(secret == "yes", setting.is_secret, "{name}");
        assert!(!default.is_empty() && !allowed.is_empty(), "{name}");
        assert!(sentence.ends_with('.') && sentence.split(' ').count() >= 4, "{name}: {sentence}");
    }
    let mut names: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows.len(), "no setting stands twice");
}

fn the_configuration_page_is_linked_from_the_readme() {
    assert!(include_str!("../../../README.md").contains("](docs/configuration.md)"));
}

fn the_defaults_on_the_configuration_page_hold_where_nothing_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let read = |more: Option<(&str, &str)>| {
        let data_dir = ("STAKIS_DATA_DIR", folder.path().to_str().unwrap());
        let variables = [Some(data_dir), more].into_iter().flatten();
        let config = config::read(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
        format!("{config:?}").replace("is_default: false", "is_default: true")
    };
    let nothing_set = read(None);
    let mut compared = 0;
    for setting in describe_settings().filter(|setting| setting.name != "STAKIS_DATA_DIR") {
        // A default in words cannot be set, and one that depends on the environment differs in production.
        let Some((value, words)) = setting.default.strip_prefix('`').and_then(|rest| rest.split_once('`')) else {
            continue;
        };
        if !words.contains("production") {
            assert_eq!(read(Some((setting.name, value))), nothing_set, "{}={value}", setting.name);
            compared += 1;
        }
    }
    assert!(compared > 30, "only {compared} defaults were compared");
}
