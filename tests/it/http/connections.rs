//! Connections: their deadlines, their number, and what one of them may make the service hold.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use stakis_identity::{config::Config, inbound::Bounds};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::support::{Engine, MailApi, ManualClock, TestApp, TestDatabase, base_config, engine_tests};

engine_tests![
    ap_04_every_head_has_its_deadline_not_only_the_first,
    ap_04_a_silent_connection_ends_and_an_idle_one_later,
    ap_04_every_body_has_its_deadline,
    ap_04_a_body_that_nobody_reads_ends_its_connection,
    ap_04_every_answer_has_its_deadline,
    ap_04_a_source_has_a_bounded_number_of_connections,
    ap_04_connections_in_all_are_bounded_and_idle_ones_make_room,
    ap_04_the_bound_for_a_source_is_not_that_of_a_proxy,
    ap_04_pipelined_requests_are_all_answered_in_order,
    ap_01_a_body_with_broken_framing_is_one_problem,
];

const PATIENCE: Duration = Duration::from_secs(10);
const LIVEZ: &[u8] = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

const fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Bounds that a test meets within a second.
fn short() -> Bounds {
    Bounds {
        head: milliseconds(400),
        body: milliseconds(400),
        answer: milliseconds(800),
        idle: milliseconds(1200),
        idle_when_crowded: milliseconds(300),
        of_source: 5,
        in_all: 12,
        ..Bounds::of_this_process(8)
    }
}

async fn start(engine: Engine, bounds: Bounds, change: impl FnOnce(&mut Config)) -> TestApp {
    let database = TestDatabase::migrated(engine);
    let mut config = base_config(&database);
    change(&mut config);
    TestApp::start_bounded(database, config, Arc::new(ManualClock::new()), MailApi::start().await, bounds).await
}

/// A connection from a source of the loopback network: 127.0.0.`source`.
struct Line(TcpStream);

impl Line {
    async fn open(app: &TestApp, source: u8) -> Self {
        Self::open_reading(app, source, None).await
    }

    /// Opens a connection whose client takes few bytes before it reads them.
    async fn open_reading(app: &TestApp, source: u8, buffer: Option<u32>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(buffer) = buffer {
            socket.set_recv_buffer_size(buffer).unwrap();
        }
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, source), 0))).unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, app.url.port().unwrap()));
        Self(socket.connect(address).await.unwrap())
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Whether the connection answers a request and stays open.
    async fn answers(&mut self) -> bool {
        if self.0.write_all(LIVEZ).await.is_err() {
            return false;
        }
        let mut answer = [0; 2048];
        let read = timeout(PATIENCE, self.0.read(&mut answer)).await.unwrap();
        read.is_ok_and(|length| answer[..length].starts_with(b"HTTP/1.1 204 "))
    }

    /// Everything until the connection ends, and whether it ended in order and not by a reset.
    async fn rest(&mut self) -> (String, bool) {
        let mut rest = Vec::new();
        let ended = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("the connection ends");
        (String::from_utf8_lossy(&rest).into_owned(), ended.is_ok())
    }

    /// Sends a byte from time to time until the connection ends. Returns the time that this took, and what was read.
    async fn trickle(mut self) -> (Duration, String) {
        let started = Instant::now();
        let (mut reader, mut writer) = self.0.split();
        let mut read = Vec::new();
        let writing = async {
            loop {
                sleep(milliseconds(50)).await;
                drop(writer.write_all(b"1").await);
            }
        };
        tokio::select! {
            _ = reader.read_to_end(&mut read) => {}
            () = writing => {}
            () = sleep(PATIENCE) => panic!("the connection goes on for ever"),
        }
        (started.elapsed(), String::from_utf8_lossy(&read).into_owned())
    }
}

