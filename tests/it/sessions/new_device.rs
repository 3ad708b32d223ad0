//! The notice of a sign-in from a device that the account has not used before.

use super::devices::sign_in_with;
use crate::support::{Customer, Engine, TestApp, database_tests, engine_tests};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

database_tests![a_sign_in_from_a_new_device_is_told_by_mail,];

engine_tests![the_new_device_mail_can_be_switched_off,];

async fn a_sign_in_from_a_new_device_is_told_by_mail(app: &TestApp) {
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    assert_eq!(app.deliver_all().await, 0, "neither the first of all nor the same program and network again");
    sign_in_with(app, FIREFOX).await.assert_status(201);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject(), "STAkis: prijava z nove naprave");
    let told = mails[0].text().replace(&mails[0].token(), "…");
    insta::assert_snapshot!(told.split("Oznaka").next().unwrap().trim_end(), @"
    Prijava z nove naprave

    Pozdravljeni,

    nekdo se je prijavil v vaš dostop z naprave, ki je doslej nismo poznali. Če ste bili to vi ali kdo od sodelavcev, vam ni treba storiti ničesar.

    Čas: 22. 11. 2026 ob 14:00
    Naprava: Firefox, Windows
    Šifra stranke: se konča na 17

    Tega niste storili vi?
    Če tudi od sodelavcev ni bil nihče, takoj zaklenite dostop: vse naprave se odjavijo in geslo ne velja več. Povezavo za novo geslo dobite po e-pošti.

    Zakleni dostop:
    https://identity.test/not-me#token=…

    Lep pozdrav
    STAkis

    --
    Pomoč: stakis.support@stahlgruber.si, 01 587 31 31
    ");
    sign_in_with(app, FIREFOX).await.assert_status(201);
    sign_in_with(app, "<a href=x> Android").await.assert_status(201);
    app.deliver_all().await;
    let mails = app.mail_api.mails().await;
    assert_eq!(mails.len(), 2);
    assert!(
        mails[1].text().contains("Naprava: Android") && !mails[1].text().contains("href"),
        "only our own names of devices"
    );
}

async fn the_new_device_mail_can_be_switched_off(engine: Engine) {
    let app = TestApp::start_with(engine, |config| config.sessions.new_device_mail = false).await;
    app.make(&Customer::ANA).await;
    app.session(&Customer::ANA).await;
    sign_in_with(&app, FIREFOX).await.assert_status(201);
    assert_eq!(app.deliver_all().await, 0);
}
