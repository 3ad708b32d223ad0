//! Reading a page of the trail.

use chrono::TimeDelta;

use super::{cursor::Cursor, event::AuditEvent};
use crate::{
    app::App,
    config::Limit,
    identity::{refusal::IdentityError, transaction::Tx},
    store::{
        StoreError,
        audit_events::{Event, TrailPlace},
        audit_trail::{self, TrailFilter},
        rate_limits,
    },
    types::RequestContext,
};

/// Which page an auditor asks for.
pub struct AuditRequest {
    /// Which entries.
    pub filter: TrailFilter,
    /// Where the page before ended.
    pub after: Cursor,
    /// The most events of the page.
    pub limit: usize,
}

/// A page, the newest event first.
pub struct AuditPage {
    /// The events.
    pub events: Vec<AuditEvent>,
    /// The `after` of the next page; `None` where this is the last one.
    pub next: Option<String>,
}

/// How often the reading of an auditor is appended: who reads on would otherwise read of reading alone.
const NOTED: Limit = Limit { count: 1, period: TimeDelta::hours(1) };

/// Lists events of the audit trail. Events that come while pages are read move nothing: each is on one page. The trail
/// says once an hour that somebody reads it (AD-10).
pub async fn list(app: &App, context: &RequestContext, asked: AuditRequest) -> Result<AuditPage, IdentityError> {
    let AuditRequest { filter, after: Cursor(place), limit } = asked;
    // One more says whether there is another page.
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut entries = app
        .transact(context, move |tx| {
            let entries = audit_trail::list(tx, &filter, &place, most)?;
            note_reading(tx)?;
            Ok::<_, IdentityError>(entries)
        })
        .await?;
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let last = entries.last().filter(|_| has_more);
    let next = last.map(|entry| {
        let place = TrailPlace { occurred_at: entry.occurred_at, id: entry.id.as_str().to_owned() };
        Cursor(place).seal(&app.keyring, app.clock.now())
    });
    Ok(AuditPage { next: next.transpose()?, events: entries.into_iter().map(AuditEvent::of).collect() })
}

fn note_reading(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let key = format!("noted/audit-events/{}", tx.context.actor);
    if rate_limits::take_token(tx, &key, NOTED)?.is_granted() {
        tx.entry(Event::SensitiveRead).detail("audit trail").append(tx)?;
    }
    Ok(())
}
