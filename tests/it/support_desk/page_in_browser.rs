//! The support page in Chromium, as people use it.

use serde_json::json;
use stakis_identity::{
    identity::support::FindingCode,
    texts,
    types::{DeliveryKind, Locale},
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
    ad_03_support_acts_on_its_page_as_far_as_its_scopes_go,
];

const KEYS: &[&str] = &[
    "page-caller-only",
    "page-caller-submit",
    "page-password",
    "page-sign-in-submit",
    "page-user-name",
    "support-act-caller",
    "support-act-check",
    "support-act-do",
    "support-act-done",
    "support-act-lift",
    "support-act-lift-confirm",
    "support-act-not-verified",
    "support-act-sign-out",
    "support-act-sign-out-confirm",
    "support-act-verified-page",
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

/// The customer reads the code out of the account page, in a browser of its own.
async fn ad_03_support_acts_on_its_page_as_far_as_its_scopes_go(engine: Engine) {
    let (desk, maja) = prepare(engine).await;
    let reader = Person::make(&desk.app, "support:read").await;
    let reason = "Klic stranke";
    let input = json!({
        "desk": desk.origin(),
        "part": "acting",
        "id": maja.id.as_str(),
        "secret": maja.secret,
        "reader": { "id": reader.id.as_str(), "secret": reader.secret },
        "person": Person::NAME,
        "reason": reason,
        "number": Customer::ANA.number,
        "password": Customer::ANA.password,
        "words": words(Locale::Sl, KEYS),
    });
    browse(&desk.app, "support-page", input).await;
    let actor = format!("client {}", maja.id);
    let trail = desk.app.audit();
    let done = |event: &str| {
        let lines = trail.iter().filter(|line| line.event == event && line.actor == actor);
        lines.map(|line| line.detail.clone()).collect::<Vec<_>>()
    };
    assert_eq!(done("mail_suppression_lifted"), [reason], "the second time nothing is left to be lifted");
    assert_eq!(done("caller_code_verified"), ["page", "page"]);
    assert_eq!(done("authn_token_revoked"), ["by support", "by support"]);
    assert!(desk.app.suppressions().is_empty());
    desk.stop().await;
}
