//! The modules of a crate, and the place where the name at the end of a path is defined.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    slice,
};

use super::source::{Child, Names, Source};

pub(super) struct Module {
    /// The path of the module, such as `identity`, `reset`, `complete`. It is empty for the root.
    pub(super) path: Names,
    /// The file below `src`, such as `identity/reset/complete.rs`.
    pub(super) file: String,
    pub(super) source: Source,
    parent: usize,
    children: BTreeMap<String, usize>,
}

/// The target of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A module itself.
    Module(usize),
    /// An item that this module defines.
    Item(usize),
    /// An item of another crate.
    Foreign,
}

/// The search for the target of a path.
#[derive(Default)]
pub(super) struct Way {
    /// The modules that re-export the name with `pub use`.
    pub(super) through: Vec<usize>,
    asked: BTreeSet<(usize, String, bool)>,
}

pub(super) struct Tree {
    pub(super) modules: Vec<Module>,
}

impl Tree {
    /// Reads the crate whose root is `lib.rs` in this folder.
    pub(super) fn read(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(folder, "", &mut files);
        Self::new(&files)
    }

    /// Makes the tree of a crate from its files, which include `lib.rs`.
    pub(super) fn new(files: &BTreeMap<String, String>) -> Self {
        let mut tree = Self { modules: Vec::new() };
        let root = Source::parse(&files["lib.rs"]).unwrap();
        tree.add(files, 0, (Vec::new(), "lib.rs".to_owned()), root);
        tree
    }

    fn add(
        &mut self,
        files: &BTreeMap<String, String>,
        parent: usize,
        (path, file): (Names, String),
        mut source: Source,
    ) -> usize {
        let index = self.modules.len();
        let declared = std::mem::take(&mut source.children);
        let module = Module { path: path.clone(), file: file.clone(), source, parent, children: BTreeMap::new() };
        self.modules.push(module);
        for child in declared {
            let (name, file, source) = match child {
                Child::Inline(name, source) => (name, file.clone(), source),
                Child::File(name) => {
                    let path = [&path[..], slice::from_ref(&name)].concat().join("/");
                    let candidates = [format!("{path}.rs"), format!("{path}/mod.rs")];
                    let file = candidates.into_iter().find(|file| files.contains_key(file)).expect(&path);
                    let source = Source::parse(&files[&file]).unwrap_or_else(|error| panic!("{file}: {error}"));
                    (name, file, source)
                }
            };
            let path = [&path[..], slice::from_ref(&name)].concat();
            let child = self.add(files, index, (path, file), source);
            self.modules[index].children.insert(name, child);
        }
        index
    }

    /// The children of a module that have files of their own.
    pub(super) fn children(&self, module: usize) -> impl Iterator<Item = &Module> {
        self.modules[module].children.values().map(|child| &self.modules[*child])
    }

    /// The target of a path in a module. It is `None` where the crate has no such item.
    pub(super) fn resolve(&self, module: usize, path: &[String], way: &mut Way) -> Option<Found> {
        let mut rest = path.iter().peekable();
        let mut found = Found::Module(module);
        match path.first()?.as_str() {
            "crate" => {
                rest.next();
                found = Found::Module(0);
            }
            "self" | "super" => {
                rest.next_if(|name| *name == "self");
                while rest.next_if(|name| *name == "super").is_some() {
                    let Found::Module(at) = found else { unreachable!("only modules were passed") };
                    found = Found::Module(self.modules[at].parent);
                }
            }
            first => {
                let is_last = path.len() == 1;
                rest.next();
                match self.look_up(module, first, is_last, way) {
                    // The name is a type parameter, a type of the prelude or another crate.
                    None => return Some(Found::Foreign),
                    Some(at) => found = at,
                }
            }
        }
        while let Some(name) = rest.next() {
            // Names after a type belong to the type: a variant, a function, a constant.
            let Found::Module(at) = found else { break };
            if at != module {
                way.through.push(at);
            }
            found = self.look_up(at, name, rest.peek().is_none(), way)?;
        }
        if let Found::Item(at) = found {
            way.through.retain(|module| *module != at);
        }
        Some(found)
    }

    /// Finds a name in a module. One name may stand for a module and an item at once; only the last name of a path can
    /// be the item.
    fn look_up(&self, module: usize, name: &str, is_last: bool, way: &mut Way) -> Option<Found> {
        if !way.asked.insert((module, name.to_owned(), is_last)) {
            return None;
        }
        let Module { source, children, .. } = &self.modules[module];
        let child = children.get(name).map(|child| Found::Module(*child));
        if let Some(child) = child.filter(|_| !is_last) {
            return Some(child);
        }
        if source.items.contains(name) {
            return Some(Found::Item(module));
        }
        let mut imports = source.imports.iter().filter(|import| import.name.as_deref() == Some(name));
        let imported = imports.find_map(|import| self.resolve(module, &import.path, way));
        imported
            .or(child)
            .or_else(|| self.look_up_in_globs(module, name, is_last, way))
            .or_else(|| source.generated.contains(name).then_some(Found::Item(module)))
    }

    fn look_up_in_globs(&self, module: usize, name: &str, is_last: bool, way: &mut Way) -> Option<Found> {
        let globs = self.modules[module].source.imports.iter().filter(|import| import.name.is_none());
        for import in globs {
            if let Some(Found::Module(at)) = self.resolve(module, &import.path, way)
                && let Some(found) = self.look_up(at, name, is_last, way)
            {
                return Some(found);
            }
        }
        None
    }
}

fn collect(folder: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}
