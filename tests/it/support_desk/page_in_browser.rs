//! The support page in Chromium, as people use it.

use serde_json::json;
use stakis_identity::{
    brand::Brand,
    identity::support::FindingCode,
    pages::{ActInput, ActMethod, SupportAct, SupportPage},
    texts,
    types::{DeliveryKind, Locale, Scope},
};

use crate::support::{
    Customer, Engine, browse, browser_tests,
    desk::{Desk, Person},
    diagnosis::{asked, told},
    words,
};

browser_tests![
    on_each_database: true,
    ad_04_support_signs_in_asks_and_copies_the_sentence,
];

browser_tests![
    on_each_database: false,
    ad_03_the_acts_that_this_build_has_are_confirmed_and_made,
];

const KEYS: &[&str] = &[
    "support-act-caller",
    "support-act-check",
    "support-act-code",
    "support-act-do",
    "support-act-done",
    "support-act-reason",
    "support-act-unlock",
    "support-act-unlock-confirm",
    "support-act-verified",
    "support-answer-language",
    "support-ask",
    "support-client-id",
    "support-client-secret",
    "support-copied",
    "support-copy",
    "support-email",
    "support-lead",
    "support-number",
    "support-say-nothing",
    "support-say-unasked",
    "support-session-over",
    "support-severity-blocking",
    "support-sign-in",
    "support-sign-out",
    "support-signed-out",
    "support-wrong-client",
    "timeline-mail_handed_over",
];

/// A customer whose mail has bounced, and a person of support.
async fn prepare(engine: Engine) -> (Desk, Person) {
    let desk = Desk::start_with(engine, |config| config.limits.support_diagnosis = None).await;
    asked(&desk.app).await;
    told(&desk.app, DeliveryKind::BouncedHard, Some("550 5.1.1")).await;
    let maja = Person::make(&desk.app, "support:read support:act").await;
    (desk, maja)
}

async fn ad_04_support_signs_in_asks_and_copies_the_sentence(engine: Engine) {
    let (desk, maja) = prepare(engine).await;
    let bounced_at = desk.app.app.clock.now();
    let key = format!("finding-{}", FindingCode::MailBounced.as_str());
    let sentence = texts::text(Locale::De, &key, &[("at", texts::moment_text(Locale::De, bounced_at).into())]);
    let input = json!({
        "desk": desk.origin(),
        "part": "asking",
        "id": maja.id.as_str(),
        "secret": maja.secret,
        "person": Person::NAME,
        "number": Customer::ANA.number,
        "email": Customer::ANA.email,
        "sentence": sentence,
        "words": words(Locale::Sl, KEYS),
        "german": words(Locale::De, KEYS),
    });
    browse(&desk.app, "support-page", input).await;
    desk.stop().await;
}

/// No operation of an act exists yet, so the page of this test has the acts, and the browser answers in their place.
async fn ad_03_the_acts_that_this_build_has_are_confirmed_and_made(engine: Engine) {
    let (desk, maja) = prepare(engine).await;
    let brand = Brand::standard().unwrap();
    let act = |name, path, input| SupportAct { name, method: ActMethod::Post, path, scope: Scope::SupportAct, input };
    let acts = [
        act("unlock", "/v1/accounts/{id}/unlock", ActInput::Reason),
        act("resend", "/v1/accounts/{id}/password-resets", ActInput::Nothing),
        act("lift", "/v1/accounts/{id}/lift-suppression", ActInput::Reason),
        act("lock-down", "/v1/accounts/{id}/lock-down", ActInput::Reason),
        act("caller", "/v1/support/caller-codes", ActInput::CallerCode),
    ];
    let page = SupportPage { brand: &brand, locale: Locale::Sl, acts: &acts, may_be_signed_in: false };
    let input = json!({
        "desk": desk.origin(),
        "part": "acting",
        "html": page.to_html().unwrap(),
        "id": maja.id.as_str(),
        "secret": maja.secret,
        "account": desk.app.column("accounts", "id").remove(0),
        "number": Customer::ANA.number,
        "words": words(Locale::Sl, KEYS),
    });
    browse(&desk.app, "support-page", input).await;
    desk.stop().await;
}
