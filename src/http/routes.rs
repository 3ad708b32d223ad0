//! The routes of the service: the operations of the API, the pages, their files and the documentation.

use std::future::ready;

use actix_web::{
    HttpRequest,
    web::{self, ServiceConfig},
};

use super::{
    api::OPERATIONS,
    docs::{
        collection::{self, COLLECTION_PATH},
        guides,
        llms_txt::{self, WrittenList},
        problem_types::WrittenLists,
        swagger_ui,
    },
    door::caller::Language,
    openapi,
    operation::{only_get, resources},
    pages,
    parts::Parts,
    security_contact,
};
use crate::{app::App, pages::Page};

/// The addresses of [`routes`] that are no operations of the API.
pub(super) fn other_addresses(parts: Parts) -> impl Iterator<Item = &'static str> {
    let pages = ["/"].into_iter().chain(Page::ALL.into_iter().map(Page::path)).filter(move |_| parts.pages);
    let docs = [
        "/llms.txt",
        "/openapi.json",
        "/docs",
        "/docs/guides",
        "/docs/guides/",
        "/docs/guides/{name}",
        "/docs/guides.css",
        COLLECTION_PATH,
        "/docs/clients/{file:.*}",
        "/docs/typescript/{file:.*}",
        "/docs/{file:.*}",
    ];
    let always = ["/.well-known/security.txt", "/assets/{file}"].into_iter();
    always.chain(pages).chain(docs.into_iter().filter(move |_| parts.docs))
}

pub(super) fn routes(service: &mut ServiceConfig, parts: Parts) {
    service.app_data(web::Data::new(WrittenLists::default()));
    for resource in resources(OPERATIONS) {
        service.service(resource);
    }
    service.service(only_get("/.well-known/security.txt", |route| route.to(security_contact::show)));
    service.service(only_get("/assets/{file}", |route| route.to(pages::public_asset)));
    if parts.pages {
        service.service(only_get("/", |route| route.to(pages::sign_in)));
        for page in Page::ALL {
            let show = move |app: web::Data<App>, request: HttpRequest, language: Language| {
                ready(pages::show(page, &app, &request, &language))
            };
            service.service(only_get(page.path(), |route| route.to(show)));
        }
    }
    if parts.docs {
        service.app_data(web::Data::new(WrittenList::default()));
        service
            .service(only_get("/llms.txt", |route| route.to(llms_txt::show)))
            .service(only_get("/openapi.json", |route| route.to(openapi::show)))
            .service(only_get("/docs", |route| route.to(swagger_ui::redirect)))
            .service(only_get("/docs/guides", |route| route.to(guides::redirect)))
            .service(only_get("/docs/guides/", |route| route.to(guides::show_index)))
            .service(only_get("/docs/guides/{name}", |route| route.to(guides::guide)))
            .service(only_get("/docs/guides.css", |route| route.to(guides::stylesheet)))
            .service(only_get(COLLECTION_PATH, |route| route.to(collection::show)))
            .service(only_get("/docs/clients/{file:.*}", |route| route.to(guides::generator)))
            .service(only_get("/docs/typescript/{file:.*}", |route| route.to(guides::typescript)))
            .service(only_get("/docs/{file:.*}", |route| route.to(swagger_ui::file)));
    }
}
