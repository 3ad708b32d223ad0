//! The development mailbox speaks the part of Mailpit's API that the service uses, and people can read it.

use std::net::TcpListener;

use serde_json::{Value, json};
use stakis_identity::{
    config::{MailConfig, MailProviderKind},
    mail::{HandOver, History, Mailer, OutgoingMail, RouteClaim},
    mailbox,
    metrics::{Known, Metrics},
    types::{Clock as _, EmailAddress, MailId, MailKind, SystemClock},
};

use crate::support::plain_tests;

plain_tests![a_mail_can_be_handed_over_listed_and_read,];

fn a_mail_can_be_handed_over_listed_and_read() {
    tokio::runtime::Runtime::new().unwrap().block_on(walk());
}

async fn walk() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url: url::Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let server = mailbox::start(listener).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    let from = EmailAddress::parse("internal@topmotive.eu").unwrap();
    let config = MailConfig {
        provider: MailProviderKind::Mailpit,
        api_url: None,
        api_key: None,
        from,
        webhook_secret: None,
    };
    let metrics = Metrics::new(chrono::DateTime::UNIX_EPOCH.naive_utc(), &Known::default()).unwrap();
    let mailer = Mailer::new(&config, None, &url, &metrics.alarms).unwrap();
    let mail = OutgoingMail {
        id: MailId::mint(),
        to: EmailAddress::parse("delavnica@example.si").unwrap(),
        sender_name: "STAkis".to_owned(),
        reply_to: EmailAddress::parse("help@example.si").unwrap(),
        headers: vec![("Auto-Submitted", "auto-generated".to_owned())],
        kind: MailKind::ResetLink,
        subject: "<b>Subject</b>".to_owned(),
        text: "the text".to_owned(),
        html: "<p>the html</p><script>alert(1)</script>".to_owned(),
    };
    let now = SystemClock::default().now();
    let RouteClaim::Through(route) = mailer.claim_route(None, now) else { panic!("the mailbox works") };
    let answer = route.hand_over(&mail, History { created_at: now, tried_before: false }, now).await;
    let HandOver::Accepted { provider_message_id: Some(id) } = answer else { panic!("{answer:?}") };
    let json =
        async |path: &str| reqwest::get(url.join(path).unwrap()).await.unwrap().json::<Value>().await.unwrap();
    let list = json("/api/v1/messages").await;
    assert_eq!((&list["total"], &list["messages"][0]["ID"]), (&json!(1), &json!(id)));
    assert_eq!(list["messages"][0]["To"], json!([{ "Name": "", "Address": "delavnica@example.si" }]));
    for name in [id.as_str(), "latest"] {
        let message = json(&format!("/api/v1/message/{name}")).await;
        assert_eq!((&message["Text"], &message["Subject"]), (&json!("the text"), &json!("<b>Subject</b>")));
        assert_eq!(message["From"], json!({ "Name": "STAkis", "Address": "internal@topmotive.eu" }));
        assert_eq!(message["ReplyTo"], json!([{ "Name": "", "Address": "help@example.si" }]));
        let headers = json(&format!("/api/v1/message/{name}/headers")).await;
        assert_eq!(headers, json!({ "Auto-Submitted": ["auto-generated"] }));
    }
    let page = async |path: &str| reqwest::get(url.join(path).unwrap()).await.unwrap();
    assert!(page("/").await.text().await.unwrap().contains(&format!("/view/{id}")));
    let view = page(&format!("/view/{id}")).await.text().await.unwrap();
    assert!(view.contains("help@example.si") && view.contains("auto-generated"));
    assert!(view.contains("the text") && !view.contains("<b>Subject"));
    let html = page(&format!("/view/{id}/html")).await;
    assert!(html.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert!(html.text().await.unwrap().contains("<p>the html</p>"));
    assert_eq!(page("/view/nothing").await.status(), 404);
    handle.stop(false).await;
}
