//! Sessions of the support page: who gets one, what it opens, and when it ends.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use stakis_identity::{
    identity::{clients::Revocation, upkeep::begin_new_epoch},
    jobs,
    store::epoch::Passwords,
    types::ClientId,
};

use crate::support::{
    Answer, Customer, Engine, administrator,
    desk::{Desk, Person, cookie},
    engine_tests, execute,
    limited::{HOUR, per},
    partner::Partner,
    send, text,
};

engine_tests![
    ad_08_the_secret_is_exchanged_once_and_nothing_usable_is_stored,
    ad_03_a_program_s_client_is_refused_at_the_page,
    ad_08_a_wrong_secret_is_refused_as_an_unknown_client_is,
    lg_08_a_page_session_ends_after_thirty_minutes_and_eight_hours,
    ad_09_a_revoked_client_ends_its_page_sessions_at_once,
    ad_09_a_client_that_gets_a_program_s_scope_loses_the_page,
    lg_07_signing_out_of_the_page_ends_the_session,
    ad_04_every_look_is_in_the_trail_under_the_person_s_client,
    dp_02_page_sessions_are_forgotten_when_their_time_is_over,
    dp_07_a_new_epoch_ends_page_sessions,
    rl_01_the_tokens_of_a_page_count_as_those_of_its_client,
];

async fn look(desk: &Desk, token: &str) -> Answer {
    let call = desk.request(Method::POST, "/v1/support/diagnosis").bearer_auth(token);
    send(call.json(&json!({ "customer_number": Customer::ANA.number }))).await
}

async fn ad_08_the_secret_is_exchanged_once_and_nothing_usable_is_stored(engine: Engine) {
    let desk = Desk::start(engine).await;
    let maja = Person::make(&desk.app, "support:read support:act").await;
    let signed_in = desk.sign_in(maja.id.as_str(), &maja.secret).await;
    signed_in.assert_status(201);
    assert_eq!(signed_in.header("cache-control"), "no-store");
    let set = signed_in.header("set-cookie");
    let (name, rest) = set.split_once('=').unwrap();
    let (token, attributes) = rest.split_once("; ").unwrap();
    assert_eq!((name, token.len()), ("stakis-support", 43));
    assert_eq!(attributes, "Path=/support; HttpOnly; SameSite=Strict");
    let mut body = signed_in.json();
    let access = text(&body, "access_token").to_owned();
    body["access_token"] = json!("…");
    assert_eq!(
        body,
        json!({
            "access_token": "…", "token_type": "Bearer", "expires_in": 600, "scope": "support:act support:read",
            "person": Person::NAME,
        })
    );
    look(&desk, &access).await.assert_status(200);
    let refreshed = desk.refresh(&cookie(&signed_in)).await;
    refreshed.assert_status(200);
    assert_eq!(refreshed.json()["person"], Person::NAME);
    assert_eq!(refreshed.header("set-cookie"), "");
    look(&desk, text(&refreshed.json(), "access_token")).await.assert_status(200);
    let dump = desk.app.dump().text();
    for secret in [token, &access, &maja.secret] {
        assert!(!dump.contains(secret));
    }
    let hash = desk.app.column("support_sessions", "token_hash").remove(0);
    desk.refresh(&format!("stakis-support={hash}")).await.assert_problem(401, "invalid-token");
    // A token of another kind begins and continues nothing.
    for other in [&access, &maja.secret] {
        desk.refresh(&format!("stakis-support={other}")).await.assert_problem(401, "invalid-token");
        desk.sign_in(maja.id.as_str(), &format!("{other}x")).await.assert_status(401);
    }
    send(desk.request(Method::POST, "/support/session/refresh")).await.assert_problem(401, "invalid-token");
    desk.stop().await;
}

async fn ad_03_a_program_s_client_is_refused_at_the_page(engine: Engine) {
    let desk = Desk::start(engine).await;
    for scopes in ["support:read", "accounts:read support:read"] {
        let program = Partner::make(&desk.app, scopes).await;
        let refused = desk.sign_in(program.id.as_str(), &program.secret).await;
        refused.assert_problem(403, "forbidden");
        assert_eq!(refused.header("set-cookie"), "");
    }
    assert_eq!(desk.app.dump().counts()["support_sessions"], 0);
    let told = desk.app.audit().into_iter().filter(|line| line.event == "authn_login_fail").map(|line| line.detail);
    assert_eq!(told.collect::<Vec<_>>(), ["support page: no person's client"; 2]);
    desk.stop().await;
}

