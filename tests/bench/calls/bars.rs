//! The bars that the figures are held against.

use super::names;
use crate::service::Engine;

/// The least rate and the greatest 99th percentile of an operation.
#[derive(Clone, Copy, Default)]
pub(super) struct Bar {
    pub(super) least_per_second: Option<f64>,
    pub(super) most_p99_milliseconds: Option<f64>,
}

/// The bar of an operation at 16 connections.
pub(super) fn of_operation(engine: &Engine, name: &str) -> Bar {
    let bar = |least: f64, p99: Option<f64>| Bar { least_per_second: Some(least), most_p99_milliseconds: p99 };
    let is_sqlite = matches!(engine, Engine::Sqlite);
    match name {
        names::RESET_KNOWN | names::RESET_UNKNOWN if is_sqlite => bar(1500.0, None),
        names::RESET_KNOWN | names::RESET_UNKNOWN => bar(2600.0, Some(25.0)),
        names::VERIFY if is_sqlite => bar(8000.0, None),
        names::VERIFY => bar(8000.0, Some(10.0)),
        names::ACCOUNT => bar(6000.0, None),
        names::REFRESH if is_sqlite => bar(800.0, None),
        names::REFRESH => bar(1200.0, Some(20.0)),
        names::DIAGNOSIS => Bar { least_per_second: None, most_p99_milliseconds: Some(20.0) },
        names::BY_SECRET if !is_sqlite => bar(1500.0, None),
        names::BY_KEY if !is_sqlite => bar(1000.0, None),
        names::INTROSPECTION if !is_sqlite => bar(4000.0, Some(15.0)),
        _ => Bar::default(),
    }
}

/// The least rate for known numbers, as a part of that for unknown ones, and the other way round.
pub(super) const LEAST_KNOWN_TO_UNKNOWN: f64 = 0.9;
/// The least rate on the large database, as a part of that on the small one.
pub(super) const LEAST_LARGE_TO_SMALL: f64 = 0.85;
/// Milliseconds of service and database for each reset request up to its mail, in a burst.
pub(super) const MOST_IN_BURST: f64 = 0.89;
pub(super) const MOST_SECONDS_TO_READY: f64 = 0.3;
pub(super) const MOST_IDLE_MIB: f64 = 40.0;
pub(super) const MOST_MIB_BESIDE_HASHES: f64 = 64.0;

/// Milliseconds of service and database for each reset request up to its mail, at 300 requests a second.
pub(super) fn most_at_a_steady_rate(engine: &Engine) -> f64 {
    if matches!(engine, Engine::Sqlite) { MOST_IN_BURST } else { 1.8 }
}
