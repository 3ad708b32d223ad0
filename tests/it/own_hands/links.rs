//! Where the links in mails lead, by the settings.

use super::owner::{NEW_ADDRESS, ask, ask_and_deliver, last_mail_to, sign_in};
use crate::support::{Customer, Engine, TestApp, engine_tests};

engine_tests![
    rq_06_the_links_lead_where_the_settings_say,
    rq_06_without_pages_a_notice_leads_to_a_new_password,
    cf_03_the_links_outlive_a_change_of_the_secret_key,
];

async fn rq_06_the_links_lead_where_the_settings_say(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.pages = false;
        config.email.change_url = Some("https://stakis.test/naslov/{act}#{token}".to_owned());
        config.email.lock_down_url = Some("https://stakis.test/zakleni#{token}".to_owned());
    })
    .await;
    let token = sign_in(&app).await;
    ask(&app, &token, NEW_ADDRESS).await.assert_status(202);
    app.deliver_all().await;
    let link_in = |text: &str, start: &str| {
        let at = text.find(start).unwrap_or_else(|| panic!("{start} in {text}")) + start.len();
        text[at..].chars().take_while(|c| !c.is_whitespace()).collect::<String>()
    };
    let confirms = link_in(last_mail_to(&app, NEW_ADDRESS).await.text(), "https://stakis.test/naslov/confirm#");
    let notice = last_mail_to(&app, Customer::ANA.email).await;
    assert_eq!(link_in(notice.text(), "https://stakis.test/naslov/withdraw#").len(), 43);
    super::owner::confirm(&app, &confirms).await.assert_status(200);
    app.deliver_all().await;
    let notice = last_mail_to(&app, Customer::ANA.email).await;
    let locks = link_in(notice.text(), "https://stakis.test/zakleni#");
    super::owner::not_me(&app, &locks).await.assert_status(200);
    app.deliver_all().await;
}

async fn rq_06_without_pages_a_notice_leads_to_a_new_password(engine: Engine) {
    let app = TestApp::start_with(engine, |config| {
        config.pages = false;
        config.email.change_url = Some("https://stakis.test/naslov#{token}".to_owned());
        config.change_password_url = Some("https://stakis.test/geslo".parse().unwrap());
    })
    .await;
    let token = sign_in(&app).await;
    let form = serde_json::json!({
        "current_password": Customer::ANA.password,
        "new_password": "Zimske-gume-27", "new_password_confirmation": "Zimske-gume-27",
    });
    app.change(&token, form).await.assert_status(200);
    app.deliver_all().await;
    let notice = last_mail_to(&app, Customer::ANA.email).await;
    assert!(notice.text().contains("https://stakis.test/geslo"), "{}", notice.text());
    assert!(notice.text().contains("Takoj nastavite novo geslo"), "{}", notice.text());
}

async fn cf_03_the_links_outlive_a_change_of_the_secret_key(engine: Engine) {
    let app = TestApp::start(engine).await;
    let token = sign_in(&app).await;
    let (confirms, _) = ask_and_deliver(&app, &token).await;
    let mut config = app.config.clone();
    let new_key = crate::support::base_config(&app.database).secret_key;
    config.secret_key_previous = Some(std::mem::replace(&mut config.secret_key, new_key));
    let rotated = app.instance_with(&config).await;
    let form = stakis_identity::identity::abuse::LinkForm {
        token: Some(confirms),
        customer_number: Some(Customer::ANA.number.to_owned()),
    };
    let context = crate::support::customer_context();
    stakis_identity::identity::email_change::confirm(&rotated, &context, form).await.unwrap();
    // The notice holds a link under the new key, which this instance alone has.
    stakis_identity::jobs::run_all_due(&rotated).await.unwrap();
    let notice = last_mail_to(&app, Customer::ANA.email).await;
    assert!(notice.text().contains("/not-me#token="), "{}", notice.text());
}