async fn ad_08_a_wrong_secret_is_refused_as_an_unknown_client_is(engine: Engine) {
    let desk = Desk::start(engine).await;
    let maja = Person::make(&desk.app, "support:read").await;
    let gone = Person::make(&desk.app, "support:read").await;
    assert_eq!(gone.revoke(&desk.app).await, Revocation::Revoked);
    let program = Partner::make(&desk.app, "support:read").await;
    let unknown = ClientId::mint();
    let mut answers = Vec::new();
    for (id, secret) in [
        (maja.id.as_str(), gone.secret.as_str()),
        (maja.id.as_str(), ""),
        (gone.id.as_str(), gone.secret.as_str()),
        (program.id.as_str(), maja.secret.as_str()),
        (unknown.as_str(), maja.secret.as_str()),
        ("no id at all", "x"),
        ("", ""),
    ] {
        answers.push(desk.sign_in(id, secret).await);
    }
    for answer in &answers {
        answer.assert_problem(401, "invalid-credentials");
        // The browser would ask for a password of its own.
        assert_eq!(answer.header("www-authenticate"), "");
        assert_eq!(answer.comparable(), answers[0].comparable());
    }
    // Wrong secrets are slowed down as at `/oauth2/token`, and together with those. The right one is taken.
    for _ in 0..8 {
        desk.sign_in(maja.id.as_str(), "x").await;
    }
    desk.sign_in(maja.id.as_str(), "x").await.assert_problem(429, "rate-limited");
    maja.sign_in(&desk).await;
    desk.stop().await;
}

async fn lg_08_a_page_session_ends_after_thirty_minutes_and_eight_hours(engine: Engine) {
    let desk = Desk::start(engine).await;
    let maja = Person::make(&desk.app, "support:read").await;
    let (idle, _) = maja.sign_in(&desk).await;
    desk.app.advance(TimeDelta::minutes(29));
    desk.refresh(&idle).await.assert_status_with(200, "a use starts the time again");
    desk.app.advance(TimeDelta::minutes(29));
    desk.refresh(&idle).await.assert_status(200);
    desk.app.advance(TimeDelta::minutes(30));
    desk.refresh(&idle).await.assert_problem(401, "invalid-token");

    let (busy, _) = maja.sign_in(&desk).await;
    for _ in 0..23 {
        desk.app.advance(TimeDelta::minutes(20));
        desk.refresh(&busy).await.assert_status(200);
    }
    desk.app.advance(TimeDelta::minutes(19));
    let last = desk.refresh(&busy).await;
    last.assert_status(200);
    desk.app.advance(TimeDelta::minutes(1));
    desk.refresh(&busy).await.assert_problem(401, "invalid-token");
    // The access token ends with the session.
    let token = text(&last.json(), "access_token").to_owned();
    look(&desk, &token).await.assert_problem(401, "invalid-token");

    // Who signs in again has one session: the browser forgets the one before.
    let (first, _) = maja.sign_in(&desk).await;
    let body = json!({ "client_id": maja.id, "client_secret": maja.secret });
    let again = desk.request(Method::POST, "/support/session").header("cookie", &first).json(&body);
    send(again).await.assert_status(201);
    desk.refresh(&first).await.assert_problem(401, "invalid-token");
    desk.stop().await;
}

async fn ad_09_a_revoked_client_ends_its_page_sessions_at_once(engine: Engine) {
    let desk = Desk::start(engine).await;
    let [maja, tina] =
        [Person::make(&desk.app, "support:read").await, Person::make(&desk.app, "support:read").await];
    let (of_maja, token) = maja.sign_in(&desk).await;
    let (of_tina, _) = tina.sign_in(&desk).await;
    assert_eq!(maja.revoke(&desk.app).await, Revocation::Revoked);
    desk.refresh(&of_maja).await.assert_problem(401, "invalid-token");
    look(&desk, &token).await.assert_problem(401, "invalid-token");
    assert_eq!(desk.app.column("support_sessions", "client_id"), [tina.id.as_str()]);
    desk.refresh(&of_tina).await.assert_status(200);
    desk.stop().await;
}

async fn ad_09_a_client_that_gets_a_program_s_scope_loses_the_page(engine: Engine) {
    let desk = Desk::start(engine).await;
    let maja = Person::make(&desk.app, "support:read support:act").await;
    let (session, _) = maja.sign_in(&desk).await;
    execute(&desk.app.database.url, "UPDATE clients SET scopes = 'support:read'").unwrap();
    assert_eq!(desk.refresh(&session).await.json()["scope"], "support:read");
    execute(&desk.app.database.url, "UPDATE clients SET scopes = 'accounts:write support:read'").unwrap();
    desk.refresh(&session).await.assert_problem(401, "invalid-token");
    desk.sign_in(maja.id.as_str(), &maja.secret).await.assert_problem(403, "forbidden");
    desk.stop().await;
}

