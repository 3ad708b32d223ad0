//! The declarations, imports and names of one module, read with a parser of Rust. Code for tests alone is left out.

use std::collections::BTreeSet;

use syn::{
    Attribute, Ident, ImplItemFn, Item, ItemMod, ItemUse, LitStr, Macro, MetaList, Path, Token, UseTree,
    VisRestricted, braced, bracketed,
    ext::IdentExt as _,
    parenthesized,
    parse::ParseStream,
    token,
    visit::{self, Visit},
};

/// The names of a path, such as `crate`, `types`, `Clock`.
pub(super) type Names = Vec<String>;

/// A module that another one declares.
pub(super) enum Child {
    /// `mod name;`
    File(String),
    /// `mod name { … }`
    Inline(String, Source),
}

/// A name that `use` brings in.
pub(super) struct Import {
    /// The name of the import in the module. `None` stands for all names at the path.
    pub(super) name: Option<String>,
    pub(super) path: Names,
}

#[derive(Default)]
pub(super) struct Source {
    pub(super) children: Vec<Child>,
    /// The names of functions, types, constants and macros that are defined here.
    pub(super) items: BTreeSet<String>,
    /// Words inside macros and their definitions. Any of them may be the name of an item: `table! { accounts … }`
    /// defines `accounts`.
    pub(super) generated: BTreeSet<String>,
    pub(super) imports: Vec<Import>,
    /// Paths of two and more names in types, expressions, patterns, attributes and macros. The module defines or
    /// imports every single name.
    pub(super) paths: Vec<Names>,
}

impl Source {
    pub(super) fn parse(text: &str) -> syn::Result<Self> {
        syn::parse_file(text).map(|file| Self::of(&file.items))
    }

    fn of(items: &[Item]) -> Self {
        let mut source = Self::default();
        for item in items {
            source.visit_item(item);
        }
        source
    }

    fn add_paths(&mut self, paths: Vec<Names>) {
        self.paths.extend(paths.into_iter().filter(|path| path.len() > 1));
    }

    fn read_use(&mut self, tree: &UseTree, before: &[String]) {
        let with = |ident: &Ident| [before, &[ident.unraw().to_string()]].concat();
        let mut add = |name: Option<String>, path: Names| self.imports.push(Import { name, path });
        match tree {
            UseTree::Path(tree) => self.read_use(&tree.tree, &with(&tree.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.read_use(tree, before)),
            UseTree::Glob(_) => add(None, before.to_owned()),
            UseTree::Name(tree) if tree.ident == "self" => add(before.last().cloned(), before.to_owned()),
            UseTree::Name(tree) => add(Some(tree.ident.unraw().to_string()), with(&tree.ident)),
            UseTree::Rename(tree) => {
                let path = if tree.ident == "self" { before.to_owned() } else { with(&tree.ident) };
                add(Some(tree.rename.unraw().to_string()), path);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Source {
    fn visit_item(&mut self, item: &'ast Item) {
        let (name, attributes) = match item {
            Item::Const(item) => (Some(&item.ident), &item.attrs),
            Item::Enum(item) => (Some(&item.ident), &item.attrs),
            Item::Fn(item) => (Some(&item.sig.ident), &item.attrs),
            Item::Impl(item) => (None, &item.attrs),
            Item::Macro(item) => (item.ident.as_ref(), &item.attrs),
            Item::Mod(item) => (None, &item.attrs),
            Item::Static(item) => (Some(&item.ident), &item.attrs),
            Item::Struct(item) => (Some(&item.ident), &item.attrs),
            Item::Trait(item) => (Some(&item.ident), &item.attrs),
            Item::Type(item) => (Some(&item.ident), &item.attrs),
            Item::Use(item) => (None, &item.attrs),
            _ => unreachable!("an item of a form that this reader does not know"),
        };
        if is_for_tests(attributes) {
            return;
        }
        self.items.extend(name.map(|name| name.unraw().to_string()));
        if let Item::Macro(item) = item {
            self.generated.extend(item.mac.parse_body_with(read_tokens).unwrap().into_iter().flatten());
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.unraw().to_string();
        self.children.push(match &item.content {
            None => Child::File(name),
            Some((_, items)) => Child::Inline(name, Self::of(items)),
        });
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.read_use(&item.tree, &[]);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            self.paths.push(names_of(path));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.add_paths(call.parse_body_with(read_tokens).unwrap());
        visit::visit_macro(self, call);
    }

    fn visit_meta_list(&mut self, list: &'ast MetaList) {
        self.add_paths(list.parse_args_with(read_tokens).unwrap());
        visit::visit_meta_list(self, list);
    }

    /// `pub(in crate::mail)` does not depend on that module.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}

fn names_of(path: &Path) -> Names {
    path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect()
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

/// Finds the paths in tokens that only a macro can parse. Two colons mark a path.
fn read_tokens(input: ParseStream<'_>) -> syn::Result<Vec<Names>> {
    let mut paths = Vec::new();
    while !input.is_empty() {
        if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            paths.extend(read_tokens(&content)?);
        } else if input.peek(token::Brace) {
            let content;
            braced!(content in input);
            paths.extend(read_tokens(&content)?);
        } else if input.peek(token::Bracket) {
            let content;
            bracketed!(content in input);
            paths.extend(read_tokens(&content)?);
        } else if input.peek(Ident::peek_any) {
            let mut names = vec![input.call(Ident::parse_any)?.unraw().to_string()];
            while input.peek(Token![::]) && input.peek3(Ident::peek_any) {
                input.parse::<Token![::]>()?;
                names.push(input.call(Ident::parse_any)?.unraw().to_string());
            }
            paths.push(names);
        } else if input.peek(LitStr) {
            paths.extend(path_in_text(&input.parse()?));
        } else {
            input.step(|cursor| {
                cursor.token_tree().map(|(_, rest)| ((), rest)).ok_or_else(|| cursor.error("a token"))
            })?;
        }
    }
    Ok(paths)
}

/// Reads a path in a string, as in `#[serde(with = "crate::types::date")]`.
fn path_in_text(text: &LitStr) -> Option<Names> {
    let path = names_of(&text.parse().ok()?);
    ["crate", "self", "super"].contains(&path.first()?.as_str()).then_some(path)
}
