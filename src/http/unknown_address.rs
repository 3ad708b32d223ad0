//! The page for people who ask for an address that leads nowhere.

use actix_web::{
    Error, FromRequest as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::InternalError,
    http::StatusCode,
    middleware::Next,
    web,
};

use super::{
    door::{
        caller::{Language, prefers_html},
        envelope::FinalBody,
    },
    pages,
    problem::Problem,
};
use crate::app::App;

/// The addresses of programs. They get a problem, whatever they accept.
const FOR_PROGRAMS: [&str; 3] = ["/v1", "/oauth2", "/.well-known"];

/// Puts a page in the place of a 404 where a browser asks outside the addresses of programs (AP-01). While the pages are
/// off the problem stays.
pub(super) async fn page_for_people(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(page) = page_for(&request) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    match next.call(request).await {
        Ok(response) if response.status() == StatusCode::NOT_FOUND => {
            let (request, _) = response.into_parts();
            Ok(ServiceResponse::new(request, page()?))
        }
        Err(error) if error.as_response_error().status_code() == StatusCode::NOT_FOUND => {
            Err(InternalError::from_response(Problem::NotFound, page()?).into())
        }
        other => Ok(other?.map_into_boxed_body()),
    }
}

/// Returns a maker of the page, if a browser asks outside the addresses of programs. The maker outlives the request, which
/// the handler consumes.
fn page_for(request: &ServiceRequest) -> Option<impl FnOnce() -> Result<HttpResponse, Problem> + use<>> {
    let app = request.app_data::<web::Data<App>>()?.clone();
    let path = request.path();
    let is_for_programs = FOR_PROGRAMS
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let is_for_people = !is_for_programs && prefers_html(request.request());
    if !app.config.pages || !is_for_people {
        return None;
    }
    let Language(wanted) = Language::from_request(request.request(), &mut Payload::None).into_inner().ok()?;
    let chosen = pages::chosen_locale(request.request());
    Some(move || {
        let mut response = pages::unknown_address(&app, wanted, chosen)?;
        response.extensions_mut().insert(FinalBody);
        Ok(response)
    })
}
