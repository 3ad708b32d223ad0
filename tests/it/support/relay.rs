//! A relay between the service and a server that it calls, by which a test disturbs the line.

use std::time::Duration;

use stakis_identity::types::random_below;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    time,
};

/// What a relay does with its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It passes everything on.
    Passes,
    /// It keeps every line open and passes nothing on. A line that has fallen silent stays so.
    Silent,
    /// It closes every line.
    Refuses,
    /// It passes each piece on after this time.
    Slow(Duration),
    /// It closes each line after a random time below this one.
    Cuts(Duration),
}

/// How long a silent line is kept, which is longer than a test.
const SILENCE: Duration = Duration::from_hours(1);
const PIECE: usize = 16 * 1024;

pub(crate) struct Relay {
    pub(crate) port: u16,
    way: watch::Sender<Way>,
}

impl Relay {
    /// A relay that passes on to this address, such as `127.0.0.1:5432`.
    pub(crate) async fn start(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (way, watched) = watch::channel(Way::Passes);
        let server = server.to_owned();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(pass_on(line, server.clone(), watched.clone()));
            }
        });
        Self { port, way }
    }

    pub(crate) fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

async fn pass_on(mut line: TcpStream, server: String, way: watch::Receiver<Way>) {
    if *way.borrow() == Way::Refuses {
        return;
    }
    let Ok(mut other) = TcpStream::connect(server).await else { return };
    let (mut from_caller, mut to_caller) = line.split();
    let (mut from_server, mut to_server) = other.split();
    tokio::select! {
        () = copy(&mut from_caller, &mut to_server, &way) => return,
        () = copy(&mut from_server, &mut to_caller, &way) => return,
        () = doomed(way.clone()) => {}
    }
    if *way.borrow() == Way::Silent {
        time::sleep(SILENCE).await;
    }
}

async fn copy(from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>, way: &watch::Receiver<Way>) {
    let mut piece = vec![0; PIECE];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let way = *way.borrow();
        if let Way::Slow(delay) = way {
            time::sleep(delay).await;
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}

/// Waits until a line is to pass nothing on any more.
async fn doomed(mut way: watch::Receiver<Way>) {
    loop {
        let present = *way.borrow_and_update();
        match present {
            Way::Silent | Way::Refuses => return,
            Way::Cuts(most) => {
                let most = u64::try_from(most.as_millis()).unwrap().max(1);
                return time::sleep(Duration::from_millis(random_below(most))).await;
            }
            Way::Passes | Way::Slow(_) => {
                if way.changed().await.is_err() {
                    return;
                }
            }
        }
    }
}
