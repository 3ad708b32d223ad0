//! Changing the address on file, from the question to the confirmation.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use stakis_identity::identity::email_change;

use super::owner::{
    NEW_ADDRESS, NEW_PASSWORD, ask, ask_and_deliver, ask_with, change_address, confirm, last_mail_to,
    lock_down_for, mails_to, number, on_file, sign_in, use_link, withdraw,
};
use crate::support::{Customer, Engine, TestApp, administrator, database_tests, engine_tests, execute, send, text};

database_tests![
    ow_01_nothing_changes_before_the_new_mailbox_has_confirmed,
    ow_01_the_confirmation_takes_the_number_and_five_wrong_ones_end_it,
    ow_01_a_wrong_current_password_counts_with_the_sign_ins,
    ow_02_both_addresses_are_told_and_the_old_one_can_withdraw,
    ow_02_the_old_address_is_told_again_when_the_change_took_effect,
    ow_03_only_hashes_of_the_tokens_are_stored,
    ow_03_twenty_confirmations_at_once_take_effect_once,
    ow_03_a_pending_change_ends_with_what_ends_the_trust_in_it,
    ow_03_a_newer_change_ends_the_one_before,
    ow_03_the_links_serve_for_a_day,
    ow_04_links_to_the_old_address_end_and_the_new_one_cools_off,
    ow_04_the_pause_of_the_old_address_ends_with_it,
    tk_08_no_link_opens_the_door_of_another,
    lg_10_the_trail_says_who_changed_the_address,
];

async fn ow_01_nothing_changes_before_the_new_mailbox_has_confirmed(app: &TestApp) {
    let token = sign_in(app).await;
    let asked = ask(app, &token, NEW_ADDRESS).await;
    asked.assert_status(202);
    assert_eq!(asked.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["message"]);
    app.deliver_all().await;
    assert_eq!(on_file(app), Customer::ANA.email);
    let link = last_mail_to(app, NEW_ADDRESS).await;
    assert_eq!(link.subject(), "STAkis: potrdite novi e-poštni naslov");
    assert!(link.text().contains("https://identity.test/confirm-email#token="), "{}", link.text());
    let raw = String::from_utf8_lossy(&link.raw).into_owned();
    assert!(!raw.contains(Customer::ANA.number) && !raw.contains(Customer::ANA.email), "{raw}");
    // Mails go to the present address meanwhile.
    app.token_for(&Customer::ANA).await;
    let confirmed = confirm(app, &link.token()).await;
    confirmed.assert_status(200);
    assert_eq!(confirmed.json()["message"], "E-poštni naslov je spremenjen.");
    assert_eq!(on_file(app), NEW_ADDRESS);
    let account = app.account(&token).await.json();
    assert_eq!((&account["email"], &account["email_state"]), (&json!("n•••@e•••.si"), &json!("ok")));
    confirm(app, &link.token()).await.assert_problem(410, "email-change-unusable");
    app.deliver_all().await;
}

async fn ow_01_the_confirmation_takes_the_number_and_five_wrong_ones_end_it(app: &TestApp) {
    let token = sign_in(app).await;
    let (confirms, _) = ask_and_deliver(app, &token).await;
    let wrong = || use_link(app, "/v1/email-changes/confirm", &confirms, "118503");
    for _ in 0..4 {
        assert_eq!(wrong().await.field_errors(), ["#/customer_number customer_number_mismatch"]);
    }
    // A number of another form is no guess.
    let malformed = use_link(app, "/v1/email-changes/confirm", &confirms, "1185").await;
    assert_eq!(malformed.field_errors(), ["#/customer_number invalid_format"]);
    assert_eq!(
        wrong().await.field_errors(),
        ["#/customer_number customer_number_mismatch"],
        "the fifth is told so"
    );
    let ended = confirm(app, &confirms).await;
    ended.assert_problem(410, "email-change-unusable");
    assert_eq!(ended.json()["reason"], "withdrawn");
    assert_eq!((on_file(app).as_str(), app.events("user_email_change_withdrawn")), (Customer::ANA.email, 1));
}

