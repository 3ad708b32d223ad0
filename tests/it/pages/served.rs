//! The hosted pages, as far as they can be tested without a browser.

use reqwest::Method;
use stakis_identity::{
    brand::{Logo, Palette},
    pages::Page,
    types::EmailAddress,
};

use crate::support::{Engine, TestApp, database_tests, engine_tests, send};

database_tests![
    ch_12_the_well_known_address_leads_to_the_page,
    tk_12_the_pages_load_nothing_foreign_and_leak_nothing,
    ch_07_whoever_was_it_not_is_told_what_to_do_without_signing_in,
    ow_03_the_links_of_an_address_lead_to_one_button_in_each_language,
    pages_speak_the_browser_s_language_and_the_guide_s_words,
    assets_are_served_with_their_types,
];

engine_tests![
    switched_off_the_pages_are_not_there,
    ap_01_an_unknown_address_is_a_page_for_people_alone,
    ow_05_without_self_service_the_account_page_names_support,
    the_root_leads_to_the_sign_in,
    pages_show_the_brand_of_the_settings,
];

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
        // A sentence that does not exist shows its key.
        for key in ["=\"page-", ">page-", "=\"mail-", ">mail-"] {
            assert!(!page.text.contains(key), "{path} shows a key");
        }
        // Without scripts nothing can be sent, and the page says what to do.
        assert!(page.text.contains("<noscript>") && page.text.contains("hidden>"));
    }
}

async fn ch_07_whoever_was_it_not_is_told_what_to_do_without_signing_in(app: &TestApp) {
    for (language, words, locks) in [
        ("sl", ["To nismo bili mi", "odjavili vse naprave", "Uporabniško ime", "Ponastavi"], "Zakleni dostop"),
        (
            "de",
            ["Das war ich nicht", "melden Sie alle Geräte ab", "Benutzername", "Passwort zurücksetzen"],
            "Zugang sperren",
        ),
        ("en", ["This was not me", "signs out every device", "User name", "Reset password"], "Lock the access"),
        (
            "hr",
            ["To nismo bili mi", "odjaviti sve uređaje", "Korisničko ime", "Ponovno postavi lozinku"],
            "Zaključaj pristup",
        ),
    ] {
        let page = send(app.request(Method::GET, "/not-me").header("accept-language", language)).await.text;
        for word in words.into_iter().chain([locks, "stakis.support@stahlgruber.si", "01 587 31 31"]) {
            assert!(page.contains(word), "{word} is missing in {language}");
        }
    }
}

