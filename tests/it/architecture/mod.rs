//! Dependencies between modules lead down only, and no two files depend on each other.

mod arrows;
mod floors;
mod reader;
mod source;
mod tree;

use std::path::Path;

use self::{
    arrows::{arrows_of, circles_of},
    floors::FLOORS,
    tree::Tree,
};
use crate::support::plain_tests;

plain_tests![
    every_import_is_followed,
    rooms_need_only_rooms_below,
    no_files_need_each_other,
    jw_17_the_jwt_crate_is_one_without_the_known_holes,
];

fn the_crate() -> Tree {
    Tree::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// A dependency that the reader does not see cannot break a rule.
fn every_import_is_followed() {
    let tree = the_crate();
    let (arrows, lost) = arrows_of(&tree);
    assert!(lost.is_empty(), "these lead to nothing that the reader knows:\n{}", lost.join("\n"));
    assert!(arrows.len() > 1500, "only {} arrows were seen", arrows.len());
    assert!(tree.modules.len() > 150, "only {} modules were seen", tree.modules.len());
}

fn rooms_need_only_rooms_below() {
    let (arrows, _) = arrows_of(&the_crate());
    let broken: Vec<String> = FLOORS.iter().flat_map(|floors| floors.broken_by(&arrows)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A `mod.rs` depends on the files that it declares, so an item that it defines for one of them makes a cycle.
fn no_files_need_each_other() {
    let (arrows, _) = arrows_of(&the_crate());
    let circles = circles_of(&arrows);
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

/// CVE-2026-25537 is fixed in jsonwebtoken 10.3.0. RUSTSEC-2023-0071 (Marvin) is about the crate `rsa`.
fn jw_17_the_jwt_crate_is_one_without_the_known_holes() {
    let lock = include_str!("../../../Cargo.lock");
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
