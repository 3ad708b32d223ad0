//! Connections that are kept alive, with as little work for the load generator as possible.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The value of `User-Agent` in every call. A refresh is to come from the program that has signed in.
const USER_AGENT: &str = "Benchmark Linux";

/// One connection to the service.
pub(super) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer of the service.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(url: &url::Url) -> Self {
        let address = url.socket_addrs(|| None).unwrap()[0];
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, received: Vec::new() }
    }

    /// Sends one request and waits for its whole answer.
    pub(super) async fn send(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).await.unwrap();
        self.received.clear();
        let head_length = loop {
            if let Some(at) = self.received.windows(4).position(|part| part == b"\r\n\r\n") {
                break at + 4;
            }
            self.receive().await;
        };
        let head = std::str::from_utf8(&self.received[..head_length]).unwrap().to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        assert!(!head.contains("transfer-encoding:"), "an answer tells its length");
        while self.received.len() < head_length + length {
            self.receive().await;
        }
        Answer { status, body: self.received.split_off(head_length) }
    }

    async fn receive(&mut self) {
        let count = self.stream.read_buf(&mut self.received).await.unwrap();
        assert!(count > 0, "the service keeps the connection open");
    }
}

/// The bytes of a `POST`. `headers` are further lines, each with its end.
pub(super) fn post(path: &str, source: &str, content_type: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: {USER_AGENT}\r\nx-forwarded-for: {source}\r\n\
         content-type: {content_type}\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The bytes of a `GET`.
pub(super) fn get(path: &str, source: &str, headers: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: {USER_AGENT}\r\nx-forwarded-for: {source}\r\n\
         {headers}\r\n"
    )
    .into_bytes()
}
