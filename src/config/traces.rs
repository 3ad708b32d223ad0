//! The settings of traces: where they go, and how many are recorded.

use url::Url;

use super::{
    environment::Environment,
    setting::{Form, Group, Nothing, Objections, Reader, Secrecy, Setting, Value, WriteForm, not_allowed},
};
use crate::types::Share;

pub(super) const GROUP: Group =
    Group { title: "Traces", introduction: String::new, settings: &[&TRACES_URL, &TRACES_SAMPLE] };

const TRACES_URL: Setting<CollectorUrl, Nothing> = Setting {
    name: "STAKIS_TRACES_URL",
    secrecy: Secrecy::Open,
    form: CollectorUrl,
    unset: Nothing("none: no trace is recorded, and no call carries `traceparent`"),
    sentence: "Base address of an OpenTelemetry collector that takes traces by OTLP over HTTP as JSON, below `/v1/traces`. \
               Spans hold no personal data, so that an inner network may carry them in clear.",
};

const TRACES_SAMPLE: Setting<ShareOfAll, Value<Share>> = Setting {
    name: "STAKIS_TRACES_SAMPLE",
    secrecy: Secrecy::Open,
    form: ShareOfAll,
    unset: Value(Share::TENTH),
    sentence: "Share of the requests whose traces are recorded. It is drawn for each request: a caller who sends `traceparent` \
               names the trace, and never decides whether it is recorded.",
};

/// Where traces go.
#[derive(Debug, Clone)]
pub struct TracesConfig {
    /// The base address of the collector.
    pub url: Url,
    /// The share of traces that are recorded.
    pub sample: Share,
}

/// Reads where traces go; `None` where no collector is set.
pub(super) fn traces(reader: &mut Reader) -> Option<TracesConfig> {
    let (url, sample) = (TRACES_URL.read(reader), TRACES_SAMPLE.read(reader));
    Some(TracesConfig { url: url?, sample })
}

/// The path of traces, which collectors name as a part of their address.
const PATH: &str = "/v1/traces";

/// The address of a collector, with or without the path of traces.
struct CollectorUrl;

impl Form for CollectorUrl {
    type Value = Url;

    fn allowed(&self) -> String {
        "an absolute http:// or https:// address such as http://127.0.0.1:4318, without a user name, ? and #"
            .to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<Url, Objections> {
        let url = Url::parse(text).ok().filter(|url| {
            let is_plain = url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none();
            ["http", "https"].contains(&url.scheme()) && url.host().is_some() && is_plain
        });
        let mut url = url.ok_or_else(|| not_allowed(self))?;
        let base = url.path().trim_end_matches('/');
        let base = base.strip_suffix(PATH).unwrap_or(base).to_owned();
        url.set_path(&base);
        Ok(url)
    }
}

/// A share from nothing to all.
struct ShareOfAll;

impl Form for ShareOfAll {
    type Value = Share;

    fn allowed(&self) -> String {
        "a number from 0 to 1 with at most six digits behind its point, such as 0.05".to_owned()
    }

    fn parse(&self, text: &str, _: Environment) -> Result<Share, Objections> {
        Share::parse(text).ok_or_else(|| not_allowed(self))
    }
}

impl WriteForm for ShareOfAll {
    fn write(&self, value: &Share) -> String {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lo_10_a_collector_is_named_with_or_without_its_path() {
        let base = |text: &str| CollectorUrl.parse(text, Environment::Production).map(|url| url.to_string());
        for text in ["http://collector:4318", "http://collector:4318/", "http://collector:4318/v1/traces"] {
            assert_eq!(base(text).unwrap(), "http://collector:4318/");
        }
        assert_eq!(base("https://example.com/otlp/v1/traces/").unwrap(), "https://example.com/otlp");
        for text in
            ["collector:4318", "ftp://collector", "http://user@collector", "http://collector/?a=b", "http://"]
        {
            assert!(base(text).is_err(), "{text}");
        }
    }
}
