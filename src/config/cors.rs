//! The front ends of other origins that may read answers (AP-08).

use url::Url;

use super::{
    environment::Environment,
    setting::{Form, Nothing, Objections, Reader, Secrecy, Setting, not_allowed, unless},
};
use crate::types::is_loopback;

pub(super) const CORS_ORIGINS: Setting<Origins, Nothing> = Setting {
    name: "STAKIS_CORS_ORIGINS",
    secrecy: Secrecy::Open,
    form: Origins,
    unset: Nothing("none"),
    sentence: "Origins of front ends that may call the service from the browser (CORS), such as `https://www.example.com`. \
               In production each is https, or on the same machine.",
};

/// The listed origins, each exactly as a browser sends it.
pub(super) fn cors_origins(reader: &mut Reader) -> Vec<String> {
    CORS_ORIGINS.read(reader).unwrap_or_default()
}

/// Origins, separated by commas.
pub(super) struct Origins;

impl Form for Origins {
    type Value = Vec<String>;

    fn allowed(&self) -> String {
        "origins such as https://www.example.com, separated by commas: scheme, host and port as browsers send them, in \
         small letters, without the usual port and with nothing after it"
            .to_owned()
    }

    fn parse(&self, text: &str, environment: Environment) -> Result<Vec<String>, Objections> {
        let origins = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins: Vec<String> = origins.map(str::to_owned).collect();
        let mut objections: Objections =
            origins.iter().filter_map(|origin| objection(origin, environment)).flatten().collect();
        objections.sort_unstable();
        objections.dedup();
        unless(objections, origins)
    }
}

/// An origin that is not written as a browser writes it would never match, so it is refused rather than corrected.
fn objection(origin: &str, environment: Environment) -> Option<Objections> {
    // Every sandboxed page and every local file has the origin `null`.
    if origin.contains('*') || origin.eq_ignore_ascii_case("null") {
        return Some(vec!["must name each origin in full: * and null let everyone in".to_owned()]);
    }
    let url = Url::parse(origin)
        .ok()
        .filter(|url| ["http", "https"].contains(&url.scheme()) && url.origin().ascii_serialization() == origin);
    let Some(url) = url else { return Some(not_allowed(&Origins)) };
    // Without https, anyone on the network path could answer in the place of a front end and read what it may read.
    let is_insecure = environment.is_production() && url.scheme() == "http" && !is_loopback(&url);
    is_insecure.then(|| vec!["must be https:// origins in production".to_owned()])
}
