//! The settings of the brand.

use std::fs;

use stakis_identity::config;
use tempfile::TempDir;

use super::production::{problems_of, safe_settings};
use crate::support::plain_tests;

plain_tests![
    cf_01_each_wrong_setting_of_the_brand_gets_its_sentence,
    cf_01_right_settings_of_the_brand_take_effect
];

fn cf_01_each_wrong_setting_of_the_brand_gets_its_sentence() {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("page.html");
    fs::write(&page, "<html></html>").unwrap();
    let page = page.to_str().unwrap();
    for (name, value, sentence) in [
        ("STAKIS_BRAND_COLOR", "blue", "must be a colour such as #0b57a4"),
        ("STAKIS_BRAND_COLOR", "#0b57a", "must be a colour such as #0b57a4"),
        ("STAKIS_BRAND_COLOR", "#ffffff", "must be a darker colour: text in it, or on it, would be illegible"),
        ("STAKIS_BRAND_LOGO", "/nowhere/logo.svg", "cannot be read: /nowhere/logo.svg: No such file"),
        ("STAKIS_BRAND_LOGO", page, "must be a file in SVG (UTF-8) or PNG"),
        ("STAKIS_BRAND_NAME", "Deli <catalog@example.com>", "must be a line of at most 40 characters"),
        ("STAKIS_BRAND_NAME", "Deli\r\nBcc: a@example.com", "must be a line of at most 40 characters"),
        ("STAKIS_BRAND_COMPANY", &"x".repeat(121), "must be a line of at most 120 characters"),
        ("STAKIS_BRAND_IMPRINT_URL", "http://example.com", "must be an absolute https:// address"),
        ("STAKIS_BRAND_PRIVACY_URL", "javascript:alert(1)", "must be an absolute https:// address"),
        ("STAKIS_SIGN_IN_URL", "sign-in", "must be an absolute https:// address"),
        ("STAKIS_HOME_URL", "http://example.com", "must be an absolute https:// address"),
        ("STAKIS_SUPPORT_EMAIL", "support", "must be an e-mail address"),
        ("STAKIS_SUPPORT_PHONE", "call us", "must be a telephone number"),
    ] {
        let mut variables = safe_settings();
        variables.insert(name, value.to_owned());
        let problems = problems_of(&variables);
        assert!(
            problems.len() == 1 && problems[0].starts_with(&format!("{name} {sentence}")),
            "{value}: {problems:?}"
        );
    }
}

fn cf_01_right_settings_of_the_brand_take_effect() {
    let folder = TempDir::new().unwrap();
    let logo = folder.path().join("logo.svg");
    fs::write(&logo, r#"<svg xmlns="http://www.w3.org/2000/svg"/>"#).unwrap();
    let mut variables = safe_settings();
    variables.extend([
        ("STAKIS_BRAND_NAME", "Deli & Co".to_owned()),
        ("STAKIS_BRAND_LOGO", logo.to_str().unwrap().to_owned()),
        ("STAKIS_BRAND_COLOR", "#7a1f1f".to_owned()),
        ("STAKIS_SUPPORT_PHONE", "+386 (0)1 23 45".to_owned()),
    ]);
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value));
    let brand = config::read(variables).unwrap().brand;
    assert_eq!(brand.name, "Deli & Co");
    assert_eq!(brand.logo.as_ref().unwrap().content_type, "image/svg+xml");
    assert_eq!(brand.palette.light.accent.to_string(), "#7a1f1f");
    assert_eq!(brand.support_phone_link(), "tel:+38612345");
    assert_eq!(brand.support_email.as_str(), "stakis.support@stahlgruber.si");
}
