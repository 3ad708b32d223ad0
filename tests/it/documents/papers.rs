//! The documents of the repository, here called papers, are true. Their links lead somewhere, and files, commands,
//! settings and limits have the names that the papers give them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use stakis_identity::config::{self, LimitsConfig};

use crate::support::{plain_tests, run_command};

plain_tests![
    the_readme_is_read_in_five_minutes,
    the_readme_counts_the_common_passwords,
    every_link_of_the_papers_leads_somewhere,
    every_file_that_the_papers_name_is_there,
    every_command_is_documented_and_every_documented_one_is_there,
    every_setting_that_the_papers_name_is_one,
    every_call_that_the_papers_name_is_documented,
    rl_14_the_page_of_limits_names_every_one_with_its_default,
];

fn the_readme_counts_the_common_passwords() {
    let count = include_str!("../../../src/policy/data/common_passwords.txt").lines().count();
    let written = format!("{},{:03}", count / 1000, count % 1000);
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(&format!("the {written}\nentries")), "{written}");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README and its siblings, and everything in `docs/`.
fn papers() -> Vec<(PathBuf, String)> {
    let folders = [root().to_owned(), root().join("docs")];
    let entries =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    let papers: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    assert!(papers.len() >= 10, "only {} papers were found", papers.len());
    papers
}

/// The texts in back-ticks, outside blocks of code too.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

fn the_readme_is_read_in_five_minutes() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.lines().count() <= 150, "{} lines", readme.lines().count());
    for needed in ["cargo run --release -- demo", "tests/run", "](docs/customer-guide.md)", "](LICENSE-MIT)"] {
        assert!(readme.contains(needed), "the README lacks {needed}");
    }
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|character| character.is_alphanumeric() || " -_".contains(*character));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn every_link_of_the_papers_leads_somewhere() {
    let mut links = 0;
    for (path, text) in papers() {
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            if target.starts_with("https://") {
                continue;
            }
            links += 1;
            let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(file.exists(), "{} links to {target}", path.display());
            if !fragment.is_empty() {
                let linked = fs::read_to_string(&file).unwrap();
                let mut headings = linked.lines().filter(|line| line.starts_with('#'));
                let is_there = headings.any(|line| anchor(line.trim_start_matches('#').trim()) == fragment);
                assert!(is_there, "{} links to {target}", path.display());
            }
        }
    }
    assert!(links > 40, "only {links} links were seen");
}

/// Patterns such as `src/http/<resource>.rs` are passed over.
fn every_file_that_the_papers_name_is_there() {
    const FOLDERS: [&str; 6] = ["src/", "tests/", "docs/", "openapi/", "migrations/", ".ci/"];
    let mut files = 0;
    for (path, text) in papers() {
        let words = quoted(&text).flat_map(|quoted| quoted.split([' ', ',']));
        for word in words.filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder))) {
            if word.contains(['<', '*', '…']) {
                continue;
            }
            files += 1;
            assert!(root().join(word).exists(), "{} names {word}", path.display());
        }
    }
    assert!(files > 60, "only {files} files were seen");
}

/// The commands of one level of the command line, by its own help.
fn commands_below(parents: &[&str]) -> Vec<String> {
    let help = run_command(&[parents, &["--help"]].concat(), &BTreeMap::new(), "");
    let help = String::from_utf8(help.stdout).unwrap();
    let list = help.split("\nCommands:\n").nth(1).unwrap_or("");
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.map(|line| line.split_whitespace().next().unwrap().to_owned()).filter(|name| name != "help").collect()
}

fn every_command_is_documented_and_every_documented_one_is_there() {
    let mut commands = BTreeSet::new();
    for command in commands_below(&[]) {
        let below = commands_below(&[&command]);
        if below.is_empty() {
            commands.insert(command);
        } else {
            commands.extend(below.into_iter().map(|below| format!("{command} {below}")));
        }
    }
    let page = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let table = page.split("## Commands").nth(1).unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let name_of = |row: &str| {
        let words =
            row.split(['`', ' ']).take_while(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
        words.filter(|word| !word.starts_with("--")).collect::<Vec<_>>().join(" ").trim().to_owned()
    };
    let documented: BTreeSet<String> = rows.map(name_of).collect();
    assert_eq!(documented, commands);
    assert!(commands.contains("account set-email"));
}

/// A name is a setting if it stands in the text of `src/config`. A pattern stands for several.
fn every_setting_that_the_papers_name_is_one() {
    let mut waiting = vec![root().join("src/config")];
    let mut code = String::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            code.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    let is_part =
        |character: char| character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_';
    let mut names = 0;
    for (path, text) in papers() {
        for rest in text.split("STAKIS_").skip(1) {
            let name = format!("STAKIS_{}", rest.split(|character| !is_part(character)).next().unwrap());
            let stands_for_several = name.ends_with('_') || name.starts_with("STAKIS_TEST_");
            let secret = name.strip_suffix("_FILE").unwrap_or(&name);
            let is_known = code.contains(&format!("\"{secret}\""));
            assert!(stands_for_several || is_known, "{} names {name}", path.display());
            names += 1;
        }
    }
    assert!(names > 60, "only {names} names were seen");
}

/// The metrics have a listener of their own, which the OpenAPI document does not describe.
fn every_call_that_the_papers_name_is_documented() {
    let document: Value = serde_json::from_str(include_str!("../../../openapi/openapi.json")).unwrap();
    let mut calls = 0;
    for (path, text) in papers() {
        for call in quoted(&text).filter(|call| !call.ends_with("/metrics")) {
            let Some((method @ ("GET" | "POST" | "PATCH" | "DELETE"), address)) = call.split_once(' ') else {
                continue;
            };
            let operation = &document["paths"][address][method.to_lowercase()];
            assert!(operation.is_object(), "{} names {call}", path.display());
            calls += 1;
        }
    }
    assert!(calls > 8, "only {calls} calls were seen");
}

fn rl_14_the_page_of_limits_names_every_one_with_its_default() {
    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=";
    let page = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let rows = page.lines().filter(|line| line.contains("| `STAKIS_LIMIT_"));
    let standard = format!("{:?}", LimitsConfig::standard());
    let read = |name: &str, value: &str| {
        let variables = [("STAKIS_SECRET_KEY", KEY), (name, value)];
        let read = config::read(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        format!("{:?}", read.unwrap_or_else(|problems| panic!("{name}: {problems}")).limits)
    };
    let mut named = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [.., name, default] = cells.as_slice() else { panic!("{row}") };
        assert_eq!(read(name, default), standard, "{name}");
        assert_ne!(read(name, "off"), standard, "{name}");
        named += 1;
    }
    // A limit that is missing in this list would remain in the standard.
    assert_eq!(named, standard.matches("Limit {").count(), "limits without a row: {standard}");
}
