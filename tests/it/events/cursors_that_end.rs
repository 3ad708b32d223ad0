//! Cursors that serve no longer, or never did: a clear problem, and never a gap that nobody notices.

use chrono::TimeDelta;
use reqwest::Method;
use stakis_identity::jobs;

use super::reader::{Reader, ids, publish, tell_closings};
use crate::support::{Customer, Engine, TestApp, database_tests, engine_tests, execute, text};

database_tests![
    a_forged_cursor_is_refused,
    the_cursor_of_another_list_is_refused,
    dp_02_events_are_kept_for_thirty_days,
    a_cursor_behind_which_events_were_forgotten_is_refused,
    the_cursor_of_an_empty_list_ends_like_any_other,
    a_reader_who_waits_for_a_rare_type_misses_nothing,
    a_cursor_from_after_a_restored_backup_is_refused,
];

engine_tests![the_cursor_of_another_service_is_refused,];

const GONE: [&str; 1] = ["#/after invalid_format"];

async fn a_forged_cursor_is_refused(app: &TestApp) {
    let reader = Reader::of(app).await;
    tell_closings(app, 2).await;
    publish(app).await;
    let (_, good) = reader.page("?limit=1").await;
    let (key, sealed) = good.split_once('.').unwrap();
    let flip = |text: &str, at: usize| -> String {
        text.char_indices()
            .map(|(index, character)| match (index == at, character) {
                (true, 'A') => 'B',
                (true, _) => 'A',
                (false, other) => other,
            })
            .collect()
    };
    let mut forged: Vec<String> =
        (0..sealed.len()).step_by(3).map(|at| format!("{key}.{}", flip(sealed, at))).collect();
    forged.extend(
        [
            "",
            "0",
            "1",
            "-1",
            "1 evt_a",
            ".",
            "..",
            &good[1..],
            &good[..good.len() - 2],
            sealed,
            &format!("x{good}"),
        ]
        .map(str::to_owned),
    );
    forged.push(format!("{good}A"));
    forged.push(format!("{good}&after={good}"));
    forged.push("A".repeat(5_000));
    forged.push("%00%ff%f0%9f%98%80".to_owned());
    for cursor in forged {
        let answer = reader.ask(&format!("?after={cursor}")).await;
        answer.assert_problem(422, "validation-failed");
        assert_eq!(answer.field_errors(), GONE, "{cursor}");
        let echo = cursor.len() > 20 && answer.text.contains(&cursor);
        assert!(!echo, "{answer}");
    }
    assert_eq!(reader.page(&format!("?after={good}")).await.0.len(), 1);
}

async fn the_cursor_of_another_list_is_refused(app: &TestApp) {
    let reader = Reader::of(app).await;
    app.make(&Customer::ANA).await;
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.access_token(&Customer::ANA, Customer::ANA.password).await;
    let activity = app.call(Method::GET, "/v1/account/activity?limit=1", &token).await.json();
    let foreign = text(&activity, "next").to_owned();
    let answer = reader.ask(&format!("?after={foreign}")).await;
    answer.assert_problem(422, "validation-failed");
    assert_eq!(answer.field_errors(), GONE);
    let (_, own) = reader.page("").await;
    let there = app.call(Method::GET, &format!("/v1/account/activity?after={own}"), &token).await;
    there.assert_problem(422, "validation-failed");
    assert_eq!(there.field_errors(), GONE);
    app.deliver_all().await;
}

async fn dp_02_events_are_kept_for_thirty_days(app: &TestApp) {
    let reader = Reader::of(app).await;
    tell_closings(app, 3).await;
    publish(app).await;
    app.advance(TimeDelta::days(29));
    tell_closings(app, 2).await;
    publish(app).await;
    jobs::keep_house(&app.app).await;
    assert_eq!(reader.all().await.len(), 5);
    app.advance(TimeDelta::days(2));
    jobs::keep_house(&app.app).await;
    assert_eq!(reader.all().await.len(), 2);
    assert_eq!(app.dump().counts()["events"], 2);
}

