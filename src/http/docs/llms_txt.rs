//! `GET /llms.txt`: where programs find the documentation, in the form of llmstxt.org.

use std::{fmt::Write as _, sync::OnceLock};

use actix_web::{
    HttpResponse,
    web::{self, Bytes},
};

use super::{
    collection::COLLECTION_PATH,
    guides::{self, MARKDOWN},
};
use crate::{app::App, http::problem::Problem};

const TITLE: &str = "\
# STAkis Identity

> The credentials service of the STAkis parts catalogue: a JSON API for accounts, passwords, sessions and the reset mail, with \
machine clients by OAuth 2.0 client credentials.

Every error in `/v1` is a problem (RFC 9457): decide by `code`, show `detail`, quote `request_id`. Bodies are JSON objects, \
and unknown fields are refused. Enumerations are open: tolerate values that you do not know. A customer number is a string \
of six digits, since leading zeros count.
";

/// The list. It is written once, and all answers share it.
#[derive(Default)]
pub(in crate::http) struct WrittenList(OnceLock<Bytes>);

/// Answers the list: what the service is, and where its documentation is.
pub(in crate::http) async fn show(
    app: web::Data<App>,
    written: web::Data<WrittenList>,
) -> Result<HttpResponse, Problem> {
    let list = if let Some(list) = written.0.get() {
        list.clone()
    } else {
        let list = Bytes::from(write_list(app.links.public_url())?);
        written.0.get_or_init(|| list).clone()
    };
    Ok(HttpResponse::Ok().content_type(MARKDOWN).body(list))
}

/// The list. Its addresses are absolute, since a reader may have got it from elsewhere.
fn write_list(public_url: &str) -> Result<String, Problem> {
    let mut list = Sections { text: TITLE.to_owned(), public_url };
    list.section("Guides");
    for guide in guides::listed()? {
        list.link(guide.title, &format!("/docs/guides/{}.md", guide.name), guide.about);
    }
    list.section("API");
    list.link(
        "OpenAPI document",
        "/openapi.json",
        "every operation with its fields, examples, refusals and scopes (OpenAPI 3.1)",
    );
    list.link(
        "Problems",
        "/problems",
        "every code of an error with its cause and its remedy, as JSON for programs",
    );
    list.link("Postman collection", COLLECTION_PATH, "every operation as a request that can be sent");
    list.link("Public keys", "/.well-known/jwks.json", "the JWK set that verifies access tokens");
    list.section("TypeScript client");
    for file in guides::typescript_files() {
        list.link(file, &format!("/docs/typescript/{file}"), about_file(file));
    }
    list.section("Optional");
    list.link("Swagger UI", "/docs/", "the OpenAPI document as a page for people");
    Ok(list.text)
}

/// What a file of the TypeScript client holds.
fn about_file(name: &str) -> &'static str {
    match name {
        "client.ts" => "the client for browsers and Node, without dependencies",
        "schema.ts" => "the types of all requests and answers, made from the OpenAPI document",
        "proof-of-work.ts" => "what solves a challenge, which an attack makes necessary",
        _ if name.ends_with("tsconfig.json") => "settings of the compiler",
        _ => "a part of the example, a whole front end",
    }
}

/// The list while it is written.
struct Sections<'a> {
    text: String,
    public_url: &'a str,
}

impl Sections<'_> {
    fn section(&mut self, name: &str) {
        // Writing to a text cannot fail.
        _ = write!(self.text, "\n## {name}\n\n");
    }

    fn link(&mut self, name: &str, path: &str, about: &str) {
        _ = writeln!(self.text, "- [{name}]({}{path}): {about}", self.public_url);
    }
}