async fn ow_03_the_links_of_an_address_lead_to_one_button_in_each_language(app: &TestApp) {
    for (path, language, words) in [
        ("/confirm-email", "sl", ["Potrditev novega naslova", "Potrdi naslov"]),
        ("/confirm-email", "de", ["E-Mail-Adresse bestätigen", "Adresse bestätigen"]),
        ("/confirm-email", "en", ["Confirm the e-mail address", "Confirm the address"]),
        ("/confirm-email", "hr", ["Potvrda adrese e-pošte", "Potvrdi adresu"]),
        ("/withdraw-email", "sl", ["Preklic spremembe naslova", "Prekliči spremembo"]),
        ("/withdraw-email", "de", ["Änderung der Adresse zurückziehen", "Änderung zurückziehen"]),
        ("/withdraw-email", "en", ["Withdraw the change of address", "Withdraw the change"]),
        ("/withdraw-email", "hr", ["Opoziv promjene adrese", "Opozovi promjenu"]),
    ] {
        let page = send(app.request(Method::GET, path).header("accept-language", language)).await.text;
        let [title, button] = words;
        assert!(page.contains(&format!("<h1>{title}</h1>")), "{page}");
        assert_eq!(page.matches(r#"<button type="submit">"#).count(), 1);
        assert!(page.contains(&format!(r#"<button type="submit">{button}</button>"#)), "{page}");
    }
}

async fn ow_05_without_self_service_the_account_page_names_support(engine: Engine) {
    for self_service in [true, false] {
        let app = TestApp::start_with(engine, |config| config.email.self_service = self_service).await;
        let page = app.get("/account").await.text;
        assert_eq!(page.contains(r#"id="email-change""#), self_service);
        assert_eq!(page.contains(">E-poštni naslov vam spremeni podpora:"), !self_service);
        assert!(page.contains(r#"id="still-mine""#));
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
        let path = format!("/assets/{file}");
        let answer = app.get(&path).await;
        answer.assert_status(200);
        assert_eq!(answer.header("content-type"), content_type);
        // Browsers ask each time: the files of two releases do not fit together.
        assert_eq!(answer.header("cache-control"), "no-cache");
        let known = app.request(Method::GET, &path).header("if-none-match", answer.header("etag"));
        send(known).await.assert_status(304);
        let other = app.request(Method::GET, &path).header("if-none-match", r#""other""#);
        assert_eq!(send(other).await.text, answer.text);
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

/// A browser's `Accept`, and those of programs.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const PROGRAMS: [&str; 4] =
    ["*/*", "application/json", "application/problem+json, text/html;q=0.5", "text/html;q=0, */*"];

async fn ap_01_an_unknown_address_is_a_page_for_people_alone(engine: Engine) {
    let app = TestApp::start(engine).await;
    let ask = async |path: &str, accept: &str| {
        send(app.request(Method::GET, path).header("accept", accept).header("accept-language", "de")).await
    };
    for path in ["/nowhere", "/v1x", "/assets/nothing.js", "/problems/nothing", "/docs/nothing"] {
        let page = ask(path, BROWSER).await;
        page.assert_status_with(404, format_args!("{path}"));
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert!(page.header("content-security-policy").contains("script-src 'self'"));
        assert_eq!(page.header("vary"), "Accept, Accept-Language");
        assert!(page.text.contains("Diese Seite gibt es nicht") && page.text.contains(r#"href="/sign-in""#));
        for accept in PROGRAMS {
            ask(path, accept).await.assert_problem(404, "not-found");
        }
    }
    for path in ["/v1/nowhere", "/v1", "/oauth2/nowhere", "/.well-known/nowhere"] {
        let answer = ask(path, &format!("{BROWSER},application/json;q=0.1")).await;
        answer.assert_problem(404, "not-found");
    }
    let app = TestApp::start_with(engine, |config| config.pages = false).await;
    let answer = send(app.request(Method::GET, "/nowhere").header("accept", BROWSER)).await;
    answer.assert_problem(404, "not-found");
}

async fn the_root_leads_to_the_sign_in(engine: Engine) {
    let elsewhere = "https://stakis.example.com/login";
    for (sign_in_url, location) in [(None, "/sign-in"), (Some(elsewhere.parse().unwrap()), elsewhere)] {
        let app = TestApp::start_with(engine, |config| config.sign_in_url = sign_in_url).await;
        let answer = app.get("/").await;
        answer.assert_status(303);
        assert_eq!(answer.header("location"), location);
        let page = app.get("/forgot-password").await.text;
        assert!(page.contains(&format!(r#"href="{location}""#)), "{page}");
    }
    let app = TestApp::start_with(engine, |config| config.pages = false).await;
    app.get("/").await.assert_problem(404, "not-found");
}

async fn pages_show_the_brand_of_the_settings(engine: Engine) {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>"#;
    let app = TestApp::start_with(engine, |config| {
        let brand = &mut config.brand;
        "Deli & Co".clone_into(&mut brand.name);
        brand.company = Some("Primer d.o.o., Ljubljana".to_owned());
        brand.logo = Some(Logo::read(svg).unwrap());
        brand.palette = Palette::derive("#7a1f1f").unwrap();
        brand.imprint_url = Some("https://example.com/imprint".parse().unwrap());
        brand.privacy_url = Some("https://example.com/privacy".parse().unwrap());
        brand.support_email = EmailAddress::parse("pomoc@example.com").unwrap();
        "+386 1 23 45".clone_into(&mut brand.support_phone);
        config.home_url = Some("https://example.com/catalog".parse().unwrap());
    })
    .await;
    for path in Page::ALL.map(Page::path) {
        let page = app.get(path).await.text;
        for part in [
            "Deli &#38; Co</title>",
            "Primer d.o.o., Ljubljana",
            r#"<img src="/assets/logo" alt="Deli &#38; Co">"#,
            r#"href="https://example.com/imprint""#,
            r#"href="https://example.com/privacy""#,
            r#"href="mailto:pomoc@example.com">pomoc@example.com"#,
            r#"href="tel:+38612345">+386 1 23 45"#,
        ] {
            assert!(page.contains(part), "{part} is missing in {path}");
        }
        assert_eq!(page.contains(r#"href="https://example.com/catalog""#), path == Page::Account.path());
    }
    let logo = app.get("/assets/logo").await;
    assert_eq!(logo.header("content-type"), "image/svg+xml");
    assert_eq!(logo.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    assert_eq!(logo.text.as_bytes(), svg);
    let style = app.get("/assets/brand.css").await.text;
    assert!(
        style.starts_with(":root{--accent:#7a1f1f;")
            && style.contains("--card:#ffffff;--ground:#f3f5f7;")
            && style.contains("@media (prefers-color-scheme:dark)")
    );
    assert!(app.get("/assets/icon.svg").await.text.contains("#7a1f1f"));
}
