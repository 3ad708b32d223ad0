//! What the instances tell each other of an attack that goes over many numbers.

use chrono::TimeDelta;

use crate::{
    app::App,
    limits::{Counts, Reading},
    store::{
        StoreError,
        audit_events::{self, Entry, Event},
        pressure_reports::{self, PressureReport},
    },
    types::{Fault, UtcTime},
};

/// Tells the other instances what this one sees, and takes in what they see. Called once a second: an attack that is
/// spread over all of them is seen by all of them, and one that has begun is known to an instance that starts.
pub async fn share_pressure(app: &App) -> Result<(), Fault> {
    let now = app.clock.now();
    let since = now - app.pressure.period();
    let instance = app.pressure.instance.clone();
    let outlook = app.pressure.look(now);
    let (own, others) = app
        .database
        .query(move |tx| -> Result<_, StoreError> {
            let own = pressure_reports::find(tx, &instance)?;
            Ok((own, pressure_reports::list_others(tx, &instance, since)?))
        })
        .await?;
    let recent = others.iter().filter(|report| report.reported_at > since);
    let counts = recent.map(counts_of).fold(Counts::default(), Counts::plus);
    let highest = others.iter().filter(|report| report.level_until > now).max_by_key(|report| report.level);
    let (others_level, others_until) = highest.map_or((0, now), |report| (report.level, report.level_until));
    app.pressure.set_others(counts, others_level, others_until);
    app.metrics.set_proof_of_work_level(app.pressure.look(now).level.into());
    let report = report_of(&app.pressure.instance, &outlook, now);
    let level_before = own.as_ref().map_or(0, |own| own.level);
    if !is_worth_writing(own.as_ref(), &report, app.pressure.period() / 2) {
        return Ok(());
    }
    let Counts { failing, succeeding, asking } = outlook.counts;
    let level = outlook.level;
    let has_risen = level > level_before && level > others_level;
    if has_risen {
        app.metrics.alarm("spray");
        tracing::error!(
            alarm = true,
            level,
            failing,
            succeeding,
            asking,
            "somebody goes over many customer numbers"
        );
    }
    let detail = format!("level {level}: {failing} numbers failing, {succeeding} succeeding, {asking} asking");
    app.database
        .write(move |tx| -> Result<(), StoreError> {
            pressure_reports::set(tx, &report)?;
            if has_risen || (level == 0 && level_before > 0) {
                audit_events::append(tx, &Entry::by_service(Event::ProofOfWork, now).detail(&detail))?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

fn counts_of(report: &PressureReport) -> Counts {
    Counts { failing: report.failing.into(), succeeding: report.succeeding.into(), asking: report.asking.into() }
}

fn report_of(instance: &str, outlook: &Reading, now: UtcTime) -> PressureReport {
    let count = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    PressureReport {
        instance: instance.to_owned(),
        reported_at: now,
        failing: count(outlook.counts.failing),
        succeeding: count(outlook.counts.succeeding),
        asking: count(outlook.counts.asking),
        level: outlook.level,
        level_until: outlook.level_until,
    }
}

/// News, or what has been standing for so long that the others would forget it.
fn is_worth_writing(before: Option<&PressureReport>, report: &PressureReport, standing: TimeDelta) -> bool {
    let said = |report: &PressureReport| (report.failing, report.succeeding, report.asking, report.level);
    match before {
        None => said(report) != (0, 0, 0, 0),
        Some(before) if said(before) == said(report) => {
            said(report) != (0, 0, 0, 0) && before.reported_at + standing <= report.reported_at
        }
        Some(_) => true,
    }
}
