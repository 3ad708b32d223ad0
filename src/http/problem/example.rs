//! A problem as the OpenAPI document shows it.

use serde_json::{Value, json};

use super::{body::FieldProblem, catalog::ProblemCode, challenge::ProblemChallenge};
use crate::{
    brand::{SUPPORT_EMAIL, SUPPORT_PHONE},
    crypto::ChangeToken,
    identity::FieldError,
    texts::text,
    types::Locale,
};

/// An example of this kind of problem. `field_error` is the error that a `validation-failed` shows.
pub(super) fn example(code: ProblemCode, field_error: Option<&FieldError>) -> Value {
    let support = [("support_email", SUPPORT_EMAIL.into()), ("support_phone", SUPPORT_PHONE.into())];
    let mut body = json!({
        "type": format!("https://identity.example.com/problems/{code}"),
        "title": code.title(),
        "status": code.status(),
        "detail": text(Locale::En, &format!("problem-{code}"), &support),
        "code": code,
        "request_id": "4kq2v7m3x5bnrd6whsjy0fzt1c",
    });
    // These two kinds have a sentence for each reason.
    let expired = || text(Locale::En, &format!("problem-{code}-expired"), &[]);
    let special = match code {
        ProblemCode::ValidationFailed => {
            let errors: Vec<_> =
                field_error.map(|error| FieldProblem::new(error, Locale::En)).into_iter().collect();
            json!({ "errors": errors })
        }
        ProblemCode::ResetLinkUnusable | ProblemCode::EmailChangeUnusable => {
            json!({ "detail": expired(), "reason": "expired" })
        }
        ProblemCode::PasswordExpired => json!({
            "detail": expired(),
            "reason": "expired",
            "change_token": "6f1d0c2b9a8e7d34_q2Vd0mXv8Yb4…",
            "expires_in": ChangeToken::expires_in(),
        }),
        ProblemCode::AccountClosed => json!({ "support": { "email": SUPPORT_EMAIL, "phone": SUPPORT_PHONE } }),
        ProblemCode::ChallengeRequired => json!(ProblemChallenge::example()),
        _ => return body,
    };
    if let (Some(object), Value::Object(special)) = (body.as_object_mut(), special) {
        object.extend(special);
    }
    body
}
