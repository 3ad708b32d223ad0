//! What each instance sees of an attack that goes over many numbers.

use diesel::prelude::*;

use super::{
    engine::{StoreError, Transaction, update},
    schema::pressure_reports,
};
use crate::types::UtcTime;

/// One instance's view, both to write and as a row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = pressure_reports, treat_none_as_default_value = false)]
pub struct PressureReport {
    /// A random name, made at its start.
    pub instance: String,
    /// When.
    pub reported_at: UtcTime,
    /// Numbers at which attempts failed, and none succeeded.
    pub failing: i32,
    /// Numbers at which one succeeded.
    pub succeeding: i32,
    /// Numbers for which a reset was asked for.
    pub asking: i32,
    /// How hard the proof of work is that it asks for; 0 where it asks for none.
    pub level: i32,
    /// Until when.
    pub level_until: UtcTime,
}

/// An instance's view as it was last written.
pub fn find(tx: &mut Transaction<'_>, instance: &str) -> Result<Option<PressureReport>, StoreError> {
    let own = pressure_reports::table.find(instance);
    Ok(own.select(PressureReport::as_select()).first(tx.connection).optional()?)
}

/// Writes an instance's view.
pub fn set(tx: &mut Transaction<'_>, report: &PressureReport) -> Result<(), StoreError> {
    let own = pressure_reports::table.find(&report.instance);
    if update(own).set(report).execute(tx.connection)? == 0 {
        diesel::insert_into(pressure_reports::table).values(report).execute(tx.connection)?;
    }
    Ok(())
}

/// The views of all instances but one that were reported since, or whose level still holds.
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

/// Forgets instances that have not reported for long.
pub fn delete_old(tx: &mut Transaction<'_>, reported_before: UtcTime) -> Result<usize, StoreError> {
    let old = pressure_reports::table.filter(pressure_reports::reported_at.le(reported_before));
    Ok(diesel::delete(old).execute(tx.connection)?)
}
