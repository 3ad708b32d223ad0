//! Sending mails through a mail API and replaying its answers.

use chrono::TimeDelta;
use secrecy::SecretString;
use wiremock::ResponseTemplate;

use super::{
    api::{Api, Fate},
    brevo, mailpit, postmark, resend, sendgrid,
};
use crate::support::{Customer, Engine, TestApp};

pub(super) const APIS: [Api; 5] = [mailpit::API, resend::API, brevo::API, postmark::API, sendgrid::API];

pub(super) async fn start(engine: Engine, api: &Api) -> TestApp {
    let app = TestApp::start_with(engine, |config| {
        config.mail.provider = api.kind;
        config.mail.api_key = Some(SecretString::from(api.key));
    })
    .await;
    app.mail_api.answer_with((api.accepts)()).await;
    app
}

/// Makes a new customer and queues a mail to its address, which it returns.
pub(super) async fn queue(app: &TestApp, index: usize) -> String {
    let number = format!("2{index:05}");
    let email = format!("ana{index}@example.si");
    let customer = Customer { number: number.leak(), email: email.leak(), password: "Poletne-gume-26" };
    app.create(&customer, stakis_identity::types::Locale::En, None).await;
    assert_eq!(app.ask(customer.number).await.status, 202);
    customer.email.to_owned()
}

/// The status and the provider's id of the mail to an address.
pub(super) fn state(app: &TestApp, email: &str) -> [String; 2] {
    let mail = app.mail_rows().into_iter().find(|mail| mail.recipient == email).expect("there is a mail");
    [mail.status, mail.provider_message_id]
}

fn is_paused(app: &TestApp, email: &str) -> bool {
    app.suppressions().iter().any(|row| row.address == email)
}

/// Replays an answer to a new mail, and checks its effect.
pub(super) async fn replay(app: &TestApp, api: &Api, index: usize, template: ResponseTemplate, fate: Fate) {
    let what = format!("{:?} {fate:?} {template:?}", api.kind);
    // The pauses after earlier answers have ended.
    app.advance(TimeDelta::hours(1));
    app.mail_api.answer_with(template).await;
    let email = queue(app, index).await;
    app.deliver_all().await;
    assert_eq!(app.mail_api.mails().await.len(), 1, "{what}");
    let expected = match fate {
        Fate::Out => "handed_over",
        Fate::Later(_) | Fate::Mending => "queued",
        Fate::BadAddress | Fate::Refused => "refused",
    };
    assert_eq!(state(app, &email)[0], expected, "{what}");
    assert_eq!(is_paused(app, &email), fate == Fate::BadAddress, "{what}");
    app.mail_api.answer_with((api.accepts)()).await;
    let wait = match fate {
        Fate::Later(seconds) => seconds,
        Fate::Mending => 60,
        Fate::Out | Fate::BadAddress | Fate::Refused => {
            app.advance(TimeDelta::hours(1));
            assert_eq!(app.deliver_all().await, 0, "{what}");
            return;
        }
    };
    app.advance(TimeDelta::seconds(wait - 1));
    assert_eq!(app.deliver_all().await, 0, "{what}");
    app.advance(TimeDelta::seconds(wait / 10 + 2));
    assert_eq!(app.deliver_all().await, 1, "{what}");
    assert_eq!(state(app, &email), ["handed_over", api.accepted_as], "{what}");
    assert_eq!(app.mail_api.mails().await.len(), 1, "{what}");
}
