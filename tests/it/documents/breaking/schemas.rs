//! Compares the schemas of two documents.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Who writes the values of a schema, which decides what is breaking.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// Clients write them, so what was accepted has to stay accepted.
    Request,
    /// The service writes them, so what was promised has to stay promised.
    Response,
}

/// A change that breaks clients: the place in the body as a JSON pointer, in which `*` stands for every element, and what
/// has changed there.
pub(super) type Difference = (String, String);

/// A schema with the document that its references lead into.
#[derive(Clone, Copy)]
pub(super) struct Located<'a> {
    pub(super) document: &'a Value,
    pub(super) schema: &'a Value,
}

impl<'a> Located<'a> {
    fn at(self, schema: &'a Value) -> Self {
        Self { schema, ..self }
    }
}

/// Every change from one schema to another that breaks clients.
pub(super) fn differences(old: Located<'_>, new: Located<'_>, direction: Direction) -> Vec<Difference> {
    let mut comparison = Comparison { direction, place: "#".to_owned(), found: Vec::new(), open: Vec::new() };
    comparison.compare(old, new);
    comparison.found
}

struct Comparison {
    direction: Direction,
    place: String,
    found: Vec<Difference>,
    /// The pairs of schemas that are being compared: a schema that refers to itself would have no end.
    open: Vec<(Value, Value)>,
}

impl Comparison {
    fn say(&mut self, what: impl Into<String>) {
        self.found.push((self.place.clone(), what.into()));
    }

    fn compare(&mut self, old: Located<'_>, new: Located<'_>) {
        let pair = (old.schema.clone(), new.schema.clone());
        if self.open.contains(&pair) {
            return;
        }
        self.open.push(pair);
        let (flat_old, flat_new) = (flat(old), flat(new));
        self.compare_flat(old.at(&flat_old), new.at(&flat_new));
        self.open.pop();
    }

    fn compare_flat(&mut self, old: Located<'_>, new: Located<'_>) {
        let (alternatives_old, alternatives_new) = (alternatives(old.schema), alternatives(new.schema));
        if alternatives_old.is_some() || alternatives_new.is_some() {
            let all_old = alternatives_old.unwrap_or_else(|| vec![old.schema.clone()]);
            let all_new = alternatives_new.unwrap_or_else(|| vec![new.schema.clone()]);
            self.compare_alternatives((old, &by_type(old, all_old)), (new, &by_type(new, all_new)));
            return;
        }
        self.compare_types(old.schema, new.schema);
        self.compare_texts(old.schema, new.schema);
        self.compare_bounds(old.schema, new.schema);
        self.compare_fields(old, new);
        if let (Some(items_old), Some(items_new)) = (old.schema.get("items"), new.schema.get("items")) {
            self.inside("*", |inner| inner.compare(old.at(items_old), new.at(items_new)));
        }
    }

    fn inside(&mut self, name: &str, compare: impl FnOnce(&mut Self)) {
        let length = self.place.len();
        self.place.push('/');
        self.place.push_str(&name.replace('~', "~0").replace('/', "~1"));
        compare(self);
        self.place.truncate(length);
    }

    /// Each alternative of the side that is bound by its word needs one on the other side.
    fn compare_alternatives(&mut self, old: (Located<'_>, &[Value]), new: (Located<'_>, &[Value])) {
        let fits = |one: &Value, other: &Value| {
            let mut inner = Comparison {
                direction: self.direction,
                place: String::new(),
                found: Vec::new(),
                open: self.open.clone(),
            };
            inner.compare(old.0.at(one), new.0.at(other));
            inner.found.is_empty()
        };
        let lost = match self.direction {
            Direction::Request => old.1.iter().filter(|one| !new.1.iter().any(|other| fits(one, other))).count(),
            Direction::Response => new.1.iter().filter(|one| !old.1.iter().any(|other| fits(other, one))).count(),
        };
        match (lost, self.direction) {
            (0, _) => {}
            (lost, Direction::Request) => {
                self.say(format!("{lost} alternative(s) of the request removed or narrowed"));
            }
            (lost, Direction::Response) => {
                self.say(format!("{lost} alternative(s) of the answer added or widened"));
            }
        }
    }

