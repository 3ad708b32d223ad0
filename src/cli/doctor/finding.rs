//! What a check has found.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::types::text_enum;

text_enum! {
    /// How much a finding matters, from the least on.
    pub(super) enum Severity {
        /// All is well.
        Ok = "ok",
        /// Nothing was looked at, for the reason that the finding tells.
        Skipped = "skipped",
        /// The service works, and something should be mended.
        Warning = "warning",
        /// The service does not work, or not safely.
        Error = "error",
    }
}

impl Severity {
    /// The status of a process whose worst finding this is.
    pub(super) fn exit_code(self) -> ExitCode {
        match self {
            Self::Ok | Self::Skipped => ExitCode::SUCCESS,
            Self::Warning => ExitCode::from(1),
            Self::Error => ExitCode::from(2),
        }
    }
}

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// The check, by a name that stays.
    pub(super) check: &'static str,
    pub(super) severity: Severity,
    /// What was seen.
    pub(super) seen: String,
    /// What to do.
    pub(super) advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, seen: impl Into<String>) -> Self {
        Self { check, severity: Severity::Ok, seen: seen.into(), advice: None }
    }

    pub(super) fn skipped(check: &'static str, seen: impl Into<String>) -> Self {
        Self { check, severity: Severity::Skipped, seen: seen.into(), advice: None }
    }

    pub(super) fn warning(check: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, severity: Severity::Warning, seen: seen.into(), advice: Some(advice.into()) }
    }

    pub(super) fn error(check: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, severity: Severity::Error, seen: seen.into(), advice: Some(advice.into()) }
    }

    /// Adds what may be done although all is well.
    pub(super) fn with_advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    pub(super) fn value(&self) -> Value {
        let Self { check, severity, seen, advice } = self;
        json!({ "check": check, "severity": severity, "seen": seen, "advice": advice })
    }

    pub(super) fn text(&self) -> String {
        let Self { check, severity, seen, advice } = self;
        let advice = advice.as_ref().map_or_else(String::new, |advice| format!("\n{:<31}→ {advice}", ""));
        format!("{severity:<8} {check:<22}{seen}{advice}")
    }
}
