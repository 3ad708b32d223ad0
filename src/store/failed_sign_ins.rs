//! Failed sign-ins, summed by submitted number, hour and presented device. The owner and support are told of them, and no
//! limit depends on them.

use chrono::{DurationRound as _, TimeDelta};
use diesel::{
    backend::Backend,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{Nullable, Text, Timestamp},
};

use super::{
    engine::{Age, AnyConnection, OldRows, StoreError, Transaction},
    schema::failed_sign_ins::{self, dsl as columns},
};
use crate::types::{CustomerNumber, DeviceId, UtcTime};

/// The failures of one number within one hour, with one device or with none that the account knows.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = failed_sign_ins)]
pub struct FailedSignIns {
    /// What was presented, by [`presented_nothing`], [`presented_device`] or [`presented_former_device`].
    pub presented: String,
    /// How many sign-ins failed.
    pub failures: i32,
    /// When the first of them failed. It never changes.
    pub first_at: UtcTime,
    /// When the last of them failed.
    pub last_at: UtcTime,
    /// The network of the last of them.
    pub source: Option<String>,
    /// Whether they came from more than one network.
    pub several_sources: bool,
}

/// The text for a sign-in without a device that the account knows or knew.
#[must_use]
pub const fn presented_nothing() -> String {
    String::new()
}

/// The text for a sign-in with a known device.
#[must_use]
pub fn presented_device(id: &DeviceId) -> String {
    format!("device/{id}")
}

/// The text for a sign-in with a former device.
#[must_use]
pub fn presented_former_device(id: &DeviceId) -> String {
    format!("former/{id}")
}

impl FailedSignIns {
    /// The id of the known or former device that was presented.
    #[must_use]
    pub fn device_id(&self) -> Option<DeviceId> {
        let (_, id) = self.presented.split_once('/')?;
        Some(DeviceId::from_text(id.to_owned()))
    }
}

/// Counts a failed sign-in, by one statement whatever the number and the device are (RQ-02).
pub fn count(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    presented: &str,
    source: Option<String>,
) -> Result<(), StoreError> {
    let hour = beginning_of_hour(tx.now);
    let count = Count { number, hour, presented, at: tx.now, source };
    match tx.connection {
        AnyConnection::Sqlite(connection) => count.execute(connection)?,
        AnyConnection::Postgres(connection) => count.execute(connection)?,
    };
    Ok(())
}

fn beginning_of_hour(moment: UtcTime) -> UtcTime {
    moment.duration_trunc(TimeDelta::hours(1)).unwrap_or(moment)
}

/// Inserts a row of the hour or adds one to it. Diesel prepares an `on_conflict().do_update()` each time, which costs
/// another round trip.
struct Count<'a> {
    number: &'a CustomerNumber,
    hour: UtcTime,
    presented: &'a str,
    at: UtcTime,
    source: Option<String>,
}

impl QueryId for Count<'_> {
    type QueryId = Count<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<DB> QueryFragment<DB> for Count<'_>
where
    DB: Backend,
    CustomerNumber: ToSql<Text, DB>,
    str: ToSql<Text, DB>,
    Option<String>: ToSql<Nullable<Text>, DB>,
    UtcTime: ToSql<Timestamp, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO failed_sign_ins AS counted (customer_number, hour, presented, failures, first_at, last_at, \
             source, several_sources) VALUES (",
        );
        out.push_bind_param::<Text, _>(self.number)?;
        out.push_sql(", ");
        out.push_bind_param::<Timestamp, _>(&self.hour)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.presented)?;
        out.push_sql(", 1, ");
        out.push_bind_param::<Timestamp, _>(&self.at)?;
        out.push_sql(", ");
        out.push_bind_param::<Timestamp, _>(&self.at)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Text>, _>(&self.source)?;
        out.push_sql(
            ", FALSE) ON CONFLICT (customer_number, hour, presented) DO UPDATE SET failures = counted.failures + 1, \
             last_at = excluded.last_at, source = excluded.source, several_sources = counted.several_sources OR \
             coalesce(counted.source, '') <> coalesce(excluded.source, '')",
        );
        Ok(())
    }
}

impl<Connection> RunQueryDsl<Connection> for Count<'_> {}

/// The place of a row among the others of its number, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// When the first of its failures was.
    pub first_at: UtcTime,
    /// What was presented.
    pub presented: String,
}

/// Lists at most `limit` rows of a number that began since a time and stand behind a place, the newest first.
pub fn list_behind(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    since: UtcTime,
    place: &Place,
    limit: i64,
) -> Result<Vec<FailedSignIns>, StoreError> {
    let Place { first_at, presented } = place;
    let same_moment = columns::first_at.eq(first_at).and(columns::presented.lt(presented));
    Ok(failed_sign_ins::table
        .filter(columns::customer_number.eq(number))
        // The primary key has the hour.
        .filter(columns::hour.ge(beginning_of_hour(since)).and(columns::hour.le(beginning_of_hour(*first_at))))
        .filter(columns::first_at.ge(since))
        .filter(columns::first_at.lt(first_at).or(same_moment))
        .order((columns::hour.desc(), columns::first_at.desc(), columns::presented.desc()))
        .limit(limit)
        .select(FailedSignIns::as_select())
        .load(tx.connection)?)
}

/// Lists the rows of a number since a time with one of these devices, the newest first.
pub fn list_with(
    tx: &mut Transaction<'_>,
    number: &CustomerNumber,
    presented: &[String],
    since: UtcTime,
) -> Result<Vec<FailedSignIns>, StoreError> {
    Ok(failed_sign_ins::table
        .filter(columns::customer_number.eq(number))
        .filter(columns::hour.ge(beginning_of_hour(since)))
        .filter(columns::presented.eq_any(presented))
        .order((columns::hour.desc(), columns::last_at.desc()))
        .select(FailedSignIns::as_select())
        .load(tx.connection)?)
}

/// Deletes the rows of a number.
pub fn delete_of(tx: &mut Transaction<'_>, number: &CustomerNumber) -> Result<(), StoreError> {
    diesel::delete(failed_sign_ins::table.filter(columns::customer_number.eq(number))).execute(tx.connection)?;
    Ok(())
}

/// Rows, by their hour.
pub const COUNTS: OldRows = OldRows {
    table: "failed_sign_ins",
    key: "customer_number, hour, presented",
    age: Age::Time("hour"),
    condition: "",
};
