//! The OpenAPI document: assembled from the attributes beside the handlers.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use serde_json::Value;
use utoipa::{
    Modify, OpenApi as _,
    openapi::{
        Content, Object, OpenApi, Ref, RefOr, Response, ResponseBuilder, Type,
        example::ExampleBuilder,
        header::HeaderBuilder,
        path::{Operation, PathItem},
        security::{ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, Scopes, SecurityScheme},
    },
};

use super::{examples, problem_examples, schemas};
use crate::{
    http::{
        account, account_password, challenges,
        docs::problem_types,
        health, mail_events,
        oauth::{self, token},
        password_policy, password_resets, problem, sessions, support, well_known,
    },
    types::Scope,
};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "STAkis Identity",
        description = "Accounts, passwords and sessions of the STAkis parts catalogue: the service behind the customer \
            guide to a forgotten password.\n\nEvery error is a problem (RFC 9457): decide by `code`, show `detail`, quote \
            `request_id`. Messages follow `Accept-Language` (`sl`, `de`, `en`, `hr`; Slovenian by default). Bodies are \
            JSON objects of at most 16 KiB; unknown fields are refused. `/oauth2/…` takes forms and answers, errors too, as \
            OAuth 2.0 (RFC 6749) has it.\n\n[Guides](/docs/guides/), with code: [Build the reset form](/docs/guides/build-the-reset-form), \
            [Handle expired passwords](/docs/guides/handle-expired-passwords), [Prove work](/docs/guides/prove-work), \
            [Verify our tokens](/docs/guides/verify-our-tokens), [Receive webhooks](/docs/guides/receive-webhooks).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    // Relative to the address of the document itself.
    servers((url = ".", description = "This service")),
    external_docs(url = "/docs/guides/", description = "Guides and a client in TypeScript"),
    tags(
        (name = "Password reset", description = "Steps 2 to 7 of the customer guide"),
        (name = "Sessions", description = "Signing in, going on, signing out"),
        (name = "Proof of work", description = "Asked for while somebody tries many customer numbers"),
        (name = "Account", description = "What a signed-in customer sees and changes"),
        (name = "Tokens", description = "Getting and verifying access tokens"),
        (name = "Support", description = "Why no mail arrived"),
        (name = "Mail events", description = "For the mail API: what became of the mails it took"),
        (name = "Documentation", description = "What the answers mean"),
        (name = "Operations", description = "For load balancers"),
    ),
    paths(
        password_resets::create, password_resets::verify, password_resets::complete, password_resets::withdraw,
        password_policy::show,
        sessions::create, sessions::refresh, sessions::list, sessions::end_others, sessions::end_current,
        sessions::end_one,
        challenges::create,
        account::show, account_password::change,
        token::token,
        well_known::jwks, well_known::change_password,
        support::diagnose, mail_events::take,
        problem_types::show,
        health::livez, health::readyz,
    ),
    components(schemas(problem::ProblemBody, problem::FieldProblem, problem::SupportContact)),
    modifiers(&SecuritySchemes, &CommonProblems),
)]
struct Document;

/// The finished document.
#[must_use]
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        // Of strings and numbers alone, so there is nothing that could not be written as JSON.
        let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
        schemas::settle(&mut document);
        examples::complete(&mut document);
        document
    });
    &DOCUMENT
}

/// The document itself; not an operation of it.
pub(in crate::http) async fn show() -> HttpResponse {
    HttpResponse::Ok().json(document())
}

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut OpenApi) {
        let bearer = |format: Option<&str>, description: &str| {
            let mut scheme = Http::new(HttpAuthScheme::Bearer);
            scheme.bearer_format = format.map(str::to_owned);
            scheme.description = Some(description.to_owned());
            SecurityScheme::Http(scheme)
        };
        if let Some(components) = &mut document.components {
            let customer = "The `access_token` that `POST /v1/sessions` returns";
            components.add_security_scheme("customer", bearer(Some("JWT"), customer));
            let change = "The `change_token` that `password-expired` carries; serves for one successful change";
            components.add_security_scheme("change", bearer(None, change));
            components.add_security_scheme("client", client_secret_basic());
            components.add_security_scheme("machine", machine());
        }
    }
}

fn client_secret_basic() -> SecurityScheme {
    let mut scheme = Http::new(HttpAuthScheme::Basic);
    let description = "A machine client's id and secret, each form-urlencoded (RFC 6749 §2.3.1)";
    scheme.description = Some(description.to_owned());
    SecurityScheme::Http(scheme)
}

fn machine() -> SecurityScheme {
    let scopes = Scope::ALL.iter().map(|scope| (scope.as_str(), scope.documentation()));
    let flow = ClientCredentials::new("/oauth2/token", Scopes::from_iter(scopes));
    let description = "The `access_token` that `POST /oauth2/token` returns to a machine client";
    SecurityScheme::OAuth2(OAuth2::with_description([Flow::ClientCredentials(flow)], description))
}

