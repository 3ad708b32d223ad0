//! The settings, as `serve` would read them.

use super::finding::Finding;
use crate::config::{Config, ConfigProblems, Environment};

const CHECK: &str = "settings";

pub(super) fn check(config: Result<&Config, &ConfigProblems>) -> Vec<Finding> {
    let config = match config {
        Ok(config) => config,
        Err(ConfigProblems(problems)) => {
            let advice = "Every setting with its form stands in docs/configuration.md.";
            return problems.iter().map(|problem| Finding::error(CHECK, problem, advice)).collect();
        }
    };
    let mut findings = vec![match config.environment {
        Environment::Production => Finding::ok(CHECK, "production"),
        Environment::Development => Finding::warning(
            CHECK,
            "development: unsafe settings are accepted",
            "Set STAKIS_ENVIRONMENT=production where customers are.",
        ),
    }];
    if !config.limits.enforced {
        findings.push(Finding::error(
            CHECK,
            "STAKIS_LIMITS=off: nothing limits guessing and floods",
            "Leave it out. It is for load tests.",
        ));
    }
    findings
}
