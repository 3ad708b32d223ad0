//! A mail API that accepts everything at once and remembers the times.

use std::{
    sync::{Arc, Mutex},
    thread,
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufStream},
    net::{TcpListener, TcpStream},
};

/// A mail API on a thread of its own, which listens until the process ends.
#[derive(Clone)]
pub(super) struct Sink {
    pub(super) url: String,
    taken: Arc<Mutex<Vec<Instant>>>,
}

impl Sink {
    pub(super) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let sink = Self { url, taken: taken.clone() };
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    tokio::spawn(serve(stream, taken.clone()));
                }
            });
        });
        sink
    }

    /// The times at which the mails arrived, in order.
    pub(super) fn taken(&self) -> Vec<Instant> {
        self.taken.lock().unwrap().clone()
    }
}

/// Serves one connection, request after request. An incomplete request ends the connection.
async fn serve(stream: TcpStream, taken: Arc<Mutex<Vec<Instant>>>) {
    let mut stream = BufStream::new(stream);
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            head.push(byte);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
        let mut body = vec![0; length.trim().parse().unwrap()];
        if stream.read_exact(&mut body).await.is_err() {
            return;
        }
        let number = {
            let mut taken = taken.lock().unwrap();
            taken.push(Instant::now());
            taken.len()
        };
        let answer = format!(r#"{{"ID":"sink-{number}"}}"#);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        stream.write_all(format!("{head}{answer}").as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
    }
}