async fn lg_07_signing_out_of_the_page_ends_the_session(engine: Engine) {
    let desk = Desk::start(engine).await;
    let maja = Person::make(&desk.app, "support:read").await;
    let (session, token) = maja.sign_in(&desk).await;
    look(&desk, &token).await.assert_status(200);
    let end = |cookie: String| send(desk.request(Method::DELETE, "/support/session").header("cookie", cookie));
    let ended = end(session.clone()).await;
    ended.assert_status(204);
    assert_eq!(ended.header("set-cookie"), "stakis-support=; Path=/support; HttpOnly; SameSite=Strict; Max-Age=0");
    desk.refresh(&session).await.assert_problem(401, "invalid-token");
    look(&desk, &token).await.assert_problem(401, "invalid-token");
    end(session).await.assert_status_with(204, "again");
    send(desk.request(Method::DELETE, "/support/session")).await.assert_status(204);
    assert_eq!(desk.app.dump().counts()["support_sessions"], 0);
    assert_eq!(desk.app.events("authn_token_revoked"), 1);
    desk.stop().await;
}

async fn ad_04_every_look_is_in_the_trail_under_the_person_s_client(engine: Engine) {
    let desk = Desk::start(engine).await;
    let maja = Person::make(&desk.app, "support:read").await;
    let (session, token) = maja.sign_in(&desk).await;
    look(&desk, &token).await.assert_status(200);
    desk.refresh(&session).await.assert_status(200);
    send(desk.request(Method::DELETE, "/support/session").header("cookie", &session)).await.assert_status(204);
    let trail = desk.app.audit();
    let of_maja: Vec<_> = trail.iter().filter(|line| line.actor == format!("client {}", maja.id)).collect();
    let told: Vec<(&str, &str)> = of_maja.iter().map(|line| (line.event.as_str(), line.detail.as_str())).collect();
    for line in [
        ("authn_login_success", "support page: Maja Novak"),
        ("authn_token_created", "support:read"),
        ("support_diagnosis", "no_such_customer"),
        ("authn_token_revoked", "support page"),
    ] {
        assert!(told.contains(&line), "{line:?} is missing in {told:?}");
    }
    let looked = of_maja.iter().find(|line| line.event == "support_diagnosis").unwrap();
    assert_eq!((looked.customer_number.as_str(), looked.source.as_str()), (Customer::ANA.number, "127.0.0.0/24"));
    assert!(of_maja.iter().all(|line| !line.request_id.is_empty()));
    let made = trail.iter().find(|line| line.event == "client_created").unwrap();
    assert_eq!(made.detail, format!("{}: support:read for Maja Novak", maja.id));
    desk.stop().await;
}

async fn dp_02_page_sessions_are_forgotten_when_their_time_is_over(engine: Engine) {
    let desk = Desk::start(engine).await;
    let maja = Person::make(&desk.app, "support:read").await;
    maja.sign_in(&desk).await;
    desk.app.advance(TimeDelta::hours(7));
    maja.sign_in(&desk).await;
    jobs::keep_house(&desk.app.app).await;
    assert_eq!(desk.app.dump().counts()["support_sessions"], 2);
    desk.app.advance(TimeDelta::hours(1));
    jobs::keep_house(&desk.app.app).await;
    assert_eq!(desk.app.dump().counts()["support_sessions"], 1);
    desk.stop().await;
}

async fn dp_07_a_new_epoch_ends_page_sessions(engine: Engine) {
    let desk = Desk::start(engine).await;
    let maja = Person::make(&desk.app, "support:read").await;
    let (session, _) = maja.sign_in(&desk).await;
    let ended = begin_new_epoch(&desk.app.app, &administrator(), Passwords::Kept).await.unwrap();
    assert_eq!(ended.sessions, 1);
    desk.refresh(&session).await.assert_problem(401, "invalid-token");
    desk.stop().await;
}

async fn rl_01_the_tokens_of_a_page_count_as_those_of_its_client(engine: Engine) {
    let desk = Desk::start_with(engine, |config| config.limits.client_tokens = Some(per(3, HOUR))).await;
    let maja = Person::make(&desk.app, "support:read").await;
    let (session, _) = maja.sign_in(&desk).await;
    desk.refresh(&session).await.assert_status(200);
    desk.refresh(&session).await.assert_status(200);
    desk.refresh(&session).await.assert_problem(429, "rate-limited");
    desk.sign_in(maja.id.as_str(), &maja.secret).await.assert_problem(429, "rate-limited");
    desk.stop().await;
}
