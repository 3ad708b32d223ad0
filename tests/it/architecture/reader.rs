//! Tests of the reader itself, on small crates.

use std::collections::BTreeMap;

use super::{
    arrows::{Arrow, arrows_of, circles_of},
    floors::{Floors, apart, together},
    tree::Tree,
};
use crate::support::plain_tests;

plain_tests![
    the_reader_sees_every_form_of_import,
    the_reader_follows_names_to_where_they_are_defined,
    the_reader_sees_paths_outside_imports,
    the_reader_passes_over_code_for_tests,
    the_reader_tells_a_path_that_leads_to_nothing,
    the_reader_sees_circles,
    the_reader_sees_what_a_child_needs_of_its_parent,
    the_reader_sees_arrows_that_run_up_and_across,
];

fn tree(files: &[(&str, &str)]) -> Tree {
    let owned = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
    Tree::new(&owned.collect::<BTreeMap<_, _>>())
}

fn arrows(files: &[(&str, &str)]) -> Vec<Arrow> {
    let (arrows, lost) = arrows_of(&tree(files));
    assert_eq!(lost, [""; 0]);
    arrows
}

/// The files that one file depends on for more than a declaration, each once.
fn needs(files: &[(&str, &str)], file: &str) -> Vec<String> {
    let arrows = arrows(files);
    let from_it = arrows.iter().filter(|arrow| arrow.from.file == file && !arrow.is_declaration);
    let mut needed: Vec<String> = from_it.map(|arrow| arrow.to.file.clone()).collect();
    needed.sort();
    needed.dedup();
    needed
}

const LIB: (&str, &str) = ("lib.rs", "mod a; mod b; mod c;");
const B: (&str, &str) = ("b/mod.rs", "mod inner; pub struct B; pub use inner::{Inner as Renamed, helper};");
const INNER: (&str, &str) = ("b/inner.rs", "pub struct Inner; pub fn helper() {} pub enum Kind { One }");
const C: (&str, &str) = ("c.rs", "pub struct C; pub const LIMIT: u8 = 1; macro_rules! make { () => {}; }");

fn a_needs(text: &str) -> Vec<String> {
    needs(&[LIB, B, INNER, C, ("a.rs", text)], "a.rs")
}

fn the_reader_sees_every_form_of_import() {
    for text in [
        "use crate::c::C;",
        "pub use crate::c::C;",
        "use crate::c::C as Other;",
        "use crate::c::{self, C};",
        "use crate::{c::{C, LIMIT}};",
        "use super::c::C;",
        "use super::{c::{C as _}};",
        "use crate::c::make;",
        "use crate::c; fn f() -> c::C { c::C }",
        "use crate::c as sea; const LIMIT: u8 = sea::LIMIT;",
        "fn f() { use crate::c::C; }",
        "mod within { use super::super::c::C; }",
        "mod within { pub use crate::c::C; } use self::within::C;",
    ] {
        assert_eq!(a_needs(text), ["c.rs"], "{text}");
    }
    assert_eq!(a_needs("use crate::{b::{B, Renamed}, c::C};"), ["b/inner.rs", "b/mod.rs", "c.rs"]);
    assert_eq!(a_needs("use std::fmt; use ::c::C; use crate::c;"), [""; 0]);
}

fn the_reader_follows_names_to_where_they_are_defined() {
    for text in [
        "use crate::b::Renamed;",
        "use crate::b::helper;",
        "use crate::b::inner::Kind::One;",
        "use crate::b; fn f() { b::helper() }",
        "use crate::b::*; fn f() -> super::b::Renamed {}",
    ] {
        assert_eq!(a_needs(text), ["b/inner.rs"], "{text}");
    }
    let through_a_glob =
        [LIB, ("a.rs", "use crate::b::Inner;"), ("b/mod.rs", "mod inner; pub use inner::*;"), INNER, C];
    assert_eq!(needs(&through_a_glob, "a.rs"), ["b/inner.rs"]);
    let one_name_twice = [
        LIB,
        ("a.rs", "use crate::b::inner; fn f() { inner() }"),
        ("b/mod.rs", "mod inner; pub use inner::inner;"),
        ("b/inner.rs", "pub fn inner() {}"),
        C,
    ];
    assert_eq!(needs(&one_name_twice, "a.rs"), ["b/inner.rs"]);
}

fn the_reader_sees_paths_outside_imports() {
    for text in [
        "fn f(c: crate::c::C) {}",
        "fn f() -> Option<Vec<crate::c::C>> {}",
        "struct A { c: Box<dyn Fn(&crate::c::C)> }",
        "impl From<crate::c::C> for A {}",
        "fn f() { let x = [crate::c::LIMIT; 1]; }",
        "fn f() { match x { crate::c::LIMIT => {} } }",
        "fn f() { crate::c::make!() }",
        "fn f() { println!(\"{}\", crate::c::LIMIT) }",
        "json! { { \"limit\": [super::c::LIMIT] } }",
        "macro_rules! a { () => { $crate::c::LIMIT }; }",
        "#[derive(Debug)] #[field(crate::c::C)] struct A;",
        "struct A { #[serde(with = \"crate::c::C\")] field: u8 }",
    ] {
        assert_eq!(a_needs(text), ["c.rs"], "{text}");
    }
    let made_by_a_macro = [LIB, ("a.rs", "use crate::c::rows;"), B, INNER, ("c.rs", "table! { rows (id) {} }")];
    assert_eq!(needs(&made_by_a_macro, "a.rs"), ["c.rs"]);
    let named_in_a_macro = [
        LIB,
        ("a.rs", "use crate::c::Row;"),
        B,
        INNER,
        ("c.rs", "macro_rules! m { () => { struct Row; }; } m!();"),
    ];
    assert_eq!(needs(&named_in_a_macro, "a.rs"), ["c.rs"]);
}

