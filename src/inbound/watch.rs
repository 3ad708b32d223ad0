//! Driving a connection up to its end or to a deadline, whichever comes first.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use tokio::time::{Instant, Sleep, sleep_until};

use super::connection::{Connection, Phase, Reading};

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Actix has finished with it, or its last answer is written.
    Finished,
    /// Actix has given it up, since the body of a request is malformed. The service is still to answer.
    Malformed,
    /// The request head did not arrive in time.
    HeadLate,
    /// The request head is too large.
    HeadTooLarge,
    /// No further request came.
    Idle,
    /// The service or the client did not do its part in time.
    Late,
}

/// A connection on its way. It is ready with its end; what actix holds of it is freed when this is dropped.
pub(super) struct Watched<D> {
    /// What reads requests and writes answers: actix' dispatcher.
    dispatcher: Pin<Box<D>>,
    connection: Rc<Connection>,
    timer: Pin<Box<Sleep>>,
}

impl<D, E> Watched<D>
where
    D: Future<Output = Result<(), E>>,
{
    pub(super) fn new(dispatcher: D, connection: Rc<Connection>) -> Self {
        let timer = Box::pin(sleep_until(connection.deadline()));
        Self { dispatcher: Box::pin(dispatcher), connection, timer }
    }

    /// Lets the connection end at its deadline. The timer is set again where the deadline is nearer than it, and where
    /// it rings too early: a request costs no timer of its own. It rings early from time to time, since the deadline of
    /// an idle connection comes closer when connections become many.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            let (now, deadline) = (Instant::now(), self.connection.deadline());
            if deadline <= now {
                return Poll::Ready(match self.connection.phase() {
                    Phase::Opened | Phase::Head => End::HeadLate,
                    Phase::Idle => End::Idle,
                    Phase::Handling | Phase::Answering => End::Late,
                });
            }
            let next = deadline.min(now + self.connection.bounds.idle_when_crowded);
            if next < self.timer.deadline() || self.timer.is_elapsed() {
                self.timer.as_mut().reset(next);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

impl<D, E> Future for Watched<D>
where
    D: Future<Output = Result<(), E>>,
{
    type Output = End;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<End> {
        let this = self.get_mut();
        match this.dispatcher.as_mut().poll(cx) {
            Poll::Ready(Ok(())) if this.connection.is_answering() => return Poll::Ready(End::Malformed),
            Poll::Ready(_) => return Poll::Ready(End::Finished),
            Poll::Pending if this.connection.has_ended() => return Poll::Ready(End::Finished),
            Poll::Pending => {}
        }
        match this.connection.end_turn() {
            Reading::HeadTooLarge => return Poll::Ready(End::HeadTooLarge),
            Reading::GoesOn => cx.waker().wake_by_ref(),
            Reading::Waits => {}
        }
        this.poll_deadline(cx)
    }
}