async fn ap_04_every_head_has_its_deadline_not_only_the_first(engine: Engine) {
    let app = start(engine, short(), |_| {}).await;
    for earlier in [0, 1, 3] {
        let mut line = Line::open(&app, 1).await;
        for _ in 0..earlier {
            assert!(line.answers().await);
        }
        line.send(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
        let (time, rest) = line.trickle().await;
        assert!((milliseconds(250)..milliseconds(3000)).contains(&time), "after {earlier}: {time:?}");
        assert!(rest.starts_with("HTTP/1.1 408 "), "after {earlier}: {rest}");
        assert_eq!(rest.matches("HTTP/1.1").count(), 1, "{rest}");
    }
    // The beginning of the second head arrives with the first request.
    let mut line = Line::open(&app, 1).await;
    line.send(&[LIVEZ, b"GET /livez HTTP/1.1\r\nX-Slow: "].concat()).await;
    let (time, rest) = line.trickle().await;
    assert!(time < milliseconds(3000), "{time:?}");
    assert!(rest.starts_with("HTTP/1.1 204 ") && rest.contains("HTTP/1.1 408 "), "{rest}");
}

async fn ap_04_a_silent_connection_ends_and_an_idle_one_later(engine: Engine) {
    let app = start(engine, short(), |_| {}).await;
    let mut silent = Line::open(&app, 1).await;
    let mut idle = Line::open(&app, 1).await;
    assert!(idle.answers().await);
    let started = Instant::now();
    let (rest, _) = silent.rest().await;
    assert!(rest.starts_with("HTTP/1.1 408 ") && started.elapsed() < milliseconds(1150), "{rest}");
    let (rest, ended_in_order) = idle.rest().await;
    assert!(rest.is_empty() && ended_in_order, "{rest}");
    assert!((milliseconds(1100)..milliseconds(5000)).contains(&started.elapsed()), "{:?}", started.elapsed());
}

/// The beginnings of a request with a body of a length and of one in chunks.
fn beginnings(path: &str) -> [String; 2] {
    ["Content-Length: 5000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1000\r\n"]
        .map(|framing| format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}"))
}

/// Fails unless this is one answer that ends the connection, with a problem.
#[track_caller]
fn assert_last_problem(answer: &str, status: u16, code: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains("connection: close") && head.contains("content-type: application/problem+json"),
        "{head}"
    );
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["code"], code);
}

async fn ap_04_every_body_has_its_deadline(engine: Engine) {
    let app = start(engine, short(), |_| {}).await;
    for beginning in beginnings("/v1/password-resets") {
        let mut line = Line::open(&app, 1).await;
        assert!(line.answers().await);
        line.send(beginning.as_bytes()).await;
        let (time, rest) = line.trickle().await;
        // A client that goes on sending may do so for two seconds more, so that it can read the answer.
        assert!((milliseconds(250)..milliseconds(5000)).contains(&time), "{time:?}");
        assert_last_problem(&rest, 400, "malformed-request");
    }
}

async fn ap_04_a_body_that_nobody_reads_ends_its_connection(engine: Engine) {
    let app = start(engine, short(), |_| {}).await;
    for (path, status, code) in [
        ("/nowhere", 404, "not-found"),
        ("/livez", 405, "method-not-allowed"),
        ("/v1/account/password", 401, "invalid-token"),
        ("/v1/support/diagnosis", 401, "invalid-token"),
        ("/v1/mail-events/mailpit", 401, "invalid-token"),
    ] {
        for beginning in beginnings(path) {
            let mut line = Line::open(&app, 1).await;
            line.send(beginning.as_bytes()).await;
            let started = Instant::now();
            let mut answer = [0; 4096];
            let length = line.0.read(&mut answer).await.unwrap();
            assert!(started.elapsed() < milliseconds(2000), "{path}: the body is waited for");
            assert_last_problem(&String::from_utf8_lossy(&answer[..length]), status, code);
            let (time, rest) = line.trickle().await;
            assert!(time < milliseconds(5000) && rest.is_empty(), "{path}: {time:?} {rest}");
        }
    }
}

