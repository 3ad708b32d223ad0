//! Assembles the document from the table of operations, and adds what all operations of a kind have in common.

use std::sync::LazyLock;

use actix_web::{HttpResponse, web::Bytes};
use serde_json::Value;
use utoipa::{IntoResponses, OpenApi as _, openapi};

use super::{examples, nullable, quota, schemas, security, webhooks};
use crate::brand::SUPPORT_EMAIL;
use crate::http::{
    access::Access,
    api::OPERATIONS,
    oauth::OAuthErrorBody,
    problem::{
        FieldProblem, InternalError, MalformedRequest, NotAcceptable, NotFound, PROBLEM_RESPONSES, PayloadTooLarge,
        ProblemBody, SupportContact, TooManyCalls, Unavailable, UnsupportedMediaType,
    },
};
use crate::types::told::Told;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "STAkis Identity",
        description = include_str!("introduction.md"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    // The address is relative to that of the document.
    servers((url = ".", description = "The service that serves this document")),
    tags(
        (name = "Password reset", description = "The steps 2 to 7 of the customer guide"),
        (name = "Sessions", description = "Signing in, refreshing a session, signing out"),
        (name = "Proof of work", description = "Required while an attack tries many customer numbers"),
        (name = "Account", description = "What a signed-in customer sees and changes"),
        (name = "Tokens", description = "Getting and verifying access tokens"),
        (name = "Accounts", description = "For administration: making, finding, changing and erasing accounts"),
        (name = "Support", description = "Diagnosis of mails that did not arrive"),
        (name = "Audit", description = "For auditors: who did what to whom, when and why"),
        (name = "Events", description = "What has happened, for systems that keep in step: pulled or sent"),
        (name = "Webhooks", description = "Where events are sent to, how that went, and sending them again"),
        (name = "Mail events", description = "For the mail API: what became of its mails"),
        (name = "Documentation", description = "What the codes in answers mean"),
        (name = "Operations", description = "For load balancers and supervisors"),
    ),
    components(schemas(ProblemBody, FieldProblem, SupportContact, OAuthErrorBody)),
)]
struct Document;

/// The finished document.
#[must_use]
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        // The document consists of strings and numbers alone, so writing it as JSON cannot fail.
        let mut document = serde_json::to_value(assemble()).unwrap_or_default();
        nullable::settle(&mut document);
        webhooks::add(&mut document);
        nullable::remove_unused(&mut document);
        schemas::settle(&mut document);
        quota::describe(&mut document, OPERATIONS);
        examples::complete(&mut document);
        document
    });
    &DOCUMENT
}

/// Answers the document. The document does not list this address as an operation.
pub(in crate::http) async fn show() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(written())
}

/// The document as JSON. It is written once, and all answers share it.
fn written() -> Bytes {
    static WRITTEN: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(document().to_string()));
    WRITTEN.clone()
}

fn assemble() -> openapi::OpenApi {
    let mut document = Document::openapi();
    let contact = openapi::ContactBuilder::new().name(Some("Support of STAkis")).email(Some(SUPPORT_EMAIL));
    document.info.contact = Some(contact.build());
    let components = document.components.get_or_insert_default();
    let mut schemas = Vec::new();
    for operation in OPERATIONS {
        let path = (operation.path)();
        let mut description = (operation.description)();
        description.security = Some(operation.access.requirements());
        add_common(&path, operation.access, &mut description);
        (operation.add_schemas)(&mut schemas);
        document.paths.add_path_operation(path, (operation.methods)(), description);
    }
    for told in Told::schemas() {
        schemas.extend(told.others);
        schemas.push((told.name, told.schema));
    }
    components.schemas.extend(schemas);
    for response in PROBLEM_RESPONSES {
        components.responses.insert(response.name.to_owned(), response.describe().into());
    }
    components.responses.insert(HEAD_TOO_LARGE.to_owned(), head_too_large().into());
    security::add_security_schemes(components);
    document
}

/// The refusal of a request head that is too large, which the HTTP server gives before a handler runs. The document
/// names it where an operation can be refused for no other reason.
const HEAD_TOO_LARGE: &str = "RequestHeadTooLarge";

fn head_too_large() -> openapi::Response {
    let description = "The request line and the headers have more than 7 KiB; the answer has no body";
    openapi::ResponseBuilder::new().description(description).build()
}

/// Adds the responses that every operation of the same kind can give.
fn add_common(path: &str, access: Access, operation: &mut openapi::path::Operation) {
    if path.starts_with("/oauth2/") {
        return;
    }
    let is_api = path.starts_with("/v1/");
    if operation.request_body.is_some() {
        add::<MalformedRequest>(operation);
        add::<PayloadTooLarge>(operation);
        add::<UnsupportedMediaType>(operation);
    }
    if is_api {
        add::<NotAcceptable>(operation);
    }
    if is_api || path.starts_with("/problems") {
        add::<InternalError>(operation);
    }
    // The password policy is made from the settings alone, so it needs no database.
    if is_api && path != "/v1/password-policy" {
        add::<Unavailable>(operation);
    }
    if matches!(access, Access::Machine(_)) {
        add::<TooManyCalls>(operation);
    }
    if path.contains('{') {
        add::<NotFound>(operation);
    }
    if !has_status(operation, '4') {
        insert(operation, "431", openapi::Ref::from_response_name(HEAD_TOO_LARGE).into());
    }
    // Linters require a description of the other answers where no success is documented.
    if !has_status(operation, '2') {
        for response in InternalError::responses().into_values() {
            insert(operation, "default", response);
        }
    }
}

fn add<Common: IntoResponses>(operation: &mut openapi::path::Operation) {
    for (status, response) in Common::responses() {
        insert(operation, &status, response);
    }
}

/// Adds a response, unless the operation documents one for the status.
fn insert(operation: &mut openapi::path::Operation, status: &str, response: openapi::RefOr<openapi::Response>) {
    operation.responses.responses.entry(status.to_owned()).or_insert(response);
}

fn has_status(operation: &openapi::path::Operation, class: char) -> bool {
    operation.responses.responses.keys().any(|status| status.starts_with(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ap_04_all_readers_of_the_document_share_its_bytes() {
        assert_eq!(written().as_ptr(), written().as_ptr());
        assert_eq!(serde_json::from_slice::<Value>(&written()).unwrap(), *document());
    }
}
