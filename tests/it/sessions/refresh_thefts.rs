//! A used refresh token in two hands: the session ends, and a line that loses answers ends none.

use chrono::TimeDelta;

use super::refreshing::{
    ELSEWHERE, HOME, NEXT_DOOR, REISSUED, REUSE, ended, refresh_as, refresh_from, refused_and_goes_on, start, token,
};
use crate::support::{Customer, TestApp, database_tests};

database_tests![
    jw_09_another_user_agent_ends_the_session,
    jw_09_reissues_elsewhere_at_two_rotations_in_a_row_end_the_session,
    jw_09_reissues_elsewhere_with_a_rotation_between_are_no_theft,
    jw_09_more_than_five_reissues_in_a_day_end_the_session,
    jw_09_a_token_before_the_preceding_one_ends_the_session_however_soon,
];

async fn jw_09_another_user_agent_ends_the_session(app: &TestApp) {
    app.make(&Customer::ANA).await;
    for other in ["curl/8.5", "it2", "IT"] {
        let first = app.session(&Customer::ANA).await;
        let second = app.refresh(token(&first)).await.json();
        let stolen = refresh_as(app, other, token(&first)).await;
        ended(app, &stolen, token(&second), "refresh token reused by another user agent").await;
    }
    // The call that is compared is the one that has used the token, not the sign-in.
    let first = app.session(&Customer::ANA).await;
    let second = refresh_as(app, "a program", token(&first)).await.json();
    refresh_as(app, "a program", token(&first)).await.assert_status(200);
    let stolen = app.refresh(token(&first)).await;
    ended(app, &stolen, token(&second), "refresh token reused by another user agent").await;
    // A call without a user agent is of another program than a call with one.
    let first = app.session(&Customer::ANA).await;
    let second = refresh_from(&app.app, HOME, None, token(&first)).await.unwrap();
    assert_eq!(refresh_from(&app.app, HOME, None, token(&first)).await.as_ref(), Some(&second));
    let stolen = app.refresh(token(&first)).await;
    ended(app, &stolen, &second, "refresh token reused by another user agent").await;
    // Used up or not: the token is in two hands.
    let first = app.session(&Customer::ANA).await;
    let second = app.refresh(token(&first)).await.json();
    let third = app.refresh(token(&second)).await.json();
    let stolen = refresh_as(app, "curl/8.5", token(&first)).await;
    ended(app, &stolen, token(&third), "refresh token reused by another user agent").await;
}

async fn jw_09_reissues_elsewhere_at_two_rotations_in_a_row_end_the_session(app: &TestApp) {
    let app_parts = &app.app;
    let from = async |source, token: &str| refresh_from(app_parts, source, Some("it"), token).await;
    app.make(&Customer::ANA).await;
    // A thief rides both rotations of the owner.
    let first = app.session(&Customer::ANA).await;
    let second = from(HOME, token(&first)).await.unwrap();
    assert_eq!(
        from(ELSEWHERE, token(&first)).await.as_ref(),
        Some(&second),
        "once is a phone that has left the house"
    );
    assert_eq!(app.audit().last().unwrap().detail, "to another network");
    let third = from(HOME, &second).await.unwrap();
    assert_eq!(from(NEXT_DOOR, &second).await.as_ref(), Some(&third), "the same network is no other one");
    assert_eq!(from(ELSEWHERE, &second).await, None);
    assert_eq!(from(HOME, &third).await, None);
    // A thief goes first at the second rotation, and the owner asks for the same.
    let first = app.session(&Customer::ANA).await;
    let second = from(HOME, token(&first)).await.unwrap();
    assert!(from(ELSEWHERE, token(&first)).await.is_some());
    let third = from(ELSEWHERE, &second).await.unwrap();
    assert_eq!(from(HOME, &second).await, None);
    assert_eq!(from(ELSEWHERE, &third).await, None);
    let details: Vec<String> =
        app.audit().into_iter().filter(|line| line.event == REUSE).map(|line| line.detail).collect();
    assert_eq!(details, ["refresh token reissued to other networks"; 2]);
}

async fn jw_09_reissues_elsewhere_with_a_rotation_between_are_no_theft(app: &TestApp) {
    let mut current = token(&start(app).await).to_owned();
    for index in 0..5 {
        let next = refresh_from(&app.app, HOME, Some("it"), &current).await.unwrap();
        if index % 2 == 0 {
            let again = refresh_from(&app.app, ELSEWHERE, Some("it"), &current).await;
            assert_eq!(again.as_ref(), Some(&next), "rotation {index}");
        }
        current = next;
    }
    assert_eq!((app.events(REISSUED), app.events(REUSE)), (3, 0));
}

async fn jw_09_more_than_five_reissues_in_a_day_end_the_session(app: &TestApp) {
    let mut session = start(app).await;
    for reissues in [3, 2] {
        let next = app.refresh(token(&session)).await.json();
        for _ in 0..reissues {
            app.refresh(token(&session)).await.assert_status(200);
        }
        app.advance(TimeDelta::hours(11));
        session = next;
    }
    app.advance(TimeDelta::hours(2));
    // Of the five reissues three are a day old by now.
    let next = app.refresh(token(&session)).await.json();
    for _ in 0..3 {
        app.refresh(token(&session)).await.assert_status(200);
    }
    let fourth = app.refresh(token(&session)).await;
    let next_but_one = refused_and_goes_on(app, &fourth, token(&next)).await;
    let sixth = app.refresh(token(&next)).await;
    ended(app, &sixth, token(&next_but_one), "refresh token reissued too often").await;
    assert_eq!(app.events(REISSUED), 8);
}

async fn jw_09_a_token_before_the_preceding_one_ends_the_session_however_soon(app: &TestApp) {
    let first = start(app).await;
    let second = app.refresh(token(&first)).await.json();
    let third = app.refresh(token(&second)).await.json();
    let fourth = app.refresh(token(&third)).await.json();
    let older = app.refresh(token(&first)).await;
    ended(app, &older, token(&fourth), "refresh token reused").await;
    assert_eq!(app.events(REUSE), 1);
}
