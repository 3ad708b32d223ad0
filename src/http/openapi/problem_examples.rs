//! What a problem looks like where a path answers it.

use serde_json::{Value, json};

use crate::{
    crypto::ChangeToken,
    http::problem::{Entry, FieldProblem, ProblemChallenge, SUPPORT},
    identity::{Field, FieldError},
    texts::text,
    types::Locale,
};

/// What a problem of this kind looks like where that path answers it, for the OpenAPI document.
pub(in crate::http) fn example(entry: &Entry, path: &str) -> Value {
    let mut body = json!({
        "type": format!("https://identity.example.com/problems/{}", entry.slug),
        "title": entry.title,
        "status": entry.status,
        "detail": text(Locale::En, &format!("problem-{}", entry.slug), &[]),
        "code": entry.slug,
        "request_id": "4kq2v7m3x5bnrd6whsjy0fzt1c",
    });
    // These two have a sentence for each reason.
    let expired = || text(Locale::En, &format!("problem-{}-expired", entry.slug), &[]);
    let special = match entry.slug {
        "validation-failed" => {
            let error = match path {
                "/v1/password-resets/complete" | "/v1/account/password" => FieldError::passwords_differ(),
                "/v1/password-resets/verify" | "/v1/password-resets/withdraw" => FieldError::required(Field::Token),
                "/v1/sessions/refresh" => FieldError::required(Field::RefreshToken),
                _ => FieldError::required(Field::CustomerNumber),
            };
            json!({ "errors": [FieldProblem::new(&error, Locale::En)] })
        }
        "reset-link-unusable" => json!({ "detail": expired(), "reason": "expired" }),
        "password-expired" => json!({
            "detail": expired(),
            "reason": "expired",
            "change_token": "6f1d0c2b9a8e7d34_q2Vd0mXv8Yb4…",
            "expires_in": ChangeToken::expires_in(),
        }),
        "account-closed" => json!({ "support": SUPPORT }),
        "challenge-required" => json!(ProblemChallenge::example()),
        _ => return body,
    };
    if let (Some(object), Value::Object(special)) = (body.as_object_mut(), special) {
        object.extend(special);
    }
    body
}