async fn ow_01_a_wrong_current_password_counts_with_the_sign_ins(app: &TestApp) {
    let token = sign_in(app).await;
    let guess = || ask_with(app, &token, json!({ "email": NEW_ADDRESS, "current_password": "Napacno-geslo-1" }));
    for _ in 0..5 {
        assert_eq!(guess().await.field_errors(), ["#/current_password incorrect_password"]);
    }
    let waits = guess().await;
    waits.assert_problem(429, "rate-limited");
    assert!(!waits.header("retry-after").is_empty());
    // The same count holds for a change of the password.
    let form = json!({
        "current_password": Customer::ANA.password,
        "new_password": NEW_PASSWORD, "new_password_confirmation": NEW_PASSWORD,
    });
    app.change(&token, form).await.assert_problem(429, "rate-limited");
    app.advance(TimeDelta::seconds(2));
    let token = app.access_token(&Customer::ANA, Customer::ANA.password).await;
    ask(app, &token, NEW_ADDRESS).await.assert_status(202);
    assert_eq!(app.events("authn_password_change_fail"), 5);
    app.deliver_all().await;
}

async fn ow_02_both_addresses_are_told_and_the_old_one_can_withdraw(app: &TestApp) {
    let token = sign_in(app).await;
    let (confirms, withdraws) = ask_and_deliver(app, &token).await;
    let notice = last_mail_to(app, Customer::ANA.email).await;
    assert_eq!(notice.subject(), "STAkis: zahtevana je sprememba e-poštnega naslova");
    assert!(notice.text().contains("n•••@e•••.si"), "{}", notice.text());
    assert!(notice.text().contains("https://identity.test/withdraw-email#token="), "{}", notice.text());
    let told = withdraw(app, &withdraws).await;
    told.assert_status(200);
    assert!(told.json()["message"].as_str().unwrap().contains("preklicana"));
    let unusable = confirm(app, &confirms).await;
    unusable.assert_problem(410, "email-change-unusable");
    assert_eq!(unusable.json()["reason"], "withdrawn");
    assert_eq!(withdraw(app, &withdraws).await.json()["reason"], "withdrawn");
    assert_eq!(on_file(app), Customer::ANA.email);
}

async fn ow_02_the_old_address_is_told_again_when_the_change_took_effect(app: &TestApp) {
    let token = sign_in(app).await;
    change_address(app, &token).await;
    let notice = last_mail_to(app, Customer::ANA.email).await;
    assert_eq!(notice.subject(), "STAkis: e-poštni naslov je bil spremenjen");
    assert!(notice.text().contains("https://identity.test/not-me#token="), "{}", notice.text());
    assert!(!notice.text().contains("nova") && !notice.text().contains("n•••"), "{}", notice.text());
    // Later mails go to the new address.
    app.close(&Customer { email: NEW_ADDRESS, ..Customer::ANA }).await;
    assert_eq!(last_mail_to(app, NEW_ADDRESS).await.subject(), "STAkis: dostop je zaprt");
}

async fn ow_03_only_hashes_of_the_tokens_are_stored(app: &TestApp) {
    let token = sign_in(app).await;
    let (confirms, withdraws) = ask_and_deliver(app, &token).await;
    let dump = app.dump().text();
    assert!(!dump.contains(&confirms) && !dump.contains(&withdraws));
    let words: Vec<&str> = dump.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).collect();
    for word in words.into_iter().filter(|word| [26, 43, 64].contains(&word.len())) {
        assert_eq!(confirm(app, word).await.json()["reason"], "unknown", "{word}");
        assert_eq!(withdraw(app, word).await.json()["reason"], "unknown", "{word}");
    }
    confirm(app, &confirms).await.assert_status(200);
    app.deliver_all().await;
}

async fn ow_03_twenty_confirmations_at_once_take_effect_once(app: &TestApp) {
    let token = sign_in(app).await;
    let (confirms, withdraws) = ask_and_deliver(app, &token).await;
    let (second, _) = app.second_instance().await;
    let body = json!({ "token": confirms, "customer_number": Customer::ANA.number });
    let calls = (0..20).map(|index| {
        let url = if index % 2 == 0 { &app.url } else { &second };
        send(app.client.post(url.join("/v1/email-changes/confirm").unwrap()).json(&body))
    });
    let answers = join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.assert_problem(410, "email-change-unusable");
        assert_eq!(answer.json()["reason"], "used");
    }
    assert_eq!(withdraw(app, &withdraws).await.json()["reason"], "used", "no link puts an address back");
    assert_eq!((app.events("user_email_changed"), on_file(app).as_str()), (1, NEW_ADDRESS));
    app.deliver_all().await;
}