async fn a_cursor_behind_which_events_were_forgotten_is_refused(app: &TestApp) {
    let reader = Reader::of(app).await;
    tell_closings(app, 4).await;
    publish(app).await;
    let (_, behind_first) = reader.page("?limit=1").await;
    let (_, behind_all) = reader.page("").await;
    app.advance(TimeDelta::days(31));
    jobs::keep_house(&app.app).await;
    assert_eq!(app.dump().counts()["events"], 0);
    let missed = reader.ask(&format!("?after={behind_first}")).await;
    missed.assert_problem(422, "validation-failed");
    assert_eq!(missed.field_errors(), GONE);
    // A reader who has seen the last one has missed nothing, even though the event itself is gone.
    let (events, next) = reader.page(&format!("?after={behind_all}")).await;
    assert!(events.is_empty());
    tell_closings(app, 2).await;
    publish(app).await;
    for cursor in [next, behind_all] {
        assert_eq!(reader.page(&format!("?after={cursor}")).await.0.len(), 2);
    }
    reader.ask(&format!("?after={behind_first}")).await.assert_problem(422, "validation-failed");
}

async fn the_cursor_of_an_empty_list_ends_like_any_other(app: &TestApp) {
    let reader = Reader::of(app).await;
    let (events, next) = reader.page("").await;
    assert!(events.is_empty());
    tell_closings(app, 2).await;
    publish(app).await;
    assert_eq!(reader.page(&format!("?after={next}")).await.0.len(), 2);
    app.advance(TimeDelta::days(31));
    jobs::keep_house(&app.app).await;
    let missed = reader.ask(&format!("?after={next}")).await;
    missed.assert_problem(422, "validation-failed");
    assert_eq!(missed.field_errors(), GONE);
    tell_closings(app, 1).await;
    publish(app).await;
    reader.ask(&format!("?after={next}")).await.assert_problem(422, "validation-failed");
    assert_eq!(reader.page("").await.0.len(), 1);
}

/// Each answer gives a cursor at the end of all events, so it does not grow old while none of the type happens.
async fn a_reader_who_waits_for_a_rare_type_misses_nothing(app: &TestApp) {
    let reader = Reader::of(app).await;
    let mut query = "?type=account.created".to_owned();
    for _ in 0..6 {
        tell_closings(app, 3).await;
        publish(app).await;
        app.advance(TimeDelta::days(20));
        jobs::keep_house(&app.app).await;
        let (events, next) = reader.page(&query).await;
        assert!(events.is_empty());
        query = format!("?type=account.created&after={next}");
    }
    app.make(&Customer::ANA).await;
    publish(app).await;
    assert_eq!(reader.page(&query).await.0.len(), 1);
}

/// The restored database gives positions a second time, to other events.
async fn a_cursor_from_after_a_restored_backup_is_refused(app: &TestApp) {
    let reader = Reader::of(app).await;
    tell_closings(app, 2).await;
    publish(app).await;
    let (_, before) = reader.page("").await;
    tell_closings(app, 2).await;
    publish(app).await;
    let (lost, after) = reader.page(&format!("?after={before}")).await;
    assert_eq!(lost.len(), 2);
    let restore = "
        DELETE FROM events WHERE position > 2;
        UPDATE event_positions SET last_position = 2";
    execute(&app.database.url, restore).unwrap();
    reader.ask(&format!("?after={after}")).await.assert_problem(422, "validation-failed");
    tell_closings(app, 3).await;
    publish(app).await;
    let refused = reader.ask(&format!("?after={after}")).await;
    refused.assert_problem(422, "validation-failed");
    assert_eq!(refused.field_errors(), GONE);
    // Who had read no further than the backup goes on.
    let (events, _) = reader.page(&format!("?after={before}")).await;
    assert_eq!(events.len(), 3);
    assert!(!ids(&events).iter().any(|id| ids(&lost).contains(id)));
}

async fn the_cursor_of_another_service_is_refused(engine: Engine) {
    let app = TestApp::start(engine).await;
    let other = TestApp::start(engine).await;
    let (here, there) = (Reader::of(&app).await, Reader::of(&other).await);
    for one in [&app, &other] {
        tell_closings(one, 2).await;
        publish(one).await;
    }
    let (_, own) = here.page("?limit=1").await;
    // The other service has other keys, and other events at the same positions.
    there.ask(&format!("?after={own}")).await.assert_problem(422, "validation-failed");
    here.page(&format!("?after={own}")).await;
}