    fn compare_types(&mut self, old: &Value, new: &Value) {
        let (types_old, types_new) = (types(old), types(new));
        // A whole number is a number.
        let covers =
            |all: &BTreeSet<String>, one: &str| all.contains(one) || (one == "integer" && all.contains("number"));
        let fits = match (&types_old, &types_new) {
            (None, None) => true,
            (Some(_), None) => self.direction == Direction::Request,
            (None, Some(_)) => self.direction == Direction::Response,
            (Some(old), Some(new)) if self.direction == Direction::Request => {
                old.iter().all(|one| covers(new, one))
            }
            (Some(old), Some(new)) => new.iter().all(|one| covers(old, one)),
        };
        if !fits {
            let name = |types: &Option<BTreeSet<String>>| {
                types
                    .as_ref()
                    .map_or("anything".to_owned(), |types| types.iter().cloned().collect::<Vec<_>>().join(" or "))
            };
            self.say(format!("type changed from {} to {}", name(&types_old), name(&types_new)));
        }
    }

    /// Enumerations of answers are open (every client must tolerate unknown values), so only those of requests count.
    fn compare_texts(&mut self, old: &Value, new: &Value) {
        for name in ["format", "pattern"] {
            let (before, after) = (&old[name], &new[name]);
            // What the bound side adds to its own promise is no loss: a format in an answer, none in a request.
            let is_harmless = if self.direction == Direction::Request { after.is_null() } else { before.is_null() };
            if before != after && !is_harmless {
                self.say(format!("{name} changed from {before} to {after}"));
            }
        }
        if self.direction == Direction::Response {
            return;
        }
        match (values(old), values(new)) {
            (None, Some(_)) => self.say("only some values are accepted"),
            (Some(before), Some(after)) => {
                for value in before.iter().filter(|value| !after.contains(value)) {
                    self.say(format!("value {value} removed"));
                }
            }
            (_, None) => {}
        }
    }

    fn compare_bounds(&mut self, old: &Value, new: &Value) {
        const LEAST: [&str; 5] = ["minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties"];
        const MOST: [&str; 5] = ["maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties"];
        // A request must not get narrower, and an answer not wider: the same question with the sides changed.
        let (wide, narrow) = if self.direction == Direction::Request { (old, new) } else { (new, old) };
        for (names, is_least) in [(LEAST, true), (MOST, false)] {
            for name in names {
                let Some(bound) = narrow[name].as_f64() else { continue };
                let is_kept =
                    wide[name].as_f64().is_some_and(|other| if is_least { other >= bound } else { other <= bound });
                if !is_kept {
                    self.say(format!("{name} changed from {} to {}", old[name], new[name]));
                }
            }
        }
        if narrow["uniqueItems"] == true && wide["uniqueItems"] != true {
            self.say("uniqueItems changed");
        }
    }

    fn compare_fields(&mut self, old: Located<'_>, new: Located<'_>) {
        let (fields_old, fields_new) = (fields(old.schema), fields(new.schema));
        let (required_old, required_new) = (required(old.schema), required(new.schema));
        for (name, before) in &fields_old {
            match fields_new.get(name) {
                None => self.inside(name, |inner| inner.say("field removed")),
                Some(after) => self.inside(name, |inner| inner.compare(old.at(before), new.at(after))),
            }
            let was_promised = self.direction == Direction::Response && required_old.contains(name);
            if was_promised && fields_new.contains_key(name) && !required_new.contains(name) {
                self.inside(name, |inner| inner.say("field is not always there any more"));
            }
        }
        if self.direction == Direction::Request {
            for name in required_new.difference(&required_old) {
                let what =
                    if fields_old.contains_key(name) { "field made required" } else { "required field added" };
                self.inside(name, |inner| inner.say(what));
            }
        }
        let (others_old, others_new) = (&old.schema["additionalProperties"], &new.schema["additionalProperties"]);
        if self.direction == Direction::Request
            && others_new == false
            && others_old != false
            && is_object(old.schema)
        {
            self.say("fields without a description are refused");
        }
        match (others_old.is_object(), others_new.is_object()) {
            (true, true) => self.inside("*", |inner| inner.compare(old.at(others_old), new.at(others_new))),
            (true, false) if self.direction == Direction::Response && others_new != false => {
                self.inside("*", |inner| inner.say("schema of the values removed"));
            }
            _ => {}
        }
    }
}

