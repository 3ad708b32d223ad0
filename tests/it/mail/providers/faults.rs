//! A mail API that refuses the key, and one whose answer never ends.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tracing_subscriber::fmt::MakeWriter;
use wiremock::ResponseTemplate;

use super::harness::{APIS, queue, start, state};
use crate::support::{Engine, TestApp, engine_tests};

engine_tests![ml_08_a_wrong_key_raises_one_alarm_and_loses_no_mail, ml_08_an_endless_answer_is_cut_off];

/// Collects the log lines of this thread while it lives.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Write::write(&mut *self.0.lock().unwrap(), bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn lines_with(&self, word: &str) -> usize {
        let bytes = self.0.lock().unwrap();
        String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains(word)).count()
    }
}

async fn ml_08_a_wrong_key_raises_one_alarm_and_loses_no_mail(engine: Engine) {
    for api in &APIS {
        let what = format!("{:?}", api.kind);
        let app = start(engine, api).await;
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish();
        let guard = tracing::subscriber::set_default(subscriber);
        app.mail_api.answer_with(ResponseTemplate::new(401)).await;
        let mut emails = Vec::new();
        for index in 0..3 {
            emails.push(queue(&app, index).await);
        }
        // One mail tries the key and the others wait, for hours.
        app.deliver_all().await;
        assert_eq!(app.mail_api.mails().await.len(), 1, "{what}");
        for _ in 0..40 {
            app.advance(TimeDelta::minutes(20));
            app.deliver_all().await;
        }
        assert_eq!(log.lines_with("alarm=true"), 1, "{what}");
        assert_eq!(log.lines_with("mail given up"), 0, "{what}");
        assert_eq!(log.lines_with(api.key), 0, "{what}");
        assert!(emails.iter().all(|email| state(&app, email)[0] == "queued"), "{what}");
        app.mail_api.answer_with((api.accepts)()).await;
        for _ in 0..3 {
            app.advance(TimeDelta::minutes(2));
            app.deliver_all().await;
        }
        assert!(emails.iter().all(|email| state(&app, email)[0] == "handed_over"), "{what}");
        assert_eq!(app.mail_api.mails().await.len(), 3, "{what}");
        assert_eq!(log.lines_with("accepts mails again"), 1, "{what}");
        // The next wrong key raises an alarm again.
        app.mail_api.answer_with(ResponseTemplate::new(401)).await;
        queue(&app, 3).await;
        app.deliver_all().await;
        assert_eq!(log.lines_with("alarm=true"), 2, "{what}");
        drop(guard);
        app.may_leave_jobs();
    }
}

/// Starts a server that sends `beginning` on each connection, and then `more` without end.
async fn endless(beginning: &'static str, more: &'static str) -> url::Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 16_384];
                drop(stream.read(&mut request).await);
                drop(stream.write_all(beginning.as_bytes()).await);
                while stream.write_all(more.as_bytes()).await.is_ok() {}
            });
        }
    });
    url
}

async fn ml_08_an_endless_answer_is_cut_off(engine: Engine) {
    const CHUNK: &str = "10\r\naaaaaaaaaaaaaaaa\r\n";
    const TAKEN: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    const FAILED: &str = "HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n";
    for (beginning, more, status) in [
        (TAKEN, CHUNK, "handed_over"),
        (FAILED, CHUNK, "queued"),
        (
            "HTTP/1.1 200 OK\r\n",
            "x-more: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
            "queued",
        ),
        ("", "what is this, it is not HTTP\r\n", "queued"),
    ] {
        let url = endless(beginning, more).await;
        for api in &APIS {
            let app = TestApp::start_with(engine, |config| {
                config.mail.provider = api.kind;
                config.mail.api_key = Some(SecretString::from(api.key));
                config.mail.api_url = Some(url.clone());
            })
            .await;
            let email = queue(&app, 0).await;
            app.deliver_all().await;
            assert_eq!(state(&app, &email), [status, ""], "{:?} {beginning}", api.kind);
            app.may_leave_jobs();
        }
    }
}
