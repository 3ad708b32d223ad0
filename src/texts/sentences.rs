//! The sentences for people, by key, from one Fluent file for each language.

use std::{borrow::Cow, sync::OnceLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use crate::{brand::Brand, types::Locale};

/// A value to put into a sentence, by its name there.
pub type Argument<'a> = (&'static str, FluentValue<'a>);

/// The sentence under a key. A missing sentence is shown as its key, and a test checks that the four files have the
/// same keys.
#[must_use]
pub fn text(locale: Locale, key: &str, arguments: &[Argument<'_>]) -> String {
    let bundle = bundle(locale);
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        return key.to_owned();
    };
    let mut all = FluentArgs::new();
    for (name, value) in arguments {
        all.set(*name, value.clone());
    }
    let mut errors = Vec::new();
    let text: Cow<'_, str> = bundle.format_pattern(pattern, Some(&all), &mut errors);
    text.into_owned()
}

/// A sentence that may name the brand or how to reach its support.
#[must_use]
pub fn brand_text(brand: &Brand, locale: Locale, key: &str, arguments: &[Argument<'_>]) -> String {
    let own: [Argument<'_>; 3] = [
        ("brand", brand.name.as_str().into()),
        ("support_email", brand.support_email.as_str().into()),
        ("support_phone", brand.support_phone.as_str().into()),
    ];
    text(locale, key, &[&own, arguments].concat())
}

fn source(locale: Locale) -> &'static str {
    match locale {
        Locale::Sl => include_str!("sl.ftl"),
        Locale::De => include_str!("de.ftl"),
        Locale::En => include_str!("en.ftl"),
        Locale::Hr => include_str!("hr.ftl"),
    }
}

fn bundle(locale: Locale) -> &'static FluentBundle<FluentResource> {
    static BUNDLES: [OnceLock<FluentBundle<FluentResource>>; 4] = [const { OnceLock::new() }; 4];
    let [sl, de, en, hr] = &BUNDLES;
    let cell = match locale {
        Locale::Sl => sl,
        Locale::De => de,
        Locale::En => en,
        Locale::Hr => hr,
    };
    cell.get_or_init(|| {
        let language: LanguageIdentifier = locale.as_str().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Fluent's isolation marks around arguments would become part of links and subjects.
        bundle.set_use_isolating(false);
        // The lines that can be parsed are used even if one is wrong. A test admits no wrong line.
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new(source(locale).to_owned());
        bundle.add_resource_overriding(resource);
        bundle
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(locale: Locale) -> BTreeSet<&'static str> {
        let lines = source(locale).lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        lines.filter_map(|line| line.split_once(" =").map(|(key, _)| key)).collect()
    }

    #[test]
    fn every_language_has_every_sentence_and_every_line_is_valid() {
        for &locale in Locale::ALL {
            assert!(FluentResource::try_new(source(locale).to_owned()).is_ok(), "{locale}");
            assert_eq!(keys(locale), keys(Locale::Sl), "{locale}");
        }
    }

    #[test]
    fn every_language_uses_the_same_arguments_in_each_sentence() {
        let arguments = |locale, key: &str| -> BTreeSet<String> {
            let start = source(locale).find(&format!("\n{key} =")).unwrap();
            let text = &source(locale)[start + 1..];
            let end = text.find("\n\n").unwrap_or(text.len());
            let sentence = &text[..text[..end]
                .match_indices('\n')
                .map(|(at, _)| at)
                .find(|at| !text[at + 1..].starts_with([' ', '}']))
                .unwrap_or(end)];
            sentence
                .split('$')
                .skip(1)
                .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
                .collect()
        };
        for key in keys(Locale::Sl) {
            for &locale in Locale::ALL {
                assert_eq!(arguments(locale, key), arguments(Locale::Sl, key), "{key} in {locale}");
            }
        }
    }

    /// The sentence for the customer takes no argument that is meant for support alone.
    #[test]
    fn ad_04_a_finding_has_both_sentences() {
        let findings: Vec<&str> = keys(Locale::Sl).into_iter().filter(|key| key.starts_with("finding-")).collect();
        // One of them has another next step where asking for a link does not help.
        assert_eq!(findings.len(), 2 * 31 + 1);
        for key in findings {
            assert!(key.contains("-next") || keys(Locale::Sl).contains(format!("{key}-next").as_str()), "{key}");
            for &locale in Locale::ALL {
                let plain = ["at", "until", "count", "device", "source"].map(|name| (name, "·".into()));
                let support_only = ["masked_email", "detail"].map(|name| (name, "·".into()));
                let sentence = if key.contains("-next") {
                    text(locale, key, &[&plain[..], &support_only[..]].concat())
                } else {
                    text(locale, key, &plain)
                };
                assert!(sentence.ends_with('.') && !sentence.contains(['{', '$', '@']), "{locale}: {sentence}");
            }
        }
    }

    #[test]
    fn numbers_take_the_language_s_plural() {
        let lifetime = |locale, minutes: i32| text(locale, "lifetime-minutes", &[("minutes", minutes.into())]);
        assert_eq!(lifetime(Locale::Sl, 60), "60 minut");
        assert_eq!(lifetime(Locale::Sl, 2), "2 minuti");
        assert_eq!(lifetime(Locale::De, 1), "1 Minute");
        assert_eq!(lifetime(Locale::Hr, 3), "3 minute");
    }
}
