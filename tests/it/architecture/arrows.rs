//! The dependencies between files, here called arrows, and the names that cause them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    source::Names,
    tree::{Found, Tree, Way},
};

/// One dependency of one file.
pub(super) struct Arrow {
    pub(super) from: Place,
    /// Where the name is defined.
    pub(super) to: Place,
    /// The modules that the path passes before it reaches `to`.
    pub(super) through: Vec<Place>,
    /// The path as it is written.
    pub(super) name: String,
    /// Whether `from` only declares `to`: `mod to;`.
    pub(super) is_declaration: bool,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) module: Names,
    pub(super) file: String,
}

/// Every dependency of every module, and the paths that lead to nothing. The reader cannot see the dependencies of such
/// a path.
pub(super) fn arrows_of(tree: &Tree) -> (Vec<Arrow>, Vec<String>) {
    let place = |index: usize| {
        let module = &tree.modules[index];
        Place { module: module.path.clone(), file: module.file.clone() }
    };
    let (mut arrows, mut lost) = (Vec::new(), Vec::new());
    for (index, module) in tree.modules.iter().enumerate() {
        for child in tree.children(index).filter(|child| child.file != module.file) {
            let to = Place { module: child.path.clone(), file: child.file.clone() };
            let name = format!("mod {}", child.path.last().unwrap());
            arrows.push(Arrow { from: place(index), to, through: Vec::new(), name, is_declaration: true });
        }
        let imports = module.source.imports.iter().map(|import| &import.path);
        for path in imports.chain(&module.source.paths) {
            let mut way = Way::default();
            let name = path.join("::");
            match tree.resolve(index, path, &mut way) {
                Some(Found::Item(at)) => {
                    let through = way.through.into_iter().map(place).collect();
                    arrows.push(Arrow { from: place(index), to: place(at), through, name, is_declaration: false });
                }
                // Names that are taken from the module appear as paths or imports of their own.
                Some(Found::Module(_) | Found::Foreign) => {}
                None => lost.push(format!("{}: {name}", module.file)),
            }
        }
    }
    arrows.retain(|arrow| arrow.from.file != arrow.to.file || !arrow.through.is_empty());
    (arrows, lost)
}

/// The cycles. Each is described by the arrows between its files, with the names that cause them.
pub(super) fn circles_of(arrows: &[Arrow]) -> Vec<String> {
    let mut ties: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for arrow in arrows.iter().filter(|arrow| arrow.from.file != arrow.to.file) {
        ties.entry(&arrow.from.file).or_default().entry(&arrow.to.file).or_default().insert(&arrow.name);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = ties.keys().map(|file| (*file, reach(&ties, file))).collect();
    let mut circles: BTreeSet<BTreeSet<&str>> = BTreeSet::new();
    for (file, others) in &reached {
        // The cycle of a file consists of the files that it reaches and that reach it. A file reaches itself only
        // through another one.
        let mutual = |other: &&&str| reached.get(**other).is_some_and(|back| back.contains(file));
        let circle: BTreeSet<&str> = others.iter().filter(mutual).copied().collect();
        if !circle.is_empty() {
            circles.insert(circle);
        }
    }
    let within = |circle: &BTreeSet<&str>| {
        let mut lines = vec!["circle:".to_owned()];
        for (from, targets) in ties.iter().filter(|(from, _)| circle.contains(*from)) {
            for (to, names) in targets.iter().filter(|(to, _)| circle.contains(*to)) {
                let names: Vec<&str> = names.iter().copied().collect();
                lines.push(format!("  {from} → {to}: {}", names.join(", ")));
            }
        }
        lines.join("\n")
    };
    circles.iter().map(within).collect()
}

/// Every file that can be reached from one, in one step or more.
fn reach<'a>(ties: &BTreeMap<&'a str, BTreeMap<&'a str, BTreeSet<&'a str>>>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = ties.get(from).into_iter().flat_map(BTreeMap::keys).copied().collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(ties.get(file).into_iter().flat_map(BTreeMap::keys));
        }
    }
    reached
}
