//! `GET /problems` and `GET /problems/{slug}`: every code with its cause and its remedy.

use std::sync::OnceLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes},
};
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
pub(in crate::http) async fn list(
    request: HttpRequest,
    app: web::Data<App>,
    lists: web::Data<WrittenLists>,
) -> Result<HttpResponse, Problem> {
    let form = Form::wanted_by(&request);
    let list = match form {
        Form::Json => &lists.json,
        Form::Page => &lists.page,
    };
    let content = if let Some(content) = list.get() {
        content.clone()
    } else {
        let content = form.write(ProblemTypes::new(&app.links), |types| ProblemsPage { types })?;
        list.get_or_init(|| content).clone()
    };
    Ok(form.answer(content))
}

/// The list of all codes in both forms. Each is written once, and all answers share it.
#[derive(Default)]
pub(in crate::http) struct WrittenLists {
    json: OnceLock<Bytes>,
    page: OnceLock<Bytes>,
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
    let form = Form::wanted_by(&request);
    let content = form.write(ProblemType::new(code, &app.links), |problem| ProblemPage { problem })?;
    Ok(form.answer(content))
}

/// The form of an answer.
#[derive(Clone, Copy)]
enum Form {
    Json,
    Page,
}

impl Form {
    /// A page where the caller prefers HTML, and JSON otherwise.
    fn wanted_by(request: &HttpRequest) -> Self {
        if prefers_html(request) { Self::Page } else { Self::Json }
    }

    fn write<Body: Serialize, Page: Template>(
        self,
        body: Body,
        page: impl FnOnce(Body) -> Page,
    ) -> Result<Bytes, Fault> {
        Ok(match self {
            Self::Json => {
                let json = serde_json::to_vec(&body);
                Bytes::from(json.map_err(|error| Fault::internal("writing JSON", error))?)
            }
            Self::Page => {
                let page = page(body).render();
                Bytes::from(page.map_err(|error| Fault::internal("rendering a page", error))?)
            }
        })
    }

    fn answer(self, content: Bytes) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.insert_header((header::VARY, "Accept"));
        match self {
            Self::Json => response.content_type("application/json"),
            Self::Page => response
                .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
                .content_type("text/html; charset=utf-8"),
        };
        response.body(content)
    }
}
