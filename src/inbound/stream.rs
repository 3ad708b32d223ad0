//! The socket of a connection, as actix sees it.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::{
    rt::net::TcpStream,
    web::{Buf as _, BytesMut},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{connection::Connection, head_lines::HeadLines};

/// How many bytes are read from the socket at a time.
const STEP: usize = 4096;
/// With less room than this in its buffer actix makes the buffer larger before it reads again, and twice as large where
/// more than a little stands in it (`LW_BUFFER_SIZE` of actix-http). It keeps the larger one for as long as the body lasts.
const LEAST_ROOM: usize = 1024;
/// So little that actix moves it to the front of a buffer that is otherwise used up, and needs no larger one.
const LITTLE: usize = LEAST_ROOM / 2;

/// Reads no further than the connection allows, and tells it what was read and written.
pub(super) struct Stream {
    pub(super) connection: Rc<Connection>,
    /// What was read from the socket and not given to actix yet: what follows a head.
    held: BytesMut,
    lines: HeadLines,
}

impl Stream {
    pub(super) fn new(connection: Rc<Connection>) -> Self {
        Self { connection, held: BytesMut::new(), lines: HeadLines::default() }
    }

    fn poll_socket<T>(&self, poll: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match &mut *self.connection.socket.borrow_mut() {
            Some(socket) => poll(Pin::new(socket)),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    /// Reads from the socket where nothing is held. Nothing is held afterwards at the end of the stream alone.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.held.is_empty() {
            let mut bytes = [0; STEP];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(self.poll_socket(|socket| socket.poll_read(cx, &mut read)))?;
            self.held.extend_from_slice(read.filled());
        }
        Poll::Ready(Ok(()))
    }
}

/// How much actix can take without a larger buffer, if it uses up what it takes before it reads again.
const fn room_of_buffer(remaining: usize) -> usize {
    let room = remaining.saturating_sub(LEAST_ROOM);
    if room > LITTLE { room } else { LITTLE }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let window = ready!(this.connection.poll_window(cx));
        ready!(this.poll_fill(cx))?;
        let room = room_of_buffer(buffer.remaining());
        let most = this.held.len().min(room).min(window);
        let bytes = this.held.get_mut(..most).unwrap_or_default();
        let end_of_head = this.lines.read(bytes, this.connection.waits_for_head());
        let length = end_of_head.unwrap_or(most);
        buffer.put_slice(bytes.get(..length).unwrap_or_default());
        this.held.advance(length);
        // After the end of a head, or of what looks like one, nothing is read ahead: actix keeps every request that it can
        // read, and a short one costs it a hundred times its length.
        this.connection.has_read(length, end_of_head.is_some() || length == room);
        if this.held.is_empty() {
            // An idle connection keeps no memory for this.
            this.held = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_socket(|socket| socket.poll_write(cx, bytes))
    }

    /// Actix calls this when its buffer is empty.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_socket(|socket| socket.poll_flush(cx)))?;
        self.connection.has_written();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_socket(|socket| socket.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use futures_util::future::poll_fn;
    use tokio::{io::AsyncWriteExt as _, net::TcpListener, spawn, time::sleep};

    use super::*;
    use crate::inbound::{
        bounds::Bounds,
        connection::{LARGEST_HEAD, Reading, WINDOW},
        places::Places,
    };

    /// A connection whose client sends the same without end.
    async fn flooded(content: &'static [u8]) -> Stream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (socket, peer) = listener.accept().await.unwrap();
        spawn(async move { while client.write_all(content).await.is_ok() {} });
        let bounds = Bounds::of_this_process(8);
        let places = Arc::new(Places::new(&bounds, Vec::new(), Arc::new(|_| {})));
        let place = places.take(peer.ip()).unwrap();
        Stream::new(Rc::new(Connection::new(socket, place, Rc::new(bounds))))
    }

    /// Reads for a while, and returns how much came.
    async fn read_all(stream: &mut Stream) -> usize {
        let mut total = 0;
        let mut quiet = Box::pin(sleep(Duration::from_millis(200)));
        poll_fn(|cx| {
            loop {
                let mut bytes = [0; LEAST_ROOM + STEP];
                let mut buffer = ReadBuf::new(&mut bytes);
                if Pin::new(&mut *stream).poll_read(cx, &mut buffer).is_pending() {
                    return quiet.as_mut().poll(cx);
                }
                total += buffer.filled().len();
            }
        })
        .await;
        total
    }

    #[tokio::test]
    async fn ap_04_no_more_is_read_of_a_request_than_is_wanted() {
        let mut stream = flooded(&[b'x'; STEP]).await;
        let connection = stream.connection.clone();
        connection.begin_request(true);
        for _ in 0..3 {
            let read = read_all(&mut stream).await;
            assert_eq!(read, WINDOW);
            assert_eq!(read_all(&mut stream).await, 0);
            assert_eq!(connection.end_turn(), Reading::Waits);
            connection.want_more();
        }
    }

    #[tokio::test]
    async fn ap_04_no_more_is_read_of_a_head_than_a_head_may_have() {
        let mut stream = flooded(&[b'x'; STEP]).await;
        let connection = stream.connection.clone();
        let mut read = 0;
        loop {
            read += read_all(&mut stream).await;
            match connection.end_turn() {
                Reading::HeadTooLarge => break,
                Reading::GoesOn => {}
                Reading::Waits => panic!("the head goes on"),
            }
        }
        assert_eq!(read, LARGEST_HEAD);
    }
    #[tokio::test]
    async fn ap_04_requests_are_read_one_after_the_other() {
        const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        let mut stream = flooded(REQUEST).await;
        let connection = stream.connection.clone();
        for _ in 0..5 {
            assert_eq!(read_all(&mut stream).await, REQUEST.len());
            connection.begin_request(false);
            assert_eq!(read_all(&mut stream).await, 0);
            connection.begin_answer();
            connection.hand_over_answer();
            connection.has_written();
            assert_eq!(connection.end_turn(), Reading::GoesOn);
        }
    }
}
