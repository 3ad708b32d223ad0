//! Background work that is queued.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Integer, Text, Timestamp},
};

use super::{
    engine::{AnyConnection, StoreError, Transaction, update},
    schema::jobs,
};
use crate::{
    metrics::{JobKind, JobState, JobUrgency},
    types::{JobId, UtcTime},
};

/// The priority of reset requests, and of the mails that somebody waits for.
pub const AT_ONCE: i32 = 0;
/// The priority of mails in bulk, which can wait, and of the work that leads to them (ML-10).
pub const CAN_WAIT: i32 = 10;
/// The last priority there may be, also in a later version.
pub const LAST: i32 = i32::MAX;

/// One job, both to insert and as a row.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub struct Job {
    /// The id of the job.
    pub id: JobId,
    /// What to do, as a versioned JSON of ids. It never holds a secret or a text.
    pub payload: String,
    /// The earliest time to run the job.
    pub run_at: UtcTime,
    /// The job is claimed until this time; `None` where nobody has claimed it.
    pub lease_until: Option<UtcTime>,
    /// How many times the job was claimed.
    pub attempts: i32,
    /// When the job was queued.
    pub created_at: UtcTime,
    /// Of the jobs that are due, the one with the smaller number runs first (ML-10).
    pub priority: i32,
    /// The `X-Request-Id` of the request that the job follows from; `None` where nobody has asked for it, and for a job
    /// of a version before.
    pub request_id: Option<String>,
    /// The span that has queued the job (W3C Trace Context §3.2).
    pub traceparent: Option<String>,
}

impl Job {
    /// Whether somebody waits for the job.
    #[must_use]
    pub const fn urgency(&self) -> JobUrgency {
        if self.priority > AT_ONCE { JobUrgency::InBulk } else { JobUrgency::AtOnce }
    }
}

/// Queues a job.
pub fn insert(tx: &mut Transaction<'_>, job: &Job) -> Result<(), StoreError> {
    diesel::insert_into(jobs::table).values(job).execute(tx.connection)?;
    Ok(())
}

/// Claims at most `limit` due jobs whose priority is `last_priority` or goes before it, in their order. No other worker
/// claims them before `lease_until`.
pub fn claim_due(
    tx: &mut Transaction<'_>,
    lease_until: UtcTime,
    last_priority: i32,
    limit: i64,
) -> Result<Vec<Job>, StoreError> {
    match tx.connection {
        // Workers that claim at the same time pass over each other's jobs instead of waiting for them.
        AnyConnection::Postgres(connection) => Ok(sql_query(
            // Materialized: a planner that joins could run the inner query, and its limit, once for each row.
            "WITH due AS MATERIALIZED (
                 SELECT id FROM jobs WHERE run_at <= $2 AND (lease_until IS NULL OR lease_until <= $2)
                 AND priority <= $4
                 ORDER BY priority, run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
             ) UPDATE jobs SET lease_until = $1, attempts = attempts + 1 WHERE id IN (SELECT id FROM due)
             RETURNING *",
        )
        .bind::<Timestamp, _>(lease_until)
        .bind::<Timestamp, _>(tx.now)
        .bind::<BigInt, _>(limit)
        .bind::<Integer, _>(last_priority)
        .load(connection)?),
        AnyConnection::Sqlite(_) => claim_due_alone(tx, lease_until, last_priority, limit),
    }
}

