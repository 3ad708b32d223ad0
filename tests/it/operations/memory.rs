//! The memory and the files that floods of connections make the real process hold (AP-04). Each flood prints a row, and
//! `tests/proof memory` shows the table.

use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use actix_web::web::Bytes;
use stakis_identity::types::{Clock as _, SystemClock};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::sleep,
};

use crate::support::{Engine, Serving, TestDatabase, engine_tests, length, resident_mib};

engine_tests![
    ap_04_silent_connections_leave_files_for_the_database,
    ap_04_readers_of_the_largest_answer_who_take_nothing_cost_little,
    ap_04_readers_of_every_static_answer_who_take_nothing_cost_little,
    ap_04_strangers_with_large_delivery_events_cost_little,
    ap_04_strangers_with_signed_delivery_events_cost_little,
    ap_04_bodies_that_stand_still_cost_little,
    ap_04_heads_that_stand_still_cost_little,
    ap_04_bodies_after_the_largest_heads_cost_little,
    ap_04_requests_without_end_on_one_connection_cost_little,
];

/// Every further round costs the same.
const MOST_ROUNDS: usize = 3;
/// The connections of a flood.
const CALLERS: usize = 600;
/// The most resident memory for a call (AP-04), above that of the idle process, in KiB.
const MOST: f64 = 64.0;

/// A flood: what each caller sends, again and again where it is short.
struct Flood {
    what: &'static str,
    settings: Vec<(&'static str, String)>,
    request: Box<dyn Fn(usize) -> Bytes>,
    /// Whether the callers send as much as is taken.
    without_end: bool,
}

/// A connection from a source of its own, whose client takes few bytes before it reads them.
async fn connect(serving: &Serving, index: usize) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let [_, .., high, low] = u32::try_from(index).unwrap().to_be_bytes();
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 1, high, low), 0))).unwrap();
    socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, serving.url.port().unwrap()))).await.ok()
}

/// Sends what is taken at once.
fn send_some(stream: &TcpStream, bytes: &[u8]) {
    let mut sent = 0;
    while let Ok(count @ 1..) = stream.try_write(&bytes[sent..]) {
        sent += count;
        if sent == bytes.len() {
            break;
        }
    }
}

/// Runs the flood against a process, and fails where it holds more than it may at any time.
async fn run(engine: Engine, flood: Flood) {
    let database = TestDatabase::migrated(engine);
    let mut variables = BTreeMap::from([("STAKIS_MAIL_API_URL", "http://127.0.0.1:9".to_owned())]);
    variables.extend(flood.settings);
    let serving = Serving::start(&database, &variables);
    // What is made on first use belongs to the idle process.
    for path in ["docs/swagger-ui-bundle.js", "openapi.json", "problems", "docs/guides/", "readyz"] {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(serving.url.join(path).unwrap()).send().await.unwrap().bytes().await.unwrap();
    }
    sleep(Duration::from_millis(300)).await;
    let idle = resident_mib(serving.process.child.id());
    let mut highest = idle;
    for round in 0..length().min(MOST_ROUNDS) {
        let mut callers = Vec::new();
        for index in 0..CALLERS {
            let Some(mut stream) = connect(&serving, round * CALLERS + index).await else { continue };
            let request = (flood.request)(index);
            if flood.without_end || request.len() > 65_536 {
                send_some(&stream, &request);
            } else {
                drop(stream.write_all(&request).await);
            }
            callers.push((stream, request));
        }
        for _ in 0..20 {
            sleep(Duration::from_millis(100)).await;
            highest = highest.max(resident_mib(serving.process.child.id()));
            if flood.without_end {
                for (stream, request) in &callers {
                    send_some(stream, request);
                }
            }
        }
    }
    let each = (highest - idle) * 1024.0 / f64::from(u32::try_from(CALLERS).unwrap());
    println!(
        "| {CALLERS} {} | {} | {idle:.1} MiB idle | {each:.1} KiB more for each |",
        flood.what,
        engine.as_str()
    );
    assert!(each <= MOST, "{}: {idle:.1} MiB, then {highest:.1} MiB", flood.what);
    drop(serving);
}

/// How many files the process may have open: the soft and the hard limit.
fn limits_of_open_files(serving: &Serving) -> Vec<String> {
    let limits = fs::read_to_string(format!("/proc/{}/limits", serving.process.child.id())).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    line.split_whitespace().take(2).map(str::to_owned).collect()
}

