//! Wrong fields of endpoints and replays.

use reqwest::Method;
use serde_json::{Value, json};

use super::owner::{Owner, start};
use crate::support::{Engine, engine_tests};

engine_tests![
    wh_08_wrong_fields_of_an_endpoint_are_named_together,
    wh_08_a_body_that_is_no_endpoint_is_malformed,
    wh_08_wrong_fields_of_a_replay_are_named_together,
];

async fn wh_08_wrong_fields_of_an_endpoint_are_named_together(engine: Engine) {
    let app = start(engine).await;
    let owner = Owner::of(&app).await;
    let hook = owner.make(json!({ "url": "http://127.0.0.1:9/" })).await;
    let long = "x".repeat(201);
    for (body, errors) in [
        (json!({}), vec!["#/url required"]),
        (json!({ "url": "" }), vec!["#/url invalid_format"]),
        (json!({ "url": "erp.example.si" }), vec!["#/url invalid_format"]),
        (json!({ "url": format!("https://example.com/{}", "x".repeat(2040)) }), vec!["#/url too_long"]),
        (json!({ "url": "https://user@example.com/" }), vec!["#/url not_allowed"]),
        (
            json!({ "url": "x", "types": ["account.closed", "account.exploded"], "description": long, "signature": "v2" }),
            vec![
                "#/url invalid_format",
                "#/types invalid_format",
                "#/description too_long",
                "#/signature invalid_format",
            ],
        ),
        (json!({ "url": "http://127.0.0.1:9/1", "description": " " }), vec!["#/description too_short"]),
        (
            json!({ "url": "http://127.0.0.1:9/1", "description": "a\u{202e}b" }),
            vec!["#/description invalid_format"],
        ),
        (json!({ "url": "http://127.0.0.1:9/1", "types": ["*"] }), vec!["#/types invalid_format"]),
    ] {
        let answer = owner.create(body.clone()).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), errors, "{body}");
    }
    let change = json!({ "url": "ftp://127.0.0.1/", "types": ["x"], "description": "" });
    let answer = owner.call(Method::PATCH, &format!("/{}", hook.id), Some(change)).await;
    let errors = ["#/url not_allowed", "#/types invalid_format", "#/description too_short"];
    assert_eq!(answer.field_errors(), errors);
    assert_eq!(owner.show(&hook).await["url"], "http://127.0.0.1:9/");
}

async fn wh_08_a_body_that_is_no_endpoint_is_malformed(engine: Engine) {
    let app = start(engine).await;
    let owner = Owner::of(&app).await;
    let hook = owner.make(json!({ "url": "http://127.0.0.1:9/" })).await;
    let bodies = [
        json!([]),
        json!({ "url": 7 }),
        json!({ "url": null }),
        json!({ "url": "http://127.0.0.1:9/1", "types": "account.closed" }),
        json!({ "url": "http://127.0.0.1:9/1", "types": [null] }),
        json!({ "url": "http://127.0.0.1:9/1", "state": "active" }),
        json!({ "url": "http://127.0.0.1:9/1", "secret": "whsec_AAAA" }),
        json!({ "url": "http://127.0.0.1:9/1", "client_id": "x" }),
    ];
    for body in bodies {
        owner.create(body).await.assert_problem(400, "malformed-request");
    }
    for body in [json!({ "signature": "v1a" }), json!({ "state": "active" }), json!({ "url": null })] {
        let answer = owner.call(Method::PATCH, &format!("/{}", hook.id), Some(body)).await;
        answer.assert_problem(400, "malformed-request");
    }
    for act in ["test", "rotate-secret"] {
        let answer = owner.call(Method::POST, &format!("/{}/{act}", hook.id), Some(json!({ "url": "x" }))).await;
        answer.assert_problem(400, "malformed-request");
    }
    assert_eq!(owner.show(&hook).await["state"], "pending");
}

async fn wh_08_wrong_fields_of_a_replay_are_named_together(engine: Engine) {
    let app = start(engine).await;
    let owner = Owner::of(&app).await;
    let hook = owner.make(json!({ "url": "http://127.0.0.1:9/" })).await;
    let ask = async |body: Value| owner.call(Method::POST, &format!("/{}/replays", hook.id), Some(body)).await;
    let (from, to) = ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
    for (body, errors) in [
        (json!({}), vec!["#/from required", "#/to required"]),
        (json!({ "from": from }), vec!["#/to required"]),
        (json!({ "from": from, "to": from }), vec!["#/to invalid_format"]),
        (json!({ "from": to, "to": from }), vec!["#/to invalid_format"]),
        (
            json!({ "from": "yesterday", "to": to, "type": "x" }),
            vec!["#/from invalid_format", "#/type invalid_format"],
        ),
    ] {
        let answer = ask(body.clone()).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), errors, "{body}");
    }
    // Both times are well-formed, so the sentence is about their order.
    let empty = ask(json!({ "from": to, "to": from })).await;
    assert_eq!(empty.json()["errors"][0]["detail"], "Konec mora biti kasnejši od začetka.");
    ask(json!({ "from": from, "to": to, "types": [] })).await.assert_problem(400, "malformed-request");
    // The endpoint gets no events, so none are sent again.
    ask(json!({ "from": from, "to": to })).await.assert_problem(409, "conflict");
}
