//! Imports only ever go down.

use std::{fs, path::Path};

use crate::support::plain_tests;

/// The rooms, top to bottom; those of one row do not know each other.
const ROWS: [&[&str]; 7] = [
    &["cli"],
    &["http", "jobs", "mailbox"],
    &["identity"],
    &["app"],
    &["store", "crypto", "mail", "limits", "policy", "pages"],
    &["config", "texts", "metrics"],
    &["types"],
];

fn row_of(room: &str) -> usize {
    ROWS.iter().position(|row| row.contains(&room)).unwrap_or_else(|| panic!("{room} is no room"))
}

fn visit(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The rooms named in `use crate::…` and `crate::…`, whichever way they are grouped.
fn rooms_used(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let mut depth = 0;
        let mut word = String::new();
        let mut at_start = true;
        for character in rest.chars() {
            match character {
                '{' => {
                    depth += 1;
                    at_start = depth == 1;
                    word.clear();
                }
                '}' => {
                    depth -= 1;
                    if depth <= 0 {
                        break;
                    }
                }
                ',' if depth == 1 => {
                    at_start = true;
                    word.clear();
                }
                ':' | ';' | ')' | '(' if at_start => {
                    if !word.is_empty() {
                        rooms.push(word.clone());
                    }
                    at_start = false;
                    if depth == 0 {
                        break;
                    }
                }
                ';' if depth == 0 => break,
                c if at_start && (c.is_alphanumeric() || c == '_') => word.push(c),
                _ => {}
            }
        }
    }
    rooms
}

plain_tests![
    imports_only_go_down,
    the_reading_sees_grouped_imports,
    jw_17_the_jwt_crate_is_one_without_the_known_holes,
];

fn imports_only_go_down() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    visit(&source, &mut files);
    let mut arrows = 0;
    for file in files {
        let relative = file.strip_prefix(&source).unwrap();
        let room = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if ["main", "lib"].contains(&room) {
            continue;
        }
        for used in rooms_used(&fs::read_to_string(&file).unwrap()) {
            if used == room {
                continue;
            }
            arrows += 1;
            assert!(row_of(&used) > row_of(room), "{}: {room} uses {used}", relative.display());
        }
    }
    assert!(arrows > 100, "only {arrows} arrows were seen: the reading is broken");
}

fn the_reading_sees_grouped_imports() {
    assert_eq!(
        rooms_used("use crate::{\n app::App,\n store::{a, b::c},\n types::X,\n};"),
        ["app", "store", "types"]
    );
    assert_eq!(rooms_used("use crate::http::X; fn f() -> crate::types::Y {}"), ["http", "types"]);
}

/// CVE-2026-25537 is mended in jsonwebtoken 10.3.0; RUSTSEC-2023-0071 (Marvin) is about the crate `rsa`.
fn jw_17_the_jwt_crate_is_one_without_the_known_holes() {
    let lock = include_str!("../../Cargo.lock");
    let version_of = |name: &str| {
        let start = lock.find(&format!("name = \"{name}\"\nversion = \""))?;
        lock[start..].split('"').nth(3)
    };
    let version = version_of("jsonwebtoken").unwrap();
    let numbers: Vec<u32> = version.split('.').map(|number| number.parse().unwrap()).collect();
    assert!((numbers[0], numbers[1]) >= (10, 3), "jsonwebtoken {version}");
    assert!(version_of("aws-lc-rs").is_some(), "the cryptography behind it");
    assert_eq!(version_of("rsa"), None);
}
