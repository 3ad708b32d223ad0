//! The page itself.

use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, http::StatusCode, web};

use super::{cookie, line::Line};
use crate::{
    app::App,
    http::{door::caller::Language, pages, problem::Problem},
    pages::{SupportAct, SupportPage},
};

/// Shows the page. The cookie says only whether a session may be there; the page asks for it.
pub(super) async fn show(
    app: web::Data<App>,
    acts: web::Data<Vec<SupportAct>>,
    request: HttpRequest,
    Language(wanted): Language,
) -> Result<HttpResponse, Problem> {
    let line = request.extensions().get::<Line>().copied();
    let page = SupportPage {
        brand: &app.config.brand,
        locale: pages::chosen_locale(&request).unwrap_or(wanted),
        acts: &acts,
        may_be_signed_in: line.is_some_and(|line| cookie::find_token(request.headers(), line).is_some()),
    };
    Ok(pages::answer(StatusCode::OK, "Accept-Language", page.to_html()?))
}
