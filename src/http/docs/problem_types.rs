//! `GET /problems` and `GET /problems/{slug}`: every code with its cause and its remedy.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{App, Links},
    http::{
        door::caller::prefers_html,
        pages::CONTENT_SECURITY_POLICY,
        problem::{Problem, ProblemCode},
    },
    identity::support::FindingCode,
    types::{Fault, FieldCode},
};

/// The documentation of one kind of problem.
#[derive(Serialize, ToSchema)]
pub(super) struct ProblemType {
    /// The `type` of such problems, which is the address of this documentation.
    #[schema(format = "uri", example = "https://identity.example.com/problems/reset-link-unusable")]
    r#type: String,
    /// The `code` of such problems.
    code: ProblemCode,
    /// The `title` of such problems.
    #[schema(example = "The reset link cannot be used")]
    title: &'static str,
    /// The HTTP status of such answers.
    #[schema(example = 410)]
    status: u16,
    /// The cause: when the service answers so.
    #[schema(example = "`reason` says why: `expired`, `used` or `withdrawn` …")]
    cause: &'static str,
    /// The remedy: what a client does about it.
    #[schema(example = "Offer the customer to ask for a new link.")]
    remedy: &'static str,
}

impl ProblemType {
    fn new(code: ProblemCode, links: &Links) -> Self {
        Self {
            r#type: links.problem_type(code.as_str()),
            code,
            title: code.title(),
            status: code.status(),
            cause: code.documentation(),
            remedy: code.remedy(),
        }
    }
}

/// Every code that answers may hold, with its cause and its remedy.
#[derive(Serialize, ToSchema)]
pub(super) struct ProblemTypes {
    /// The kinds of problem, ordered by HTTP status.
    problems: Vec<ProblemType>,
    /// The codes in the `errors` of a problem.
    field_errors: Vec<FieldErrorType>,
    /// The codes in the `findings` of a diagnosis.
    findings: Vec<FindingType>,
}

/// The documentation of one code of a field error.
#[derive(Serialize, ToSchema)]
pub(super) struct FieldErrorType {
    /// The `code` of such field errors.
    code: FieldCode,
    /// The cause of the mistake, and its remedy.
    #[schema(example = "The field is missing. Send it.")]
    explanation: &'static str,
}

/// The documentation of one code of a finding.
#[derive(Serialize, ToSchema)]
pub(super) struct FindingType {
    /// The `code` of such findings.
    code: FindingCode,
    /// The cause of the finding, and its remedy.
    #[schema(example = "The link was withdrawn. The customer asks for another.")]
    explanation: &'static str,
}

impl ProblemTypes {
    fn new(links: &Links) -> Self {
        let field_error = |code: &FieldCode| FieldErrorType { code: *code, explanation: code.documentation() };
        let finding = |code: &FindingCode| FindingType { code: *code, explanation: code.documentation() };
        Self {
            problems: ProblemCode::ALL.iter().map(|code| ProblemType::new(*code, links)).collect(),
            field_errors: FieldCode::ALL.iter().map(field_error).collect(),
            findings: FindingCode::ALL.iter().map(finding).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "http/templates/problems.html", config = "src/askama.toml")]
struct ProblemsPage {
    types: ProblemTypes,
}

#[derive(Template)]
#[template(path = "http/templates/problem.html", config = "src/askama.toml")]
struct ProblemPage {
    problem: ProblemType,
}

/// Splits a text at its backticks for a page. The flag says whether the piece is code.
fn pieces(text: &str) -> Vec<(bool, &str)> {
    text.split('`').enumerate().map(|(index, piece)| (index % 2 == 1, piece)).collect()
}

/// Lists all codes
///
/// Returns every problem, every code of a field error and every finding, with cause and remedy: as JSON for programs,
/// as a page for browsers.
#[utoipa::path(
    get, path = "/problems", operation_id = "listProblemTypes", tag = "Documentation",
    responses((status = 200, description = "All codes with cause and remedy", body = ProblemTypes))
)]
pub(in crate::http) async fn list(request: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, Problem> {
    answer(&request, ProblemTypes::new(&app.links), |types| ProblemsPage { types })
}

/// Documents a kind of problem
///
/// Returns the documentation at the `type` of a problem: as JSON for programs, as a page for browsers.
#[utoipa::path(
    get, path = "/problems/{slug}", operation_id = "getProblemType", tag = "Documentation",
    params(("slug" = String, Path, description = "The `code` of the problem", example = "reset-link-unusable")),
    responses((status = 200, description = "The cause and the remedy", body = ProblemType))
)]
pub(in crate::http) async fn show(
    request: HttpRequest,
    app: web::Data<App>,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let code = ProblemCode::parse(&slug).map_err(|_| Problem::NotFound)?;
    let problem = ProblemType::new(code, &app.links);
    answer(&request, problem, |problem| ProblemPage { problem })
}

/// Answers with a page where the caller prefers HTML, and with JSON otherwise.
fn answer<Body: Serialize, Page: Template>(
    request: &HttpRequest,
    body: Body,
    page: impl FnOnce(Body) -> Page,
) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept"));
    if !prefers_html(request) {
        return Ok(response.json(body));
    }
    let page = page(body).render().map_err(|error| Fault::internal("rendering a page", error))?;
    Ok(response
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .content_type("text/html; charset=utf-8")
        .body(page))
}