/// More connections than the process may have open files, from a source each. The soft limit is raised to the hard one,
/// and the hard one leaves room for what a request needs besides.
async fn ap_04_silent_connections_leave_files_for_the_database(engine: Engine) {
    let database = TestDatabase::migrated(engine);
    let variables = BTreeMap::from([("STAKIS_MAIL_API_URL", "http://127.0.0.1:9".to_owned())]);
    let serving = Serving::start_after("ulimit -S -n 100; ulimit -H -n 300;", &database, &variables);
    assert_eq!(limits_of_open_files(&serving), ["300", "300"]);
    let mut early = connect(&serving, 1).await.unwrap();
    let mut silent = Vec::new();
    for index in 2..402 {
        silent.extend(connect(&serving, index).await);
    }
    sleep(Duration::from_millis(300)).await;
    let open = fs::read_dir(format!("/proc/{}/fd", serving.process.child.id())).unwrap().count();
    assert!((108..200).contains(&open), "{open} files are open");
    let body = r#"{"customer_number":"999999"}"#;
    let request = format!(
        "POST /v1/password-resets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    early.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 512];
    let length = early.read(&mut answer).await.unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 202 "), "{}", String::from_utf8_lossy(&answer[..length]));
}

fn get(path: &str) -> Bytes {
    format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").into()
}

async fn ap_04_readers_of_the_largest_answer_who_take_nothing_cost_little(engine: Engine) {
    let request = Box::new(|_| get("/docs/swagger-ui-bundle.js"));
    run(engine, Flood { what: "readers of the bundle", settings: Vec::new(), request, without_end: false }).await;
}

async fn ap_04_readers_of_every_static_answer_who_take_nothing_cost_little(engine: Engine) {
    const PATHS: [&str; 9] = [
        "/openapi.json",
        "/problems",
        "/docs/guides/",
        "/docs/guides/build-the-reset-form",
        "/docs/typescript/schema.ts",
        "/docs/swagger-ui.css",
        "/docs/swagger-ui-standalone-preset.js",
        "/assets/pages.css",
        "/sign-in",
    ];
    let request = Box::new(|index: usize| get(PATHS[index % PATHS.len()]));
    run(engine, Flood { what: "readers of the rest", settings: Vec::new(), request, without_end: false }).await;
}

/// A call with 1 MiB of a body.
fn events(path: &str) -> Bytes {
    let length = 1024 * 1024;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.into_bytes(), vec![b' '; length]].concat().into()
}

async fn ap_04_strangers_with_large_delivery_events_cost_little(engine: Engine) {
    let secret = "mailpit:a-long-password-of-ours".to_owned();
    let settings = vec![("STAKIS_MAIL_WEBHOOK_SECRET", secret)];
    let request = events("/v1/mail-events/mailpit");
    let request = Box::new(move |_| request.clone());
    run(engine, Flood { what: "strangers with 1 MiB of delivery events", settings, request, without_end: true })
        .await;
}

/// Each declares a body that is just allowed, claims a signature, and sends all but the end.
async fn ap_04_strangers_with_signed_delivery_events_cost_little(engine: Engine) {
    let settings = vec![
        ("STAKIS_MAIL_PROVIDER", "resend".to_owned()),
        ("STAKIS_MAIL_API_KEY", "a-key".to_owned()),
        ("STAKIS_MAIL_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned()),
    ];
    let now = SystemClock::default().now().and_utc().timestamp();
    let length = 256 * 1024;
    let head = format!(
        "POST /v1/mail-events/resend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nsvix-id: e\r\nsvix-timestamp: {now}\r\nsvix-signature: v1,AAAA\r\n\r\n"
    );
    let request = Bytes::from([head.into_bytes(), vec![b' '; length - 1]].concat());
    let request = Box::new(move |_| request.clone());
    run(engine, Flood { what: "strangers with signed delivery events", settings, request, without_end: true })
        .await;
}

/// A call that lacks the last byte of its body. A header fills the head.
fn unfinished_call(padding: usize) -> Bytes {
    let padding = "a".repeat(padding);
    let head = format!(
        "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nX-A: {padding}\r\nContent-Type: application/json\r\n\
         Content-Length: 16384\r\n\r\n"
    );
    [head.into_bytes(), vec![b' '; 16_383]].concat().into()
}

async fn ap_04_bodies_that_stand_still_cost_little(engine: Engine) {
    let request = Box::new(|_| unfinished_call(0));
    run(engine, Flood { what: "bodies that stand still", settings: Vec::new(), request, without_end: false }).await;
}

async fn ap_04_bodies_after_the_largest_heads_cost_little(engine: Engine) {
    let request = Box::new(|_| unfinished_call(7000));
    run(engine, Flood { what: "bodies after large heads", settings: Vec::new(), request, without_end: false })
        .await;
}

async fn ap_04_heads_that_stand_still_cost_little(engine: Engine) {
    let request = Bytes::from([&b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: "[..], &vec![b'a'; 7000]].concat());
    let request = Box::new(move |_| request.clone());
    run(engine, Flood { what: "heads that stand still", settings: Vec::new(), request, without_end: false }).await;
}

async fn ap_04_requests_without_end_on_one_connection_cost_little(engine: Engine) {
    let request = Bytes::from(get("/docs/swagger-ui-bundle.js").repeat(20_000));
    let request = Box::new(move |_| request.clone());
    run(engine, Flood { what: "pipelines without end", settings: Vec::new(), request, without_end: true }).await;
}
