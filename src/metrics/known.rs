//! The values of labels that the rooms above know.

/// What a process tells its metrics when it starts: values of labels that stand in the code of other rooms, or follow from
/// the settings.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The version of the program.
    pub version: &'static str,
    /// The kind of the database.
    pub database: &'static str,
    /// The mail APIs of the settings.
    pub mail_providers: Vec<&'static str>,
    /// What becomes of reset requests.
    pub reset_outcomes: Vec<&'static str>,
    /// The bounds that a connection may meet.
    pub connection_bounds: Vec<&'static str>,
}
