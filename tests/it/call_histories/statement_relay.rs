//! A relay to PostgreSQL that changes statements on their way, by which a test switches off a condition, a lock or an
//! order of the service without another build of it. It speaks the frontend/backend protocol 3 of PostgreSQL,
//! unencrypted.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, tcp},
};

use crate::support::plain_tests;

plain_tests![op_02_a_planted_fault_changes_the_statements_that_it_names,];

/// Parts of statements, each with what stands in its place. `$N` is the placeholder of any parameter, and keeps its
/// number.
pub(super) type Rewritten = &'static [(&'static str, &'static str)];

pub(super) struct StatementRelay {
    pub(super) port: u16,
    changed: Arc<AtomicUsize>,
}

impl StatementRelay {
    /// A relay that passes on to this address, such as `127.0.0.1:5432`.
    pub(super) async fn start(server: String, rewritten: Rewritten) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let changed = Arc::new(AtomicUsize::new(0));
        let count = changed.clone();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let (server, count) = (server.clone(), count.clone());
                tokio::spawn(async move { pass_on(line, server, rewritten, &count).await });
            }
        });
        Self { port, changed }
    }

    /// How many statements were changed.
    pub(super) fn changed(&self) -> usize {
        self.changed.load(Ordering::Relaxed)
    }
}

async fn pass_on(mut line: TcpStream, server: String, rewritten: Rewritten, changed: &AtomicUsize) {
    let Ok(mut other) = TcpStream::connect(server).await else { return };
    let (mut from_service, mut to_service) = line.split();
    let (mut from_server, mut to_server) = other.split();
    tokio::select! {
        _ = tokio::io::copy(&mut from_server, &mut to_service) => {}
        _ = pass_on_messages(&mut from_service, &mut to_server, rewritten, changed) => {}
    }
}

/// The codes that ask for encryption, by TLS and by GSSAPI. The server answers each with one byte, and the line goes
/// on.
const ASKS_FOR_ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];
/// The kinds of messages that hold a statement.
const PREPARES: u8 = b'P';
const RUNS: u8 = b'Q';

async fn pass_on_messages(
    from: &mut tcp::ReadHalf<'_>,
    to: &mut tcp::WriteHalf<'_>,
    rewritten: Rewritten,
    changed: &AtomicUsize,
) -> io::Result<()> {
    // The first messages have no kind.
    loop {
        let body = read_body(from).await?;
        write_body(to, &body).await?;
        let code = body.first_chunk().map(|code| u32::from_be_bytes(*code));
        if !code.is_some_and(|code| ASKS_FOR_ENCRYPTION.contains(&code)) {
            break;
        }
    }
    loop {
        let kind = from.read_u8().await?;
        let mut body = read_body(from).await?;
        if let Some(other) = changed_message(kind, &body, rewritten) {
            changed.fetch_add(1, Ordering::Relaxed);
            body = other;
        }
        to.write_u8(kind).await?;
        write_body(to, &body).await?;
    }
}

async fn read_body(from: &mut tcp::ReadHalf<'_>) -> io::Result<Vec<u8>> {
    let length = usize::try_from(from.read_u32().await?).unwrap();
    let mut body = vec![0; length.saturating_sub(4)];
    from.read_exact(&mut body).await?;
    Ok(body)
}

async fn write_body(to: &mut tcp::WriteHalf<'_>, body: &[u8]) -> io::Result<()> {
    to.write_u32(u32::try_from(body.len() + 4).unwrap()).await?;
    to.write_all(body).await
}

/// The body of a message whose statement is changed; `None` where it stays as it is.
fn changed_message(kind: u8, body: &[u8], rewritten: Rewritten) -> Option<Vec<u8>> {
    let start = match kind {
        // The name of the statement is first.
        PREPARES => body.iter().position(|byte| *byte == 0)? + 1,
        RUNS => 0,
        _ => return None,
    };
    let end = start + body[start..].iter().position(|byte| *byte == 0)?;
    let statement = changed_statement(std::str::from_utf8(&body[start..end]).ok()?, rewritten)?;
    Some([&body[..start], statement.as_bytes(), &body[end..]].concat())
}

fn changed_statement(statement: &str, rewritten: Rewritten) -> Option<String> {
    let mut changed = statement.to_owned();
    for (from, to) in rewritten {
        changed = replaced(&changed, from, to);
    }
    (changed != statement).then_some(changed)
}

fn replaced(statement: &str, from: &str, to: &str) -> String {
    let Some((before, after)) = from.split_once("$N") else { return statement.replace(from, to) };
    let (mut done, mut left) = (String::new(), statement);
    while let Some((passed, rest)) = left.split_once(&format!("{before}$")) {
        let digits = rest.len() - rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
        let (number, behind) = rest.split_at(digits);
        done.push_str(passed);
        if let Some(behind) = behind.strip_prefix(after) {
            done.push_str(&to.replace("$N", &format!("${number}")));
            left = behind;
        } else {
            done.extend([before, "$", number]);
            left = behind;
        }
    }
    done + left
}

fn op_02_a_planted_fault_changes_the_statements_that_it_names() {
    let change =
        |statement| changed_statement(statement, &[("a IS NULL", "TRUE"), ("\"n\" = $N)", "$N::int > 0)")]);
    assert_eq!(change("SELECT 1 WHERE a IS NULL").as_deref(), Some("SELECT 1 WHERE TRUE"));
    assert_eq!(
        change("WHERE (\"n\" = $12) AND (\"n\" = $3,").as_deref(),
        Some("WHERE ($12::int > 0) AND (\"n\" = $3,")
    );
    assert_eq!(change("SELECT 1"), None);
    let rewritten: Rewritten = &[("long statement", "short")];
    let message = changed_message(PREPARES, b"name\0a long statement\0\0\x01oids", rewritten);
    assert_eq!(message.as_deref(), Some(&b"name\0a short\0\0\x01oids"[..]));
    assert_eq!(changed_message(RUNS, b"long statement\0", rewritten).as_deref(), Some(&b"short\0"[..]));
    assert_eq!(changed_message(b'B', b"a long statement\0", rewritten), None);
}
