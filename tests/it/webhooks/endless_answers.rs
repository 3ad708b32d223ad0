//! Answers whose head has no end: the attempt ends all the same, takes little of them, and holds up nobody else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time,
};

use super::{
    outcomes::{Worker, until},
    owner::{Hook, Owner, start},
    receiver::Receiver,
};
use crate::{
    events::reader::tell_closings,
    support::{Engine, TestApp, engine_tests, execute},
};

engine_tests![wh_08_a_head_without_end_ends_the_attempt_and_delays_no_other];

/// The most bytes of a head that leave its sender: what the client reads, and what waits in the buffers of both sides.
const MOST_TAKEN: usize = 16 * 1024 * 1024;
/// The most bytes that a sender writes. A client that reads all of them has no bound.
const ENDLESS: usize = 256 * 1024 * 1024;

/// A head without end.
struct Head {
    name: &'static str,
    begin: &'static str,
    /// What follows again and again.
    more: String,
    /// The pause before each repetition.
    pause: Duration,
    /// How the attempt ends.
    outcome: &'static str,
}

impl Head {
    fn all() -> [Self; 5] {
        let (lines, long) = ("x-more: and more\r\n".repeat(1_000), "a".repeat(16 * 1024));
        let (at_once, slowly) = (Duration::ZERO, Duration::from_millis(300));
        let head = |name, begin, more, pause, outcome| Self { name, begin, more, pause, outcome };
        [
            head("many headers", "HTTP/1.1 200 OK\r\n", lines, at_once, "unreachable"),
            head("a long header", "HTTP/1.1 200 OK\r\nx-long: ", long.clone(), at_once, "unreachable"),
            head("a long status line", "HTTP/1.1 200 ", long, at_once, "unreachable"),
            head("slow headers", "HTTP/1.1 200 OK\r\n", "x-more: and more\r\n".into(), slowly, "timed_out"),
            head("interim answers", "", "HTTP/1.1 103 Early Hints\r\n\r\n".into(), slowly, "timed_out"),
        ]
    }

    /// Answers every call with the head, from an address that it returns, and notes the most that one connection took.
    async fn serve(self) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (taken, head) = (Arc::new(AtomicUsize::new(0)), Arc::new(self));
        let noted = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (head, noted) = (head.clone(), noted.clone());
                tokio::spawn(async move { head.answer(stream, &noted).await });
            }
        });
        (url, taken)
    }

    async fn answer(&self, mut stream: TcpStream, taken: &AtomicUsize) {
        let mut some = [0; 16];
        drop(stream.read(&mut some).await);
        let mut written = 0;
        let mut next = self.begin.as_bytes();
        while written < ENDLESS && stream.write_all(next).await.is_ok() {
            written += next.len();
            taken.fetch_max(written, Ordering::Relaxed);
            next = self.more.as_bytes();
            time::sleep(self.pause).await;
        }
    }
}

async fn active_at(app: &TestApp, owner: &Owner<'_>, url: &str) -> Hook {
    let hook = owner.make(json!({ "url": url })).await;
    let statement = format!("UPDATE webhook_endpoints SET state = 'active' WHERE id = '{}'", hook.id);
    execute(&app.database.url, &statement).unwrap();
    hook
}

async fn wh_08_a_head_without_end_ends_the_attempt_and_delays_no_other(engine: Engine) {
    let app = start(engine).await;
    let receiver = Receiver::start().await;
    let owner = Owner::of(&app).await;
    for path in ["/one", "/two"] {
        owner.active(&receiver.url(path)).await;
    }
    let mut endless = Vec::new();
    for head in Head::all() {
        let (name, outcome) = (head.name, head.outcome);
        let (url, taken) = head.serve().await;
        endless.push((name, outcome, active_at(&app, &owner, &url).await, taken));
    }
    let worker = Worker::start(&app);
    tell_closings(&app, 3).await;
    // A test and three closings each.
    until("all others", async || receiver.all().await.len() == 2 * 4).await;
    for (name, outcome, hook, _) in &endless {
        let is_over = !owner.deliveries(hook).await.is_empty();
        assert!(*outcome == "unreachable" || !is_over, "{name} is still being waited for");
    }
    for (name, outcome, hook, taken) in &endless {
        until(name, async || !owner.deliveries(hook).await.is_empty()).await;
        let first = owner.deliveries(hook).await.pop().unwrap();
        assert_eq!((&first["outcome"], &first["status"]), (&json!(outcome), &json!(null)), "{name}");
        let milliseconds = first["duration_ms"].as_i64().unwrap();
        let range = if *outcome == "timed_out" { 14_000..25_000 } else { 0..14_000 };
        assert!(range.contains(&milliseconds), "{name}: {milliseconds} ms");
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken > 0 && taken < MOST_TAKEN, "{name}: {taken} bytes");
        let waiting = app.column("webhook_deliveries", "endpoint_id").iter().filter(|id| **id == hook.id).count();
        assert_eq!(waiting, 3, "{name}: every event waits for its next attempt");
    }
    worker.stop().await;
}
