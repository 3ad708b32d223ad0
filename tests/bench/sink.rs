//! A mail API that accepts everything at once and remembers the times.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
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
    /// How many of them are reset mails.
    resets: Arc<AtomicUsize>,
}

/// The tag of a reset mail, in the form of Mailpit.
const RESET: &[u8] = br#""Tags":["reset_link"]"#;

impl Sink {
    pub(super) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let resets = Arc::new(AtomicUsize::new(0));
        let sink = Self { url, taken: taken.clone(), resets: resets.clone() };
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    tokio::spawn(serve(stream, taken.clone(), resets.clone()));
                }
            });
        });
        sink
    }

    /// The times at which the mails arrived, in order.
    pub(super) fn taken(&self) -> Vec<Instant> {
        self.taken.lock().unwrap().clone()
    }

    /// How many mails have arrived.
    pub(super) fn count(&self) -> usize {
        self.taken.lock().unwrap().len()
    }

    /// How many reset mails have arrived.
    pub(super) fn resets(&self) -> usize {
        self.resets.load(Ordering::Relaxed)
    }
}

/// Serves one connection, request after request. An incomplete request ends the connection.
async fn serve(stream: TcpStream, taken: Arc<Mutex<Vec<Instant>>>, resets: Arc<AtomicUsize>) {
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
        if body.windows(RESET.len()).any(|part| part == RESET) {
            resets.fetch_add(1, Ordering::Relaxed);
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
