//! The guides and the TypeScript client from `openapi`, embedded in the binary.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Bytes},
};
use askama::Template as _;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::collection::COLLECTION_PATH;
use crate::{http::problem::Problem, types::Fault};

/// Allows one stylesheet of this service and no other resource.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The media type of Markdown (RFC 7763).
pub(super) const MARKDOWN: &str = "text/markdown; charset=utf-8";

/// A guide as it stands in the repository.
struct Source {
    /// The name of the file without its extension, which is also the last segment of the guide's path.
    name: &'static str,
    /// The line that describes the guide in the index.
    about: &'static str,
    markdown: &'static str,
}

/// The guides in reading order. A test compares the list with the folder `openapi/guides`.
const SOURCES: &[Source] = &[
    Source {
        name: "build-the-reset-form",
        about: "from \"forgotten\" to a new password, in three windows",
        markdown: include_str!("../../../openapi/guides/build-the-reset-form.md"),
    },
    Source {
        name: "handle-expired-passwords",
        about: "what a sign-in may answer, and the change that follows",
        markdown: include_str!("../../../openapi/guides/handle-expired-passwords.md"),
    },
    Source {
        name: "prove-work",
        about: "what to do when the service is under attack and asks for a proof",
        markdown: include_str!("../../../openapi/guides/prove-work.md"),
    },
    Source {
        name: "call-our-api",
        about: "for programs of partners: credentials, tokens, limits, introspection",
        markdown: include_str!("../../../openapi/guides/call-our-api.md"),
    },
    Source {
        name: "verify-our-tokens",
        about: "for services that get our access tokens: TypeScript, C#, Java, PHP",
        markdown: include_str!("../../../openapi/guides/verify-our-tokens.md"),
    },
    Source {
        name: "receive-webhooks",
        about: "for partners that are told of events: TypeScript, Python, C#, Java, PHP",
        markdown: include_str!("../../../openapi/guides/receive-webhooks.md"),
    },
    Source {
        name: "keep-the-erp-in-step",
        about: "for systems that ask what has happened: TypeScript, Python",
        markdown: include_str!("../../../openapi/guides/keep-the-erp-in-step.md"),
    },
    Source {
        name: "generate-a-client",
        about: "with well-known generators, for TypeScript, Python, PHP and Java; C# without",
        markdown: include_str!("../../../openapi/guides/generate-a-client.md"),
    },
];

/// The files of the TypeScript client, with its types and its example.
const TYPESCRIPT: [(&str, &str); 7] = [
    ("client.ts", include_str!("../../../openapi/typescript/client.ts")),
    ("schema.ts", include_str!("../../../openapi/typescript/schema.ts")),
    ("proof-of-work.ts", include_str!("../../../openapi/typescript/proof-of-work.ts")),
    ("tsconfig.json", include_str!("../../../openapi/typescript/tsconfig.json")),
    ("example/index.html", include_str!("../../../openapi/typescript/example/index.html")),
    ("example/main.ts", include_str!("../../../openapi/typescript/example/main.ts")),
    ("example/tsconfig.json", include_str!("../../../openapi/typescript/example/tsconfig.json")),
];

/// The settings of generators, which the guide "Generate a client" tells how to use.
const GENERATORS: [(&str, &str); 4] = [
    ("java.yaml", include_str!("../../../openapi/clients/java.yaml")),
    ("php.yaml", include_str!("../../../openapi/clients/php.yaml")),
    ("python.yaml", include_str!("../../../openapi/clients/python.yaml")),
    ("python/str_enum.py.jinja", include_str!("../../../openapi/clients/python/str_enum.py.jinja")),
];

/// A guide as a page. All answers share its bytes.
struct Guide {
    name: &'static str,
    title: String,
    page: Bytes,
    /// The guide as Markdown, for programs.
    markdown: Bytes,
}

impl Guide {
    fn new(name: &'static str, markdown: &str) -> Result<Self, askama::Error> {
        let (title, html) = render(markdown);
        let page = GuidePage { title: &title, html: &html, name }.render()?;
        // Only the document is at another address than its file beside the guides.
        let markdown = markdown.replace("](../openapi.json", "](/openapi.json");
        Ok(Self { name, title, page: Bytes::from(page), markdown: Bytes::from(markdown) })
    }
}

/// A guide in the list of what is there for programs.
pub(super) struct ListedGuide {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// What the guide is about, as the index says it.
    pub(super) about: &'static str,
}

/// All guides in reading order.
pub(super) fn listed() -> Result<impl Iterator<Item = ListedGuide>, Fault> {
    let guides = SOURCES.iter().zip(&Guides::get()?.all);
    Ok(guides.map(|(source, guide)| ListedGuide { name: guide.name, title: &guide.title, about: source.about }))
}

/// The names of the files of the TypeScript client.
pub(super) fn typescript_files() -> impl Iterator<Item = &'static str> {
    TYPESCRIPT.iter().map(|(name, _)| *name)
}

/// All guides and their index, rendered once.
struct Guides {
    all: Vec<Guide>,
    index: Guide,
}

impl Guides {
    fn get() -> Result<&'static Self, Fault> {
        static GUIDES: LazyLock<Result<Guides, String>> =
            LazyLock::new(|| Guides::new().map_err(|error| error.to_string()));
        GUIDES.as_ref().map_err(|error| Fault::internal("rendering the guides", error.clone()))
    }

    fn new() -> Result<Self, askama::Error> {
        let guides = SOURCES.iter().map(|source| Guide::new(source.name, source.markdown));
        let all: Vec<Guide> = guides.collect::<Result<_, _>>()?;
        let index = Guide::new("", &index(&all))?;
        Ok(Self { all, index })
    }
}

