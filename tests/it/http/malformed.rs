//! What a body of the wrong form is told.

use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, database_tests, send};

database_tests![ap_05_a_malformed_request_says_where_and_why_and_repeats_nothing,];

async fn ap_05_a_malformed_request_says_where_and_why_and_repeats_nothing(app: &TestApp) {
    let send = async |body: &str| {
        let request = app.request(Method::POST, "/v1/sessions").header("content-type", "application/json");
        send(request.header("accept-language", "sl").body(body.to_owned())).await
    };
    for (body, pointer, code, params) in [
        (
            r#"{"customer_number":"secret","password":7}"#,
            "#/password",
            "wrong_type",
            json!({ "expected": "string" }),
        ),
        (r#"{"password":null}"#, "#/password", "wrong_type", json!({ "expected": "string" })),
        (r#"{"secret":"x"}"#, "#", "unknown_field", json!({})),
        (r#"{"password":"secret","password":"secret"}"#, "#/password", "duplicate_field", json!({})),
        (r#"["secret"]"#, "#", "not_an_object", json!({})),
        ("{\"password\":\n \"secret\",\n}", "#", "syntax", json!({ "line": 3, "column": 1 })),
        ("\u{feff}{}", "#", "syntax", json!({ "line": 1, "column": 1 })),
    ] {
        let answer = send(body).await;
        answer.assert_problem(400, "malformed-request");
        let errors = &answer.json()["errors"];
        assert_eq!(errors.as_array().unwrap().len(), 1, "{errors}");
        let error = &errors[0];
        assert_eq!((&error["pointer"], &error["code"], &error["params"]), (&json!(pointer), &json!(code), &params));
        // It is for developers, so it is in English whatever the language of the customer.
        assert!(error["detail"].as_str().unwrap().starts_with("The "), "{error}");
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
}
