//! The owner's own hands in Chromium: the address, the names of devices, what happened, and the lock-down, in each language
//! at 320 and 1280 pixels.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stakis_identity::{
    texts,
    types::{EmailAddress, Locale},
};

use crate::support::{Customer, Engine, TestApp, browse, browser_tests, execute, words};

browser_tests![
    on_each_database: true,
    ow_01_ana_changes_her_address_through_both_mails_in_slovenian,
    ow_06_ana_says_that_it_was_not_her_in_slovenian,
];

browser_tests![
    on_each_database: false,
    ow_01_ana_changes_her_address_through_both_mails_in_german,
    ow_01_ana_changes_her_address_through_both_mails_in_english,
    ow_01_ana_changes_her_address_through_both_mails_in_croatian,
    ow_06_ana_says_that_it_was_not_her_in_german,
    ow_06_ana_says_that_it_was_not_her_in_english,
    ow_06_ana_says_that_it_was_not_her_in_croatian,
    ow_05_the_banner_says_what_to_do_in_slovenian,
    ow_05_the_banner_says_what_to_do_in_german,
    ow_05_the_banner_says_what_to_do_in_english,
    ow_05_the_banner_says_what_to_do_in_croatian,
    ow_06_the_account_page_locks_down_in_slovenian,
    ow_06_the_account_page_locks_down_in_german,
    ow_06_the_account_page_locks_down_in_english,
    ow_06_the_account_page_locks_down_in_croatian,
    ow_10_devices_have_names_and_what_happened_is_told_in_slovenian,
    ow_10_devices_have_names_and_what_happened_is_told_in_german,
    ow_10_devices_have_names_and_what_happened_is_told_in_english,
    ow_10_devices_have_names_and_what_happened_is_told_in_croatian,
];

const NARROWEST: u32 = 320;
const DESKTOP: u32 = 1280;
const NEW_ADDRESS: &str = "nova@example.si";
const NEW_PASSWORD: &str = "Zimske-gume-27";
const CONFIRM_AFTER: TimeDelta = TimeDelta::hours(1);

const KEYS: &[&str] = &[
    "activity-session_renamed",
    "email-change-asked",
    "email-change-withdrawn",
    "email-changed",
    "locked-down",
    "page-activity-more",
    "page-activity-none",
    "page-cancel",
    "page-confirm-email-submit",
    "page-device-label",
    "page-device-name",
    "page-device-rename",
    "page-done-sign-in",
    "page-email-add",
    "page-email-by-support",
    "page-email-change",
    "page-email-submit",
    "page-lock-down-effect",
    "page-lock-down-mail",
    "page-lock-down-no-mail",
    "page-lock-down-question",
    "page-lock-down-submit",
    "page-network-error",
    "page-new-email",
    "page-new-password",
    "page-new-password-again",
    "page-not-me-what",
    "page-offline",
    "page-password",
    "page-request-submit",
    "page-save",
    "page-sign-in-submit",
    "page-still-mine",
    "page-still-mine-done",
    "page-submit",
    "page-user-name",
    "page-withdraw-email-new-password",
    "page-withdraw-email-otherwise",
    "page-withdraw-email-submit",
    "problem-password-expired-locked-down",
];

/// What every script of this file is given. The widths of two languages are dark where those of the others are light, so
/// that all four surroundings are looked at.
fn given(locale: Locale, part: &str, more: Value) -> Value {
    let mut given = json!({
        "isDarkOnDesktop": matches!(locale, Locale::Sl | Locale::En),
        "language": locale.as_str(),
        "number": Customer::ANA.number,
        "part": part,
        "passwords": [Customer::ANA.password, NEW_PASSWORD],
        "sizes": [NARROWEST, DESKTOP],
        "words": words(locale, KEYS),
    });
    let Value::Object(more) = more else { panic!("{more}") };
    given.as_object_mut().unwrap().extend(more);
    given
}

/// Walks through mails at both widths, each with an account of its own: an address changes once in seven days.
async fn walk(engine: Engine, locale: Locale, part: &str) {
    let reasons = ["used", "withdrawn"].map(|reason| {
        let key = format!("problem-email-change-unusable-{reason}");
        (reason.to_owned(), json!(texts::text(locale, &key, &[])))
    });
    let masked = |address| EmailAddress::parse(address).unwrap().masked();
    for width in [NARROWEST, DESKTOP] {
        let app = TestApp::start(engine).await;
        app.create(&Customer::ANA, locale, Some(Customer::ANA.password)).await;
        let input = json!({
            "addresses": {
                "old": Customer::ANA.email,
                "oldMasked": masked(Customer::ANA.email),
                "new": NEW_ADDRESS,
                "newMasked": masked(NEW_ADDRESS),
            },
            "other": Customer::BOJAN.number,
            "reasons": serde_json::Map::from_iter(reasons.clone()),
            "userAgents": [
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            ],
            "width": width,
        });
        browse(&app, "own-hands", given(locale, part, input)).await;
    }
}

async fn ow_01_ana_changes_her_address_through_both_mails_in_slovenian(engine: Engine) {
    walk(engine, Locale::Sl, "changesTheAddress").await;
}

async fn ow_01_ana_changes_her_address_through_both_mails_in_german(engine: Engine) {
    walk(engine, Locale::De, "changesTheAddress").await;
}