/// What can happen to every call of its kind: its name in the document, its status, and what is said of it.
struct Common(&'static str, &'static str, &'static str);

const MALFORMED: Common =
    Common("MalformedRequest", "400", "`malformed-request`: not a JSON object of the documented shape");
const NOT_FOUND: Common = Common("NotFound", "404", "`not-found`: the address names nothing that exists");
const NOT_ACCEPTABLE: Common = Common("NotAcceptable", "406", "`not-acceptable`: `Accept` excludes JSON");
const TOO_LARGE: Common = Common("PayloadTooLarge", "413", "`payload-too-large`: more than 16 KiB");
const UNSUPPORTED: Common =
    Common("UnsupportedMediaType", "415", "`unsupported-media-type`: not `application/json`");
const INTERNAL: Common =
    Common("InternalError", "500", "`internal-error`: a mistake of ours, logged under the `request_id`");
const UNAVAILABLE: Common = Common("Unavailable", "503", "`unavailable`: try again after `Retry-After` seconds");
/// Of what never answers with 2xx.
const UNEXPECTED: Common =
    Common("Unexpected", "default", "`internal-error`: a mistake of ours, logged under the `request_id`");
/// HTTP's own refusal, before the service sees the request: all there is where nothing it takes could be wrong.
const HEAD_TOO_LARGE: Common =
    Common("RequestHeadTooLarge", "431", "Request line and headers over 128 KiB; no body");

/// Each is said once, and referred to by every operation that it can happen to.
struct CommonProblems;

impl Modify for CommonProblems {
    fn modify(&self, document: &mut OpenApi) {
        if let Some(components) = &mut document.components {
            for Common(name, _, description) in
                [MALFORMED, NOT_FOUND, NOT_ACCEPTABLE, TOO_LARGE, UNSUPPORTED, INTERNAL, UNAVAILABLE, UNEXPECTED]
            {
                let mut response = problem_response(description);
                if name == UNAVAILABLE.0 {
                    let header = HeaderBuilder::new().schema(Some(Object::with_type(Type::Integer)));
                    let header = header.description(Some("Seconds to wait")).build();
                    response.headers.insert("Retry-After".to_owned(), RefOr::T(header));
                }
                add_problem_examples(&mut response, "");
                components.responses.insert(name.to_owned(), RefOr::T(response));
            }
            let Common(name, _, description) = HEAD_TOO_LARGE;
            let response = ResponseBuilder::new().description(description).build();
            components.responses.insert(name.to_owned(), RefOr::T(response));
        }
        for (path, item) in &mut document.paths.paths {
            for operation in operations(item) {
                // What asks for no token says so.
                operation.security.get_or_insert_default();
                if path.starts_with("/oauth2/") {
                    oauth::add_examples(operation);
                    continue;
                }
                if operation.request_body.is_some() {
                    add(operation, &MALFORMED);
                    add(operation, &TOO_LARGE);
                    add(operation, &UNSUPPORTED);
                }
                if path.starts_with("/v1/") {
                    add(operation, &NOT_ACCEPTABLE);
                }
                if path.starts_with("/v1/") || path.starts_with("/problems/") {
                    add(operation, &INTERNAL);
                }
                if path.starts_with("/v1/") && path != "/v1/password-policy" {
                    add(operation, &UNAVAILABLE);
                }
                if path.contains('{') {
                    add(operation, &NOT_FOUND);
                }
                if !has_status(operation, '4') {
                    add(operation, &HEAD_TOO_LARGE);
                }
                if !has_status(operation, '2') {
                    add(operation, &UNEXPECTED);
                }
                for response in operation.responses.responses.values_mut() {
                    if let RefOr::T(response) = response {
                        add_problem_examples(response, path);
                    }
                }
            }
        }
    }
}

fn add(operation: &mut Operation, Common(name, status, _): &Common) {
    let responses = &mut operation.responses.responses;
    responses.entry((*status).to_owned()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(*name)));
}

fn has_status(operation: &Operation, class: char) -> bool {
    operation.responses.responses.keys().any(|status| status.starts_with(class))
}

/// Every description of a problem names its slug in backticks; some answers have several.
fn add_problem_examples(response: &mut Response, path: &str) {
    let slugs = response.description.split('`').skip(1).step_by(2);
    let entries: Vec<_> = slugs.filter_map(problem::find).collect();
    let Some(RefOr::T(content)) = response.content.get_mut("application/problem+json") else { return };
    if let [entry] = *entries {
        content.example = Some(problem_examples::example(entry, path));
        return;
    }
    for entry in entries {
        let example =
            ExampleBuilder::new().summary(entry.title).value(Some(problem_examples::example(entry, path)));
        content.examples.insert(entry.slug.to_owned(), RefOr::T(example.build()));
    }
}

fn problem_response(description: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", Content::new(Some(schema)))
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}
