//! Bringing customers in, up to ten thousand in one call.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use utoipa::ToSchema;

use crate::{
    app::App,
    http::{
        door::{
            body::{LARGEST_IMPORT, UnreadBody},
            caller::{Language, MachineCaller},
            strict_json::present,
        },
        problem::{
            AccountMadeMeanwhile, FieldProblem, ImportTooLarge, MachineTokenUnusable, Problem, ScopeMissing,
            WrongImport,
        },
    },
    identity::{
        Field, FieldError,
        import::{CallOptions, CallReport, ImportStatus, RawRow, import_call},
    },
    types::{AccountId, CustomerNumber, Locale},
};

/// Accounts of another system.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountImport)]
pub(in crate::http) struct ImportRequest {
    /// The accounts, at most ten thousand.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Vec<ImportRowRequest>, required, min_items = 1, max_items = 10_000)]
    accounts: Option<Vec<ImportRowRequest>>,
}

/// One account of another system.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ImportRow)]
pub(in crate::http) struct ImportRowRequest {
    /// The customer number, with which the customer signs in.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CustomerNumber, required)]
    customer_number: Option<String>,
    /// The e-mail address on file, which all mails go to.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, format = Email, max_length = 254, example = "delavnica@example.si")]
    email: Option<String>,
    /// The language of mails; `sl` where it is left out.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Locale)]
    locale: Option<String>,
    /// The name under which administration knows the customer.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Avtoservis Novak")]
    display_name: Option<String>,
    /// The hash of the password: PHC (argon2, scrypt, PBKDF2), bcrypt, MD5-crypt, SHA-crypt, Django's PBKDF2, ASP.NET
    /// Identity v2 and v3, `{SSHA}`, `{SSHA256}` or `{SSHA512}`. It is renewed when the customer signs in.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = String, max_length = 512,
        example = "$2b$12$xr3PjHnQZ0bQ8W8nUe3l0e9P1p3n0cO1o8Zc4vB6m0nq7d2xw5h6t",
    )]
    password_hash: Option<String>,
    /// The moment at which the password was set, from which its age counts; now where it is left out.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, format = DateTime, example = "2026-07-01T08:00:00Z")]
    password_changed_at: Option<String>,
    /// Whether access is closed from the beginning.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, example = false)]
    closed: Option<bool>,
    /// The reason for closing, which the customer never sees.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "pogodba odpovedana")]
    closed_reason: Option<String>,
}

impl From<ImportRowRequest> for RawRow {
    fn from(row: ImportRowRequest) -> Self {
        Self {
            customer_number: row.customer_number,
            email: row.email,
            locale: row.locale,
            display_name: row.display_name,
            password_hash: row.password_hash,
            password_changed_at: row.password_changed_at,
            closed: row.closed,
            closed_reason: row.closed_reason,
        }
    }
}

/// What became of every row.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountImportResult)]
pub(in crate::http) struct ImportBody {
    /// Whether nothing was written, as `?dry_run=true` asks.
    #[schema(example = false)]
    dry_run: bool,
    /// The number of accounts that were made, or would be.
    #[schema(example = 1)]
    created: usize,
    /// The number of rows that are rejected.
    #[schema(example = 0)]
    rejected: usize,
    /// Every row, in the order of the request.
    rows: Vec<ImportRowBody>,
}

/// What became of one row.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportRowResult)]
pub(in crate::http) struct ImportRowBody {
    /// The place of the row in `accounts`, from 0.
    #[schema(example = 0)]
    index: usize,
    /// What became of the row, by which programs decide.
    status: ImportStatus,
    /// The id of the account that was made or exists; null where there is none.
    #[schema(value_type = Option<String>, example = "p4tmx3rj5kq2vw7c6hzn8ydsae")]
    id: Option<AccountId>,
    /// Everything that is wrong with the row.
    errors: Vec<FieldProblem>,
}

impl ImportBody {
    fn new(report: CallReport, dry_run: bool, locale: Locale) -> Self {
        let CallReport { rows, created, rejected } = report;
        let rows = rows.into_iter().enumerate().map(|(index, row)| ImportRowBody {
            index,
            status: row.status,
            id: row.id,
            errors: row.errors.iter().map(|error| FieldProblem::of_row(error, index, locale)).collect(),
        });
        Self { dry_run, created, rejected, rows: rows.collect() }
    }
}

/// Brings customers in from another system
///
/// A row with a number that has an account leaves it as it is (`exists`): no password is set and no access is opened
/// again. One wrong row keeps the others out, unless `continue` is `true`; with `dry_run` nothing is written and the
/// answer says what would be. Send rows in calls of up to ten thousand; files of any length go through the command
/// line. On 409 send the same call again; on 422 correct the fields that `errors` names.
#[utoipa::path(
    post, path = "/v1/accounts/import", operation_id = "importAccounts", tag = "Accounts",
    params(
        (
            "dry_run" = Option<bool>, Query,
            description = "Whether nothing is written; `false` where it is left out", example = true,
        ),
        (
            "continue" = Option<bool>, Query,
            description = "Whether wrong rows let the others in; `false` where it is left out", example = false,
        ),
    ),
    request_body(
        content = ImportRequest, description = "The accounts of the other system",
        example = json!({ "accounts": [{ "customer_number": "004217", "email": "delavnica@example.si" }] }),
    ),
    responses(
        (status = 200, description = "What became of every row", body = ImportBody),
        MachineTokenUnusable,
        ScopeMissing,
        AccountMadeMeanwhile,
        ImportTooLarge,
        WrongImport,
    )
)]
pub(in crate::http) async fn import(
    app: web::Data<App>,
    MachineCaller { context, .. }: MachineCaller,
    Language(locale): Language,
    request: HttpRequest,
    body: UnreadBody,
) -> Result<HttpResponse, Problem> {
    let body: ImportRequest = body.json_up_to(LARGEST_IMPORT).await?;
    let options = read_options(request.query_string()).map_err(Problem::ValidationFailed)?;
    let rows = body.accounts.map(|rows| rows.into_iter().map(RawRow::from).collect());
    let report = import_call(&app, &context, rows, options).await?;
    Ok(HttpResponse::Ok().json(ImportBody::new(report, options.dry_run, locale)))
}

fn read_options(query: &str) -> Result<CallOptions, Vec<FieldError>> {
    let switch = |field: Field| {
        let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == field.as_str());
        match (values.next().as_ref().map(|(_, value)| value.as_ref()), values.next()) {
            (None | Some("false"), None) => Ok(false),
            (Some("true"), None) => Ok(true),
            _ => Err(FieldError::invalid_format(field)),
        }
    };
    match (switch(Field::DryRun), switch(Field::Continue)) {
        (Ok(dry_run), Ok(goes_on)) => Ok(CallOptions { dry_run, goes_on }),
        (dry_run, goes_on) => Err([dry_run.err(), goes_on.err()].into_iter().flatten().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ap_05_switches_of_an_import_are_true_or_false_and_stand_there_once() {
        let read = |query| read_options(query).map(|options| (options.dry_run, options.goes_on));
        assert_eq!(read(""), Ok((false, false)));
        assert_eq!(read("dry_run=true&other=x"), Ok((true, false)));
        assert_eq!(read("dry_run=false&continue=true"), Ok((false, true)));
        for query in ["dry_run", "dry_run=1", "dry_run=TRUE", "dry_run=true&dry_run=true"] {
            assert_eq!(read(query), Err(vec![FieldError::invalid_format(Field::DryRun)]), "{query}");
        }
        assert_eq!(read("dry_run=x&continue=y").unwrap_err().len(), 2);
    }
}
