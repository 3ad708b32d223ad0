//! `GET /problems/{slug}`: what a problem's `type` leads to.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use askama::Template as _;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{
        door::caller::prefers_html,
        pages::CONTENT_SECURITY_POLICY,
        problem::{self, Entry, Problem},
    },
    types::Fault,
};

/// The documentation of one kind of problem.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ProblemType {
    /// The `type` of such problems.
    #[schema(format = "uri", example = "https://identity.example.com/problems/reset-link-unusable")]
    r#type: String,
    /// Their `title`.
    #[schema(example = "The reset link cannot be used")]
    title: &'static str,
    /// Their `status`.
    #[schema(example = 410)]
    status: u16,
    /// When they are answered.
    #[schema(example = "`reason` says why: `expired`, `used` or `withdrawn` …")]
    cause: &'static str,
    /// What to do about them.
    #[schema(example = "Offer the customer to ask for a new link.")]
    remedy: &'static str,
}

#[derive(askama::Template)]
#[template(path = "http/templates/problem.html", config = "src/askama.toml")]
struct ProblemPage {
    entry: &'static Entry,
}

impl ProblemPage {
    /// A text cut at its backticks: every second piece is code.
    fn pieces(text: &'static str) -> Vec<(bool, &'static str)> {
        text.split('`').enumerate().map(|(index, piece)| (index % 2 == 1, piece)).collect()
    }
}

/// Documents a kind of problem
///
/// Answers what the `type` of a problem leads to: as JSON for programs, as a page for browsers.
#[utoipa::path(
    get, path = "/problems/{slug}", operation_id = "getProblemType", tag = "Documentation",
    params(("slug" = String, Path, description = "The `code` of the problem", example = "reset-link-unusable")),
    responses((status = 200, description = "Cause and remedy", body = ProblemType))
)]
pub(in crate::http) async fn show(
    request: HttpRequest,
    app: web::Data<App>,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let entry = problem::find(&slug).ok_or(Problem::NotFound)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept"));
    if prefers_html(&request) {
        let page = ProblemPage { entry }.render().map_err(|error| Fault::internal("rendering a page", error))?;
        return Ok(response
            .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
            .content_type("text/html; charset=utf-8")
            .body(page));
    }
    Ok(response.json(ProblemType {
        r#type: app.links.problem_type(entry.slug),
        title: entry.title,
        status: entry.status,
        cause: entry.cause,
        remedy: entry.remedy,
    }))
}