#[derive(askama::Template)]
#[template(path = "http/templates/guide.html", config = "src/askama.toml")]
struct GuidePage<'a> {
    title: &'a str,
    /// The name of the guide, which its Markdown has too; empty for the index.
    name: &'a str,
    /// HTML made from a guide in this repository, so it needs no escaping.
    html: &'a str,
}

/// Redirects `/docs/guides` to `/docs/guides/`, because the relative links of the index need the final slash.
pub(in crate::http) async fn redirect() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/docs/guides/")).finish()
}

/// Answers the index of the guides and of the rest of the documentation.
pub(in crate::http) async fn show_index() -> Result<HttpResponse, Problem> {
    Ok(answer(&Guides::get()?.index))
}

/// The index as Markdown.
fn index(guides: &[Guide]) -> String {
    let guides = SOURCES.iter().zip(guides);
    let guides = guides.map(|(source, guide)| format!("- [{}]({}): {}\n", guide.title, guide.name, source.about));
    let files = TYPESCRIPT.iter().map(|(name, _)| format!("- [{name}](../typescript/{name})\n"));
    format!(
        "# Guides\n\nEvery call, with examples: [the API](/docs/), also as [OpenAPI document](/openapi.json) and as \
         [Postman collection]({COLLECTION_PATH}). Each guide is Markdown too, for programs: [llms.txt](/llms.txt) lists \
         them.\n\n{}\n\
         ## A client in TypeScript\n\nFor browsers and Node, without dependencies: copy `client.ts`, `schema.ts` and \
         `proof-of-work.ts`. The example is a whole front end.\n\n{}",
        guides.collect::<String>(),
        files.collect::<String>(),
    )
}

/// Answers one guide as a page or, where the name ends with `.md`, as Markdown; 404 for an unknown name.
pub(in crate::http) async fn guide(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let find = |name: &str| -> Result<_, Problem> {
        Guides::get()?.all.iter().find(|guide| guide.name == name).ok_or(Problem::NotFound)
    };
    Ok(match name.strip_suffix(".md") {
        Some(name) => HttpResponse::Ok().content_type(MARKDOWN).body(find(name)?.markdown.clone()),
        None => answer(find(&name)?),
    })
}

pub(in crate::http) async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .content_type("text/css; charset=utf-8")
        .body(include_str!("../templates/guides.css"))
}

/// Answers a file of the TypeScript client as plain text, since it is meant to be read and copied, not run.
pub(in crate::http) async fn typescript(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    source(&TYPESCRIPT, &file)
}

/// Answers a file with settings of a generator of clients, which is meant to be copied too.
pub(in crate::http) async fn generator(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    source(&GENERATORS, &file)
}

fn source(files: &[(&str, &'static str)], name: &str) -> Result<HttpResponse, Problem> {
    let (_, text) = files.iter().find(|(file, _)| *file == name).ok_or(Problem::NotFound)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(*text))
}

fn answer(guide: &Guide) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .content_type("text/html; charset=utf-8")
        .body(guide.page.clone())
}

/// Renders a guide, and returns its title and its HTML.
fn render(markdown: &str) -> (String, String) {
    let events: Vec<Event<'_>> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    let headings = headings(&events);
    let mut anchors = headings.iter().map(|heading| CowStr::from(anchor(heading)));
    let events = events.into_iter().map(|event| match event {
        Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
            Event::Start(Tag::Heading { level, id: anchors.next(), classes, attrs })
        }
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: served_at(&dest_url), title, id })
        }
        other => other,
    });
    let mut page = String::new();
    html::push_html(&mut page, events);
    // Code and tables can be wider than the window, so each of them scrolls on its own. `tabindex` lets a keyboard
    // scroll them.
    let page = page.replace("<pre>", "<pre tabindex=\"0\">").replace("</table>", "</table></div>");
    let page = page.replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>");
    (headings.into_iter().next().unwrap_or_default(), page)
}

/// The text of each heading.
fn headings(events: &[Event<'_>]) -> Vec<String> {
    let mut headings = Vec::new();
    let mut open: Option<String> = None;
    for event in events {
        match event {
            Event::Start(Tag::Heading { .. }) => open = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => headings.extend(open.take()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(open) = &mut open {
                    open.push_str(text);
                }
            }
            _ => {}
        }
    }
    headings
}

/// The anchor of a heading: `2. Open the link` becomes `2-open-the-link`.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|character| character.is_alphanumeric() || *character == '-').collect()
}

/// Turns a link between files of the repository into an address of this service. Served guides have no `.md`, and the
/// OpenAPI document is at `/openapi.json`.
fn served_at(link: &str) -> CowStr<'static> {
    CowStr::from(match link {
        "../openapi.json" => "/openapi.json".to_owned(),
        elsewhere if elsewhere.contains("://") => elsewhere.to_owned(),
        file => file.replace(".md", ""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_a_page_with_anchors_links_and_tables() {
        let (title, page) = render(
            "# One `two`\n\n[a](b.md) [c](b.md#d) [e](https://f.md)\n\n|g|\n|---|\n|h|\n\n```ts\n1 < 2\n```\n\n## \"Not me\"!",
        );
        assert_eq!(title, "One two");
        for part in [
            "<h1 id=\"one-two\">One <code>two</code></h1>",
            "<a href=\"b\">a</a> <a href=\"b#d\">c</a> <a href=\"https://f.md\">e</a>",
            "<div class=\"wide\" tabindex=\"0\"><table><thead><tr><th>g</th>",
            "</tbody></table></div>",
            "<pre tabindex=\"0\"><code class=\"language-ts\">1 &lt; 2\n</code></pre>",
            "<h2 id=\"not-me\">",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }
}
