//! Compares the operations of two documents.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::{Map, Value};

use super::schemas::{Direction, Located, differences, resolve};

/// A change that breaks clients.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Breaking {
    /// The id of the operation in the released document.
    pub(super) operation: String,
    /// The part of the operation: `operation`, `security`, `body`, a parameter such as `query limit`, or the status of an
    /// answer.
    pub(super) part: String,
    /// The place in that part: a JSON pointer into the body or the value, a media type, or `header` with a name. It is
    /// empty for the part as a whole.
    pub(super) place: String,
    pub(super) what: String,
}

impl fmt::Display for Breaking {
    /// As the changelog has to tell it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, part, place, what } = self;
        let at = format!("{part} {place}");
        write!(formatter, "- **Breaking** `{operation}` at `{}`: {what}.", at.trim_end())
    }
}

/// Every change from one document to another that breaks clients.
pub(super) fn breaking(old: &Value, new: &Value) -> Vec<Breaking> {
    let now: BTreeMap<String, Value> =
        operations(new).into_iter().map(|operation| (operation.address, operation.described)).collect();
    let mut found = Vec::new();
    for before in operations(old) {
        let id = before.described["operationId"].as_str().unwrap().to_owned();
        let mut comparison = Comparison { old, new, operation: id, found: Vec::new() };
        match now.get(&before.address) {
            Some(after) => comparison.compare(&before.described, after),
            None => comparison.say("operation", "", "operation removed"),
        }
        found.append(&mut comparison.found);
    }
    found.sort();
    found.dedup();
    found
}

struct Operation {
    /// Method and path. The names of parameters in a path are nothing that clients send.
    address: String,
    described: Value,
}

fn operations(document: &Value) -> Vec<Operation> {
    const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let nameless: Vec<&str> =
            path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
        for (method, operation) in item.as_object().unwrap() {
            if METHODS.contains(&method.as_str()) {
                let address = format!("{method} {}", nameless.join("/"));
                operations.push(Operation { address, described: operation.clone() });
            }
        }
    }
    operations
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    operation: String,
    found: Vec<Breaking>,
}

impl Comparison<'_> {
    fn say(&mut self, part: &str, place: &str, what: impl Into<String>) {
        self.found.push(Breaking {
            operation: self.operation.clone(),
            part: part.to_owned(),
            place: place.to_owned(),
            what: what.into(),
        });
    }

    fn compare(&mut self, before: &Value, after: &Value) {
        // Generated clients name their functions by it.
        if before["operationId"] != after["operationId"] {
            self.say("operation", "", format!("id changed to {}", after["operationId"]));
        }
        if !is_let_in(&security(before), &security(after)) {
            self.say("security", "", "more is asked of the caller");
        }
        self.compare_parameters(before, after);
        self.compare_request_bodies(before, after);
        self.compare_responses(before, after);
    }

    fn compare_schemas(&mut self, part: &str, prefix: &str, schemas: (&Value, &Value), direction: Direction) {
        let old = Located { document: self.old, schema: schemas.0 };
        let new = Located { document: self.new, schema: schemas.1 };
        for (place, what) in differences(old, new, direction) {
            self.say(part, format!("{prefix}{place}").as_str(), what);
        }
    }

    fn compare_parameters(&mut self, before: &Value, after: &Value) {
        let (before, after) = (parameters(self.old, before), parameters(self.new, after));
        for (name, described) in &before {
            let Some(now) = after.get(name) else {
                self.say(name, "", "parameter removed");
                continue;
            };
            if described["required"] != true && now["required"] == true {
                self.say(name, "", "parameter made required");
            }
            self.compare_schemas(name, "", (&described["schema"], &now["schema"]), Direction::Request);
        }
        for (name, described) in &after {
            if !before.contains_key(name) && described["required"] == true {
                self.say(name, "", "required parameter added");
            }
        }
    }

    fn compare_request_bodies(&mut self, before: &Value, after: &Value) {
        let before = resolved(self.old, &before["requestBody"]);
        let after = resolved(self.new, &after["requestBody"]);
        if before["required"] != true && after["required"] == true {
            self.say("body", "", "body made required");
        }
        if before.is_object() && after.is_null() {
            self.say("body", "", "body removed");
        } else {
            self.compare_contents("body", (before, after), Direction::Request);
        }
    }

    fn compare_responses(&mut self, before: &Value, after: &Value) {
        for (status, response) in before["responses"].as_object().unwrap() {
            let Some(now) = after["responses"].get(status) else {
                self.say(status, "", "status removed");
                continue;
            };
            let (response, now) = (resolved(self.old, response), resolved(self.new, now));
            self.compare_contents(status, (response, now), Direction::Response);
            for (name, header) in object(&response["headers"]) {
                let place = format!("header {name}");
                match object(&now["headers"]).into_iter().find(|(other, _)| other.eq_ignore_ascii_case(&name)) {
                    None => self.say(status, &place, "header removed"),
                    Some((_, now)) => {
                        let schemas = (&resolved(self.old, &header)["schema"], &resolved(self.new, &now)["schema"]);
                        self.compare_schemas(status, &format!("{place} "), schemas, Direction::Response);
                    }
                }
            }
        }
    }

    fn compare_contents(&mut self, part: &str, bodies: (&Value, &Value), direction: Direction) {
        for (media_type, content) in object(&bodies.0["content"]) {
            match bodies.1["content"].get(&media_type) {
                None => self.say(part, &media_type, "media type removed"),
                Some(now) => self.compare_schemas(part, "", (&content["schema"], &now["schema"]), direction),
            }
        }
    }
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// The part itself, or the component that it refers to.
fn resolved<'a>(document: &'a Value, part: &'a Value) -> &'a Value {
    part["$ref"].as_str().map_or(part, |reference| resolve(document, reference))
}

/// Parameters by their place and name, such as `query limit`. Those of a path are told apart by their order, since
/// clients do not send their names.
fn parameters(document: &Value, operation: &Value) -> BTreeMap<String, Value> {
    let mut in_path = 0;
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters
        .map(|parameter| {
            let parameter = resolved(document, parameter);
            let (place, name) = (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap());
            let name = match place {
                "path" => {
                    in_path += 1;
                    format!("path {in_path}")
                }
                "header" => format!("header {}", name.to_lowercase()),
                _ => format!("{place} {name}"),
            };
            (name, parameter.clone())
        })
        .collect()
}

/// What one of several ways to be let in asks for: the names of schemes, each with a scope or with none.
type Requirement = BTreeSet<(String, String)>;

/// The ways to be let in. Without any, everybody is.
fn security(operation: &Value) -> Vec<Requirement> {
    let ways = operation["security"].as_array().cloned().unwrap_or_default();
    let ways: Vec<Requirement> = ways
        .iter()
        .map(|way| {
            let schemes = way.as_object().unwrap().iter();
            schemes
                .flat_map(|(scheme, scopes)| {
                    let scopes = scopes.as_array().unwrap().iter().map(|scope| scope.as_str().unwrap().to_owned());
                    [String::new()].into_iter().chain(scopes).map(|scope| (scheme.clone(), scope))
                })
                .collect()
        })
        .collect();
    if ways.is_empty() { vec![Requirement::new()] } else { ways }
}

/// Whether everybody who was let in still is: each way has one in the present document that asks for no more.
fn is_let_in(before: &[Requirement], after: &[Requirement]) -> bool {
    before.iter().all(|way| after.iter().any(|other| other.is_subset(way)))
}
