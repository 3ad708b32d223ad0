//! A setting as the documentation shows it.

/// One setting in words. The texts are Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingDescription {
    /// The name of the environment variable.
    pub name: &'static str,
    /// Whether it is secret, so that `<name>_FILE` can name a file with it.
    pub is_secret: bool,
    /// What holds while it is unset: a value in back-ticks, or words.
    pub default: String,
    /// Which values are allowed; completes "must be …".
    pub allowed: String,
    /// What the setting does.
    pub sentence: &'static str,
}

/// A setting without its type parameters, so that a list can hold settings of every form.
pub(crate) trait Describe {
    /// The name of the environment variable.
    fn name(&self) -> &'static str;
    /// Whether `<name>_FILE` is a variable too.
    fn is_secret(&self) -> bool;
    /// The description for the documentation.
    fn describe(&self) -> SettingDescription;
}

/// The settings of one concern, in the order of the documentation.
pub(crate) struct Group {
    /// The heading of the group in the documentation.
    pub(crate) title: &'static str,
    /// Writes the introduction to the group in Markdown. It may be empty.
    pub(crate) introduction: fn() -> String,
    /// The settings of the group, in the order of the documentation.
    pub(crate) settings: &'static [&'static dyn Describe],
}
