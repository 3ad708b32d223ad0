//! What each instance sees of attacks that go over many customer numbers.

use diesel::prelude::*;

use super::{
    engine::{Age, OldRows, StoreError, Transaction, update},
    schema::pressure_reports,
};
use crate::types::UtcTime;

/// The report of one instance, both to write and as a row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = pressure_reports, treat_none_as_default_value = false)]
pub struct PressureReport {
    /// The random name of the instance, made when it starts.
    pub instance: String,
    /// When the instance reported.
    pub reported_at: UtcTime,
    /// How many customer numbers had failed attempts and no successful one.
    pub failing: i32,
    /// How many customer numbers had a successful attempt.
    pub succeeding: i32,
    /// How many customer numbers a reset was asked for.
    pub asking: i32,
    /// The level of the proof of work that the instance asks for; 0 where it asks for none.
    pub level: i32,
    /// When that level ends.
    pub level_until: UtcTime,
}

/// Finds the last report of an instance.
pub fn find(tx: &mut Transaction<'_>, instance: &str) -> Result<Option<PressureReport>, StoreError> {
    let own = pressure_reports::table.find(instance);
    Ok(own.select(PressureReport::as_select()).first(tx.connection).optional()?)
}

/// Inserts or replaces the report of an instance.
pub fn upsert(tx: &mut Transaction<'_>, report: &PressureReport) -> Result<(), StoreError> {
    let own = pressure_reports::table.find(&report.instance);
    if update(own).set(report).execute(tx.connection)? == 0 {
        diesel::insert_into(pressure_reports::table).values(report).execute(tx.connection)?;
    }
    Ok(())
}

/// Lists the reports of all instances but one that came since a time, or whose level has not ended.
pub fn list_others(
    tx: &mut Transaction<'_>,
    instance: &str,
    since: UtcTime,
) -> Result<Vec<PressureReport>, StoreError> {
    let recent = pressure_reports::reported_at.gt(since).or(pressure_reports::level_until.gt(tx.now));
    Ok(pressure_reports::table
        .filter(pressure_reports::instance.ne(instance))
        .filter(recent)
        .select(PressureReport::as_select())
        .load(tx.connection)?)
}

/// Reports, by their time.
pub const REPORTS: OldRows =
    OldRows { table: "pressure_reports", key: "instance", age: Age::Time("reported_at"), condition: "" };