fn the_reader_passes_over_code_for_tests() {
    for text in [
        "#[cfg(test)] mod tests { use crate::c::C; }",
        "#[cfg(test)] mod in_a_file;",
        "#[cfg(test)] use crate::c::C;",
        "struct A; impl A { #[cfg(test)] fn f() -> crate::c::C {} }",
        "pub(in crate::c) struct A;",
    ] {
        assert_eq!(a_needs(text), [""; 0], "{text}");
    }
}

fn the_reader_tells_a_path_that_leads_to_nothing() {
    let (_, lost) = arrows_of(&tree(&[LIB, B, INNER, C, ("a.rs", "use crate::c::{C, Missing};")]));
    assert_eq!(lost, ["a.rs: crate::c::Missing"]);
}

fn the_reader_sees_circles() {
    let round = [
        LIB,
        ("a.rs", "use crate::b::Renamed; pub struct A;"),
        B,
        ("b/inner.rs", "use crate::c::C; pub struct Inner; pub fn helper() {}"),
        ("c.rs", "fn f(_: crate::a::A) {} pub struct C;"),
    ];
    let expected = "circle:\n  a.rs → b/inner.rs: crate::b::Renamed\n  b/inner.rs → c.rs: crate::c::C\n  \
                    c.rs → a.rs: crate::a::A";
    assert_eq!(circles_of(&arrows(&round)), [expected]);
    let straight = [LIB, ("a.rs", "use crate::{b::Renamed, c::C};"), B, INNER, C];
    assert_eq!(circles_of(&arrows(&straight)), [""; 0]);
}

fn the_reader_sees_what_a_child_needs_of_its_parent() {
    let held = [LIB, ("a.rs", ""), B, ("b/inner.rs", "use super::B; pub struct Inner; pub fn helper() {}"), C];
    let expected = "circle:\n  b/inner.rs → b/mod.rs: super::B\n  \
                    b/mod.rs → b/inner.rs: inner::Inner, inner::helper, mod inner";
    assert_eq!(circles_of(&arrows(&held)), [expected]);
    // An item that the parent only re-exports belongs to another file.
    let handed_on = [
        LIB,
        ("a.rs", ""),
        ("b/mod.rs", "mod inner; mod other; pub use other::Other;"),
        ("b/inner.rs", "use super::Other;"),
        ("b/other.rs", "pub struct Other;"),
        C,
    ];
    assert_eq!(circles_of(&arrows(&handed_on)), [""; 0]);
}

fn the_reader_sees_arrows_that_run_up_and_across() {
    const B_INSIDE: Floors = Floors { inside: &["b"], rows: &[together(&["*"]), apart(&["ground"])] };
    const CRATE: Floors = Floors { inside: &[], rows: &[apart(&["a"]), apart(&["b", "c"])] };
    let broken = |files: &[(&str, &str)]| CRATE.broken_by(&arrows(files));
    assert_eq!(broken(&[LIB, ("a.rs", "use crate::{b::B, c::C};"), B, INNER, C]), [""; 0]);
    let across = [LIB, ("a.rs", ""), B, INNER, ("c.rs", "use crate::b::Renamed;")];
    assert_eq!(broken(&across)[0], "c.rs (c) needs crate::b::Renamed of b/mod.rs (b)");
    let up = [
        LIB,
        ("a.rs", "pub struct A;"),
        B,
        ("b/inner.rs", "fn f(_: crate::a::A) {} pub struct Inner; pub fn helper() {}"),
        C,
    ];
    assert_eq!(broken(&up), ["b/inner.rs (b) needs crate::a::A of a.rs (a)"]);
    // The name is defined in a lower module, but imported through a higher one.
    let roundabout = [
        LIB,
        ("a.rs", "pub use crate::c::C;"),
        B,
        ("b/inner.rs", "use crate::a::C; pub struct Inner; pub fn helper() {}"),
        ("c.rs", "pub struct C;"),
    ];
    assert_eq!(broken(&roundabout)[0], "b/inner.rs (b) needs crate::a::C of a.rs (a)");
    let inside = [
        LIB,
        ("a.rs", ""),
        ("b/mod.rs", "mod ground; mod table;"),
        ("b/table.rs", "use super::ground::Ground; pub struct Table;"),
        ("b/ground.rs", "use super::table::Table; pub struct Ground;"),
        C,
    ];
    assert_eq!(
        B_INSIDE.broken_by(&arrows(&inside)),
        ["b/ground.rs (ground) needs super::table::Table of b/table.rs (table)"]
    );
}
