//! The hosted pages in Chromium, as people use them.

use std::{fs, path::Path};

use serde_json::json;
use stakis_identity::{
    config::PasswordConfig,
    pages::Page,
    texts,
    types::{Clock as _, Locale},
};

use crate::support::{Customer, Engine, TestApp, browse, browser_tests, compiled_example, words};

browser_tests![
    on_each_database: true,
    the_guide_in_slovenian,
    the_guide_in_german,
    the_guide_in_english,
    the_guide_in_croatian,
    tk_06_links_serve_after_scanners_and_say_why_when_they_do_not,
    the_account_page_and_the_expired_password,
    no_way_beside_the_guide_s_gets_lost,
    ap_08_the_example_front_end_walks_the_guide_from_its_own_origin,
];

browser_tests![
    on_each_database: false,
    without_scripts_there_is_a_sentence,
    an_older_browser_walks_the_guide,
    a_browser_that_stores_nothing_is_told_what_is_missing,
    a_slow_network_shows_progress_and_sends_once,
    a_failing_service_leaves_a_sentence_and_a_way_on,
    spoilt_addresses_leave_a_way_on,
    ap_09_markup_in_every_field_is_text,
    every_state_keeps_wcag_2_2_aa_in_slovenian,
    every_state_keeps_wcag_2_2_aa_in_german,
    every_state_keeps_wcag_2_2_aa_in_english,
    every_state_keeps_wcag_2_2_aa_in_croatian,
    pages_are_light_and_soon_there,
];

const NEW: [&str; 4] = ["Zimske-gume-27", "Zavorne-obloge-3", "Menjalnik-Olje-8", "Akumulator-12V"];

const KEYS: &[&str] = &[
    "page-account-title",
    "page-change-title",
    "page-current-password",
    "page-back-to-sign-in",
    "page-caps-lock",
    "page-network-error",
    "page-no-token-again",
    "page-not-found-title",
    "page-offline",
    "page-sending",
    "page-wait",
    "page-wait-way",
    "page-no-script",
    "page-new-password",
    "page-new-password-again",
    "page-password",
    "page-request-again",
    "page-request-submit",
    "page-request-title",
    "page-no-storage",
    "page-retry",
    "page-session-end",
    "page-session-end-others",
    "page-session-over",
    "page-show-password",
    "page-sign-in-submit",
    "page-sign-in-title",
    "page-sign-out",
    "page-starting",
    "page-submit",
    "page-user-name",
    "page-withdraw-submit",
    "link-withdrawn",
    "password-replaced",
    "reset-requested",
];

async fn walk(engine: Engine, locale: Locale) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let example = compiled_example().await;
    let input = json!({
        "client": example.path().join("client.js"),
        "language": locale.as_str(),
        "number": Customer::ANA.number,
        "passwords": NEW,
        "words": words(locale, KEYS),
    });
    browse(&app, "guide", input).await;
}

async fn the_guide_in_slovenian(engine: Engine) {
    walk(engine, Locale::Sl).await;
}

async fn the_guide_in_german(engine: Engine) {
    walk(engine, Locale::De).await;
}

async fn the_guide_in_english(engine: Engine) {
    walk(engine, Locale::En).await;
}

async fn the_guide_in_croatian(engine: Engine) {
    walk(engine, Locale::Hr).await;
}

async fn tk_06_links_serve_after_scanners_and_say_why_when_they_do_not(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let reasons = ["expired", "used", "withdrawn"].map(|reason| {
        let key = format!("problem-reset-link-unusable-{reason}");
        (reason.to_owned(), json!(texts::text(Locale::De, &key, &[])))
    });
    let input = json!({
        "number": Customer::ANA.number,
        "other": Customer::BOJAN.number,
        "passwords": NEW,
        "reasons": serde_json::Map::from_iter(reasons),
        "words": words(Locale::De, KEYS),
    });
    browse(&app, "links", input).await;
}

async fn the_account_page_and_the_expired_password(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.password = PasswordConfig { history: Some(0), ..config.password.clone() };
    })
    .await;
    app.make(&Customer::ANA).await;
    app.make(&Customer::BOJAN).await;
    app.close(&Customer::BOJAN).await;
    let input = json!({
        "number": Customer::ANA.number,
        "closed": { "number": Customer::BOJAN.number, "password": Customer::BOJAN.password },
        "passwords": [Customer::ANA.password, NEW[0], NEW[1]],
        "now": app.clock.now().and_utc().to_rfc3339(),
        "userAgents": [
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
        ],
        "words": words(Locale::En, KEYS),
    });
    browse(&app, "account", input).await;
}

