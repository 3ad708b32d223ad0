//! The reports of the instances to each other about the customer numbers that are tried.

use chrono::TimeDelta;

use crate::{
    app::App,
    identity::refusal::IdentityError,
    limits::{Counts, Reading},
    metrics::Alarm,
    store::{
        audit_events::Event,
        pressure_reports::{self, PressureReport},
    },
    types::{Actor, RequestContext, UtcTime},
};

/// Reports the counts of this instance to the others, and reads theirs. Called once a second: every instance sees an
/// attack that is spread over all of them, and an instance that starts learns of an attack that has begun.
pub async fn share_pressure(app: &App) -> Result<(), IdentityError> {
    let instance = app.pressure.instance.clone();
    let since = app.clock.now() - app.pressure.period();
    let reports = app
        .query(move |tx| {
            let own = pressure_reports::find(tx, &instance)?;
            let others = pressure_reports::list_others(tx, &instance, since)?;
            Ok(Reports { own, others })
        })
        .await?;
    let now = app.clock.now();
    let reading = app.pressure.reading(now);
    let others = reading_of(&reports.others, since, now);
    app.pressure.set_others(&others, now);
    app.metrics.limits.set_proof_of_work_level(app.pressure.reading(now).level.into());
    let report = report_of(&app.pressure.instance, &reading, now);
    let level_before = reports.own.as_ref().map_or(0, |own| own.level);
    if !is_worth_writing(reports.own.as_ref(), &report, app.pressure.period() / 2) {
        return Ok(());
    }
    let has_risen = reading.level > level_before && reading.level > others.level;
    if has_risen {
        raise_alarm(app, &reading);
    }
    let has_changed = has_risen || (reading.level == 0 && level_before > 0);
    app.transact(&RequestContext::of(Actor::Service), move |tx| {
        pressure_reports::upsert(tx, &report)?;
        if has_changed {
            tx.entry(Event::ProofOfWork).detail(&sentence(&reading)).append(tx)?;
        }
        Ok(())
    })
    .await
}

struct Reports {
    own: Option<PressureReport>,
    others: Vec<PressureReport>,
}

/// The reading of the other instances together: the sum of their recent counts, and the highest level that still lasts.
fn reading_of(others: &[PressureReport], since: UtcTime, now: UtcTime) -> Reading {
    let recent = others.iter().filter(|report| report.reported_at > since);
    let counts = recent.map(counts_of).fold(Counts::default(), Counts::plus);
    let highest = others.iter().filter(|report| report.level_until > now).max_by_key(|report| report.level);
    match highest {
        Some(report) => Reading { counts, level: report.level, level_until: report.level_until },
        None => Reading { counts, level: 0, level_until: now },
    }
}

fn raise_alarm(app: &App, reading: &Reading) {
    let Reading { level, counts: Counts { failing, succeeding, asking }, .. } = *reading;
    app.metrics.alarms.raise(Alarm::Spray);
    tracing::error!(alarm = true, level, failing, succeeding, asking, "many customer numbers are being tried");
}

fn sentence(reading: &Reading) -> String {
    let Reading { level, counts: Counts { failing, succeeding, asking }, .. } = reading;
    format!("level {level}: {failing} numbers failing, {succeeding} succeeding, {asking} asking")
}

fn counts_of(report: &PressureReport) -> Counts {
    Counts { failing: report.failing.into(), succeeding: report.succeeding.into(), asking: report.asking.into() }
}

fn report_of(instance: &str, reading: &Reading, now: UtcTime) -> PressureReport {
    let count = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    PressureReport {
        instance: instance.to_owned(),
        reported_at: now,
        failing: count(reading.counts.failing),
        succeeding: count(reading.counts.succeeding),
        asking: count(reading.counts.asking),
        level: reading.level,
        level_until: reading.level_until,
    }
}

/// Whether the report differs from the one before, or that one is so old that the others would soon forget it.
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