async fn ow_03_a_pending_change_ends_with_what_ends_the_trust_in_it(app: &TestApp) {
    app.make(&Customer::ANA).await;
    let mut password = Customer::ANA.password;
    let passwords =
        [NEW_PASSWORD, "Letne-pnevmatike-28", "Platisca-za-zimo-29", "Akumulator-za-bus-30", "Brisalci-za-dez-31"];
    for (what, next) in
        ["reset", "change", "expiry", "sign-out", "session ended", "closing", "lock-down", "support", "age"]
            .into_iter()
            .zip(passwords.into_iter().cycle())
    {
        app.advance(TimeDelta::days(2));
        let session = app.sign_in(Customer::ANA.number, password).await.json();
        let token = text(&session, "access_token");
        app.deliver_all().await;
        let form = json!({ "email": NEW_ADDRESS, "current_password": password });
        ask_with(app, token, form).await.assert_status_with(202, what);
        app.deliver_all().await;
        let confirms = last_mail_to(app, NEW_ADDRESS).await.token();
        match what {
            "reset" => {
                let link = app.token_for(&Customer::ANA).await;
                app.complete(&link, Customer::ANA.number, next).await.assert_status(200);
                password = next;
            }
            "change" => {
                let form = json!({
                    "current_password": password, "new_password": next, "new_password_confirmation": next,
                });
                app.change(token, form).await.assert_status(200);
                password = next;
            }
            "sign-out" => app.call(Method::DELETE, "/v1/sessions/current", token).await.assert_status(204),
            "session ended" => {
                let other = app.access_token(&Customer::ANA, password).await;
                app.call(Method::DELETE, "/v1/sessions", &other).await.assert_status(204);
            }
            "closing" => app.close(&Customer::ANA).await,
            "expiry" => execute(
                &app.database.url,
                "UPDATE accounts SET session_epoch = session_epoch + 1, password_expired_because = 'administrative'",
            )
            .map(drop)
            .unwrap(),
            "lock-down" => lock_down_for(app, &Customer::ANA).await,
            "support" => {
                let other = stakis_identity::types::EmailAddress::parse("tretja@example.si").unwrap();
                email_change::set(&app.app, &administrator(), number(&Customer::ANA), other, None).await.unwrap();
            }
            "age" => {
                execute(&app.database.url, "UPDATE accounts SET password_changed_at = '2026-01-01 00:00:00'").unwrap();
            }
            _ => unreachable!(),
        }
        app.deliver_all().await;
        let unusable = confirm(app, &confirms).await;
        unusable.assert_status_with(410, what);
        assert_eq!(unusable.json()["reason"], "withdrawn", "{what}");
        assert_ne!(on_file(app), NEW_ADDRESS, "{what}");
        execute(
            &app.database.url,
            "UPDATE accounts SET closed_at = NULL, password_expired_because = NULL, email = 'delavnica@example.si', \
             email_changed_at = NULL",
        )
        .unwrap();
    }
}

async fn ow_03_a_newer_change_ends_the_one_before(app: &TestApp) {
    let token = sign_in(app).await;
    let (first, withdraws) = ask_and_deliver(app, &token).await;
    ask(app, &token, "tretja@example.si").await.assert_status(202);
    app.deliver_all().await;
    for answer in [confirm(app, &first).await, withdraw(app, &withdraws).await] {
        answer.assert_problem(410, "email-change-unusable");
        assert_eq!(answer.json()["reason"], "withdrawn");
    }
    confirm(app, &last_mail_to(app, "tretja@example.si").await.token()).await.assert_status(200);
    assert_eq!(on_file(app), "tretja@example.si");
    app.deliver_all().await;
}

async fn ow_03_the_links_serve_for_a_day(app: &TestApp) {
    let token = sign_in(app).await;
    let (confirms, withdraws) = ask_and_deliver(app, &token).await;
    app.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    // Looking at the page changes nothing, however often.
    for path in ["/confirm-email", "/withdraw-email", "/not-me"] {
        app.get(path).await.assert_status(200);
    }
    app.advance(TimeDelta::seconds(1));
    for answer in [confirm(app, &confirms).await, withdraw(app, &withdraws).await] {
        answer.assert_problem(410, "email-change-unusable");
        assert_eq!(answer.json()["reason"], "expired");
    }
    assert_eq!(on_file(app), Customer::ANA.email);
}