async fn no_way_beside_the_guide_s_gets_lost(engine: Engine) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let input = json!({
        "number": Customer::ANA.number,
        "other": Customer::BOJAN.number,
        "password": NEW[0],
        "used": texts::text(Locale::En, "problem-reset-link-unusable-used", &[]),
        "words": words(Locale::En, KEYS),
    });
    browse(&app, "ways", input).await;
}

async fn in_conditions(engine: Engine, part: &str) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let input = json!({
        "part": part,
        "takesToken": [
            Page::ChangePassword.path(),
            Page::WithdrawReset.path(),
            Page::ConfirmEmail.path(),
            Page::WithdrawEmail.path(),
            Page::NotMe.path(),
        ],
        "number": Customer::ANA.number,
        "password": NEW[0],
        "pages": Page::ALL.map(Page::path),
        "words": words(Locale::En, KEYS),
    });
    browse(&app, "conditions", input).await;
}

async fn an_older_browser_walks_the_guide(engine: Engine) {
    in_conditions(engine, "olderBrowser").await;
}

async fn a_browser_that_stores_nothing_is_told_what_is_missing(engine: Engine) {
    in_conditions(engine, "withoutStorage").await;
}

async fn without_scripts_there_is_a_sentence(engine: Engine) {
    in_conditions(engine, "withoutScripts").await;
}

async fn a_slow_network_shows_progress_and_sends_once(engine: Engine) {
    in_conditions(engine, "slowNetwork").await;
}

async fn a_failing_service_leaves_a_sentence_and_a_way_on(engine: Engine) {
    in_conditions(engine, "failingService").await;
}

async fn spoilt_addresses_leave_a_way_on(engine: Engine) {
    in_conditions(engine, "spoiltAddresses").await;
}

async fn ap_09_markup_in_every_field_is_text(engine: Engine) {
    in_conditions(engine, "markupInEveryField").await;
}

/// Each state is looked at in all four languages, on a phone and on a desktop, and on each of them in two languages with
/// a light page and in two with a dark one.
async fn every_state(engine: Engine, locale: Locale, phone: &str, desktop: &str) {
    let app = TestApp::start(engine).await;
    app.make(&Customer::ANA).await;
    let input = json!({
        "colorSchemes": { "phone": phone, "desktop": desktop },
        "language": locale.as_str(),
        "number": Customer::ANA.number,
        "pages": Page::ALL.map(Page::path),
        "words": words(locale, KEYS),
    });
    browse(&app, "accessibility", input).await;
}

async fn every_state_keeps_wcag_2_2_aa_in_slovenian(engine: Engine) {
    every_state(engine, Locale::Sl, "light", "dark").await;
}

async fn every_state_keeps_wcag_2_2_aa_in_german(engine: Engine) {
    every_state(engine, Locale::De, "dark", "light").await;
}

async fn every_state_keeps_wcag_2_2_aa_in_english(engine: Engine) {
    every_state(engine, Locale::En, "light", "dark").await;
}

async fn every_state_keeps_wcag_2_2_aa_in_croatian(engine: Engine) {
    every_state(engine, Locale::Hr, "dark", "light").await;
}

async fn pages_are_light_and_soon_there(engine: Engine) {
    let app = TestApp::start(engine).await;
    let measured = browse(&app, "weight", json!({ "pages": Page::ALL.map(Page::path) })).await;
    println!("{measured:#}");
    assert_eq!(measured.as_object().map(serde_json::Map::len), Some(Page::ALL.len()));
}

async fn ap_08_the_example_front_end_walks_the_guide_from_its_own_origin(engine: Engine) {
    let origin = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let app = TestApp::start_with(engine, |config| {
        config.cors_origins = vec![origin.clone()];
        config.reset_url = Some(format!("{origin}/example/#token={{token}}"));
    })
    .await;
    app.make(&Customer::ANA).await;
    let example = compiled_example().await;
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/typescript/example/index.html");
    fs::copy(page, example.path().join("example/index.html")).unwrap();
    let input = json!({
        "folder": example.path(),
        "origin": origin,
        "number": Customer::ANA.number,
        "password": NEW[0],
        "words": words(Locale::Sl, KEYS),
    });
    browse(&app, "example", input).await;
}