async fn ow_01_ana_changes_her_address_through_both_mails_in_english(engine: Engine) {
    walk(engine, Locale::En, "changesTheAddress").await;
}

async fn ow_01_ana_changes_her_address_through_both_mails_in_croatian(engine: Engine) {
    walk(engine, Locale::Hr, "changesTheAddress").await;
}

async fn ow_06_ana_says_that_it_was_not_her_in_slovenian(engine: Engine) {
    walk(engine, Locale::Sl, "saysThatItWasNotMe").await;
}

async fn ow_06_ana_says_that_it_was_not_her_in_german(engine: Engine) {
    walk(engine, Locale::De, "saysThatItWasNotMe").await;
}

async fn ow_06_ana_says_that_it_was_not_her_in_english(engine: Engine) {
    walk(engine, Locale::En, "saysThatItWasNotMe").await;
}

async fn ow_06_ana_says_that_it_was_not_her_in_croatian(engine: Engine) {
    walk(engine, Locale::Hr, "saysThatItWasNotMe").await;
}

const BOUNCING: &str = "INSERT INTO suppressions (address, reason, since, retry_at) VALUES \
                        ('delavnica@example.si', 'hard_bounce', '2026-11-20 00:00:00', '2026-11-21 00:00:00')";
const NONE: &str = "UPDATE accounts SET email = NULL";

/// Each state of the address, and whether customers change it themselves.
async fn banners(engine: Engine, locale: Locale) {
    let masked = EmailAddress::parse(Customer::ANA.email).unwrap().masked();
    let question = texts::text(locale, "page-banner-confirm-due", &[("email", masked.into())]);
    let sentence = |key| texts::text(locale, key, &[]);
    for (state, statement, sentence) in [
        ("bouncing", Some(BOUNCING), sentence("page-banner-bouncing")),
        ("none", Some(NONE), sentence("page-banner-none")),
        ("confirm_due", None, question),
    ] {
        for self_service in [true, false] {
            let app = TestApp::start_with(engine, |config| {
                config.email.self_service = self_service;
                config.email.confirm_after = Some(CONFIRM_AFTER);
            })
            .await;
            app.create(&Customer::ANA, locale, Some(Customer::ANA.password)).await;
            match statement {
                Some(statement) => execute(&app.database.url, statement).unwrap(),
                None => app.advance(CONFIRM_AFTER),
            }
            let input = json!({
                "confirmAfterSeconds": CONFIRM_AFTER.num_seconds(),
                "selfService": self_service,
                "sentence": sentence,
                "state": state,
            });
            browse(&app, "own-account", given(locale, "banner", input)).await;
        }
    }
}

async fn ow_05_the_banner_says_what_to_do_in_slovenian(engine: Engine) {
    banners(engine, Locale::Sl).await;
}

async fn ow_05_the_banner_says_what_to_do_in_german(engine: Engine) {
    banners(engine, Locale::De).await;
}

async fn ow_05_the_banner_says_what_to_do_in_english(engine: Engine) {
    banners(engine, Locale::En).await;
}

async fn ow_05_the_banner_says_what_to_do_in_croatian(engine: Engine) {
    banners(engine, Locale::Hr).await;
}

/// Each width has an account of its own.
async fn on_the_account_page(engine: Engine, locale: Locale, part: &str, more: &Value) {
    for width in [NARROWEST, DESKTOP] {
        let app = TestApp::start(engine).await;
        app.create(&Customer::ANA, locale, Some(Customer::ANA.password)).await;
        let mut input = more.clone();
        input["sizes"] = json!([width]);
        browse(&app, "own-account", given(locale, part, input)).await;
    }
}

async fn ow_06_the_account_page_locks_down_in_slovenian(engine: Engine) {
    on_the_account_page(engine, Locale::Sl, "lockDown", &json!({})).await;
}

async fn ow_06_the_account_page_locks_down_in_german(engine: Engine) {
    on_the_account_page(engine, Locale::De, "lockDown", &json!({})).await;
}

async fn ow_06_the_account_page_locks_down_in_english(engine: Engine) {
    on_the_account_page(engine, Locale::En, "lockDown", &json!({})).await;
}

async fn ow_06_the_account_page_locks_down_in_croatian(engine: Engine) {
    on_the_account_page(engine, Locale::Hr, "lockDown", &json!({})).await;
}

async fn names_and_activity(engine: Engine, locale: Locale) {
    let failures = texts::text(locale, "activity-sign_in_failed", &[("count", 2.into())]);
    on_the_account_page(engine, locale, "names", &json!({ "failures": failures })).await;
}

async fn ow_10_devices_have_names_and_what_happened_is_told_in_slovenian(engine: Engine) {
    names_and_activity(engine, Locale::Sl).await;
}

async fn ow_10_devices_have_names_and_what_happened_is_told_in_german(engine: Engine) {
    names_and_activity(engine, Locale::De).await;
}

async fn ow_10_devices_have_names_and_what_happened_is_told_in_english(engine: Engine) {
    names_and_activity(engine, Locale::En).await;
}

async fn ow_10_devices_have_names_and_what_happened_is_told_in_croatian(engine: Engine) {
    names_and_activity(engine, Locale::Hr).await;
}
