//! The guides and the TypeScript client, as the service serves them.

use std::{collections::BTreeSet, fs};

use reqwest::Method;
use url::Url;

use crate::support::{
    Answer, Engine, TestApp, database_tests, engine_tests,
    guides::{guides, repository},
    send,
};

database_tests![
    every_guide_is_a_page_and_every_link_leads_somewhere,
    the_client_is_served_as_it_is_committed,
    the_document_leads_to_the_guides,
    ap_09_a_guide_loads_nothing_but_its_stylesheet,
];

engine_tests![ap_15_the_guides_are_switched_off_with_the_documentation,];

/// Every value of an attribute.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    page.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[track_caller]
fn assert_page(answer: &Answer) {
    answer.assert_status(200);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
}

async fn every_guide_is_a_page_and_every_link_leads_somewhere(app: &TestApp) {
    let redirect = app.get("/docs/guides").await;
    redirect.assert_status(302);
    assert_eq!(redirect.header("location"), "/docs/guides/");
    let index = app.get("/docs/guides/").await;
    assert_page(&index);
    let listed: BTreeSet<&str> =
        values(&index.text, "href").into_iter().filter(|link| !link.contains('/')).collect();
    let committed = guides();
    assert_eq!(listed, committed.iter().map(|(name, _)| name.as_str()).collect());
    let mut pages = vec![("/docs/guides/".to_owned(), index.text)];
    for (name, text) in &committed {
        let path = format!("/docs/guides/{name}");
        let page = app.get(&path).await;
        assert_page(&page);
        let title = text.lines().next().unwrap().trim_start_matches("# ");
        assert!(page.text.contains(&format!("<title>{title} · STAkis Identity</title>")), "{path}");
        assert!(!page.text.contains("```") && !page.text.contains("|---"), "{path}: all of it is rendered");
        pages.push((path, page.text));
    }
    let mut followed = BTreeSet::new();
    for (path, page) in &pages {
        let base = Url::parse("http://here").unwrap().join(path).unwrap();
        for link in values(page, "href") {
            let target = base.join(link).unwrap();
            if target.host_str() == Some("here") && followed.insert(target.path().to_owned()) {
                app.get(target.path()).await.assert_status_with(200, format_args!("{path}: {link}"));
            } else {
                assert!(["http", "https"].contains(&target.scheme()), "{path}: {link}");
            }
        }
    }
    assert!(followed.len() > 12, "{followed:?}");
}

async fn the_client_is_served_as_it_is_committed(app: &TestApp) {
    let folder = repository().join("openapi/typescript");
    let names = |folder: &str, prefix: &str| -> Vec<String> {
        let files = fs::read_dir(repository().join(folder)).unwrap().map(|entry| entry.unwrap());
        let files = files.filter(|entry| entry.file_type().unwrap().is_file());
        files.map(|entry| format!("{prefix}{}", entry.file_name().to_str().unwrap())).collect()
    };
    let example = names("openapi/typescript/example", "example/");
    for name in names("openapi/typescript", "").into_iter().chain(example) {
        let answer = app.get(&format!("/docs/typescript/{name}")).await;
        answer.assert_status_with(200, format_args!("{name}"));
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8", "{name}");
        assert_eq!(answer.text, fs::read_to_string(folder.join(&name)).unwrap(), "{name}");
    }
    for path in ["/docs/typescript/", "/docs/typescript/x.ts", "/docs/typescript/../client.ts", "/docs/guides/x"] {
        app.get(path).await.assert_problem(404, "not-found");
    }
    send(app.request(Method::POST, "/docs/guides/prove-work")).await.assert_problem(405, "method-not-allowed");
}

async fn the_document_leads_to_the_guides(app: &TestApp) {
    let document = app.get("/openapi.json").await.json();
    let description = document["info"]["description"].as_str().unwrap();
    assert!(description.contains("[Guides](/docs/guides/)"), "{description}");
    for (name, text) in guides() {
        let title = text.lines().next().unwrap().trim_start_matches("# ");
        assert!(description.contains(&format!("[{title}](/docs/guides/{name})")), "{name}");
    }
}

async fn ap_09_a_guide_loads_nothing_but_its_stylesheet(app: &TestApp) {
    let page = app.get("/docs/guides/verify-our-tokens").await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(values(&page.text, "src"), [""; 0]);
    assert_eq!(values(&page.text, "style"), [""; 0]);
    assert!(!page.text.contains("<script") && !page.text.contains("<style"));
    let stylesheet = app.get("/docs/guides.css").await;
    stylesheet.assert_status(200);
    assert_eq!(stylesheet.header("content-type"), "text/css; charset=utf-8");
    assert!(stylesheet.text.contains("prefers-color-scheme: dark") && !stylesheet.text.contains("url("));
}

async fn ap_15_the_guides_are_switched_off_with_the_documentation(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.docs = false).await;
    for path in [
        "/docs/guides",
        "/docs/guides/",
        "/docs/guides/prove-work",
        "/docs/guides.css",
        "/docs/typescript/client.ts",
    ] {
        app.get(path).await.assert_problem(404, "not-found");
    }
}
