//! The hosted pages, as far as they can be judged without a browser.

use reqwest::Method;

use crate::support::{TestApp, database_tests, send};

database_tests![
    ch_12_the_well_known_address_leads_to_the_page,
    tk_12_the_pages_load_nothing_foreign_and_leak_nothing,
    tk_06_no_page_sends_anything_by_itself,
    ch_07_whoever_was_it_not_is_told_what_to_do_without_signing_in,
    pages_speak_the_browser_s_language_and_the_guide_s_words,
    assets_are_served_with_their_types,
];

async fn ch_12_the_well_known_address_leads_to_the_page(app: &TestApp) {
    let answer = app.get("/.well-known/change-password").await;
    assert_eq!((answer.status, answer.header("location")), (302, "https://identity.test/change-password"));
    let probe = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    app.get(probe).await.assert_problem(404, "not-found");
}

async fn tk_12_the_pages_load_nothing_foreign_and_leak_nothing(app: &TestApp) {
    for path in ["/change-password", "/withdraw-reset", "/not-me"] {
        let page = app.get(path).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
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

async fn tk_06_no_page_sends_anything_by_itself(app: &TestApp) {
    for file in ["withdraw-reset.js", "not-me.js"] {
        let script = app.get(&format!("/assets/{file}")).await.text;
        let calls: Vec<usize> = script.match_indices("call(").map(|(at, _)| at).collect();
        let submit = script.find("onSubmit(").unwrap();
        assert!(calls.len() == 1 && calls[0] > submit, "the call of {file} stands inside the submit handler");
    }
    let script = app.get("/assets/change-password.js").await.text;
    for path in ["/v1/password-resets/complete", "\"/v1/password-resets\""] {
        assert!(script.find(path).unwrap() > script.find("onSubmit(change").unwrap(), "{path}");
    }
    assert!(!script.contains("localStorage") && !script.contains("sessionStorage"));
}

async fn ch_07_whoever_was_it_not_is_told_what_to_do_without_signing_in(app: &TestApp) {
    for (language, words) in [
        ("sl", ["To nisem bil/-a jaz", "Novo geslo konča vse prijave", "Uporabniško ime", "Ponastavi"]),
        ("de", ["Das war ich nicht", "beendet alle Anmeldungen", "Benutzername", "Passwort zurücksetzen"]),
        ("en", ["This was not me", "ends every sign-in", "User name", "Reset password"]),
        ("hr", ["To nisam bio/bila ja", "završava sve prijave", "Korisničko ime", "Ponovno postavi lozinku"]),
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
        ("change-password.js", "text/javascript; charset=utf-8"),
        ("not-me.js", "text/javascript; charset=utf-8"),
        ("proof-of-work.js", "text/javascript; charset=utf-8"),
        ("withdraw-reset.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = app.get(&format!("/assets/{file}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, content_type));
    }
    app.get("/assets/nothing.js").await.assert_problem(404, "not-found");
}
