//! A server that the service calls, and whose every answer waits for the test.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
};
use url::Url;

use super::trouble::{Played, Trouble};

/// The answer to a call.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// An answer with this status and body.
    Status(u16, String),
    /// The line is cut.
    Cut,
}

/// A call that waits for its answer. Dropping it cuts the line.
pub(super) struct Held {
    /// The first line and the header.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    reply: oneshot::Sender<Reply>,
}

impl Held {
    /// Whether the service has given the call up.
    pub(super) fn is_given_up(&self) -> bool {
        self.reply.is_closed()
    }

    /// Answers the call, unless the service has given it up.
    pub(super) fn answer(self, reply: Reply) -> Played {
        self.reply.send(reply).map_err(|_| Trouble::Disturbed)
    }
}

/// A server that holds every call.
pub(super) struct Holding {
    pub(super) url: Url,
    arrivals: mpsc::UnboundedReceiver<Held>,
}

impl Holding {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let (sender, arrivals) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(hold(line, sender.clone()));
            }
        });
        Self { url, arrivals }
    }

    /// The next call.
    pub(super) async fn next(&mut self) -> Held {
        self.arrivals.recv().await.expect("the server goes on")
    }

    /// Cuts the lines of all calls that nobody has taken.
    pub(super) fn clear(&mut self) {
        while self.arrivals.try_recv().is_ok() {}
    }
}

/// Reads one call, and answers it once the test says so.
async fn hold(mut line: TcpStream, arrivals: mpsc::UnboundedSender<Held>) -> Option<()> {
    let mut received = Vec::new();
    let mut end = None;
    while end.is_none_or(|end| received.len() < end) {
        if line.read_buf(&mut received).await.ok()? == 0 {
            return None;
        }
        end = end.or_else(|| end_of_call(&received));
    }
    let head_ends = find(&received, b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&received[..head_ends]).into_owned();
    let body = received[head_ends..].to_vec();
    let (reply, answered) = oneshot::channel();
    arrivals.send(Held { head, body, reply }).ok()?;
    let reply = tokio::select! {
        reply = answered => reply.ok()?,
        // The caller hangs up: nothing else comes before the answer.
        _ = line.read_u8() => return None,
    };
    let Reply::Status(status, body) = reply else { return None };
    let length = body.len();
    let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    line.write_all(answer.as_bytes()).await.ok()?;
    line.shutdown().await.ok()
}

/// The length of the whole call, once its head is there.
fn end_of_call(received: &[u8]) -> Option<usize> {
    let head_ends = find(received, b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&received[..head_ends]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    Some(head_ends + length.unwrap_or(0))
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}
