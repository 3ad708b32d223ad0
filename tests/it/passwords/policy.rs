//! The policy that is served is the one that is enforced.

use reqwest::Method;
use stakis_identity::config::{PasswordConfig, PasswordProfile};

use crate::support::{Customer, Engine, TestApp, database_tests, engine_tests, send};

/// The password before the present one.
const BEFORE: &str = "Jesenske-gume-25";

database_tests![pw_15_the_stakis_profile_as_served, pw_15_every_rule_served_is_enforced_with_the_same_sentence,];

async fn pw_15_the_stakis_profile_as_served(app: &TestApp) {
    let answer = app.get("/v1/password-policy").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer.json()).unwrap(), @r#"
    {
      "profile": "stakis",
      "min_length": 6,
      "max_length": 128,
      "max_age_days": 180,
      "rules": [
        {
          "code": "too_short",
          "params": {
            "min_length": 6
          },
          "description": "Dolžina gesla: najmanj 6 znakov."
        },
        {
          "code": "too_long",
          "params": {
            "max_length": 128
          },
          "description": "Dolžina gesla: največ 128 znakov."
        },
        {
          "code": "invalid_format",
          "params": {},
          "description": "Geslo ne sme vsebovati nevidnih (kontrolnih) znakov."
        },
        {
          "code": "missing_uppercase",
          "params": {
            "below_length": 15
          },
          "description": "Vsaj ena velika črka (pri 15 ali več znakih ni potrebna)."
        },
        {
          "code": "missing_lowercase",
          "params": {
            "below_length": 15
          },
          "description": "Vsaj ena mala črka (pri 15 ali več znakih ni potrebna)."
        },
        {
          "code": "missing_digit",
          "params": {
            "below_length": 15
          },
          "description": "Vsaj ena števka (pri 15 ali več znakih ni potrebna)."
        },
        {
          "code": "common_password",
          "params": {},
          "description": "Geslo ne sme biti med najpogostejšimi."
        },
        {
          "code": "contains_customer_number",
          "params": {},
          "description": "Geslo ne sme biti sestavljeno predvsem iz šifre stranke."
        },
        {
          "code": "contains_email",
          "params": {},
          "description": "Geslo ne sme biti sestavljeno predvsem iz vašega e-poštnega naslova."
        },
        {
          "code": "contains_brand",
          "params": {},
          "description": "Geslo ne sme biti sestavljeno predvsem iz imena podjetja ali storitve."
        },
        {
          "code": "published_example",
          "params": {},
          "description": "Primer iz navodil ni dovoljen."
        },
        {
          "code": "same_as_current",
          "params": {},
          "description": "Geslo ne sme biti enako dosedanjemu."
        },
        {
          "code": "used_recently",
          "params": {
            "history": 3
          },
          "description": "Geslo ne sme biti enako nobenemu od zadnjih 3 gesel pred dosedanjim."
        }
      ],
      "passwordrules": "minlength: 6; maxlength: 128; required: upper; required: lower; required: digit; allowed: ascii-printable;"
    }
    "#);
}

async fn pw_15_every_rule_served_is_enforced_with_the_same_sentence(app: &TestApp) {
    app.make(&Customer { password: BEFORE, ..Customer::ANA }).await;
    let token = app.token_for(&Customer::ANA).await;
    app.complete(&token, Customer::ANA.number, Customer::ANA.password).await.assert_status(200);
    app.deliver_all().await;
    let broken = [
        "Kv7d9".to_owned(),
        format!("Aa1{}", "x".repeat(126)),
        "Kv7d\u{7}w9".into(),
        "kvadwzu7".into(),
        "KVADWZU7".into(),
        "Kvadwzu".into(),
        "Password1".into(),
        "Aa004217".into(),
        "Delavnica7".into(),
        "Stakis12".into(),
        "And42rej".into(),
        Customer::ANA.password.into(),
        BEFORE.into(),
    ];
    for (language, index) in [("sl", 0), ("de", 1), ("en", 2), ("hr", 3)] {
        // Each attempt needs a link of its own, since ten refusals by rules about the account withdraw a link.
        app.advance(chrono::TimeDelta::minutes(61));
        let token = app.token_for(&Customer::ANA).await;
        let policy =
            send(app.request(Method::GET, "/v1/password-policy").header("accept-language", language)).await.json();
        let rules = policy["rules"].as_array().unwrap();
        assert_eq!(rules.len(), broken.len());
        for (rule, password) in rules.iter().zip(&broken) {
            let body = serde_json::json!({ "token": token, "customer_number": Customer::ANA.number, "new_password": password, "new_password_confirmation": password });
            let answer = send(
                app.request(Method::POST, "/v1/password-resets/complete")
                    .header("accept-language", language)
                    .json(&body),
            )
            .await
            .json();
            let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("{password} passed: {answer}"));
            assert_eq!(errors.len(), 1, "{index}: {password}: {errors:?}");
            assert_eq!(
                (&errors[0]["code"], &errors[0]["params"], &errors[0]["detail"]),
                (&rule["code"], &rule["params"], &rule["description"])
            );
        }
    }
}

engine_tests![pw_01_each_profile_is_enforced_and_can_be_overridden,];

async fn pw_01_each_profile_is_enforced_and_can_be_overridden(engine: Engine) {
    for (profile, min_length, short, good) in [
        (PasswordProfile::Standard, None, "kvadwzu", "kvadwzuk"),
        (PasswordProfile::Nist, None, "kvadwzukvadwzu", "kvadwzukvadwzuk"),
        (PasswordProfile::Standard, Some(12), "kvadwzukvad", "kvadwzukvadw"),
    ] {
        let app = TestApp::start_with(engine, |config| {
            config.password = PasswordConfig { profile, min_length, ..config.password.clone() };
        })
        .await;
        app.make(&Customer { password: "A long enough sentence", ..Customer::ANA }).await;
        let policy = app.get("/v1/password-policy").await.json();
        assert_eq!(policy["profile"], profile.as_str());
        assert_eq!(policy["max_age_days"], serde_json::Value::Null);
        assert_eq!(policy["min_length"], good.len());
        let token = app.token_for(&Customer::ANA).await;
        let answer = app.complete(&token, Customer::ANA.number, short).await;
        assert_eq!(answer.field_errors(), ["#/new_password too_short"]);
        app.complete(&token, Customer::ANA.number, good).await.assert_status(200);
        app.deliver_all().await;
    }
}