/// The largest answer, to clients that take it too slowly or not at all.
async fn ap_04_every_answer_has_its_deadline(engine: Engine) {
    let app = start(engine, short(), |_| {}).await;
    let whole = app.get("/docs/swagger-ui-bundle.js").await.text.len();
    for (earlier, piece) in [(0, 0), (1, 0), (0, 512), (2, 512)] {
        let mut line = Line::open_reading(&app, 1, Some(4096)).await;
        for _ in 0..earlier {
            assert!(line.answers().await);
        }
        line.send(b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let (started, mut read) = (Instant::now(), 0);
        let mut bytes = vec![0; piece];
        while started.elapsed() < milliseconds(1500) {
            if piece > 0 {
                match line.0.read(&mut bytes).await {
                    Ok(1..) => read += piece,
                    _ => break,
                }
            }
            sleep(milliseconds(20)).await;
        }
        // What was on its way may still be read; then the connection is at an end.
        let (rest, _) = line.rest().await;
        assert!(read + rest.len() < whole / 2, "{earlier} {piece}: {read} and {} of {whole}", rest.len());
    }
    // Who reads gets all of it, and the connection stays.
    let mut line = Line::open(&app, 1).await;
    assert!(line.answers().await);
    line.send(b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut read = 0;
    while read < whole {
        let mut bytes = vec![0; 65_536];
        read += line.0.read(&mut bytes).await.unwrap();
    }
    assert!(line.answers().await);
}

fn refused(app: &TestApp, bound: &str) -> i64 {
    app.counted(&format!("stakis_connections_refused_total{{bound=\"{bound}\"}}"))
}

/// Opens connections from a source, each of which has been answered once.
async fn open_many(app: &TestApp, source: u8, count: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for _ in 0..count {
        let mut line = Line::open(app, source).await;
        assert!(line.answers().await);
        lines.push(line);
    }
    lines
}

async fn ap_04_a_source_has_a_bounded_number_of_connections(engine: Engine) {
    let app = start(engine, Bounds { idle: PATIENCE, ..short() }, |_| {}).await;
    let mut lines = open_many(&app, 1, 5).await;
    for _ in 0..3 {
        assert!(!Line::open(&app, 1).await.answers().await);
    }
    assert_eq!((refused(&app, "source"), refused(&app, "all")), (3, 0));
    assert!(Line::open(&app, 2).await.answers().await, "another source is served");
    for line in &mut lines {
        assert!(line.answers().await, "open connections are served");
    }
    lines.pop();
    let started = Instant::now();
    while !Line::open(&app, 1).await.answers().await {
        assert!(started.elapsed() < PATIENCE, "a closed connection gives its place back");
        sleep(milliseconds(20)).await;
    }
}

async fn ap_04_connections_in_all_are_bounded_and_idle_ones_make_room(engine: Engine) {
    let app = start(engine, Bounds { idle: milliseconds(60_000), ..short() }, |_| {}).await;
    let few = open_many(&app, 1, 5).await;
    sleep(milliseconds(900)).await;
    let mut lines = few;
    for line in &mut lines {
        assert!(line.answers().await, "while there is room an idle connection is kept");
    }
    for source in [2, 3] {
        let count = if source == 2 { 5 } else { 2 };
        lines.extend(open_many(&app, source, count).await);
    }
    assert!(!Line::open(&app, 4).await.answers().await);
    assert!(refused(&app, "all") >= 1);
    // More than half of all places are taken, so idle connections end soon, until half of the places are free.
    sleep(milliseconds(1200)).await;
    assert!(Line::open(&app, 4).await.answers().await);
    let mut open = 0;
    for line in &mut lines {
        open += usize::from(line.answers().await);
    }
    assert!((1..=6).contains(&open), "{open} are left");
}

async fn ap_04_the_bound_for_a_source_is_not_that_of_a_proxy(engine: Engine) {
    let app = start(engine, Bounds { idle: PATIENCE, ..short() }, |config| {
        config.trusted_proxies = vec!["127.0.0.9/32".parse().unwrap()];
    })
    .await;
    let mut lines = open_many(&app, 9, 10).await;
    sleep(milliseconds(900)).await;
    for line in &mut lines {
        assert!(line.answers().await, "a connection of a proxy is kept, however many there are");
    }
    lines.extend(open_many(&app, 9, 2).await);
    assert!(!Line::open(&app, 9).await.answers().await);
    assert_eq!((refused(&app, "source"), refused(&app, "all")), (0, 1));
}

async fn ap_04_pipelined_requests_are_all_answered_in_order(engine: Engine) {
    let app = start(engine, Bounds::of_this_process(8), |_| {}).await;
    for count in [3, 40, 1000] {
        let mut line = Line::open(&app, 1).await;
        let ask = |index: usize| {
            let close = if index == count { "Connection: close\r\n" } else { "" };
            format!("GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: r{index}\r\n{close}\r\n")
        };
        let requests: String = (1..=count).map(ask).collect();
        let (mut reader, mut writer) = line.0.split();
        let mut answers = Vec::new();
        let (sent, read) = tokio::join!(
            writer.write_all(requests.as_bytes()),
            timeout(PATIENCE, reader.read_to_end(&mut answers))
        );
        sent.unwrap();
        read.expect("every request is answered").unwrap();
        let answers = String::from_utf8(answers).unwrap();
        let ids: Vec<&str> = answers.lines().filter_map(|line| line.strip_prefix("x-request-id: r")).collect();
        let expected: Vec<String> = (1..=count).map(|index| index.to_string()).collect();
        assert_eq!(ids, expected);
    }
}

/// Malformed chunks, alone, before and behind good ones, with much behind them, and a body that breaks off.
async fn ap_01_a_body_with_broken_framing_is_one_problem(engine: Engine) {
    let app = start(engine, Bounds::of_this_process(8), |_| {}).await;
    let much = "x".repeat(200_000);
    let broken = [
        "zz\r\n".to_owned(),
        "5\r\nabcdefgh\r\n".to_owned(),
        "5\r\nabcde\r\nq\r\nab".to_owned(),
        "-1\r\n{}\r\n".to_owned(),
        "ffffffffffffffffff\r\n{}\r\n".to_owned(),
        "2\r\n{}\r\n\r\n\r\n".to_owned(),
        "\r\n".to_owned(),
        format!("zz\r\n{much}"),
        format!("10\r\n{}\r\nzz\r\n{much}", "x".repeat(16)),
    ];
    for path in ["/v1/password-resets", "/v1/sessions", "/v1/challenges"] {
        for body in &broken {
            for apart in [false, true] {
                let mut line = Line::open(&app, 1).await;
                let head = format!(
                    "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                );
                if apart {
                    line.send(head.as_bytes()).await;
                    sleep(milliseconds(20)).await;
                    drop(line.0.write_all(body.as_bytes()).await);
                } else {
                    drop(line.0.write_all(format!("{head}{body}").as_bytes()).await);
                }
                let (answer, in_order) = line.rest().await;
                assert!(in_order, "{path} {}", &body[..body.len().min(40)]);
                assert_last_problem(&answer, 400, "malformed-request");
            }
        }
        let mut line = Line::open(&app, 1).await;
        let [short, _] = beginnings(path);
        line.send(short.as_bytes()).await;
        line.0.shutdown().await.unwrap();
        let (answer, _) = line.rest().await;
        assert_last_problem(&answer, 400, "malformed-request");
    }
    // The token endpoint answers in the form of RFC 6749.
    let partner = crate::support::partner::Partner::make(&app, "support:read").await;
    let credentials = data_encoding::BASE64.encode(format!("{}:{}", partner.id, partner.secret).as_bytes());
    let mut line = Line::open(&app, 1).await;
    line.send(
        format!(
            "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        )
        .as_bytes(),
    )
    .await;
    let (answer, _) = line.rest().await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("\"invalid_request\""), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
}