/// Claims on SQLite, where one transaction writes at a time.
fn claim_due_alone(
    tx: &mut Transaction<'_>,
    lease_until: UtcTime,
    last_priority: i32,
    limit: i64,
) -> Result<Vec<Job>, StoreError> {
    let mut due: Vec<Job> = jobs::table
        .filter(jobs::run_at.le(tx.now))
        .filter(jobs::lease_until.is_null().or(jobs::lease_until.le(tx.now)))
        .filter(jobs::priority.le(last_priority))
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

/// Removes a job that is done. Returns `false` where another worker did it, after the lease had run out.
pub fn finish(tx: &mut Transaction<'_>, id: &JobId) -> Result<bool, StoreError> {
    Ok(diesel::delete(jobs::table.find(id)).execute(tx.connection)? == 1)
}

/// Confirms that no other worker has claimed a job since it was claimed here. If so, returns `true`, and no worker can
/// claim it until the transaction ends.
pub fn confirm_lease(tx: &mut Transaction<'_>, job: &Job) -> Result<bool, StoreError> {
    let ours = jobs::table.filter(jobs::id.eq(&job.id)).filter(jobs::attempts.eq(job.attempts));
    // Writing the value that is there locks the row.
    Ok(update(ours).set(jobs::attempts.eq(job.attempts)).execute(tx.connection)? == 1)
}

/// Releases a claimed job for a later attempt, unless another worker has claimed it.
pub fn reschedule(tx: &mut Transaction<'_>, job: &Job, run_at: UtcTime) -> Result<(), StoreError> {
    let ours = jobs::table.filter(jobs::id.eq(&job.id)).filter(jobs::attempts.eq(job.attempts));
    update(ours).set((jobs::run_at.eq(run_at), jobs::lease_until.eq(None::<UtcTime>))).execute(tx.connection)?;
    Ok(())
}

/// Lets a job in bulk run as early as those that somebody waits for. It is found by its payload and the time from which
/// on it runs, so that the index over the queue leads there.
pub fn bring_forward(tx: &mut Transaction<'_>, payload: &str, run_at: UtcTime) -> Result<(), StoreError> {
    let in_bulk = jobs::table
        .filter(jobs::priority.eq(CAN_WAIT))
        .filter(jobs::run_at.eq(run_at))
        .filter(jobs::payload.eq(payload));
    update(in_bulk).set(jobs::priority.eq(AT_ONCE)).execute(tx.connection)?;
    Ok(())
}

/// Finds the time at which the next job can be claimed; `None` where there is none. A job that is claimed can be
/// claimed again when its lease runs out.
pub fn next_due_at(tx: &mut Transaction<'_>) -> Result<Option<UtcTime>, StoreError> {
    use diesel::dsl::min;
    let waiting: Option<UtcTime> =
        jobs::table.filter(jobs::lease_until.is_null()).select(min(jobs::run_at)).first(tx.connection)?;
    let leased: Option<UtcTime> = jobs::table.select(min(jobs::lease_until)).first(tx.connection)?;
    Ok([waiting, leased].into_iter().flatten().min())
}

/// The jobs of one kind in one state, of those that somebody waits for or of those in bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobGroup {
    /// Whether somebody waits for them.
    pub urgency: JobUrgency,
    /// What they do, how far they have come and how many there are.
    pub counted: JobCount,
}

/// The jobs of one kind in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct JobCount {
    /// What the jobs do.
    #[diesel(sql_type = Text)]
    pub kind: JobKind,
    /// How far they have come.
    #[diesel(sql_type = Text)]
    pub state: JobState,
    /// How many there are.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// When the first of them is or was due.
    #[diesel(sql_type = Timestamp)]
    pub first_due_at: UtcTime,
}

/// Counts jobs by urgency, kind and state: of each urgency at most `most`, which are those that run first. The cost is
/// bounded by that, however many wait. Those that are due longest are among the counted ones.
pub fn count_in_groups(tx: &mut Transaction<'_>, most: i64) -> Result<Vec<JobGroup>, StoreError> {
    let mut groups = Vec::new();
    for (urgency, first, last) in [(JobUrgency::AtOnce, i32::MIN, AT_ONCE), (JobUrgency::InBulk, AT_ONCE + 1, LAST)]
    {
        let counts = count_between(tx, first, last, most)?;
        groups.extend(counts.into_iter().map(|counted| JobGroup { urgency, counted }));
    }
    Ok(groups)
}

/// Counts the jobs between two priorities, both included, that run first.
fn count_between(
    tx: &mut Transaction<'_>,
    first_priority: i32,
    last_priority: i32,
    most: i64,
) -> Result<Vec<JobCount>, StoreError> {
    // What kind a job is stands at the beginning of its payload, which no version writes in another form (OP-05).
    const COUNT: &str = r#"SELECT kind, state, COUNT(*) AS count, MIN(run_at) AS first_due_at FROM (
            SELECT run_at,
                CASE WHEN payload LIKE '{"kind":"issue_reset_link/%' THEN 'issue_reset_link'
                    WHEN payload LIKE '{"kind":"send_mail/%' THEN 'send_mail' ELSE 'other' END AS kind,
                CASE WHEN lease_until > $1 THEN 'running' WHEN run_at <= $1 THEN 'due' ELSE 'scheduled' END AS state
            FROM jobs WHERE priority >= $2 AND priority <= $3 ORDER BY priority, run_at, id LIMIT $4
        ) AS counted GROUP BY kind, state"#;
    let count = sql_query(COUNT)
        .bind::<Timestamp, _>(tx.now)
        .bind::<Integer, _>(first_priority)
        .bind::<Integer, _>(last_priority)
        .bind::<BigInt, _>(most);
    Ok(match tx.connection {
        AnyConnection::Postgres(connection) => count.load(connection)?,
        AnyConnection::Sqlite(connection) => count.load(connection)?,
    })
}

/// Counts the jobs, due or not.
pub fn count(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    Ok(jobs::table.count().get_result(tx.connection)?)
}

/// Deletes the jobs with one of these payloads.
pub fn delete_with(tx: &mut Transaction<'_>, payloads: &[String]) -> Result<(), StoreError> {
    diesel::delete(jobs::table.filter(jobs::payload.eq_any(payloads))).execute(tx.connection)?;
    Ok(())
}
