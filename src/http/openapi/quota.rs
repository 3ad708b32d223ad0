//! The headers that tell a machine client what its limit leaves, in every answer to a client that is known.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::http::{access::Access, operation::Operation};

/// The end of the name of a response that has these headers, beside one of others that has not.
const SUFFIX: &str = "OfClient";

/// The address and the method of an operation.
type Place = (String, String);

/// Describes the headers in the answers of the operations that machine clients call.
pub(in crate::http) fn describe<'a>(document: &mut Value, operations: impl IntoIterator<Item = &'a Operation>) {
    let of_clients: BTreeSet<Place> = operations
        .into_iter()
        .filter(|operation| matches!(operation.access, Access::Machine(_) | Access::Client))
        .flat_map(places)
        .collect();
    let elsewhere = names_elsewhere(document, &of_clients);
    for (path, method) in &of_clients {
        describe_in(document, &["paths", path, method, "responses"], &elsewhere);
    }
}

fn places(operation: &Operation) -> Vec<Place> {
    let methods = (operation.methods)().into_iter().map(|method| json!(method));
    methods.filter_map(|method| Some(((operation.path)(), method.as_str()?.to_owned()))).collect()
}

/// The names of the shared responses that stand where these headers do not.
fn names_elsewhere(document: &Value, of_clients: &BTreeSet<Place>) -> BTreeSet<String> {
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let mut names = BTreeSet::new();
    for (path, operations) in document.get("paths").map(members).unwrap_or_default() {
        for (method, operation) in members(&operations) {
            let is_of_clients = of_clients.contains(&(path.clone(), method));
            for (status, response) in operation.get("responses").map(members).unwrap_or_default() {
                if !(is_of_clients && has_headers(&status)) {
                    names.extend(name_of_shared(&response).map(str::to_owned));
                }
            }
        }
    }
    names
}

/// A client that is not authenticated is told nothing.
fn has_headers(status: &str) -> bool {
    status != "401"
}

fn name_of_shared(response: &Value) -> Option<&str> {
    response.get("$ref").and_then(Value::as_str)?.rsplit('/').next()
}

fn describe_in(document: &mut Value, responses: &[&str], elsewhere: &BTreeSet<String>) {
    let Some(mut described) = at(document, responses).and_then(|all| all.as_object().cloned()) else { return };
    for (_, response) in described.iter_mut().filter(|(status, _)| has_headers(status)) {
        match name_of_shared(response).map(str::to_owned) {
            Some(name) => *response = refer_to_shared(document, &name, elsewhere),
            None => add_headers(response),
        }
    }
    if let Some(place) = at(document, responses) {
        *place = Value::Object(described);
    }
}

/// Adds the headers to the shared response, or to a copy of it where it stands elsewhere too.
fn refer_to_shared(document: &mut Value, name: &str, elsewhere: &BTreeSet<String>) -> Value {
    let own = if elsewhere.contains(name) { format!("{name}{SUFFIX}") } else { name.to_owned() };
    if let Some(components) = at(document, &["components", "responses"]).and_then(Value::as_object_mut)
        && let Some(mut response) = components.get(name).cloned()
    {
        add_headers(&mut response);
        components.insert(own.clone(), response);
    }
    json!({ "$ref": format!("#/components/responses/{own}") })
}

fn add_headers(response: &mut Value) {
    let Some(response) = response.as_object_mut() else { return };
    let headers = response.entry("headers").or_insert_with(|| Value::Object(Map::new()));
    let Some(headers) = headers.as_object_mut() else { return };
    let left = header(
        "What the limit leaves to the client (draft-ietf-httpapi-ratelimit-headers-10): `r` calls or tokens, and the \
         whole limit again in `t` seconds; where `r` is 0, the next one in `t` seconds",
        "\"calls\";r=1199;t=1",
    );
    let policy = header("The limit of the client: `q` calls or tokens in `w` seconds", "\"calls\";q=1200;w=60");
    headers.extend([("RateLimit".to_owned(), left), ("RateLimit-Policy".to_owned(), policy)]);
}

fn header(description: &str, example: &str) -> Value {
    json!({ "description": description, "schema": { "type": "string", "example": example }, "example": example })
}

fn at<'a>(document: &'a mut Value, names: &[&str]) -> Option<&'a mut Value> {
    names.iter().try_fold(document, |value, name| value.get_mut(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{api::OPERATIONS, openapi::document};

    /// Every answer of each operation for machine clients has both headers, but for 401.
    #[test]
    fn rl_13_every_answer_to_a_known_client_has_the_headers() {
        let document = document();
        for operation in OPERATIONS {
            let is_of_clients = matches!(operation.access, Access::Machine(_) | Access::Client);
            let methods = (operation.methods)().into_iter().map(|method| json!(method));
            for method in methods {
                let responses = &document["paths"][(operation.path)()][method.as_str().unwrap()]["responses"];
                for (status, response) in responses.as_object().unwrap() {
                    let shared =
                        response["$ref"].as_str().and_then(|path| document.pointer(path.strip_prefix('#')?));
                    let headers = &shared.unwrap_or(response)["headers"];
                    for name in ["RateLimit", "RateLimit-Policy"] {
                        let expected = is_of_clients && status != "401";
                        assert_eq!(headers.get(name).is_some(), expected, "{} {status}", (operation.path)());
                    }
                }
            }
        }
    }
}
