//! Strangers who hold connections: thousands that are idle, and hundreds that send a call byte by byte.

use std::{
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    catalogue::CONNECTIONS,
    round::{hold, run},
    site::Site,
};
use crate::support::{Engine, engine_tests};

engine_tests![ap_04_fault_idle_and_slow_connections,];

const IDLE: usize = 10_000;
const SLOW: usize = 500;
/// The open files that the test needs.
const FILES: usize = IDLE + SLOW + 1000;

/// A connection from a source of its own.
async fn connect(port: u16, index: usize) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    let [_, .., high, low] = u32::try_from(index).unwrap().to_be_bytes();
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 1, high, low), 0))).unwrap();
    socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.ok()
}

/// Sends a call byte by byte, and begins again on another connection where the service ends one.
async fn be_slow(port: u16, index: usize, until: Instant) {
    while Instant::now() < until {
        let Some(mut line) = connect(port, index).await else { continue };
        for byte in b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nX-Slow: 1234567890".iter().cycle() {
            if Instant::now() >= until || line.write_all(&[*byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}

async fn ap_04_fault_idle_and_slow_connections(engine: Engine) {
    let own = std::process::id().to_string();
    let raised = Command::new("prlimit").args(["--pid", &own, &format!("--nofile={FILES}:")]).status();
    assert!(raised.unwrap().success(), "the test needs {FILES} open files");
    run(Site::on(engine, 1, 0).await, &CONNECTIONS, async |site| {
        let port = site.instances.all[0].port.unwrap();
        let until = Instant::now() + hold() * 2;
        let mut slow = JoinSet::new();
        for index in 0..SLOW {
            slow.spawn(be_slow(port, index, until));
        }
        let mut idle = Vec::new();
        for index in 0..IDLE {
            let Some(mut line) = connect(port, SLOW + index).await else { continue };
            // Each makes a call, and stays for another one that never comes.
            drop(line.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await);
            idle.push(line);
        }
        assert!(idle.len() > IDLE / 2, "only {} connections were opened", idle.len());
        while slow.join_next().await.is_some() {}
    })
    .await;
}
