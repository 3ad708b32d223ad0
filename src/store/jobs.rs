//! Background work that waits for its turn.

use diesel::prelude::*;

use super::{AnyConnection, StoreError, schema::jobs};
use crate::types::{JobId, UtcTime};

/// One piece of work, both to insert and as a row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs)]
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
}

/// Queues a job.
pub fn insert(connection: &mut AnyConnection, job: &Job) -> Result<(), StoreError> {
    diesel::insert_into(jobs::table).values(job).execute(connection)?;
    Ok(())
}

/// Takes at most `limit` due jobs, the longest due first, for nobody else to touch until `lease_until`.
/// A claim compares and sets, so that two workers never hold the same job.
pub fn claim_due(
    connection: &mut AnyConnection,
    now: UtcTime,
    lease_until: UtcTime,
    limit: i64,
) -> Result<Vec<Job>, StoreError> {
    let due: Vec<Job> = jobs::table
        .filter(jobs::run_at.le(now))
        .filter(jobs::lease_until.is_null().or(jobs::lease_until.le(now)))
        .order((jobs::run_at, jobs::id))
        .limit(limit)
        .select(Job::as_select())
        .load(connection)?;
    let mut claimed = Vec::with_capacity(due.len());
    for job in due {
        let free = jobs::table
            .filter(jobs::id.eq(&job.id))
            .filter(jobs::attempts.eq(job.attempts))
            .filter(jobs::run_at.le(now))
            .filter(jobs::lease_until.is_null().or(jobs::lease_until.le(now)));
        let rows = diesel::update(free)
            .set((jobs::lease_until.eq(lease_until), jobs::attempts.eq(job.attempts + 1)))
            .execute(connection)?;
        if rows == 1 {
            claimed.push(Job { lease_until: Some(lease_until), attempts: job.attempts + 1, ..job });
        }
    }
    Ok(claimed)
}

/// Removes a job that is done. `false` where it was gone: somebody else has done it after our lease ran out.
pub fn finish(connection: &mut AnyConnection, id: &JobId) -> Result<bool, StoreError> {
    Ok(diesel::delete(jobs::table.find(id)).execute(connection)? == 1)
}

/// Whether a claimed job is still ours: its lease has not run out and passed to somebody else.
pub fn is_ours(connection: &mut AnyConnection, job: &Job) -> Result<bool, StoreError> {
    let ours = jobs::table.filter(jobs::id.eq(&job.id)).filter(jobs::attempts.eq(job.attempts));
    Ok(ours.count().get_result::<i64>(connection)? == 1)
}

/// Gives a claimed job back for a later attempt, unless its lease has passed to somebody else.
pub fn reschedule(connection: &mut AnyConnection, job: &Job, run_at: UtcTime) -> Result<(), StoreError> {
    let ours = jobs::table.filter(jobs::id.eq(&job.id)).filter(jobs::attempts.eq(job.attempts));
    diesel::update(ours)
        .set((jobs::run_at.eq(run_at), jobs::lease_until.eq(None::<UtcTime>)))
        .execute(connection)?;
    Ok(())
}

/// When the next job that nobody is at may start; `None` where there is none. Jobs whose lease has run out
/// count as due at that moment.
pub fn next_due_at(connection: &mut AnyConnection) -> Result<Option<UtcTime>, StoreError> {
    use diesel::dsl::min;
    let waiting: Option<UtcTime> =
        jobs::table.filter(jobs::lease_until.is_null()).select(min(jobs::run_at)).first(connection)?;
    let leased: Option<UtcTime> = jobs::table.select(min(jobs::lease_until)).first(connection)?;
    Ok([waiting, leased].into_iter().flatten().min())
}

/// How many jobs there are, due or not.
pub fn count(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(jobs::table.count().get_result(connection)?)
}
