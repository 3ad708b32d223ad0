//! `docs/authorization.md` says who may call each operation as the OpenAPI document does, and which role has which scopes.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};

use serde_json::Value;
use stakis_identity::types::Scope;

use crate::support::plain_tests;

plain_tests![ad_03_the_matrix_of_operations_is_that_of_the_document, ad_03_every_scope_belongs_to_a_role,];

const PAGE: &str = "docs/authorization.md";
const BEGINNING: &str = "<!-- The test `authorization` writes the rows below. -->\n";

/// Each role with its scopes, as the page names them.
fn roles(page: &str) -> Vec<(String, BTreeSet<String>)> {
    let (before, _) = page.split_once(BEGINNING).expect("the place of the rows");
    let (_, section) = before.split_once("## Roles\n").expect("the roles");
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let roles = rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        (cells[1].to_owned(), cells[2].split('`').skip(1).step_by(2).map(str::to_owned).collect())
    });
    roles.collect()
}

/// Who may call, in words, and in which roles.
fn caller(alternative: &Value, roles: &[(String, BTreeSet<String>)]) -> (String, String) {
    let (scheme, scopes) = alternative.as_object().unwrap().iter().next().unwrap();
    let who = match scheme.as_str() {
        "customer" => "customer",
        "change" => "holder of a change token",
        "client" => "machine client, by its secret or key",
        "machine" => {
            let [scope] = &scopes.as_array().unwrap()[..] else { panic!("one scope opens an operation") };
            let scope = scope.as_str().unwrap();
            let names: Vec<_> = roles.iter().filter(|(_, scopes)| scopes.contains(scope)).collect();
            let names = names.into_iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            return (format!("`{scope}`"), names);
        }
        other => panic!("the scheme {other} has no words"),
    };
    (who.to_owned(), String::new())
}

/// The table of all operations, in the order of their addresses, and the scopes that open none of them.
fn matrix(page: &str) -> String {
    let document = stakis_identity::http::document();
    let roles = roles(page);
    let mut rows = vec!["| operation | who may call it | roles |".to_owned(), "|---|---|---|".to_owned()];
    for (path, item) in document["paths"].as_object().unwrap() {
        let operations: BTreeMap<_, _> = item.as_object().unwrap().iter().collect();
        for (method, operation) in operations {
            let alternatives = operation["security"].as_array().into_iter().flatten();
            let (callers, named): (Vec<_>, Vec<_>) = alternatives.map(|one| caller(one, &roles)).unzip();
            let named = Some(named.concat()).filter(|named| !named.is_empty()).unwrap_or_else(|| "–".to_owned());
            let who = match path.as_str() {
                "/v1/mail-events/{provider}" => "the mail API, by its signature or by HTTP Basic".to_owned(),
                _ if callers.is_empty() => "anyone".to_owned(),
                _ => callers.join(" or "),
            };
            rows.push(format!("| `{} {path}` | {who} | {named} |", method.to_uppercase()));
        }
    }
    let table = rows.join("\n");
    let closed: Vec<_> =
        Scope::ALL.iter().map(|scope| format!("`{scope}`")).filter(|name| !table.contains(name)).collect();
    match closed.as_slice() {
        [] => format!("{table}\n"),
        names => format!("{table}\n\nScopes that open nothing yet: {}.\n", names.join(", ")),
    }
}

/// With `STAKIS_TEST_WRITE=1` the test writes the rows instead of comparing them.
#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
fn ad_03_the_matrix_of_operations_is_that_of_the_document() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let (before, rows) = page.split_once(BEGINNING).expect("the place of the rows");
    let matrix = matrix(&page);
    if env::var("STAKIS_TEST_WRITE").is_ok_and(|value| !value.is_empty()) {
        fs::write(&path, format!("{before}{BEGINNING}\n{matrix}")).unwrap();
    } else {
        assert!(rows.trim_start() == matrix, "run: STAKIS_TEST_WRITE=1 cargo test --test it authorization");
    }
    assert!(matrix.lines().count() > 40, "{matrix}");
}

fn ad_03_every_scope_belongs_to_a_role() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).unwrap();
    let named: BTreeSet<_> = roles(&page).into_iter().flat_map(|(_, scopes)| scopes).collect();
    let scopes: BTreeSet<_> = Scope::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(named, scopes, "the roles together have every scope, and no other");
}
