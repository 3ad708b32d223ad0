//! Takes settings out of the environment one by one and collects what is wrong with them.

use std::{collections::BTreeMap, fs, str::FromStr};

use secrecy::SecretString;

use super::{Limit, names};

pub(super) struct Reader {
    values: BTreeMap<String, String>,
    problems: Vec<String>,
}

impl Reader {
    /// Keeps the `STAKIS_*` variables; an empty value counts as not set, as compose files pass it.
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let values = variables
            .into_iter()
            .filter(|(name, value)| name.starts_with("STAKIS_") && !names::is_passed_over(name, value))
            .collect();
        let mut reader = Self { values, problems: Vec::new() };
        reader.refuse_unknown_names();
        reader.values.retain(|_, value| !value.is_empty());
        reader
    }

    fn refuse_unknown_names(&mut self) {
        for name in self.values.keys() {
            let known = names::SETTINGS.iter().any(|setting| {
                name == setting.name || (setting.secret && name.strip_suffix("_FILE") == Some(setting.name))
            });
            if !known && !name.starts_with(names::LIMIT_PREFIX) {
                self.problems.push(format!("{name} is not a setting; did you mean {}?", names::nearest(name)));
            }
        }
    }

    pub(super) fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    pub(super) fn into_problems(self) -> Vec<String> {
        self.problems
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.values.get(name).cloned()
    }

    /// The setting itself, or the content of the file that `<name>_FILE` names, without its line end.
    pub(super) fn secret(&mut self, name: &'static str) -> Option<SecretString> {
        let direct = self.values.get(name).cloned();
        let file_name = format!("{name}_FILE");
        let path = self.values.get(&file_name).cloned();
        match (direct, path) {
            (Some(_), Some(_)) => {
                self.problem(format!("{name} and {file_name} are both set; keep one"));
                None
            }
            (Some(value), None) => Some(SecretString::from(value)),
            (None, Some(path)) => match fs::read_to_string(&path) {
                Ok(content) => Some(SecretString::from(content.trim_end_matches(['\r', '\n']).to_owned())),
                Err(error) => {
                    self.problem(format!("{file_name}: cannot read {path}: {error}"));
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// A value of a type that reads itself from text; `expected` completes the sentence "must be …".
    pub(super) fn parsed<T: FromStr>(&mut self, name: &'static str, expected: &str) -> Option<T> {
        let text = self.text(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.problem(format!("{name} must be {expected}"));
        }
        value
    }

    /// A whole number within bounds, or the default.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        default: u64,
        bounds: std::ops::RangeInclusive<u64>,
    ) -> u64 {
        let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        let Some(value) = self.parsed::<u64>(name, &expected) else { return default };
        if !bounds.contains(&value) {
            self.problem(format!("{name} must be {expected}"));
        }
        value
    }

    /// One of a few words, or the default.
    pub(super) fn choice<T: Copy>(&mut self, name: &'static str, default: T, choices: &[(&str, T)]) -> T {
        let Some(text) = self.text(name) else { return default };
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        self.problem(format!("{name} must be one of: {}", words.join(", ")));
        default
    }

    pub(super) fn switch(&mut self, name: &'static str, default: bool) -> bool {
        self.choice(name, default, &[("on", true), ("off", false)])
    }

    /// `COUNT/PERIOD`, such as `30/1h`, or `off`; `None` where it is off.
    pub(super) fn limit(&mut self, name: &'static str, default: Option<Limit>) -> Option<Limit> {
        match self.text(name).as_deref() {
            None => default,
            Some("off") => None,
            // What is no limit is said by `check_limits`.
            Some(text) => Limit::parse(text).or(default),
        }
    }

    pub(super) fn check_limits(&mut self) {
        let wrong: Vec<String> = self
            .values
            .iter()
            .filter(|(name, value)| name.starts_with(names::LIMIT_PREFIX) && !is_limit(value))
            .map(|(name, _)| format!("{name} must be COUNT/PERIOD, such as 30/1h, or off"))
            .collect();
        self.problems.extend(wrong);
    }
}

fn is_limit(text: &str) -> bool {
    text == "off" || Limit::parse(text).is_some()
}
