//! Swagger UI. It is part of the binary and works offline.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Bytes},
};
use utoipa_swagger_ui::Config;

use crate::{http::problem::Problem, types::Fault};

/// Swagger UI styles its own elements inline. Scripts come from its files alone.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(in crate::http) async fn redirect() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/docs/")).finish()
}

pub(in crate::http) async fn file(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let File { content_type, content } = find(&name)?.ok_or(Problem::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .content_type(content_type)
        .body(content))
}

/// A file of Swagger UI. All answers share its content.
#[derive(Clone)]
struct File {
    content_type: String,
    content: Bytes,
}

/// Finds a file by its name. What the crate makes again on each call is made once; there are as many as Swagger UI has
/// files.
fn find(name: &str) -> Result<Option<File>, Fault> {
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("/openapi.json")));
    static FILES: Mutex<BTreeMap<String, File>> = Mutex::new(BTreeMap::new());
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(file) = files.get(name) {
        return Ok(Some(file.clone()));
    }
    let served = utoipa_swagger_ui::serve(name, CONFIG.clone())
        .map_err(|error| Fault::internal("serving the documentation", error.to_string()))?;
    let Some(served) = served else { return Ok(None) };
    let content = match served.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let file = File { content_type: served.content_type, content };
    files.insert(name.to_owned(), file.clone());
    Ok(Some(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ap_04_all_readers_of_a_file_share_its_bytes() {
        for name in ["", "swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
            let [first, second] = [find(name).unwrap().unwrap(), find(name).unwrap().unwrap()];
            assert!(!first.content.is_empty(), "{name}");
            assert_eq!(first.content.as_ptr(), second.content.as_ptr(), "{name}");
        }
        assert!(find("nothing.js").unwrap().is_none());
    }
}
