//! Apps with limits, which other tests run without.

use chrono::TimeDelta;
use stakis_identity::config::{Limit, LimitsConfig};

use super::{AuditLine, Engine, TestApp};

pub(crate) const HOUR: TimeDelta = TimeDelta::hours(1);

pub(crate) const fn per(count: i32, period: TimeDelta) -> Limit {
    Limit { count, period }
}

pub(crate) async fn with(engine: Engine, limits: &LimitsConfig) -> TestApp {
    TestApp::start_with(engine, |config| config.limits = LimitsConfig { enforced: true, ..*limits }).await
}

pub(crate) async fn standard(engine: Engine) -> TestApp {
    with(engine, &LimitsConfig::standard()).await
}

pub(crate) fn number(index: usize) -> String {
    format!("{index:06}")
}

pub(crate) fn walk_alarms(app: &TestApp) -> usize {
    let is_alarm =
        |line: &&AuditLine| line.event == "excess_rate_limit_exceeded" && line.detail.ends_with(": many numbers");
    app.audit().iter().filter(is_alarm).count()
}
