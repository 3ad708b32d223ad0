//! The collection of all operations for Postman, Bruno and other clients that read its format.

use actix_web::{
    HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
};

/// Where the collection is served.
pub(in crate::http) const COLLECTION_PATH: &str = "/docs/stakis-identity.postman_collection.json";

/// Made from the OpenAPI document by `tests/generate`.
const COLLECTION: &str = include_str!("../../../openapi/stakis-identity.postman_collection.json");

/// Answers the collection, which a browser stores as a file.
pub(in crate::http) async fn show() -> HttpResponse {
    let name = COLLECTION_PATH.trim_start_matches("/docs/").to_owned();
    let parameters = vec![DispositionParam::Filename(name)];
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((
            header::CONTENT_DISPOSITION,
            ContentDisposition { disposition: DispositionType::Attachment, parameters },
        ))
        .body(COLLECTION)
}
