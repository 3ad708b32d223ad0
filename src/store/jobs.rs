//! Background work that waits for its turn.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Timestamp},
};

use super::{
    engine::{AnyConnection, StoreError, Transaction, update},
    schema::jobs,
};
use crate::types::{JobId, UtcTime};

/// One piece of work, both to insert and as a row.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub struct Job {
    /// A fresh id.
    pub id: JobId,
    /// A versioned JSON of ids: what to do, never a secret or a text.
    pub payload: String,
    /// Not before.
    pub run_at: UtcTime,
    /// Somebody is at it until then.
    pub lease_until: Option<UtcTime>,
    /// How often it was claimed.
    pub attempts: i32,
    /// When it was queued.
    pub created_at: UtcTime,
    /// Of what is due, the smaller goes first: 0 for what somebody waits for.
    pub priority: i32,
}

/// Queues a job.
pub fn insert(tx: &mut Transaction<'_>, job: &Job) -> Result<(), StoreError> {
    diesel::insert_into(jobs::table).values(job).execute(tx.connection)?;
    Ok(())
}

/// Takes at most `limit` due jobs, in their order, for nobody else to touch until `lease_until`.
pub fn claim_due(tx: &mut Transaction<'_>, lease_until: UtcTime, limit: i64) -> Result<Vec<Job>, StoreError> {
    match tx.connection {
        // Workers that claim at the same time pass over each other's jobs instead of waiting for them.
        AnyConnection::Postgres(connection) => Ok(sql_query(
            // Materialized: a planner that joins could run the inner query, and its limit, once for each row.
            "WITH due AS MATERIALIZED (
                 SELECT id FROM jobs WHERE run_at <= $2 AND (lease_until IS NULL OR lease_until <= $2)
                 ORDER BY priority, run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
             ) UPDATE jobs SET lease_until = $1, attempts = attempts + 1 WHERE id IN (SELECT id FROM due)
             RETURNING *",
        )
        .bind::<Timestamp, _>(lease_until)
        .bind::<Timestamp, _>(tx.now)
        .bind::<BigInt, _>(limit)
        .load(connection)?),
        AnyConnection::Sqlite(_) => claim_due_alone(tx, lease_until, limit),
    }
}

/// Where there is one writer at a time, who claims is alone.
fn claim_due_alone(tx: &mut Transaction<'_>, lease_until: UtcTime, limit: i64) -> Result<Vec<Job>, StoreError> {
    let mut due: Vec<Job> = jobs::table
        .filter(jobs::run_at.le(tx.now))
        .filter(jobs::lease_until.is_null().or(jobs::lease_until.le(tx.now)))
        .order((jobs::priority, jobs::run_at, jobs::id))
        .limit(limit)
        .select(Job::as_select())
        .load(tx.connection)?;
    update(jobs::table.filter(jobs::id.eq_any(due.iter().map(|job| &job.id))))
        .set((jobs::lease_until.eq(lease_until), jobs::attempts.eq(jobs::attempts + 1)))
        .execute(tx.connection)?;
    for job in &mut due {
        job.lease_until = Some(lease_until);
        job.attempts += 1;
    }
    Ok(due)
}

/// Removes a job that is done. `false` where it was gone: somebody else has done it after our lease ran out.
pub fn finish(tx: &mut Transaction<'_>, id: &JobId) -> Result<bool, StoreError> {
    Ok(diesel::delete(jobs::table.find(id)).execute(tx.connection)? == 1)
}

/// Whether a claimed job is still ours: its lease has not run out and passed to somebody else. Where it is, nobody can
/// claim it until the transaction ends.
pub fn hold(tx: &mut Transaction<'_>, job: &Job) -> Result<bool, StoreError> {
    let ours = jobs::table.filter(jobs::id.eq(&job.id)).filter(jobs::attempts.eq(job.attempts));
    // Writes what is there already, for the row's lock.
    Ok(update(ours).set(jobs::attempts.eq(job.attempts)).execute(tx.connection)? == 1)
}

/// Gives a claimed job back for a later attempt, unless its lease has passed to somebody else.
pub fn reschedule(tx: &mut Transaction<'_>, job: &Job, run_at: UtcTime) -> Result<(), StoreError> {
    let ours = jobs::table.filter(jobs::id.eq(&job.id)).filter(jobs::attempts.eq(job.attempts));
    update(ours).set((jobs::run_at.eq(run_at), jobs::lease_until.eq(None::<UtcTime>))).execute(tx.connection)?;
    Ok(())
}

/// When the next job that nobody is at may start; `None` where there is none. Jobs whose lease has run out
/// count as due at that moment.
pub fn next_due_at(tx: &mut Transaction<'_>) -> Result<Option<UtcTime>, StoreError> {
    use diesel::dsl::min;
    let waiting: Option<UtcTime> =
        jobs::table.filter(jobs::lease_until.is_null()).select(min(jobs::run_at)).first(tx.connection)?;
    let leased: Option<UtcTime> = jobs::table.select(min(jobs::lease_until)).first(tx.connection)?;
    Ok([waiting, leased].into_iter().flatten().min())
}

/// How many jobs there are, due or not.
pub fn count(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    Ok(jobs::table.count().get_result(tx.connection)?)
}
