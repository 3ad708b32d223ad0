//! The front ends of other origins that may read answers (AP-08).

use url::Url;

use super::{read::is_loopback, reader::Reader};

const NAME: &str = "STAKIS_CORS_ORIGINS";

/// The listed origins, each exactly as a browser sends it.
pub(super) fn origins(reader: &mut Reader, production: bool) -> Vec<String> {
    let text = reader.text(NAME).unwrap_or_default();
    let listed = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    let checked: Vec<Result<String, &str>> = listed.map(|text| origin(text, production)).collect();
    let mut problems: Vec<&str> = checked.iter().filter_map(|origin| origin.as_ref().err().copied()).collect();
    problems.sort_unstable();
    problems.dedup();
    for problem in problems {
        reader.problem(format!("{NAME} {problem}"));
    }
    checked.into_iter().flatten().collect()
}

/// What is not written as a browser writes it would never match: it is a mistake, and not made to fit.
fn origin(text: &str, production: bool) -> Result<String, &'static str> {
    // Sandboxed pages and local files of everybody have the origin `null`.
    if text.contains('*') || text.eq_ignore_ascii_case("null") {
        return Err("must name each origin in full: * and null let everyone in");
    }
    let url = Url::parse(text)
        .ok()
        .filter(|url| ["http", "https"].contains(&url.scheme()) && url.origin().ascii_serialization() == text);
    let url = url.ok_or(
        "must be origins such as https://www.example.com, separated by commas: scheme, host and port as browsers send \
         them, in small letters, without the usual port and with nothing after it",
    )?;
    // Whoever is on the way could answer in the place of such a front end, and read whatever it may read.
    if production && url.scheme() == "http" && !is_loopback(&url) {
        return Err("must be https:// origins in production");
    }
    Ok(text.to_owned())
}