async fn ow_04_links_to_the_old_address_end_and_the_new_one_cools_off(app: &TestApp) {
    let token = sign_in(app).await;
    let link = app.token_for(&Customer::ANA).await;
    change_address(app, &token).await;
    app.verify(&link).await.assert_problem(410, "reset-link-unusable");
    let before = app.mail_api.mails().await.len();
    app.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before, "no link goes there for its first day");
    app.advance(TimeDelta::seconds(1));
    app.token_for(&Customer { email: NEW_ADDRESS, ..Customer::ANA }).await;
}

async fn ow_04_the_pause_of_the_old_address_ends_with_it(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.access_token(&Customer::ANA, Customer::ANA.password).await;
    app.deliver_all().await;
    let device = app.session(&Customer::ANA).await["device_token"].as_str().unwrap().to_owned();
    app.advance(TimeDelta::days(8));
    execute(
        &app.database.url,
        "INSERT INTO suppressions (address, reason, since) VALUES \
         ('delavnica@example.si', 'hard_bounce', '2026-11-22 00:00:00')",
    )
    .unwrap();
    let known = app.sign_in_from(&device, Customer::ANA.number, Customer::ANA.password).await.json();
    ask(app, text(&known, "access_token"), NEW_ADDRESS).await.assert_status(202);
    app.deliver_all().await;
    assert!(mails_to(app, Customer::ANA.email).await.iter().all(|mail| !mail.subject().contains("zahtevana")));
    confirm(app, &last_mail_to(app, NEW_ADDRESS).await.token()).await.assert_status(200);
    app.deliver_all().await;
    assert_eq!(app.dump().counts().get("suppressions").copied().unwrap_or(0), 0);
    // The dead address has not told anybody, so the new one cools off for a week.
    let before = app.mail_api.mails().await.len();
    app.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    app.ask(Customer::ANA.number).await.assert_status(202);
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), before);
    app.advance(TimeDelta::seconds(1));
    app.token_for(&Customer { email: NEW_ADDRESS, ..Customer::ANA }).await;
}

async fn tk_08_no_link_opens_the_door_of_another(app: &TestApp) {
    let token = sign_in(app).await;
    let (confirms, withdraws) = ask_and_deliver(app, &token).await;
    let reset = app.token_for(&Customer::ANA).await;
    for (path, foreign) in
        [("/v1/email-changes/confirm", [&withdraws, &reset]), ("/v1/email-changes/withdraw", [&confirms, &reset])]
    {
        for token in foreign {
            let refused = use_link(app, path, token, Customer::ANA.number).await;
            assert_eq!((refused.status, refused.json()["reason"].as_str().unwrap()), (410, "unknown"), "{path}");
        }
    }
    for foreign in [&confirms, &withdraws] {
        app.complete(foreign, Customer::ANA.number, NEW_PASSWORD).await.assert_problem(410, "reset-link-unusable");
        app.withdraw(foreign, Customer::ANA.number).await.assert_problem(410, "reset-link-unusable");
        app.refresh(foreign).await.assert_problem(401, "invalid-token");
        app.account(foreign).await.assert_problem(401, "invalid-token");
        let refused = use_link(app, "/v1/lock-downs", foreign, Customer::ANA.number).await;
        refused.assert_problem(410, "reset-link-unusable");
    }
}

async fn lg_10_the_trail_says_who_changed_the_address(app: &TestApp) {
    let token = sign_in(app).await;
    change_address(app, &token).await;
    let session = app.column("sessions", "id").remove(0);
    let lines: Vec<_> = app.audit().into_iter().filter(|line| line.event.starts_with("user_email")).collect();
    let told: Vec<_> =
        lines.iter().map(|line| (line.event.as_str(), line.detail.as_str(), line.actor.as_str())).collect();
    assert_eq!(
        told,
        [
            ("user_email_change_requested", "", "customer"),
            ("user_email_changed", "confirmed by the customer", "customer"),
        ]
    );
    for line in &lines {
        assert_eq!((&line.session_id, line.customer_number.as_str()), (&session, Customer::ANA.number));
        assert!(!format!("{line:?}").contains('@'), "{line:?}");
    }
}

engine_tests![ow_01_where_another_system_owns_the_address_support_is_called];

async fn ow_01_where_another_system_owns_the_address_support_is_called(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.email.self_service = false).await;
    let token = sign_in(&app).await;
    ask(&app, &token, NEW_ADDRESS).await.assert_problem(404, "not-found");
    ask(&app, "x", NEW_ADDRESS).await.assert_problem(401, "invalid-token");
    assert_eq!(app.deliver_all().await, 0);
}
