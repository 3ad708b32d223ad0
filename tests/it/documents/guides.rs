//! The guides and the TypeScript client, as the service serves them.

use std::{collections::BTreeSet, fs};

use reqwest::Method;
use url::Url;

use crate::support::{
    Answer, Engine, PUBLIC_URL, TestApp, database_tests, engine_tests,
    guides::{guides, repository},
    send,
};

database_tests![
    every_guide_is_a_page_and_every_link_leads_somewhere,
    the_client_is_served_as_it_is_committed,
    the_document_leads_to_the_guides,
    ap_09_a_guide_loads_nothing_but_its_stylesheet,
    every_guide_is_markdown_too_and_its_links_lead_somewhere,
    the_list_for_programs_has_the_form_of_llms_txt,
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
    for name in ["java.yaml", "php.yaml", "python.yaml", "python/str_enum.py.jinja"] {
        let answer = app.get(&format!("/docs/clients/{name}")).await;
        answer.assert_status_with(200, format_args!("{name}"));
        let committed = fs::read_to_string(repository().join("openapi/clients").join(name)).unwrap();
        assert_eq!(
            (answer.header("content-type"), answer.text.as_str()),
            ("text/plain; charset=utf-8", &*committed)
        );
    }
    for path in [
        "/docs/typescript/",
        "/docs/typescript/x.ts",
        "/docs/typescript/../client.ts",
        "/docs/clients/",
        "/docs/clients/client.ts",
        "/docs/guides/x",
        "/docs/guides/x.md",
        "/docs/guides/.md",
        "/docs/guides/prove-work.md.md",
    ] {
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
        "/docs/guides/prove-work.md",
        "/docs/typescript/client.ts",
        "/docs/clients/java.yaml",
        "/docs/stakis-identity.postman_collection.json",
        "/llms.txt",
    ] {
        app.get(path).await.assert_problem(404, "not-found");
    }
}

/// The targets of the links of a Markdown text.
fn links(markdown: &str) -> impl Iterator<Item = &str> {
    markdown.split("](").skip(1).map(|rest| rest.split(')').next().unwrap())
}

async fn every_guide_is_markdown_too_and_its_links_lead_somewhere(app: &TestApp) {
    let mut followed = BTreeSet::new();
    for (name, text) in guides() {
        let path = format!("/docs/guides/{name}.md");
        let answer = app.get(&path).await;
        answer.assert_status_with(200, format_args!("{name}"));
        assert_eq!(answer.header("content-type"), "text/markdown; charset=utf-8", "{name}");
        assert_eq!(answer.text.replace("](/openapi.json", "](../openapi.json"), text, "{name}");
        let page = app.get(path.trim_end_matches(".md")).await.text;
        assert!(
            page.contains(&format!("<link rel=\"alternate\" type=\"text/markdown\" href=\"{name}.md\">")),
            "{name}"
        );
        let base = Url::parse("http://here").unwrap().join(&path).unwrap();
        for link in links(&answer.text) {
            let target = base.join(link).unwrap();
            if target.host_str() == Some("here") && followed.insert(target.path().to_owned()) {
                app.get(target.path()).await.assert_status_with(200, format_args!("{name}: {link}"));
            }
        }
    }
    assert!(followed.len() > 8 && followed.contains("/openapi.json"), "{followed:?}");
    send(app.request(Method::POST, "/docs/guides/prove-work.md")).await.assert_problem(405, "method-not-allowed");
}

/// The form of llmstxt.org: a title, a summary as a quotation, text, and sections of links with a note each.
async fn the_list_for_programs_has_the_form_of_llms_txt(app: &TestApp) {
    let answer = app.get("/llms.txt").await;
    answer.assert_status(200);
    assert_eq!(answer.header("content-type"), "text/markdown; charset=utf-8");
    let (head, sections) = answer.text.split_once("\n## ").unwrap();
    let mut head = head.split("\n\n");
    assert_eq!(head.next(), Some("# STAkis Identity"));
    let summary = head.next().unwrap();
    assert!(summary.starts_with("> The credentials service") && !summary.contains('\n'), "{summary}");
    let mut listed = BTreeSet::new();
    for section in sections.split("\n## ") {
        let (name, links) = section.split_once("\n\n").unwrap();
        assert!(!name.is_empty() && !name.contains('\n'), "{name}");
        for line in links.lines().filter(|line| !line.is_empty()) {
            let (title, rest) = line.strip_prefix("- [").and_then(|line| line.split_once("](")).unwrap();
            let (address, about) = rest.split_once("): ").unwrap();
            assert!(!title.is_empty() && about.split(' ').count() >= 3, "{line}");
            let path = address.strip_prefix(PUBLIC_URL).unwrap_or_else(|| panic!("{line} has no absolute address"));
            app.get(path).await.assert_status_with(200, format_args!("{line}"));
            listed.insert(path.to_owned());
        }
    }
    let mut expected: BTreeSet<String> =
        guides().iter().map(|(name, _)| format!("/docs/guides/{name}.md")).collect();
    expected.extend(["/openapi.json", "/problems", "/docs/", "/docs/typescript/client.ts"].map(str::to_owned));
    assert!(listed.is_superset(&expected), "{listed:?}");
    send(app.request(Method::POST, "/llms.txt")).await.assert_problem(405, "method-not-allowed");
}
