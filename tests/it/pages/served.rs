//! The hosted pages, as far as they can be tested without a browser.

use reqwest::Method;
use stakis_identity::pages::Page;

use crate::support::{Engine, TestApp, database_tests, engine_tests, send};

database_tests![
    ch_12_the_well_known_address_leads_to_the_page,
    tk_12_the_pages_load_nothing_foreign_and_leak_nothing,
    ch_07_whoever_was_it_not_is_told_what_to_do_without_signing_in,
    pages_speak_the_browser_s_language_and_the_guide_s_words,
    assets_are_served_with_their_types,
];

engine_tests![switched_off_the_pages_are_not_there,];

async fn switched_off_the_pages_are_not_there(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.pages = false).await;
    for path in Page::ALL.map(Page::path) {
        app.get(path).await.assert_problem(404, "not-found");
    }
}

async fn ch_12_the_well_known_address_leads_to_the_page(app: &TestApp) {
    let answer = app.get("/.well-known/change-password").await;
    answer.assert_status(302);
    assert_eq!(answer.header("location"), "https://identity.test/change-password");
    let probe = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    app.get(probe).await.assert_problem(404, "not-found");
}

async fn tk_12_the_pages_load_nothing_foreign_and_leak_nothing(app: &TestApp) {
    for path in Page::ALL.map(Page::path) {
        let page = app.get(path).await;
        page.assert_status(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        let policy = page.header("content-security-policy");
        assert!(!policy.contains("unsafe") && policy.contains("script-src 'self'"), "{policy}");
        assert!(!page.text.contains("http://") && !page.text.contains("https://"), "a foreign resource in {path}");
        assert!(!page.text.contains("<style") && !page.text.contains(" style=") && !page.text.contains(" onclick"));
        assert!(!page.text.contains("<script>"));
        // Without scripts nothing can be sent, and the page says what to do.
        assert!(page.text.contains("<noscript>") && page.text.contains("hidden>"));
    }
}

async fn ch_07_whoever_was_it_not_is_told_what_to_do_without_signing_in(app: &TestApp) {
    for (language, words) in [
        ("sl", ["To nismo bili mi", "odjavili vse naprave", "Uporabniško ime", "Ponastavi"]),
        ("de", ["Das war ich nicht", "melden Sie alle Geräte ab", "Benutzername", "Passwort zurücksetzen"]),
        ("en", ["This was not me", "signs out every device", "User name", "Reset password"]),
        ("hr", ["To nismo bili mi", "odjaviti sve uređaje", "Korisničko ime", "Ponovno postavi lozinku"]),
    ] {
        let page = send(app.request(Method::GET, "/not-me").header("accept-language", language)).await.text;
        for word in words.into_iter().chain(["stakis.support@stahlgruber.si", "01 587 31 31"]) {
            assert!(page.contains(word), "{word} is missing in {language}");
        }
    }
}

async fn pages_speak_the_browser_s_language_and_the_guide_s_words(app: &TestApp) {
    for (language, words) in [
        (
            "sl",
            [
                "Sprememba gesla",
                "Uporabniško ime",
                "Novo geslo",
                "Ponovno vnesite geslo",
                "Pošiljanje",
                "Ponastavi",
            ],
        ),
        (
            "de",
            [
                "Passwort ändern",
                "Benutzername",
                "Neues Passwort",
                "Passwort wiederholen",
                "Absenden",
                "Passwort zurücksetzen",
            ],
        ),
    ] {
        let page =
            send(app.request(Method::GET, "/change-password").header("accept-language", language)).await.text;
        assert!(page.contains(&format!("<html lang=\"{language}\">")));
        for word in words {
            assert!(page.contains(word), "{word}");
        }
    }
}

async fn assets_are_served_with_their_types(app: &TestApp) {
    for (file, content_type) in [
        ("pages.css", "text/css; charset=utf-8"),
        ("api.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ] {
        let answer = app.get(&format!("/assets/{file}")).await;
        answer.assert_status(200);
        assert_eq!(answer.header("content-type"), content_type);
    }
    app.get("/assets/nothing.js").await.assert_problem(404, "not-found");
    // Every file that a page or script refers to exists.
    let mut referred = vec![];
    let mut texts = vec![];
    for path in Page::ALL.map(Page::path) {
        texts.push(app.get(path).await.text);
    }
    while let Some(text) = texts.pop() {
        for piece in text.split(['"', '\'']) {
            let name = piece.strip_prefix("/assets/").or_else(|| piece.strip_prefix("./"));
            let Some(name) = name.filter(|name| !referred.contains(&(*name).to_owned())) else { continue };
            referred.push(name.to_owned());
            let answer = app.get(&format!("/assets/{name}")).await;
            answer.assert_status_with(200, format_args!("{name}"));
            texts.push(answer.text);
        }
    }
    assert!(referred.len() > 12, "{referred:?}");
}
