//! The requests to each mail API, checked against its documentation.

use chrono::TimeDelta;
use stakis_identity::config::MailProviderKind;
use wiremock::ResponseTemplate;

use super::{
    harness::{APIS, queue, start},
    schema::assert_valid,
};
use crate::support::{
    Customer, Engine,
    diagnosis::{codes, diagnosis},
    engine_tests, execute,
};

engine_tests![
    ml_07_each_mail_api_gets_what_its_documentation_says,
    ml_01_a_retry_carries_the_same_bytes_and_the_same_key,
    ml_04_an_address_that_reads_as_two_recipients_reaches_no_mail_api,
];

/// No request asks for tracking.
async fn ml_07_each_mail_api_gets_what_its_documentation_says(engine: Engine) {
    for api in &APIS {
        let what = format!("{:?}", api.kind);
        let app = start(engine, api).await;
        app.make(&Customer::ANA).await;
        app.ask(Customer::ANA.number).await;
        app.deliver_all().await;
        let mails = app.mail_api.mails().await;
        assert_eq!(mails.len(), 1, "{what}");
        let (body, headers) = (&mails[0].body, &mails[0].headers);
        assert_eq!(mails[0].path, api.path);
        assert_eq!(headers["content-type"], "application/json", "{what}");
        assert_eq!(headers[api.opened_by.0], api.opened_by.1, "{what}");
        assert_eq!(headers["user-agent"], "stakis-identity");
        assert_valid(&(api.request)(), body, &what);
        let at = |pointer: &str| body.pointer(pointer).unwrap_or_else(|| panic!("{what}: no {pointer}"));
        assert_eq!(at(api.recipient_at), Customer::ANA.email, "{what}");
        assert_eq!(body.to_string().matches(Customer::ANA.email).count(), 1, "{what}");
        assert_eq!(at(api.reply_to_at), "stakis.support@stahlgruber.si", "{what}");
        assert_eq!(at(api.auto_submitted_at), "auto-generated", "{what}");
        let mail = app.only_mail();
        for pointer in api.ids_at {
            assert_eq!(at(pointer), mail.id.as_str(), "{what} {pointer}");
        }
        for (pointer, value) in api.untracked {
            assert_eq!(at(pointer).to_string(), *value, "{what} {pointer}");
        }
        let expected = (api.kind == MailProviderKind::Resend).then_some(mail.id.as_str());
        assert_eq!(mails[0].idempotency_key.as_deref(), expected, "{what}");
        let columns = [mail.status.as_str(), &mail.provider, &mail.provider_message_id];
        assert_eq!(columns, ["handed_over", api.kind.as_str(), api.accepted_as], "{what}");
        let token = body.to_string().matches("#token=").count();
        assert!(token >= 2, "{what}: the link stands in the text and in the HTML part");
    }
}

async fn ml_01_a_retry_carries_the_same_bytes_and_the_same_key(engine: Engine) {
    for api in &APIS {
        let app = start(engine, api).await;
        let mut uuids = Vec::new();
        for index in 0..2 {
            app.mail_api.answer_with(ResponseTemplate::new(500)).await;
            queue(&app, index).await;
            app.deliver_all().await;
            let first = app.mail_api.mails().await.remove(0);
            app.mail_api.answer_with((api.accepts)()).await;
            app.advance(TimeDelta::seconds(11));
            app.deliver_all().await;
            let second = app.mail_api.mails().await.remove(0);
            assert_eq!(first.raw, second.raw, "{:?}", api.kind);
            assert_eq!(first.idempotency_key, second.idempotency_key);
            uuids.extend(first.body["headers"]["idempotencyKey"].as_str().map(str::to_owned));
        }
        if api.kind == MailProviderKind::Brevo {
            assert_eq!(uuids.len(), 2);
            assert_ne!(uuids[0], uuids[1]);
            for uuid in uuids {
                // RFC 9562 §4: version 8, variant 10.
                let groups: Vec<&str> = uuid.split('-').collect();
                assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{uuid}");
                assert!(groups.concat().bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{uuid}");
                assert!(groups[2].starts_with('8') && groups[3].starts_with(['8', '9', 'a', 'b']), "{uuid}");
            }
        }
    }
}

/// An earlier version stored such addresses. The account goes on working.
async fn ml_04_an_address_that_reads_as_two_recipients_reaches_no_mail_api(engine: Engine) {
    for api in &APIS {
        let app = start(engine, api).await;
        app.make(&Customer::ANA).await;
        app.session(&Customer::ANA).await;
        execute(&app.database.url, "UPDATE accounts SET email = '\"ana,bojan\"@example.si'").unwrap();
        app.ask(Customer::ANA.number).await;
        app.deliver_all().await;
        assert_eq!(app.mail_api.mails().await.len(), 0, "{:?}", api.kind);
        assert_eq!(app.only_mail().status, "refused", "{:?}", api.kind);
        app.sign_in(Customer::ANA.number, Customer::ANA.password).await.assert_status(201);
        assert_eq!(codes(&diagnosis(&app).await), ["mail_refused"]);
    }
}