/// The schema with its references followed and its `allOf` parts put together.
fn flat(located: Located<'_>) -> Value {
    let mut whole = Map::new();
    collect(located, &mut whole, 0);
    Value::Object(whole)
}

fn collect(located: Located<'_>, whole: &mut Map<String, Value>, depth: usize) {
    assert!(depth < 50, "a schema refers to itself: {}", located.schema);
    for (name, value) in located.schema.as_object().into_iter().flatten() {
        match name.as_str() {
            "$ref" => collect(located.at(resolve(located.document, value.as_str().unwrap())), whole, depth + 1),
            "allOf" => {
                for part in value.as_array().unwrap() {
                    collect(located.at(part), whole, depth + 1);
                }
            }
            "properties" => {
                let properties = whole.entry(name.clone()).or_insert_with(|| json!({})).as_object_mut().unwrap();
                properties.extend(value.as_object().unwrap().clone());
            }
            "required" => {
                let required = whole.entry(name.clone()).or_insert_with(|| json!([])).as_array_mut().unwrap();
                required.extend(value.as_array().unwrap().iter().cloned());
            }
            _ => _ = whole.entry(name.clone()).or_insert_with(|| value.clone()),
        }
    }
}

/// What a reference within a document leads to.
pub(super) fn resolve<'a>(document: &'a Value, reference: &str) -> &'a Value {
    let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads to another document"));
    document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// The alternatives of a schema, each with what holds for all of them.
fn alternatives(schema: &Value) -> Option<Vec<Value>> {
    let name = ["oneOf", "anyOf"].into_iter().find(|name| schema[name].is_array())?;
    let mut common = schema.as_object().unwrap().clone();
    let choices = common.remove(name).unwrap();
    // Texts about the whole belong to no alternative, and would only make comparing slow.
    common.retain(|name, _| !["description", "example", "title"].contains(&name.as_str()));
    let choices = choices.as_array().unwrap().iter();
    Some(choices.map(|choice| json!({ "allOf": [choice, Value::Object(common.clone())] })).collect())
}

/// The same alternatives, with one of their own for each type: a text or null is two alternatives, however it is written.
fn by_type(located: Located<'_>, alternatives: Vec<Value>) -> Vec<Value> {
    let split = |alternative: Value| -> Vec<Value> {
        let whole = flat(located.at(&alternative));
        let with_type = |one: &String| {
            let mut part = whole.clone();
            part["type"] = one.as_str().into();
            part
        };
        types(&whole).map_or_else(|| vec![whole.clone()], |types| types.iter().map(with_type).collect())
    };
    alternatives.into_iter().flat_map(split).collect()
}

/// The types that a value may have; `None` for all.
fn types(schema: &Value) -> Option<BTreeSet<String>> {
    match &schema["type"] {
        Value::String(one) => Some([one.clone()].into()),
        Value::Array(several) => Some(several.iter().map(|one| one.as_str().unwrap().to_owned()).collect()),
        _ => None,
    }
}

/// The values of an enumeration; `None` where any value fits.
fn values(schema: &Value) -> Option<Vec<Value>> {
    let constant = schema.get("const").map(|value| vec![value.clone()]);
    constant.or_else(|| schema["enum"].as_array().cloned())
}

fn fields(schema: &Value) -> Map<String, Value> {
    schema["properties"].as_object().cloned().unwrap_or_default()
}

fn required(schema: &Value) -> BTreeSet<String> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.map(|name| name.as_str().unwrap().to_owned()).collect()
}

fn is_object(schema: &Value) -> bool {
    schema["properties"].is_object() || types(schema).is_some_and(|types| types.contains("object"))
}
