//! How old imported passwords count.

use std::{collections::BTreeSet, fmt::Write as _};

use chrono::{NaiveDateTime, TimeDelta};
use stakis_identity::types::{Clock as _, SystemClock};

use super::desk::Desk;
use crate::support::{Engine, engine_tests};

engine_tests![
    pw_09_the_age_of_a_password_is_carried_over,
    pw_09_expiries_are_spread_over_the_days_that_are_asked_for,
    pw_09_a_spread_has_no_more_days_than_a_password,
];

const BCRYPT: &str = "$2b$10$OHyO2cdXU6BPKijcRmNo6OWfUTTsRdUBYnvbVLHizeUg4kqszHHj6";

fn times(desk: &Desk) -> Vec<NaiveDateTime> {
    let read = |text: &String| {
        let text = text.split('.').next().unwrap();
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
    };
    desk.accounts("password_changed_at").iter().filter(|text| !text.is_empty()).map(read).collect()
}

async fn pw_09_the_age_of_a_password_is_carried_over(engine: Engine) {
    let desk = Desk::new(engine);
    let now = SystemClock::default().now();
    let rows = format!(
        "customer_number,password_hash,password_changed_at\n\
         000001,{BCRYPT},2020-03-01T10:00:00Z\n\
         000002,{BCRYPT},2020-03-02\n\
         000003,{BCRYPT},\n\
         000004,,\n"
    );
    desk.import("rows.csv", rows, &[]).report();
    let times = times(&desk);
    assert_eq!(times.len(), 3);
    assert_eq!(times[0].to_string(), "2020-03-01 10:00:00");
    assert_eq!(times[1].to_string(), "2020-03-02 00:00:00");
    assert!((times[2] - now).abs() < TimeDelta::minutes(5), "without a time the age begins now");
    // A time without a password says nothing, and one in the future cannot be.
    let wrong = "customer_number,password_changed_at\n000005,2020-01-01T00:00:00Z\n";
    assert_eq!(desk.import("wrong.csv", wrong, &[]).rejected(), ["2 2 password_changed_at invalid_format"]);
}

/// Four hundred passwords, most of them older than any may be, would all expire on the day of the import.
async fn pw_09_expiries_are_spread_over_the_days_that_are_asked_for(engine: Engine) {
    let mut desk = Desk::new(engine);
    desk.variables.insert("STAKIS_PASSWORD_MAX_AGE_DAYS", "365".to_owned());
    let mut rows = "customer_number,password_hash,password_changed_at\n".to_owned();
    for number in 0..400 {
        let changed = if number % 2 == 0 { "2015-01-01" } else { "" };
        writeln!(rows, "{number:06},{BCRYPT},{changed}").unwrap();
    }
    let recent = SystemClock::default().now() - TimeDelta::days(5);
    writeln!(rows, "900000,{BCRYPT},{}", recent.format("%Y-%m-%dT%H:%M:%SZ")).unwrap();
    desk.import("rows.csv", rows, &["--spread-expiry", "40"]).report();
    let now = SystemClock::default().now();
    let times = times(&desk);
    let days_left = |time: &NaiveDateTime| (*time + TimeDelta::days(365) - now).num_days();
    let spread: Vec<i64> = times.iter().map(days_left).filter(|days| *days < 100).collect();
    assert_eq!(spread.len(), 400);
    assert!(spread.iter().all(|days| (0..=40).contains(days)), "{spread:?}");
    let days: BTreeSet<i64> = spread.iter().copied().collect();
    assert!(days.len() >= 35, "{} days of 40", days.len());
    let busiest = days.iter().map(|day| spread.iter().filter(|other| *other == day).count()).max().unwrap();
    assert!(busiest < 40, "{busiest} of 400 on one day");
    // The one whose age is known, and that lives longer, keeps its age.
    assert_eq!(times.iter().filter(|time| (**time - recent).abs() < TimeDelta::seconds(2)).count(), 1);
}

async fn pw_09_a_spread_has_no_more_days_than_a_password(engine: Engine) {
    let mut desk = Desk::new(engine);
    desk.variables.insert("STAKIS_PASSWORD_MAX_AGE_DAYS", "30".to_owned());
    let refused = desk.import("rows.csv", "customer_number\n000001\n", &["--spread-expiry", "40"]);
    assert!(!refused.is_success && refused.errors.contains("at most 30 days"), "{refused:?}");
    assert!(desk.accounts("id").is_empty());
}
