//! Closing the socket of a connection.

use std::time::Duration;

use actix_codec::Framed;
use actix_http::{
    Response,
    h1::{Codec, SendResponse},
};
use actix_web::{
    http::ConnectionType,
    rt::{net::TcpStream, time},
};
use futures_util::future::poll_fn;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{answer::Answer, connection::Connection, watch::End};

/// How long a client may go on sending after its last answer. Closing a socket with unread bytes resets the connection,
/// and the client might lose the answer with it (RFC 9112 §9.6).
const LINGER: Duration = Duration::from_secs(2);

const HEAD_LATE: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\
    cache-control: no-store\r\nx-content-type-options: nosniff\r\n\r\n";
const HEAD_TOO_LARGE: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\
    connection: close\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n\r\n";

/// Closes the connection, after what is still to be said.
pub(super) async fn part(connection: &Connection, end: End) {
    let Some(socket) = connection.socket.take() else { return };
    match end {
        End::Finished if connection.may_have_unread() => say_and_drain(socket, b"").await,
        End::Finished | End::Idle => {}
        End::HeadLate => say_and_drain(socket, HEAD_LATE).await,
        End::HeadTooLarge => say_and_drain(socket, HEAD_TOO_LARGE).await,
        End::Malformed => answer_and_drain(connection, socket).await,
        // Nobody takes what is still to be sent, so the system forgets it at once.
        End::Late => drop(socket.set_zero_linger()),
    }
}

/// Sends the last bytes, and reads on until the client closes the connection or the socket fails.
async fn say_and_drain(mut socket: TcpStream, last_words: &[u8]) {
    let exchange = async {
        socket.write_all(last_words).await?;
        socket.shutdown().await?;
        let mut unread = [0; 4096];
        while socket.read(&mut unread).await? > 0 {}
        std::io::Result::Ok(())
    };
    drop(time::timeout(LINGER, exchange).await);
}

/// Sends the answer that the service makes to a request with a malformed body.
async fn answer_and_drain(connection: &Connection, socket: TcpStream) {
    let answering = poll_fn(|cx| connection.poll_answer(cx));
    let Ok(mut response) = time::timeout(connection.bounds.handling, answering).await else { return };
    response.head_mut().set_connection_type(ConnectionType::Close);
    let sending = send(socket, response.map_body(|_, body| Answer::new(body, None)));
    if let Ok(Some(socket)) = time::timeout(connection.bounds.answer, sending).await {
        say_and_drain(socket, b"").await;
    }
}

async fn send(socket: TcpStream, response: Response<Answer>) -> Option<TcpStream> {
    let sent = SendResponse::new(Framed::new(socket, Codec::default()), response).await;
    sent.ok().map(|framed| framed.into_parts().io)
}
