//! `GET /v1/account`.

use chrono::TimeDelta;

use crate::support::{Customer, TestApp, database_tests};

database_tests![
    the_own_account_with_a_masked_address,
    without_a_token_there_is_no_account,
    ad_04_no_answer_ever_holds_a_hash,
];

async fn the_own_account_with_a_masked_address(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.advance(TimeDelta::minutes(10));
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let answer = app.account(&token).await;
    answer.assert_status(200);
    let mut body = answer.json();
    body["id"].take();
    insta::assert_snapshot!(serde_json::to_string_pretty(&body).unwrap(), @r#"
    {
      "id": null,
      "customer_number": "004217",
      "email": "d•••@e•••.si",
      "email_state": "ok",
      "locale": "sl",
      "last_sign_in_at": "2026-11-22T13:10:00.000Z",
      "password": {
        "changed_at": "2026-11-22T13:00:00.000Z",
        "expires_at": "2027-05-21T13:00:00.000Z",
        "change_recommended": false,
        "change_recommended_reasons": []
      }
    }
    "#);
}

async fn without_a_token_there_is_no_account(app: &TestApp) {
    let answer = app.get("/v1/account").await;
    answer.assert_problem(401, "invalid-token");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
}

async fn ad_04_no_answer_ever_holds_a_hash(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let signed_in = app.sign_in(Customer::ANA.number, Customer::ANA.password).await;
    let token = signed_in.json()["access_token"].as_str().unwrap().to_owned();
    for answer in [signed_in, app.account(&token).await] {
        assert!(!answer.text.contains("argon2"), "{}", answer.text);
    }
}
