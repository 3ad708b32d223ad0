//! The body of a request on its way in.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{dev::Payload, error::PayloadError, web::Bytes};
use futures_util::Stream;
use tokio::time::{Sleep, sleep};

use super::connection::Connection;

/// The body of a request. It ends with an error where it does not arrive in time.
pub(super) struct IncomingBody {
    payload: Payload,
    connection: Rc<Connection>,
    /// Set once the service begins to read.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl IncomingBody {
    pub(super) const fn new(payload: Payload, connection: Rc<Connection>) -> Self {
        Self { payload, connection, deadline: None }
    }
}

impl Stream for IncomingBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { payload, connection, deadline } = self.get_mut();
        let deadline = deadline.get_or_insert_with(|| Box::pin(sleep(connection.bounds.body)));
        if deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))));
        }
        let polled = Pin::new(payload).poll_next(cx);
        match &polled {
            Poll::Pending => connection.want_more(),
            Poll::Ready(None) => connection.end_body(),
            Poll::Ready(Some(_)) => {}
        }
        polled
    }
}
