//! The body of an answer on its way out.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_http::Error;
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    error::PayloadError,
    web::Bytes,
};

use super::connection::Connection;

/// The most bytes that actix gets at a time. It copies them into its buffer, where they wait for a client that reads
/// slowly; what it has not got yet is not copied.
pub(super) const PIECE: usize = 16 * 1024;

/// The body of an answer, in pieces.
pub(super) struct Answer {
    body: BoxBody,
    /// What is left of the part of the body that was taken last.
    rest: Bytes,
    /// The connection that the answer goes out on.
    connection: Option<Rc<Connection>>,
}

impl Answer {
    pub(super) fn new(body: BoxBody, connection: Option<Rc<Connection>>) -> Self {
        Self { body, rest: Bytes::new(), connection }
    }

    fn hand_over(&self) {
        if let Some(connection) = &self.connection {
            connection.hand_over_answer();
        }
    }

    fn is_last(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.ends_with_answer())
    }
}

impl MessageBody for Answer {
    type Error = Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        while this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_next(cx)) {
                Some(Ok(part)) => this.rest = part,
                Some(Err(error)) => {
                    let error = PayloadError::Io(io::Error::other(error.to_string()));
                    return Poll::Ready(Some(Err(error.into())));
                }
                None => {
                    this.hand_over();
                    // After the end of an answer actix goes on to the next one, such as its own to a malformed body.
                    // The end of the last answer is therefore kept back: its length has told the client where it is.
                    let has_length = matches!(this.size(), BodySize::Sized(_));
                    return if has_length && this.is_last() { Poll::Pending } else { Poll::Ready(None) };
                }
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(piece)))
    }
}

/// Actix drops a body without content before it has asked for it.
impl Drop for Answer {
    fn drop(&mut self) {
        self.hand_over();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::poll_fn;

    use super::*;

    #[tokio::test]
    async fn ap_04_an_answer_goes_out_in_small_pieces_and_is_not_copied() {
        let content = Bytes::from(vec![7; 1_000_000]);
        let within = content.as_ptr_range();
        let mut answer = Answer::new(BoxBody::new(content.clone()), None);
        assert_eq!(answer.size(), BodySize::Sized(1_000_000));
        let mut length = 0;
        while let Some(piece) = poll_fn(|cx| Pin::new(&mut answer).poll_next(cx)).await {
            let piece = piece.unwrap();
            assert!(piece.len() <= PIECE && within.contains(&piece.as_ptr()));
            length += piece.len();
        }
        assert_eq!(length, 1_000_000);
    }
}
